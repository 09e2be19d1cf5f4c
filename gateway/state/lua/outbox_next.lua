-- Gives out the next parcel: one whose time to be tried again has come, otherwise a new one (security R10). A flood of
-- new ones would keep the others waiting beyond their lives.
--
-- KEYS  1 the stream
-- ARGV  1 consumer group   2 consumer   3 life of a claim, ms
--
-- Atomic: choosing and claiming, so a parcel is with one consumer at a time. Whoever died with a parcel loses it when
-- the claim's life is over. A parcel past its own life is taken out instead of given out.
--
-- Returns id, attempts, sealed content and 1 when the parcel was taken out, otherwise 0; nothing when there is none.
local stream, group, consumer, claim = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
if redis.call('EXISTS', stream) == 0 then
  return false
end

local pending = redis.pcall('XPENDING', stream, group, 'IDLE', claim, '-', '+', 1)
if pending.err then
  -- The stream was made after the last one had expired: it has no group yet.
  redis.call('XGROUP', 'CREATE', stream, group, 0)
  pending = {}
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local entry, attempts
if pending[1] then
  entry = redis.call('XCLAIM', stream, group, consumer, claim, pending[1][1])[1]
  attempts = pending[1][4] + 1
else
  local read = redis.call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', 1, 'STREAMS', stream, '>')
  if not read then
    return false
  end
  entry, attempts = read[1][2][1], 1
  local wait = tonumber(entry[2][6]) - now
  if wait > 0 then
    -- Scheduled as a failed one is (outbox_failed.lua), but not counted.
    local idle = math.max(0, tonumber(claim) - wait)
    redis.call('XCLAIM', stream, group, consumer, 0, entry[1], 'IDLE', idle, 'RETRYCOUNT', 0, 'JUSTID')
    return false
  end
end

local id, fields = entry[1], entry[2]
local over = tonumber(fields[2]) <= now
if over then
  redis.call('XACK', stream, group, id)
  redis.call('XDEL', stream, id)
end
return { id, attempts, fields[4], over and 1 or 0 }
