-- Keeps an invitation, unless its address has another one to the organization that is good (design section 10).
--
-- KEYS  1 the invitation: sealed, made_at, until, accepted_at (ms since the epoch), void (1)
--       2 mark of the one that is good for the address and the organization: digest of its secret
--       3 the organization's invitations: digest of the secret -> until when it is kept (ms since the epoch)
-- ARGV  1 digest of the secret   2 sealed content   3 life, ms   4 ms it is kept beyond that
--
-- Atomic: looking for another one, and keeping this one. The time is Redis' own.
--
-- Returns when it was made and until when it is good, ms since the epoch; nothing when there is another one.
if redis.call('EXISTS', KEYS[2]) == 1 then
  return false
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local life = tonumber(ARGV[3])
local kept = life + tonumber(ARGV[4])
redis.call('HSET', KEYS[1], 'sealed', ARGV[2], 'made_at', string.format('%.0f', now))
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + life))
redis.call('PEXPIRE', KEYS[1], kept)
redis.call('SET', KEYS[2], ARGV[1], 'PX', life)
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now)
redis.call('ZADD', KEYS[3], now + kept, ARGV[1])
if redis.call('PTTL', KEYS[3]) < kept then
  redis.call('PEXPIRE', KEYS[3], kept)
end
return { now, now + life }
