import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisPace } from '../../src/pipeline/pace/redis.ts';
import { redisIsHere, startRedis, type TestRedis } from '../helpers/redis.ts';

const fallback = { take: async () => 7_777, pause: async () => undefined };

describe.runIf(redisIsHere())('the pace kept in Redis', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('gives each process its turns, pauses for all, and leaves hosts apart', async () => {
    const [a, b] = [redisPace(redis.url, fallback), redisPace(redis.url, fallback)];
    expect(await a.take('host', 10, 1_000)).toBe(0);
    expect(await b.take('host', 1, 1_000)).toBeGreaterThan(9_000);
    expect(await b.take('other', 1, 1_000)).toBe(0);
    await a.pause('other', 60_000);
    expect(await b.take('other', 1, 1_000)).toBeGreaterThan(59_000);
    await Promise.all([a.close(), b.close()]);
  });
});

it('falls back to the database when Redis is away', async () => {
  const away = redisPace('redis://127.0.0.1:1', fallback);
  expect(await away.take('host', 1, 10)).toBe(7_777);
  await away.pause('host', 10);
  await away.close();
});
