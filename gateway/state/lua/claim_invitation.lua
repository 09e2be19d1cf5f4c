-- Gives an invitation to one claimant at a time, or says what has become of it (kestra contract section 1.5).
--
-- KEYS  1 the invitation   2 the mark of the good one, both as in make_invitation.lua
--       3 the invitation's claim: nonce of the claimant
-- ARGV  1 digest of the secret   2 nonce   3 life of the claim, ms
--
-- Atomic: the invitation is still good, and nobody has it. Whoever died with a claim loses it when its life is over.
--
-- Returns when it was claimed, ms since the epoch; or 'used' (or being used), 'expired' or 'unknown' (or void).
local kept = redis.call('HMGET', KEYS[1], 'until', 'accepted_at', 'void')
if not kept[1] then
  return 'unknown'
end
if kept[2] then
  return 'used'
end
if kept[3] then
  return 'unknown'
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if tonumber(kept[1]) <= now then
  return 'expired'
end
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return 'unknown'
end
return redis.call('SET', KEYS[3], ARGV[2], 'NX', 'PX', ARGV[3]) and now or 'used'
