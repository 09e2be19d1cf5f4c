-- Looks for a parcel about something (security R15).
--
-- KEYS  1 the stream   2 ids of the parcels about it, as in outbox_add.lua
--
-- Atomic. Returns 1 when one of them waits or was given out, otherwise 0.
for _, id in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  if #redis.call('XRANGE', KEYS[1], id, id) > 0 then
    return 1
  end
end
return 0
