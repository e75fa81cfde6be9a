import { setTimeout as sleep } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import { EPISODES, FIXTURE } from '../../acceptance/fixture.ts';
import { ask } from '../../acceptance/http.ts';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.ts';
import { startRedis, type TestRedis } from '../../helpers/redis.ts';
import { differences, type Follower, follow } from './follower.ts';
import { newToken, type Servers, startServers } from './servers.ts';

/** Two servers over one database and one Redis, an open thread, and people who follow its episode on both. */
export interface Scene {
  readonly database: TestDatabase;
  readonly servers: Servers;
  readonly channel: string;
  readonly followers: readonly Follower[];
  /** Ids of posts whose writing was acknowledged. */
  readonly acknowledged: string[];
  redis: TestRedis;
  /** Writes a post through a server; false when it was not acknowledged. */
  post(url: string | undefined, body?: string): Promise<boolean>;
  /** A follower that connects to this server, or to any when it is down. */
  follow(server: number): Follower;
  close(): Promise<void>;
}

/** Five seconds after the last fault everything is right; slow machines get a little more until the first look. */
export const PROMISED_MS = 5_000;

export async function openScene(followersPerServer: number): Promise<Scene> {
  const database = await createTestDatabase();
  await database.owner(FIXTURE);
  const redis = await startRedis();
  const servers = await startServers(database, 2, redis.url);
  const channel = `discussions:episode:${EPISODES.first}`;
  const token = await newToken();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const followers: Follower[] = [];
  const acknowledged: string[] = [];
  const [url = ''] = servers.urls();
  const made = await ask(url, `/api/v1/discussions/episodes/${EPISODES.first}/threads`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ title: 'Faults', type: 'episode_live' }),
  });
  expect(made.status, made.text).toBe(200);
  const { id: thread } = made.json as { id: string };
  // The thread's own event has its offset before anybody follows, so that all of them see the same from there.
  await vi.waitFor(async () => {
    const numbered = await database.owner('select 1 from live.channels where name = $1 and last_offset > 0', [channel]);
    expect(numbered).toHaveLength(1);
  }, 20_000);
  let written = 0;
  const scene: Scene = {
    database,
    servers,
    channel,
    followers,
    acknowledged,
    redis,
    async post(to, body = 'hello') {
      if (to === undefined) return false;
      written += 1;
      try {
        const answer = await ask(to, `/api/v1/discussions/threads/${thread}/posts`, {
          method: 'POST',
          headers,
          body: JSON.stringify({ body: `${body} ${written}` }),
          signal: AbortSignal.timeout(8_000),
        });
        if (answer.status !== 200) return false;
        acknowledged.push((answer.json as { id: string }).id);
        return true;
      } catch {
        // Killed before it answered: acknowledged to nobody.
        return false;
      }
    },
    follow(server) {
      const follower = follow(channel, () => servers.all[server]?.url ?? servers.urls()[0]);
      followers.push(follower);
      return follower;
    },
    async close() {
      await Promise.all(followers.map((follower) => follower.close()));
      await servers.close();
      await scene.redis.stop();
      await database.drop();
    },
  };
  for (let n = 0; n < followersPerServer * servers.all.length; n++) scene.follow(n % servers.all.length);
  await vi.waitFor(() => expect(followers.every(({ isFollowing }) => isFollowing)).toBe(true), 20_000);
  return scene;
}

/** Every log equals the table, and everything that was acknowledged is in it. */
export async function expectEverythingKnown(scene: Scene): Promise<void> {
  const { database, channel, followers, acknowledged } = scene;
  await sleep(PROMISED_MS);
  for (const [n, follower] of followers.entries()) {
    expect(await differences(database, channel, follower), `follower ${n}`).toEqual([]);
  }
  const rows = await database.owner<{ id: string }>(
    "select payload ->> 'post_id' as id from live.events where channel = $1 and type = 'post_created'",
    [channel],
  );
  const told = new Set(rows.map(({ id }) => id));
  expect(acknowledged.filter((id) => !told.has(id))).toEqual([]);
  expect(told.size).toBe(rows.length);
}
