-- Forgets a code that could not be delivered.
--
-- KEYS  as in issue_code.lua
-- ARGV  1 digest of the code
--
-- Atomic: a code issued since is left alone. Returns nothing.
if redis.call('HMGET', KEYS[1], 'digest')[1] == ARGV[1] then
  redis.call('DEL', KEYS[1], KEYS[2])
end
