-- Admits a try, unless its subject is locked or all its places are taken (security S1, S3).
--
-- KEYS  1 the subject's record: failures, in_a_row, locks, locked_until and wrong_at (ms since the epoch), and
--         locked_by, the nonce of the try that locked last
--       2 its tries in flight: nonce -> when the place expires (ms since the epoch)
-- ARGV  1 nonce of the try   2 most failures   3 most tries in flight, 0 for no such limit   4 life of a place, ms
--
-- Atomic: looking for a lock, dropping expired places, counting, taking a place. One nonce takes one place, however
-- often it asks, so a lost answer costs nothing. The time is Redis' own.
--
-- Returns ms that a lock still lasts; 0 when admitted; -1 when every place is taken and one may become free.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local record = redis.call('HMGET', KEYS[1], 'locked_until', 'failures')
local locked_until = tonumber(record[1] or 0)
if locked_until > now then
  return locked_until - now
end

redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
if redis.call('ZSCORE', KEYS[2], ARGV[1]) then
  return 0
end

local in_flight = redis.call('ZCARD', KEYS[2])
local may_fail = tonumber(ARGV[2]) - tonumber(record[2] or 0)
local at_once = tonumber(ARGV[3])
-- With none in flight there is always a place: failures at the limit are a lock, and that was looked for above. They
-- can only be left unlocked by a lowered setting, and then the next failure locks.
if in_flight > 0 and (in_flight >= may_fail or (at_once > 0 and in_flight >= at_once)) then
  return -1
end

redis.call('ZADD', KEYS[2], now + tonumber(ARGV[4]), ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return 0
