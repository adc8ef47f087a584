import { RedisScript } from './redis-script.ts';

/**
 * A bucket that leaks one unit per interval: the generic cell rate algorithm (ITU-T I.371), kept as a
 * level and the moment at which it was that, in microseconds, so that no precision is lost.
 *
 * What is taken with a hold counts as if it came at the last moment at which it may go: the bucket is
 * as full then as if it had waited for that.
 *
 * `poured` is all that was ever poured in, and `last` the last moment for which anything was. What
 * comes back makes the level lower, but not lower than if all that was poured after it had come at that
 * last moment, into an empty bucket; whatever was taken in between conforms all the same.
 *
 * What comes with the mark `+` has gone already, while Redis was away: it is poured in whether there is
 * room or not.
 */
export const bucketScript: RedisScript = new RedisScript(`
local interval, capacity, hold = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local need, want, extra = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local ahead, late, longest = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local rounding = 0.001
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local kept = redis.call('HMGET', KEYS[1], 'level', 'at', 'poured', 'last', 'born')
local born, level, poured, last = kept[5], 0, 0, 0
if born then
  level = math.max(0, kept[1] - math.max(0, now - kept[2]))
  poured, last = tonumber(kept[3]), tonumber(kept[4])
else
  born = string.format('%.0f', now)
end
local changed = false
local function pour(units, delay)
  level = math.max(level, delay) + units * interval
  poured = poured + units * interval
  last = math.max(last, now + delay)
  changed = true
  return born .. '/' .. string.format('%.17g', poured)
end
for i = 10, #ARGV, 2 do
  local itsBorn, itsPoured = string.match(ARGV[i + 1], '^(.-)/(.*)$')
  local later = poured - (tonumber(itsPoured) or 0)
  if ARGV[i + 1] == '+' then
    pour(ARGV[i], 0)
  elseif itsBorn == born and later >= 0 then
    local least = 0
    if later > 0 then least = math.max(0, last - now) + later end
    level = math.min(level, math.max(level - ARGV[i] * interval, least))
    changed = true
  end
end
local function roomAt(base)
  return math.max(0, math.floor((capacity - base + rounding) / interval))
end
local granted, wait, mark, more, moreMark = 0, 0, '-', 0, '-'
if want > 0 then
  local room = roomAt(level)
  if room >= need then
    granted = math.min(want, room)
    mark = pour(granted, 0)
  elseif ahead > 0 then
    local units = ahead
    if level + units * interval - capacity > longest then units = need end
    local delay = math.max(0, level + units * interval - capacity)
    if delay <= longest and late + units * interval <= capacity + rounding then
      granted, wait = units, delay
      mark = pour(granted, wait + late)
    end
  end
end
if extra > 0 and wait == 0 and granted == want then
  more = math.min(extra, roomAt(math.max(level, hold)))
  if more > 0 then moreMark = pour(more, hold) end
end
if changed then
  redis.call('HSET', KEYS[1], 'level', string.format('%.17g', level), 'at', string.format('%.0f', now),
    'poured', string.format('%.17g', poured), 'last', string.format('%.0f', math.ceil(last)), 'born', born)
  local rest = math.ceil(math.max(level, last - now) / 1000) + 1
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.min(rest, 1e15)))
end
local retry = level + need * interval - capacity
if retry <= rounding then retry = 0 end
return string.format('%.0f %.0f %.0f %.0f %.0f %s %.0f %s', granted, math.ceil(wait), math.ceil(retry),
  roomAt(level), math.ceil(level), mark, more, moreMark)
`);
