-- Keeps the tries in flight from becoming complete sign-ins: what they have proven holds no more (security S21).
--
-- KEYS  1 the subject's mark: tries admitted until then are outdated (ms since the epoch)
-- ARGV  1 life of the mark, ms: that of a place, since no older try is in flight
--
-- The time is Redis' own, as that of the admission is. Returns nothing.
local time = redis.call('TIME')
redis.call('SET', KEYS[1], string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)), 'PX', ARGV[1])
