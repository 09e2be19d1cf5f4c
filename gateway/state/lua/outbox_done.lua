-- Takes a parcel out for good (security R10).
--
-- KEYS  1 the stream
-- ARGV  1 consumer group   2 id of the parcel
--
-- Atomic: acknowledging and deleting, so that it is neither given out again nor counted. Returns nothing.
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[1], ARGV[2])
