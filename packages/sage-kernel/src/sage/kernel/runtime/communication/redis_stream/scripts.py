"""What happens on the Redis server, in one step each (Lua).

Keys of a queue: the stream and its group `sage`; `back`, the items that came back, by their place
in the stream; `later`, those that come back later, by the time; `why`, the reasons; `wake`, a
stream that wakes those who wait when something came back; `room`, a list that wakes those who wait
for room; `size`, the bound.
"""

from typing import Final

__all__ = ["ACK", "BOUND", "NACK", "PUT", "RENEW", "SIZE", "TAKE", "keys_of"]

PARTS: Final = ("", ":back", ":later", ":why", ":wake", ":room", ":size")


def keys_of(name: str) -> list[str]:
    """Return the keys of a queue, in the order in which the scripts take them."""
    return [f"sage:queue:{name}{part}" for part in PARTS]


_COMMON: Final = """
local stream, back, later, why, wake, room = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]

local function ensure(key)
  if redis.call('EXISTS', key) == 0 then
    redis.call('XGROUP', 'CREATE', key, 'sage', '0', 'MKSTREAM')
  end
end
ensure(stream)
ensure(wake)

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- The place in the stream as one number that a double holds.
local function place(id)
  local ms, seq = string.match(id, '(%d+)-(%d+)')
  return ms * 4096 + math.min(tonumber(seq), 4095)
end

local function waiting()
  local lent = redis.call('XPENDING', stream, 'sage')[1]
  return redis.call('XLEN', stream) - lent + redis.call('ZCARD', back)
end

-- The consumer and the count of deliveries of an item that is lent; nil when it is not.
local function holder(id)
  local entry = redis.call('XPENDING', stream, 'sage', id, id, 1)[1]
  if entry then return entry[2], entry[4] end
end

local function forget(id)
  redis.call('XACK', stream, 'sage', id)
  redis.call('XDEL', stream, id)
  redis.call('HDEL', why, id)
end

local function make_room()
  if redis.call('LLEN', room) < 16 then redis.call('RPUSH', room, '1') end
  redis.call('EXPIRE', room, 3600)
end

local function give_back(id, count, reason, most, dead)
  if most > 0 and count >= most then
    local entry = redis.call('XRANGE', stream, id, id)[1]
    if entry then
      local fields = entry[2]
      local before = 0
      for i = 1, #fields, 2 do if fields[i] == 'n' then before = fields[i + 1] end end
      ensure(dead)
      redis.call('XADD', dead, '*', 'd', fields[2], 'n', before + count, 'r', reason)
    end
    forget(id)
    return
  end
  redis.call('XCLAIM', stream, 'sage', 'returned', 0, id, 'JUSTID')
  redis.call('ZADD', back, place(id), id)
  redis.call('HSET', why, id, reason)
end

local function wake_one()
  redis.call('XADD', wake, 'MAXLEN', '~', 1000, '*', 'w', '1')
end
"""

# ARGV: the producer's key, the first number, then the items. Returns how many are stored.
PUT: Final = (
    _COMMON
    + """
local producer, first = ARGV[1], tonumber(ARGV[2])
local bound = tonumber(redis.call('GET', KEYS[7]) or '0')
local count = #ARGV - 2
local known = tonumber(redis.call('GET', producer) or '-1')
local done = math.max(0, math.min(count, known + 1 - first))
local free = count - done
if bound > 0 then free = math.max(0, math.min(free, bound - waiting())) end
for i = done + 1, done + free do redis.call('XADD', stream, '*', 'd', ARGV[2 + i]) end
if free > 0 then redis.call('SET', producer, first + done + free - 1, 'EX', 3600) end
return done + free
"""
)

