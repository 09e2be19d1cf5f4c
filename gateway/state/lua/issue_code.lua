-- Keeps a new one-time code in place of an older one, unless its subject entered too many wrong ones (security S6).
--
-- KEYS  1 the code: digest, wrong, bound
--       2 mark that one was issued: 'open', or the nonce of the check that used it up
--       3 when the subject entered wrong codes, of any purpose, the latest first (ms since the epoch)
-- ARGV  1 digest of the code   2 life of the code, ms   3 life of the mark, ms
--       4 most wrong codes of a subject within the window   5 the window, ms
--       6 digest of what the code is bound to
--
-- Atomic: looking for too many wrong ones, and replacing the code. The time is Redis' own.
--
-- Returns 0; ms until codes are issued again, when there were too many.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local earliest = redis.call('LINDEX', KEYS[3], ARGV[4] - 1)
local left = earliest and earliest + ARGV[5] - now or 0
if left > 0 then
  return left
end

redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'digest', ARGV[1], 'wrong', 0, 'bound', ARGV[6])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('SET', KEYS[2], 'open', 'PX', ARGV[3])
return 0
