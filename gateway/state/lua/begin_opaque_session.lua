-- Keeps a session that an opaque token stands for (cyclos contract section 6).
--
-- KEYS  1 the session: sealed, timeout (ms), pending ('1' while a second proof is awaited), checked and begun (ms since
--         the epoch); while somebody asks Keycloak: turn (nonce), turn_until (ms since the epoch)
-- ARGV  1 its sealed content   2 timeout, ms   3 '1' while a second proof is awaited, or '0'   4 its life now, ms
--       5 when it has begun, ms since the epoch, or '' for now
--
-- Atomic: writing and setting the end. The time is Redis' own. Returns nothing.
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local begun = ARGV[5] ~= '' and ARGV[5] or now
redis.call('HSET', KEYS[1], 'sealed', ARGV[1], 'timeout', ARGV[2], 'pending', ARGV[3], 'checked', now, 'begun', begun)
redis.call('PEXPIRE', KEYS[1], ARGV[4])
