-- Puts a parcel into the outbox (security R10).
--
-- KEYS  1 the stream   2 ids of the parcels about the same; left out where nobody asks for them
-- ARGV  1 life of the parcel, ms   2 its sealed content   3 most parcels that may wait   4 ms until it is given out
--
-- Atomic: looking for room, adding, prolonging the stream's life to that of its longest parcel. A full outbox refuses:
-- a stream that trims itself (MAXLEN) would drop what somebody was already told will be done. Whoever takes a parcel
-- out does not know what it is about, so the ids of those that have gone are forgotten here.
--
-- Returns the parcel's id, or nothing when the outbox is full.
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[3]) then
  return false
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local life = tonumber(ARGV[1])
local due = string.format('%.0f', now + tonumber(ARGV[4]))
local id = redis.call('XADD', KEYS[1], '*', 'until', string.format('%.0f', now + life), 'sealed', ARGV[2], 'due', due)
if redis.call('PTTL', KEYS[1]) < life then
  redis.call('PEXPIRE', KEYS[1], life)
end
if KEYS[2] then
  for _, other in ipairs(redis.call('SMEMBERS', KEYS[2])) do
    if #redis.call('XRANGE', KEYS[1], other, other) == 0 then
      redis.call('SREM', KEYS[2], other)
    end
  end
  redis.call('SADD', KEYS[2], id)
  if redis.call('PTTL', KEYS[2]) < life then
    redis.call('PEXPIRE', KEYS[2], life)
  end
end
return id
