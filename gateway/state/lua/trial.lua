-- Writes a mark that is gone soon, to show that it can be written.
--
-- KEYS  1 the mark
-- ARGV  1 its life, ms
--
-- Returns the server's clock: seconds since the epoch and microseconds.
redis.call('SET', KEYS[1], 1, 'PX', ARGV[1])
return redis.call('TIME')
