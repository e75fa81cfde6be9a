import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../src/platform/log/logger.ts';
import { createMemoryBroker } from '../../src/realtime/broker/memory.ts';
import { createRedisBroker } from '../../src/realtime/broker/redis.ts';
import type { Broker, Message } from '../../src/realtime/broker/types.ts';
import { systemClock } from '../../src/realtime/clock.ts';
import { redisIsHere, startRedis, type TestRedis } from '../helpers/redis.ts';

const log = createLogger({ level: 'silent' });
const passing = (n: number): Message => ({ kind: 'passing', type: 'typing', payload: { n } });
const events: Message = {
  kind: 'events',
  epoch: 'e',
  events: [
    { offset: 1, type: 'post_created', at: '2026-01-01T00:00:00.000000+00:00', payload: '{"a": 1}', actor: null },
  ],
};

let redis: TestRedis | undefined;
const names = redisIsHere() ? ['memory', 'redis'] : ['memory'];

beforeAll(async () => {
  if (names.includes('redis')) redis = await startRedis();
});
afterAll(() => redis?.stop());

/** What every broker must do (spec/api.md 5), whatever carries it. */
describe.each(names)('the %s broker', (name) => {
  let broker: Broker;
  let channel: string;
  let made = 0;

  beforeEach(async () => {
    made += 1;
    channel = `discussions:episode:${name}${made}`;
    broker = name === 'memory' ? createMemoryBroker(systemClock) : createRedisBroker(redis?.url ?? '', log);
    await broker.connect();
  });
  afterEach(() => broker.disconnect());

  it('gives subscriptions ids, sub_1 first', async () => {
    expect(await broker.subscribe(channel, () => undefined)).toBe('sub_1');
    expect(await broker.subscribe(channel, () => undefined)).toBe('sub_2');
  });

  it('brings a message to everybody of its channel, whole, in order, and to nobody else', async () => {
    const [one, two, other] = [[] as Message[], [] as Message[], [] as Message[]];
    await broker.subscribe(channel, (message) => one.push(message));
    await broker.subscribe(channel, (message) => two.push(message));
    await broker.subscribe(`${channel}x`, (message) => other.push(message));
    await broker.publish(channel, events);
    for (let n = 0; n < 50; n += 1) await broker.publish(channel, passing(n));
    await vi.waitFor(() => expect(two).toHaveLength(51));
    expect(one).toEqual([events, ...Array.from({ length: 50 }, (_, n) => passing(n))]);
    expect(two).toEqual(one);
    expect(other).toEqual([]);
  });

  it('brings nothing after unsubscribing, and the rest to those who stayed', async () => {
    const [gone, stayed] = [[] as Message[], [] as Message[]];
    const id = await broker.subscribe(channel, (message) => gone.push(message));
    await broker.subscribe(channel, (message) => stayed.push(message));
    await broker.unsubscribe(id);
    await broker.unsubscribe(id);
    await broker.unsubscribe('sub_999');
    await broker.publish(channel, passing(1));
    await vi.waitFor(() => expect(stayed).toHaveLength(1));
    expect(gone).toEqual([]);
  });

  it('lets no listener that fails stop the others', async () => {
    const heard: Message[] = [];
    const warned = new Promise((resolve) => process.once('warning', resolve));
    await broker.subscribe(channel, () => {
      throw new Error('made for this test');
    });
    await broker.subscribe(channel, (message) => heard.push(message));
    await broker.publish(channel, passing(1));
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(String(await warned)).toContain('made for this test');
  });

  it('keeps values for their time: missing and forgotten ones are null', async () => {
    expect(await broker.get(`${channel}:a`)).toBeNull();
    await broker.set(`${channel}:a`, 'x', 10_000);
    await broker.set(`${channel}:b`, 'y', 60);
    expect(await broker.get(`${channel}:a`)).toBe('x');
    expect(await broker.get(`${channel}:b`)).toBe('y');
    await sleep(90);
    expect(await broker.get(`${channel}:b`)).toBeNull();
    await broker.delete(`${channel}:a`);
    expect(await broker.get(`${channel}:a`)).toBeNull();
  });

  it('lists keys by their beginning, also where it looks like a pattern', async () => {
    const odd = `${channel}:[*?`;
    for (const key of ['2', '1']) await broker.set(`${odd}:${key}`, 'x', 10_000);
    await broker.set(`${channel}:other`, 'x', 10_000);
    await broker.set(`${odd}:over`, 'x', 1);
    await sleep(20);
    expect(await broker.keys(`${odd}*`)).toEqual([`${odd}:1`, `${odd}:2`]);
    expect(await broker.keys(`${channel}nothing*`)).toEqual([]);
  });

  it('counts connections: a person comes with the first and goes with the last', async () => {
    const set = `presence:${channel}`;
    expect(await broker.enter(set, 'ann', 'c1', 10_000)).toBe(true);
    expect(await broker.enter(set, 'ann', 'c2', 10_000)).toBe(false);
    expect(await broker.enter(set, 'ann', 'c1', 10_000)).toBe(false);
    expect(await broker.enter(set, 'anna', 'c3', 10_000)).toBe(true);
    expect(await broker.people(set)).toEqual(['ann', 'anna']);
    expect(await broker.leave(set, 'ann', 'c1')).toBe(false);
    expect(await broker.leave(set, 'ann', 'c1')).toBe(false);
    expect(await broker.leave(set, 'ann', 'c2')).toBe(true);
    expect(await broker.leave(set, 'ann', 'c2')).toBe(false);
    expect(await broker.people(set)).toEqual(['anna']);
  });

  it('tells once of those who were not renewed', async () => {
    const set = `presence:${channel}`;
    await broker.enter(set, 'ann', 'c1', 40);
    await broker.enter(set, 'ann', 'c2', 40);
    await broker.enter(set, 'bob', 'c3', 40);
    await broker.enter(set, 'cyd', 'c4', 10_000);
    await broker.enter(set, 'bob', 'c5', 10_000);
    await sleep(60);
    await broker.enter(set, 'dan', 'c6', 10_000);
    expect(await broker.expire(set)).toEqual(['ann']);
    expect(await broker.expire(set)).toEqual([]);
    expect(await broker.people(set)).toEqual(['bob', 'cyd', 'dan']);
    expect(await broker.enter(set, 'ann', 'c1', 10_000)).toBe(true);
  });

  it('lets exactly one of many at once be the first, and one the last', async () => {
    const set = `presence:${channel}`;
    const all = Array.from({ length: 20 }, (_, i) => `c${i}`);
    const entered = await Promise.all(all.map((connection) => broker.enter(set, 'ann', connection, 10_000)));
    expect(entered.filter(Boolean)).toHaveLength(1);
    const left = await Promise.all(all.map((connection) => broker.leave(set, 'ann', connection)));
    expect(left.filter(Boolean)).toHaveLength(1);
  });
});

