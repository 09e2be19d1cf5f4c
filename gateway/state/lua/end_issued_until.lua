-- Puts everything issued to an account before a second on the deny list, also to the session that was kept (security
-- S22).
--
-- KEYS  1 the account's mark, as in end_account.lua
-- ARGV  1 the second, since the epoch   2 life of the mark, ms
--
-- Atomic: reading the old mark and writing the new one. What was refused stays refused, and for as long; so a
-- repetition changes nothing.
--
-- Returns nothing.
local not_before, kept_not_before, kept = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) (%d+) (.*)$')
local function later(old)
  return string.format('%.0f', math.max(tonumber(ARGV[1]), tonumber(old or 0)))
end
local life = math.max(tonumber(ARGV[2]), redis.call('PTTL', KEYS[1]))
redis.call('SET', KEYS[1], table.concat({ later(not_before), later(kept_not_before), kept or '' }, ' '), 'PX', life)
