-- Ends a session that awaits a second proof (cyclos contract section 8).
--
-- KEYS  1 the session, as in begin_opaque_session.lua
--
-- Atomic: one that another request has completed meanwhile goes on. Returns nothing.
if redis.call('HMGET', KEYS[1], 'pending')[1] == '1' then
  redis.call('DEL', KEYS[1])
end
