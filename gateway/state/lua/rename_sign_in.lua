-- Has a sign-in go on under another token (security S20).
--
-- KEYS  1 the sign-in, as in begin_sign_in.lua   2 the same under its new token
--
-- Atomic: of any number at once one renames it. Its life goes on. Returns 1, or 0 when it is not there any more.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
redis.call('RENAME', KEYS[1], KEYS[2])
return 1
