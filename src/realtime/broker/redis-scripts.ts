/**
 * Sets of people, each with their connections: a sorted set of `person|connection`, scored by when it is over. Scripts, so that "the first" and
 * "the last" are decided once over all processes; with the server's time, so that clocks of processes do not matter.
 */
const NOW = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)";

/** Whether anybody's entry in the set begins with a person. */
const HAS = `local function has(person)
  for _, entry in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    if string.sub(entry, 1, #person + 1) == person .. '|' then return true end
  end
  return false
end`;

/** Person, connection, milliseconds. Answers 1 when the person is new. The set itself outlives its entries: their end must be told. */
export const ENTER = `${NOW} ${HAS}
local new = not has(ARGV[1])
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1] .. '|' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3] + 600000)
return new and 1 or 0`;

/** Person, connection. Answers 1 when it was the person's last. */
export const LEAVE = `${HAS}
if redis.call('ZREM', KEYS[1], ARGV[1] .. '|' .. ARGV[2]) == 0 then return 0 end
return has(ARGV[1]) and 0 or 1`;

/** Answers the people whose last entry is over. */
export const EXPIRE = `${NOW} ${HAS}
local gone, seen = {}, {}
for _, entry in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], entry)
  local person = string.sub(entry, 1, string.find(entry, '|', 1, true) - 1)
  if not seen[person] and not has(person) then
    seen[person] = true
    table.insert(gone, person)
  end
end
return gone`;
