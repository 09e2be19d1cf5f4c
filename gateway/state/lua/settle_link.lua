-- Ends a claim: the link is used up, or others may claim it again (security S14).
--
-- KEYS  as in claim_link.lua
-- ARGV  1 digest of the secret   2 nonce   3 'consume' or 'release'
--
-- Atomic. Consuming does not ask whose claim it is: what the link was for has been done, however late that is told.
-- Another's claim stays. Returns nothing.
if ARGV[3] == 'consume' then
  redis.call('ZREM', KEYS[1], ARGV[1])
end
if redis.call('GET', KEYS[2]) == ARGV[2] then
  redis.call('DEL', KEYS[2])
end
