-- Makes the good invitation of an address to an organization worthless (design section 10).
--
-- KEYS  1 the invitation   2 the mark of the good one, both as in make_invitation.lua
-- ARGV  1 digest of the invitation's secret
--
-- Atomic: it is still the good one. What is void is so for ever, and is never told to have expired.
--
-- Returns 1, or nothing when another one, or none, is good by now.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return false
end
redis.call('DEL', KEYS[2])
if redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('HSET', KEYS[1], 'void', '1')
end
return 1
