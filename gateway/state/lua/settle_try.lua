-- Settles an admitted try, once (security S1, S3, S4).
--
-- KEYS  1 the subject's record   2 its tries in flight, both as in admit_try.lua
--       3 its mark of outdated tries, as in outdate_tries.lua
-- ARGV  1 nonce of the try       2 'complete', 'wrong' or 'free'
--       only for 'complete':
--       3 life of a place, ms
--       only for 'wrong':
--       3 most failures          4 first lock, ms        5 longest lock, ms      6 most failures in a row without success
--       7 ms within which a further lock doubles         8 ms to keep the record
--
-- Atomic: giving the place back, and counting. A nonce without a place is settled already, or has expired: nothing is
-- counted a second time when an answer was lost, but the lock that the try had caused is told again.
--
-- Returns ms of the lock that this try caused, or 0; -1 when it may not be complete, since it is outdated.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local record = redis.call('HMGET', KEYS[1], 'locked_until', 'locks', 'locked_by')
local expires = redis.call('ZSCORE', KEYS[2], ARGV[1])
if redis.call('ZREM', KEYS[2], ARGV[1]) == 0 then
  return record[3] == ARGV[1] and math.max(1, record[1] - now) or 0
end
if ARGV[2] == 'free' then
  return 0
end
if ARGV[2] == 'complete' then
  local outdated_until = tonumber(redis.call('GET', KEYS[3]) or -1)
  if expires - ARGV[3] <= outdated_until then
    return -1
  end
  redis.call('DEL', KEYS[1])
  return 0
end

local in_a_row = redis.call('HINCRBY', KEYS[1], 'in_a_row', 1)
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
redis.call('HSET', KEYS[1], 'wrong_at', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], ARGV[8])
local for_good = in_a_row >= tonumber(ARGV[6])
if failures < tonumber(ARGV[3]) and not for_good then
  return 0
end

local locks = 0
-- Counted from the end of the last lock: counted from its beginning, a lock of a day would be the last to double.
if tonumber(record[1] or 0) + tonumber(ARGV[7]) > now then
  locks = tonumber(record[2] or 0)
end

local lasts = math.min(tonumber(ARGV[4]) * 2 ^ locks, tonumber(ARGV[5]))
if for_good then
  lasts = tonumber(ARGV[8])
end
local locked_until = string.format('%.0f', now + lasts)
redis.call('HSET', KEYS[1], 'failures', 0, 'locks', locks + 1, 'locked_until', locked_until, 'locked_by', ARGV[1])
return lasts
