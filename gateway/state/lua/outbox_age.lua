-- Tells how long the oldest parcel has been waiting (security R10).
--
-- KEYS  1 the stream
--
-- Returns ms; 0 when the outbox is empty.
local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
if not oldest then
  return 0
end
local time = redis.call('TIME')
local added = tonumber(string.match(oldest[1], '^%d+'))
return math.max(0, time[1] * 1000 + math.floor(time[2] / 1000) - added)
