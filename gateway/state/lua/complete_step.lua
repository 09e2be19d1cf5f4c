-- Completes one step of a sign-in, and with the last step the sign-in (security S24, S27).
--
-- KEYS  1 the sign-in, as in begin_sign_in.lua
--       2 the account's mark: sign-ins bound to it until then have ended (ms since the epoch)
--       3 where the sign-in goes on, under another token; left out where it keeps its own
-- ARGV  1 the step, from 0      2 the account that was proven    3 nonce
--       4 'last' or 'further'   5 ms to keep a finished sign-in for reopen_step.lua   6 which of its methods has proven it, from 0
--
-- Atomic: the sign-in stands at this step, with no account yet or with the same; so of any number at once one completes
-- it, and under another token only a completed one goes on (security S20). A finished sign-in is only marked by standing
-- beyond its last step. The time is Redis' own.
--
-- Returns 'completed', 'gone', 'elsewhere' or 'another_account'.
local kept = redis.call('HMGET', KEYS[1], 'step', 'steps', 'account', 'bound_at', 'life', 'begun', 'longest',
  'proven_by')
local step, steps, account = tonumber(kept[1]), tonumber(kept[2]), kept[3]
if not step or step >= steps then
  return 'gone'
end
if account and tonumber(kept[4]) <= tonumber(redis.call('GET', KEYS[2]) or -1) then
  return 'gone'
end
local is_last = step + 1 == steps
if step ~= tonumber(ARGV[1]) or is_last ~= (ARGV[4] == 'last') then
  return 'elsewhere'
end
if account and account ~= ARGV[2] then
  return 'another_account'
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local proven_by = kept[8] and (kept[8] .. ',' .. ARGV[6]) or ARGV[6]
redis.call('HSET', KEYS[1], 'step', step + 1, 'completed_by', ARGV[3], 'proven_by', proven_by)
if not account then
  redis.call('HSET', KEYS[1], 'account', ARGV[2], 'bound_at', string.format('%.0f', now), 'bound_by', ARGV[3])
end
local life = math.min(tonumber(kept[5]), kept[6] + kept[7] - now)
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', is_last and math.min(life, tonumber(ARGV[5])) or life))
if KEYS[3] then
  redis.call('RENAME', KEYS[1], KEYS[3])
end
return 'completed'
