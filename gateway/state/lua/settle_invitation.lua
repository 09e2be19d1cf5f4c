-- Ends a claim: the invitation is accepted, or others may claim it again (kestra contract section 1.5).
--
-- KEYS  as in claim_invitation.lua
-- ARGV  1 digest of the secret   2 nonce   3 'consume' or 'release'
--
-- Atomic. Consuming does not ask whose claim it is: what the invitation was for has been done, however late that is
-- told. Another's claim and another invitation's mark stay. Returns nothing.
if ARGV[3] == 'consume' and redis.call('EXISTS', KEYS[1]) == 1 then
  local time = redis.call('TIME')
  redis.call('HSET', KEYS[1], 'accepted_at', string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
  if redis.call('GET', KEYS[2]) == ARGV[1] then
    redis.call('DEL', KEYS[2])
  end
end
if redis.call('GET', KEYS[3]) == ARGV[2] then
  redis.call('DEL', KEYS[3])
end
