-- Puts sessions on the deny list (security S21, S22).
--
-- KEYS  the marks of the ended sessions
-- ARGV  1 life of a mark, ms
--
-- Atomic: all of them or none. Returns nothing.
for _, mark in ipairs(KEYS) do
  redis.call('SET', mark, 1, 'PX', ARGV[1])
end
