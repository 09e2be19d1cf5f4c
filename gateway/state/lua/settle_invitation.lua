-- Ends a claim: the invitation is accepted, or others may claim it again (kestra contract section 1.5).
--
-- KEYS  as in claim_invitation.lua
-- ARGV  1 digest of the secret   2 nonce   3 when it was claimed, ms since the epoch   4 'consume' or 'release'
--
-- Atomic. Consuming does not ask whose claim it is: what the invitation was for has been done, however late that is
-- told; so the time of the claim is that of the acceptance. Another's claim and another invitation's mark stay.
-- Returns nothing.
if ARGV[4] == 'consume' and redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('HSET', KEYS[1], 'accepted_at', ARGV[3])
  if redis.call('GET', KEYS[2]) == ARGV[1] then
    redis.call('DEL', KEYS[2])
  end
end
if redis.call('GET', KEYS[3]) == ARGV[2] then
  redis.call('DEL', KEYS[3])
end
