-- Ends a turn: the token is spent, or others may spend it (security S23).
--
-- KEYS  as in spend_token.lua
-- ARGV  1 nonce; and when it is spent:
--       2 the sealed answer   3 ms to answer the same again   4 ms to remember that it is spent
--
-- Atomic. Only whoever has the turn ends it.
--
-- Returns 1 when it was his, otherwise 0.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
if ARGV[2] then
  redis.call('SET', KEYS[2], 1, 'PX', ARGV[4])
  redis.call('SET', KEYS[3], ARGV[2], 'PX', ARGV[3])
end
redis.call('DEL', KEYS[1])
return 1
