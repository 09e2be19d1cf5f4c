-- Says whose turn it is to spend a token that works once (security S23).
--
-- KEYS  1 the token's turn: nonce of whoever spends it now   2 the mark that it works once: 1 when it is spent
--       3 what it was answered
-- ARGV  1 nonce   2 longest time of a turn, ms
--
-- Atomic: of any number at once one gets the turn. Whoever dies with it loses it when its time is over.
--
-- Returns {'yours'}, {'taken'} while another has the turn, {'again', <the answer>}, or {'spent'} when that is forgotten.
if redis.call('GET', KEYS[2]) == '1' then
  local answer = redis.call('GET', KEYS[3])
  return answer and { 'again', answer } or { 'spent' }
end
return { redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) and 'yours' or 'taken' }
