import { RedisScript } from './redis-script.ts';

/**
 * What went within the last window, by when it went, in steps of a thousandth of the window: so there
 * are a thousand or so entries at most, whatever the limit. Moments are rounded up to whole steps, so
 * that an entry never leaves the window too early.
 *
 * It is one sorted set. The scores are microseconds; a member is `moment:units`; and `total`, whose
 * score is below 0, has the sum of all units. What is taken with a hold counts at the last moment at
 * which it may go. What comes with the mark `+` has gone already, while Redis was away.
 * Entries are found by rank behind `total`, so that has to be there before them.
 */
export const windowScript: RedisScript = new RedisScript(`
local key, limit, window, hold = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local need, want = tonumber(ARGV[4]), tonumber(ARGV[5])
local extra, ahead = tonumber(ARGV[6]), tonumber(ARGV[7])
local late, longest = tonumber(ARGV[8]), tonumber(ARGV[9])
local step = math.max(1, math.floor(window / 1000))
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local total = -(tonumber(redis.call('ZSCORE', key, 'total')) or 0)
local changed = false
local function unitsOf(member)
  return tonumber(string.match(member, ':(%d+)$'))
end
local function add(moment, units)
  local found = redis.call('ZRANGEBYSCORE', key, moment, moment)[1]
  local sum = units
  if found then
    sum = math.max(0, unitsOf(found) + units)
    units = sum - unitsOf(found)
    redis.call('ZREM', key, found)
  end
  if sum > 0 then redis.call('ZADD', key, moment, moment .. ':' .. string.format('%.0f', sum)) end
  total = total + math.max(units, -total)
  changed = true
end
local old = redis.call('ZRANGEBYSCORE', key, '(0', string.format('%.0f', now - window), 'LIMIT', 0, 2000)
for _, member in ipairs(old) do total = total - unitsOf(member) end
if #old > 0 then
  redis.call('ZREMRANGEBYRANK', key, 1, #old)
  changed = true
end
local function count(units, delay)
  local moment = string.format('%.0f', math.ceil((now + delay) / step) * step)
  add(moment, units)
  return moment
end
for i = 10, #ARGV, 2 do
  if ARGV[i + 1] == '+' then
    redis.call('ZADD', key, 'NX', -1, 'total')
    count(tonumber(ARGV[i]), 0)
  elseif redis.call('ZRANGEBYSCORE', key, ARGV[i + 1], ARGV[i + 1])[1] then
    add(ARGV[i + 1], -ARGV[i])
  end
end
local function waitFor(units)
  local missing = total + units - limit
  if missing <= 0 then return 0 end
  local from, moment = 1, now
  repeat
    local some = redis.call('ZRANGE', key, from, from + 63, 'WITHSCORES')
    for i = 1, #some, 2 do
      missing = missing - unitsOf(some[i])
      moment = tonumber(some[i + 1])
      if missing <= 0 then return math.max(1, moment + window - now) end
    end
    from = from + 64
  until #some < 128
  return math.max(1, moment + window - now)
end
local granted, wait, mark, more, moreMark = 0, 0, '-', 0, '-'
if want > 0 then
  if limit - total >= need then
    granted = math.min(want, limit - total)
    mark = count(granted, 0)
  elseif ahead > 0 then
    local units, delay = ahead, waitFor(ahead)
    if delay > longest then units, delay = need, waitFor(need) end
    if delay <= longest then
      granted, wait = units, delay
      mark = count(granted, wait + late)
    end
  end
end
if extra > 0 and wait == 0 and granted == want then
  more = math.max(0, math.min(extra, limit - total))
  if more > 0 then moreMark = count(more, hold) end
end
local newest = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')
local reset = math.max(0, (tonumber(newest[2]) or 0) + window - now)
if changed then
  if total <= 0 then
    redis.call('DEL', key)
  else
    redis.call('ZADD', key, string.format('%.0f', -total), 'total')
    redis.call('PEXPIRE', key, string.format('%.0f', math.ceil(reset / 1000) + 1))
  end
end
if total <= 0 then reset = 0 end
return string.format('%.0f %.0f %.0f %.0f %.0f %s %.0f %s', granted, math.ceil(wait), math.ceil(waitFor(need)),
  math.max(0, limit - total), reset, mark, more, moreMark)
`);
