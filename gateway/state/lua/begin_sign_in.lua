-- Keeps a sign-in that takes several steps (security S9, S24).
--
-- KEYS  1 the sign-in: sealed, steps (how many), step (completed ones), life (ms), longest (ms),
--         begun (ms since the epoch);
--         once an account is proven: account, bound_at (ms since the epoch), bound_by (nonce);
--         once a step is completed: completed_by (nonce), proven_by (for each completed step which of its
--         methods, from 0, with commas)
-- ARGV  1 its sealed content   2 number of steps   3 first step, from 0   4 its account, or ''
--       5 life, ms, counted anew from each completed step   6 longest life from its beginning, ms
--
-- Atomic: writing and setting the end. The time is Redis' own. Returns nothing.
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('HSET', KEYS[1], 'sealed', ARGV[1], 'steps', ARGV[2], 'step', ARGV[3],
  'life', ARGV[5], 'longest', ARGV[6], 'begun', now)
if ARGV[4] ~= '' then
  redis.call('HSET', KEYS[1], 'account', ARGV[4], 'bound_at', now)
end
redis.call('PEXPIRE', KEYS[1], math.min(ARGV[5], ARGV[6]))
