-- Counts a wrong proof against a sign-in that is under way.
--
-- KEYS  1 the sign-in, as in begin_sign_in.lua; wrong: how many so far
-- ARGV  1 wrong proofs with which it ends
--
-- Atomic: counting, and the end with the last one. What is gone is not made anew. Returns nothing.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return
end
if redis.call('HINCRBY', KEYS[1], 'wrong', 1) >= tonumber(ARGV[1]) then
  redis.call('DEL', KEYS[1])
end
