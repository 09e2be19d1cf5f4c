-- Looks for a parcel about something (security R15).
--
-- KEYS  1 the stream
-- ARGV  1 digest of what it is about, as in outbox_add.lua
--
-- Atomic. There are few parcels unless much is out of order, so all of them are looked at.
--
-- Returns 1 when one of them waits or was given out, otherwise 0.
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do
  if entry[2][8] == ARGV[1] then
    return 1
  end
end
return 0
