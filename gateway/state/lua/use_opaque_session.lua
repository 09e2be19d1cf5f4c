-- Finds a session by its token, and says whether Keycloak has to be asked before it counts (cyclos contract section 6).
--
-- KEYS  1 the session, as in begin_opaque_session.lua
-- ARGV  1 nonce   2 how long Keycloak's word counts, ms   3 longest time of a turn to ask Keycloak, ms
--
-- Atomic: of any number at once one gets the turn. A use that counts renews the timeout, unless a second proof is
-- awaited. Whoever dies with the turn loses it when its time is over.
--
-- Returns {} for none, {'good', sealed, begun}, {'due', sealed, begun} with the turn, or {'taken'} while another has it.
local kept = redis.call('HMGET', KEYS[1], 'sealed', 'begun', 'checked', 'pending', 'timeout', 'turn_until')
local sealed, begun, checked, pending, timeout, turn_until = unpack(kept)
if not sealed then
  return {}
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now - checked < tonumber(ARGV[2]) then
  if pending == '0' then
    redis.call('PEXPIRE', KEYS[1], timeout)
  end
  return { 'good', sealed, begun }
end
if turn_until and now < tonumber(turn_until) then
  return { 'taken' }
end
redis.call('HSET', KEYS[1], 'turn', ARGV[1], 'turn_until', string.format('%.0f', now + ARGV[3]))
return { 'due', sealed, begun }
