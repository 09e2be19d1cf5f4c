-- Makes a session of one that awaited a second proof (cyclos contract section 8).
--
-- KEYS  1 the session, as in begin_opaque_session.lua
-- ARGV  1 its sealed content   2 until when the sign-ins under way of its account were ended, ms since the epoch, or 0
--
-- Atomic: of any number at once one completes it. From now on it has its full timeout.
--
-- Returns 1 when it was awaiting one, otherwise 0.
local pending, begun, timeout = unpack(redis.call('HMGET', KEYS[1], 'pending', 'begun', 'timeout'))
if pending ~= '1' or tonumber(begun) <= tonumber(ARGV[2]) then
  return 0
end
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('HSET', KEYS[1], 'sealed', ARGV[1], 'pending', '0', 'checked', now)
redis.call('PEXPIRE', KEYS[1], timeout)
return 1
