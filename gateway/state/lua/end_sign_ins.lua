-- Ends the sign-ins in which an account was proven so far (security S21).
--
-- KEYS  1 the account's mark, as in complete_step.lua
-- ARGV  1 life of the mark, ms
--
-- The time is Redis' own, as that of the binding is. Returns nothing.
local time = redis.call('TIME')
redis.call('SET', KEYS[1], string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)), 'PX', ARGV[1])
