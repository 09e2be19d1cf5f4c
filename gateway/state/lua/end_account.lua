-- Puts everything issued to an account before this second on the deny list, except to one session (security S21).
--
-- KEYS  1 the account's mark: "<not before> <not before for the kept session> <kept session>", seconds since the epoch
-- ARGV  1 the kept session, or ''   2 life of the mark, ms
--
-- Atomic: reading the old mark and writing the new one. A session that the old mark ended stays ended, also when it is
-- the one to be kept now: of two callers who end each other at once, the later one does not bring himself back to life.
-- The time is Redis' own, unless end_issued_until.lua has put in a later one: what was refused stays refused.
--
-- Returns nothing.
local not_before, kept_not_before, kept = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) (%d+) (.*)$')
local still = 0
if not_before then
  still = kept == ARGV[1] and kept_not_before or not_before
end
local now = math.max(tonumber(redis.call('TIME')[1]), tonumber(not_before or 0))
redis.call('SET', KEYS[1], table.concat({ string.format('%.0f', now), still, ARGV[1] }, ' '), 'PX', ARGV[2])