/** What only a link between processes can go through. */
describe.runIf(names.includes('redis'))('brokers of two processes over Redis', () => {
  it('hear each other, on every channel, both ways', async () => {
    const [a, b] = [createRedisBroker(redis?.url ?? '', log), createRedisBroker(redis?.url ?? '', log)];
    await Promise.all([a.connect(), b.connect()]);
    const heard: string[] = [];
    const channels = Array.from({ length: 200 }, (_, i) => `dms:conversation:${i}`);
    for (const channel of channels) {
      await a.subscribe(channel, () => heard.push(`a ${channel}`));
      await b.subscribe(channel, () => heard.push(`b ${channel}`));
    }
    for (const channel of channels) await a.publish(channel, passing(1));
    for (const channel of channels) await b.publish(channel, passing(2));
    await vi.waitFor(() => expect(heard).toHaveLength(800));
    expect(new Set(heard).size).toBe(400);
    await Promise.all([a.disconnect(), b.disconnect()]);
  });

  it('go on after Redis was away: the gap is told, messages flow again, those inside a process never stopped', async () => {
    let own = await startRedis();
    const port = Number(new URL(own.url).port);
    const [a, b] = [createRedisBroker(own.url, log), createRedisBroker(own.url, log)];
    await Promise.all([a.connect(), b.connect()]);
    const [atA, atB] = [[] as unknown[], [] as unknown[]];
    let gaps = 0;
    b.onGap(() => {
      gaps += 1;
    });
    await a.subscribe('runs:x', (message) => atA.push(message));
    await b.subscribe('runs:x', (message) => atB.push(message));
    await own.stop();
    await vi.waitFor(() => expect(a.publish('runs:x', passing(1))).rejects.toThrow());
    expect(atA.length).toBeGreaterThan(0);
    expect(atB).toEqual([]);
    await expect(a.enter('presence:x', 'ann', 'c', 1000)).rejects.toThrow();
    own = await startRedis(port);
    await vi.waitFor(() => expect(gaps).toBe(1), { timeout: 10_000 });
    await vi.waitFor(() => a.publish('runs:x', passing(2)), { timeout: 10_000 });
    await vi.waitFor(() => expect(atB).toContainEqual(passing(2)));
    await Promise.all([a.disconnect(), b.disconnect()]);
    await own.stop();
  });

  it('start without Redis and find it later', async () => {
    const { port } = await startRedis().then(async (first) => {
      await first.stop();
      return { port: Number(new URL(first.url).port) };
    });
    const broker = createRedisBroker(`redis://127.0.0.1:${port}`, log);
    await broker.connect();
    const heard: Message[] = [];
    await broker.subscribe('runs:y', (message) => heard.push(message));
    const late = await startRedis(port);
    await vi.waitFor(
      async () => {
        await broker.publish('runs:y', passing(3)).catch(() => undefined);
        const other = createRedisBroker(late.url, log);
        await other.connect();
        await other.publish('runs:y', passing(4));
        await other.disconnect();
        expect(heard).toContainEqual(passing(4));
      },
      { timeout: 10_000, interval: 200 },
    );
    await broker.disconnect();
    await late.stop();
  });
});
