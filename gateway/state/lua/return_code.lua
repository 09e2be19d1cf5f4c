-- Makes a used code good again (security R5).
--
-- KEYS  as in issue_code.lua
-- ARGV  1 nonce of the check that used it up
--
-- Atomic: a code issued since is left alone, and so is one that another check used up. Returns nothing.
if redis.call('GET', KEYS[2]) == ARGV[1] then
  redis.call('SET', KEYS[2], 'open', 'KEEPTTL')
end
