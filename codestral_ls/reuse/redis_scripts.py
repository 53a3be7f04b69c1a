"""What Redis does in one go, in its own language. Pure text."""

from hashlib import sha1
from typing import NamedTuple


class Script(NamedTuple):
    """A script, and the name by which Redis knows it once it has run it."""

    text: str
    sha: str


def script(text: str) -> Script:
    """A script with its name."""
    return Script(text, sha1(text.encode(), usedforsecurity=False).hexdigest())


NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
"""
"""Of the server, so that gateways agree whose clocks do not."""

TAKE = """
local function faded(count, at, length)
  return math.ceil(count * ((length - at) / length))
end

local function faded_at(count, room, length)
  if count <= room then return 0 end
  local at = math.ceil(length - room * length / count)
  at = math.min(math.max(at, 0), length)
  while at > 0 and faded(count, at - 1, length) <= room do at = at - 1 end
  while faded(count, at, length) > room do at = at + 1 end
  return at
end

local function read(key, length)
  local kept = redis.call('HMGET', key, 'number', 'taken', 'before')
  local window = {
    number = tonumber(kept[1] or 0), taken = tonumber(kept[2] or 0), before = tonumber(kept[3] or 0)
  }
  local number = math.floor(now / length)
  if length > 0 and number > window.number then
    window.before = number == window.number + 1 and window.taken or 0
    window.taken = 0
    window.number = number
  end
  return window
end

local function wait(window, amount, limit, length, left)
  if limit <= 0 then return 0 end
  local room = limit - math.min(math.max(amount, 1), limit)
  if length == 0 then return window.taken > room and math.max(left, 1) or 0 end
  local begun = window.number * length
  if window.taken > room then
    return begun + length + faded_at(window.taken, room, length) - now
  end
  return math.max(0, begun + faded_at(window.before, room - window.taken, length) - now)
end

local function whole(number)
  return string.format('%.0f', number)
end

local longest, denied = 0, 0
local windows, used = {}, {0}
for i, key in ipairs(KEYS) do
  local at = 2 + (i - 1) * 4
  local amount, limit = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  local length, left = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local window = read(key, length)
  local ms = wait(window, amount, limit, length, left)
  if ms > longest then longest, denied = ms, i end
  window.taken = window.taken + amount
  if window.taken < 0 then
    window.before = math.max(0, window.before + window.taken)
    window.taken = 0
  end
  windows[i] = window
end
if denied > 0 and ARGV[1] == 'ask' then return {denied, longest} end
for i, key in ipairs(KEYS) do
  local window, length = windows[i], tonumber(ARGV[2 + (i - 1) * 4 + 2])
  redis.call(
    'HSET', key, 'number', whole(window.number), 'taken', whole(window.taken),
    'before', whole(window.before)
  )
  redis.call('PEXPIRE', key, length > 0 and 2 * length or 172800000)
  used[i + 1] = window.taken
end
return used
"""
"""KEYS are bounds, each once; ARGV is `ask` or `settle`, then for each bound the amount, the limit,
the length of its window (0: a day) and what is left of the day. Answers 0 and what is now taken of
each, or the number of the bound that has no room and for how many milliseconds it has none."""

CLAIM = """
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
"""
"""A claim of one's own is one's own still: its release was lost while Redis was away."""

RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""
"""Another may have the claim by now, if it took so long that it ran out."""
