import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { redisIsHere, startRedis } from '../helpers/redis.ts';
import { expectEverythingKnown, openScene, type Scene } from './processes/scene.ts';

// Without Redis there are no two processes to test; the CI lane sees to it that it is there (tests/helpers/redis.ts).
const REDIS = redisIsHere() ? ['over Redis'] : [];
if (REDIS.length === 0) console.warn('redis-server is not on the PATH: tests of two processes are left out');

let scene: Scene | undefined;
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

describe.each(REDIS)('two processes %s', () => {
  it('deliver both ways; killing either loses nothing that was acknowledged', async () => {
    scene = await openScene(2);
    const { servers, followers } = scene;
    const [one, two] = servers.all;
    expect(await scene.post(one?.url)).toBe(true);
    expect(await scene.post(two?.url)).toBe(true);
    await vi.waitFor(() => expect(followers.map(({ events }) => events.size)).toEqual([2, 2, 2, 2]), 5_000);
    for (const [victim, other] of [
      [one, two],
      [two, one],
    ]) {
      // Killed while people write through both.
      const writers = [victim, other, victim, other].map(async (server) => {
        for (let n = 0; n < 8; n++) await scene?.post(server?.url);
      });
      await sleep(60);
      await victim?.signal('SIGKILL');
      await Promise.all(writers);
      await victim?.start();
    }
    expect(scene.acknowledged.length).toBeGreaterThan(18);
    await expectEverythingKnown(scene);
    // Nobody was away for so long that they had to reload.
    expect(followers.map(({ reloads }) => reloads)).toEqual([0, 0, 0, 0]);
  }, 120_000);

  it('send clients elsewhere when one is asked to stop (1001), and they miss nothing', async () => {
    scene = await openScene(2);
    const { servers, followers } = scene;
    const [one, two] = servers.all;
    const writing = (async () => {
      for (let n = 0; n < 20; n++) await scene?.post(two?.url);
    })();
    await one?.signal('SIGTERM');
    await writing;
    expect(followers.map(({ codes }) => codes)).toEqual([[1001], [], [1001], []]);
    await expectEverythingKnown(scene);
    expect(followers.map(({ reloads }) => reloads)).toEqual([0, 0, 0, 0]);
  }, 120_000);

  it('find in the table what Redis did not bring', async () => {
    scene = await openScene(1);
    const { servers, redis } = scene;
    const port = Number(new URL(redis.url).port);
    await redis.stop();
    for (const { url } of [...servers.all, ...servers.all]) expect(await scene.post(url)).toBe(true);
    scene.redis = await startRedis(port);
    for (const { url } of servers.all) expect(await scene.post(url)).toBe(true);
    scene.redis.process.kill('SIGSTOP');
    for (const { url } of servers.all) expect(await scene.post(url)).toBe(true);
    await sleep(1_000);
    scene.redis.process.kill('SIGCONT');
    await expectEverythingKnown(scene);
  }, 120_000);
});
