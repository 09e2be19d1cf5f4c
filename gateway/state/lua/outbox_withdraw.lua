-- Takes a parcel out that nobody was given yet.
--
-- KEYS  1 the stream
-- ARGV  1 consumer group   2 id of the parcel
--
-- Atomic: looking whether it was given out, and deleting. One that only waits for its time was not (outbox_next.lua).
--
-- Returns 1 when it was taken out; 0 when it was given out, or is not there any more.
local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1)
if not pending.err then -- otherwise nobody has asked for a parcel yet, and there is no group
  if pending[1] and pending[1][4] > 0 then
    return 0
  end
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
end
return redis.call('XDEL', KEYS[1], ARGV[2])
