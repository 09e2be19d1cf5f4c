-- Counts a new link among those that are good for its subject (security S14).
--
-- KEYS  1 the subject's good links of this purpose: digest of the secret -> when it expires (ms since the epoch)
-- ARGV  1 digest of the secret   2 life of the link, ms   3 1 when the older ones are void, otherwise 0
--
-- Atomic: voiding or pruning the older ones, adding, prolonging the set's life to that of its longest link. The time is
-- Redis' own. Returns nothing.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local life = tonumber(ARGV[2])
if ARGV[3] == '1' then
  redis.call('DEL', KEYS[1])
else
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
end
redis.call('ZADD', KEYS[1], now + life, ARGV[1])
if redis.call('PTTL', KEYS[1]) < life then
  redis.call('PEXPIRE', KEYS[1], life)
end
