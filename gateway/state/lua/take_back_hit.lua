-- Takes back one hit that was counted, because nothing came of what it was counted for.
--
-- KEYS  1 the counter
--
-- Atomic: looking and counting down; a window that is over is not begun anew. Returns nothing.
if tonumber(redis.call('GET', KEYS[1]) or 0) > 0 then
  redis.call('DECR', KEYS[1])
end
