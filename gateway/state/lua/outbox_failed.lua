-- Has a parcel tried again later, or gives it up when its life would be over by then (security R10).
--
-- KEYS  1 the stream
-- ARGV  1 consumer group   2 consumer   3 life of a claim, ms   4 id of the parcel   5 attempts it took so far
--       6 ms until it may be tried again
--
-- Atomic: checking that the parcel is still with whoever says it failed, and scheduling. A claim is scheduled by its
-- idle time: what has been idle for a claim's life is given out (outbox_next.lua), so it is set to that less the wait.
--
-- Returns 1 when the parcel was given up, otherwise 0.
local stream, group, id, attempts = KEYS[1], ARGV[1], ARGV[4], ARGV[5]
local pending = redis.call('XPENDING', stream, group, id, id, 1)[1]
-- Another attempt than this one: the claim was lost meanwhile, and what becomes of the parcel is another's to say.
if not pending or pending[4] ~= tonumber(attempts) then
  return 0
end

local entry = redis.call('XRANGE', stream, id, id)[1]
local time = redis.call('TIME')
local again = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[6])
if not entry or tonumber(entry[2][2]) <= again then
  redis.call('XACK', stream, group, id)
  redis.call('XDEL', stream, id)
  return 1
end

local idle = math.max(0, tonumber(ARGV[3]) - tonumber(ARGV[6]))
redis.call('XCLAIM', stream, group, ARGV[2], 0, id, 'IDLE', idle, 'RETRYCOUNT', attempts, 'JUSTID')
return 0
