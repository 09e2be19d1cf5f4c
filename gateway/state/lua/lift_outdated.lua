-- Lifts the lock-out of an account whose password was set after its last wrong try (design section 3).
--
-- KEYS  1 the account's record, as in admit_try.lua
-- ARGV  1 when the password was set, ms since the epoch
--
-- Atomic: comparing and forgetting, so wrong tries that were counted meanwhile are not forgotten with the others. A
-- password of the future, by a clock that is ahead or an import, outdates nothing.
--
-- Returns 1 when it lifted, otherwise 0.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local wrong_at = tonumber(redis.call('HMGET', KEYS[1], 'wrong_at')[1] or 0)
local set_at = tonumber(ARGV[1])
if wrong_at > 0 and wrong_at < set_at and set_at <= now then
  return redis.call('DEL', KEYS[1])
end
return 0
