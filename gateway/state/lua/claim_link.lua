-- Gives a link to one claimant at a time (security S14).
--
-- KEYS  1 the subject's good links of this purpose, as in issue_link.lua   2 the link's claim: nonce of the claimant
-- ARGV  1 digest of the secret   2 nonce   3 life of the claim, ms
--
-- Atomic: the link is still good, and nobody has it. Whoever died with a claim loses it when its life is over.
--
-- Returns 1 when claimed, otherwise 0.
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  return 0
end
return redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3]) and 1 or 0
