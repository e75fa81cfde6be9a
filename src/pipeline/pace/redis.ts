import { Redis } from 'ioredis';
import type { SharedPace } from '../../sources/types.ts';

/** Redis' own clock in milliseconds, and the moment the next turn is due. */
const NOW = `
local t = redis.call('TIME')
local now = t[1] * 1000 + t[2] / 1000
local next = tonumber(redis.call('GET', KEYS[1]) or '0')`;
const SET = `redis.call('SET', KEYS[1], string.format('%.3f', due), 'PX', math.ceil(due - now) + 60000)`;
const TAKE = `${NOW}
local first = math.max(next, now)
local due = first + tonumber(ARGV[1])
${SET}
return string.format('%.3f', first - now)`;
const PAUSE = `${NOW}
local due = math.max(next, now + tonumber(ARGV[1]))
${SET}
return 'ok'`;

export interface RedisPace extends SharedPace {
  close(): Promise<void>;
}

/**
 * The pace kept in Redis, for installations that have one: no row is written for each batch of requests. Connects on first use.
 * @param fallback asked while Redis does not answer
 */
export function redisPace(url: string, fallback: SharedPace): RedisPace {
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    commandTimeout: 1_000,
  });
  // Whether it answers shows with each call.
  redis.on('error', () => undefined);
  const key = (host: string) => `trr:pace:${host}`;
  return {
    async take(host, turns, intervalMs) {
      const wait = await redis.eval(TAKE, 1, key(host), turns * intervalMs).catch(() => undefined);
      return wait === undefined ? fallback.take(host, turns, intervalMs) : Number(wait);
    },
    async pause(host, ms) {
      const done = await redis.eval(PAUSE, 1, key(host), ms).catch(() => undefined);
      if (done === undefined) await fallback.pause(host, ms);
    },
    async close() {
      redis.disconnect();
    },
  };
}
