-- Ends a turn to ask Keycloak about a session (cyclos contract section 6).
--
-- KEYS  1 the session, as in begin_opaque_session.lua
-- ARGV  1 nonce; and when Keycloak has said that it goes on:
--       2 its sealed content, or '' for what there is
--
-- Atomic. Only whoever has the turn ends it; a session that has ended meanwhile stays ended.
--
-- Returns 1 when it was his, otherwise 0.
local turn, pending, timeout = unpack(redis.call('HMGET', KEYS[1], 'turn', 'pending', 'timeout'))
if turn ~= ARGV[1] then
  return 0
end
redis.call('HDEL', KEYS[1], 'turn', 'turn_until')
if ARGV[2] then
  local time = redis.call('TIME')
  redis.call('HSET', KEYS[1], 'checked', string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
  if ARGV[2] ~= '' then
    redis.call('HSET', KEYS[1], 'sealed', ARGV[2])
  end
  if pending == '0' then
    redis.call('PEXPIRE', KEYS[1], timeout)
  end
end
return 1
