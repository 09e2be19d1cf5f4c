-- Has a sign-in stand again where it stood before a step was completed (security R5).
--
-- KEYS  1 the sign-in, as in begin_sign_in.lua   2 where it was before, left out where that is the same
-- ARGV  1 nonce of the completion
--
-- Atomic: undone is this completion only, once, and not when another has followed. The account is forgotten if this
-- completion bound it. The life is counted anew, as after every step. Returns nothing.
local kept = redis.call('HMGET', KEYS[1], 'completed_by', 'bound_by', 'life', 'begun', 'longest', 'proven_by')
if kept[1] ~= ARGV[1] then
  return
end
redis.call('HINCRBY', KEYS[1], 'step', -1)
redis.call('HDEL', KEYS[1], 'completed_by', 'proven_by')
local before = string.match(kept[6], '^(.*),[^,]*$')
if before then
  redis.call('HSET', KEYS[1], 'proven_by', before)
end
if kept[2] == ARGV[1] then
  redis.call('HDEL', KEYS[1], 'account', 'bound_at', 'bound_by')
end
local time = redis.call('TIME')
local left = kept[4] + kept[5] - (time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.min(tonumber(kept[3]), left)))
if KEYS[2] then
  redis.call('RENAME', KEYS[1], KEYS[2])
end
