-- Puts a parcel into the outbox (security R10).
--
-- KEYS  1 the stream
-- ARGV  1 life of the parcel, ms   2 its sealed content   3 most parcels that may wait   4 ms until it is given out
--       5 digest of what it is about, or nothing
--       6 ms the stream is kept beyond the life of its longest parcel
--
-- Atomic: looking for room, adding, prolonging the stream's life. A full outbox refuses: a stream that trims itself
-- (MAXLEN) would drop what somebody was already told will be done. Nor does the stream end with its last parcel: what
-- nobody took in its life is told by whoever comes next.
--
-- Returns the parcel's id, or nothing when the outbox is full.
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[3]) then
  return false
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local life = tonumber(ARGV[1])
local due = string.format('%.0f', now + tonumber(ARGV[4]))
local till = string.format('%.0f', now + life)
local id = redis.call('XADD', KEYS[1], '*', 'until', till, 'sealed', ARGV[2], 'due', due, 'about', ARGV[5])
local kept = life + tonumber(ARGV[6])
if redis.call('PTTL', KEYS[1]) < kept then
  redis.call('PEXPIRE', KEYS[1], kept)
end
return id