# ARGV: consumer, most, lease in ms, most deliveries, whether to look for dead consumers, the dead
# letters' stream, then entries of `wake` to forget. Returns the items, and in how many ms the next
# one comes back (-1: none will).
TAKE: Final = (
    _COMMON
    + """
local consumer, most, lease = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local max_deliveries, dead = tonumber(ARGV[4]), ARGV[6]
for i = 7, #ARGV do
  redis.call('XACK', wake, 'sage', ARGV[i])
  redis.call('XDEL', wake, ARGV[i])
end
if ARGV[5] == '1' then
  local silent = redis.call('XPENDING', stream, 'sage', 'IDLE', lease, '-', '+', 1000)
  for _, entry in ipairs(silent) do
    if entry[2] ~= 'returned' then
      give_back(entry[1], entry[4], 'its consumer was silent for too long', max_deliveries, dead)
    end
  end
end
local time = now()
for _, id in ipairs(redis.call('ZRANGEBYSCORE', later, '-inf', time)) do
  redis.call('ZREM', later, id)
  redis.call('ZADD', back, place(id), id)
end
local items = {}
local function add(entry, count)
  local fields = entry[2]
  local before, reason = 0, redis.call('HGET', why, entry[1]) or ''
  for i = 3, #fields, 2 do
    if fields[i] == 'n' then before = tonumber(fields[i + 1]) end
    if fields[i] == 'r' and reason == '' then reason = fields[i + 1] end
  end
  items[#items + 1] = {entry[1], count, before, reason, fields[2]}
end
for _, id in ipairs(redis.call('ZRANGE', back, 0, most - 1)) do
  redis.call('ZREM', back, id)
  local entry = redis.call('XCLAIM', stream, 'sage', consumer, 0, id)[1]
  if entry then
    local _, count = holder(id)
    add(entry, count)
  end
end
if #items < most then
  local read = redis.call(
    'XREADGROUP', 'GROUP', 'sage', consumer, 'COUNT', most - #items, 'STREAMS', stream, '>')
  if read then
    for _, entry in ipairs(read[1][2]) do add(entry, 1) end
  end
end
if #items > 0 then make_room() end
if redis.call('ZCARD', back) > 0 then wake_one() end
local due = redis.call('ZRANGE', later, 0, 0, 'WITHSCORES')[2]
return {items, due and math.max(1, due - time) or -1}
"""
)

# ARGV: consumer, then id and count of each. Returns for each whether it was ours to forget.
ACK: Final = (
    _COMMON
    + """
local answers = {}
for i = 2, #ARGV, 2 do
  local who, count = holder(ARGV[i])
  local ours = who == ARGV[1] and count == tonumber(ARGV[i + 1])
  if ours then forget(ARGV[i]) end
  answers[#answers + 1] = ours and 1 or 0
end
make_room()
return answers
"""
)

# ARGV: consumer, id, count, delay in ms, reason, most deliveries, the dead letters' stream.
# Returns whether it was ours to give back.
NACK: Final = (
    _COMMON
    + """
local id, count, delay = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local max_deliveries = tonumber(ARGV[6])
local who, delivered = holder(id)
if who ~= ARGV[1] or delivered ~= count then return {0} end
if delay > 0 and not (max_deliveries > 0 and count >= max_deliveries) then
  redis.call('XCLAIM', stream, 'sage', 'returned', 0, id, 'JUSTID')
  redis.call('ZADD', later, now() + delay, id)
  redis.call('HSET', why, id, ARGV[5])
else
  give_back(id, count, ARGV[5], max_deliveries, ARGV[7])
end
wake_one()
return {1}
"""
)

# ARGV: consumer, then id and count of each. Returns how many are still ours.
RENEW: Final = (
    _COMMON
    + """
local kept = 0
for i = 2, #ARGV, 2 do
  local who, count = holder(ARGV[i])
  if who == ARGV[1] and count == tonumber(ARGV[i + 1]) then
    redis.call('XCLAIM', stream, 'sage', ARGV[1], 0, ARGV[i], 'JUSTID')
    kept = kept + 1
  end
end
return kept
"""
)

SIZE: Final = (
    _COMMON
    + """
for _, id in ipairs(redis.call('ZRANGEBYSCORE', later, '-inf', now())) do
  redis.call('ZREM', later, id)
  redis.call('ZADD', back, place(id), id)
end
return waiting()
"""
)

# ARGV: the bound that a descriptor names. Returns the live queue's, which the first one sets.
BOUND: Final = (
    _COMMON
    + """
if ARGV[1] ~= '0' then redis.call('SET', KEYS[7], ARGV[1], 'NX') end
return tonumber(redis.call('GET', KEYS[7]) or '0')
"""
)
