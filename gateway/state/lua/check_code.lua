-- Judges an entered code, and uses it up when it is right (security S6, S8).
--
-- KEYS  as in issue_code.lua
-- ARGV  1 digest of the entered code   2 nonce of this check   3 most wrong entries of one code
--       4 most wrong codes of a subject within the window      5 the window, ms
--
-- Atomic: is there one, are there tries left, is it right, using it up or counting: of any number of right ones at once
-- one is right. A used code is only marked, with the nonce, until its life is over: that is what return_code.lua needs.
-- Comparing takes no constant time, and need not: who enters a code cannot choose its digest, which is keyed.
--
-- Returns 'right', 'wrong', 'expired', 'none' or 'refused', and ms until codes are judged again when it is 'refused'.
if redis.call('GET', KEYS[2]) ~= 'open' then
  return { 'none', 0 }
end
local digest = redis.call('HMGET', KEYS[1], 'digest')[1]
if not digest then
  return { 'expired', 0 }
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local earliest = redis.call('LINDEX', KEYS[3], ARGV[4] - 1)
local left = earliest and earliest + ARGV[5] - now or 0
if left > 0 then
  return { 'refused', left }
end

if digest == ARGV[1] then
  redis.call('SET', KEYS[2], ARGV[2], 'KEEPTTL')
  return { 'right', 0 }
end

redis.call('LPUSH', KEYS[3], string.format('%.0f', now))
redis.call('LTRIM', KEYS[3], 0, ARGV[4] - 1)
redis.call('PEXPIRE', KEYS[3], ARGV[5])
if redis.call('HINCRBY', KEYS[1], 'wrong', 1) >= tonumber(ARGV[3]) then
  redis.call('DEL', KEYS[1], KEYS[2])
end
return { 'wrong', 0 }
