import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { redisIsHere, startRedis } from '../helpers/redis.ts';
import { expectEverythingKnown, openScene, type Scene } from '../realtime/processes/scene.ts';

/** Histories per run of this file; `npm run test:faults` asks for more. */
const RUNS = Number(process.env['TRR_TEST_LIVE_HISTORIES'] ?? 2);
const SEED = Number(process.env['TRR_TEST_SEED'] ?? Date.now() % 2 ** 31);
const REDIS = redisIsHere() ? ['over Redis'] : [];
if (REDIS.length === 0) console.warn('redis-server is not on the PATH: fault histories of live channels are left out');

type Fault =
  | { readonly do: 'kill' | 'terminate' | 'stop' | 'continue' | 'start'; readonly server: number }
  | { readonly do: 'killRedis' | 'startRedis' | 'stopRedis' | 'continueRedis' }
  | { readonly do: 'stopDatabase' | 'continueDatabase' | 'dropSequencer' }
  | { readonly do: 'pause' | 'read'; readonly follower: number }
  | { readonly do: 'write'; readonly server: number; readonly posts: number; readonly size: number }
  | { readonly do: 'wait'; readonly ms: number };

const server = fc.nat({ max: 1 });
const follower = fc.nat({ max: 3 });
const fault: fc.Arbitrary<Fault> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      server,
      posts: fc.integer({ min: 1, max: 12 }),
      size: fc.constantFrom(10, 10, 9_000),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(20, 300, 1_500) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('kill' as const), server }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('terminate' as const, 'stop', 'continue', 'start'), server }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('killRedis' as const, 'startRedis', 'stopRedis', 'continueRedis') }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('stopDatabase' as const, 'continueDatabase', 'dropSequencer') }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'read'), follower }) },
);

describe.each(REDIS)('histories of real processes %s', () => {
  let scene: Scene;
  let stoppedBackends: number[] = [];
  let isRedisUp = true;

  beforeAll(async () => {
    scene = await openScene(2);
  }, 60_000);
  afterAll(async () => {
    wakeDatabase();
    await scene.close();
  });

  /** Connections of the servers: the processes of PostgreSQL behind them. */
  async function backends(of: string): Promise<number[]> {
    const rows = await scene.database.owner<{ pid: number }>(
      'select pid from pg_stat_activity where datname = current_database() and application_name like $1',
      [of],
    );
    return rows.map(({ pid }) => pid);
  }

  function wakeDatabase(): void {
    for (const pid of stoppedBackends) signal(pid, 'CONT');
    stoppedBackends = [];
  }

  async function suffer(given: Fault): Promise<void> {
    const one = 'server' in given ? scene.servers.all[given.server] : undefined;
    switch (given.do) {
      case 'kill':
        return one?.signal('SIGKILL');
      case 'terminate':
        // Held up by a database or a Redis that stands still, it would take its time.
        wakeDatabase();
        await one?.signal('SIGCONT');
        return one?.signal('SIGTERM');
      case 'stop':
        return one?.signal('SIGSTOP');
      case 'continue':
        return one?.signal('SIGCONT');
      case 'start':
        wakeDatabase();
        return one?.start();
      case 'killRedis':
        await scene.redis.stop();
        isRedisUp = false;
        return;
      case 'startRedis':
        if (!isRedisUp) scene.redis = await startRedis(Number(new URL(scene.redis.url).port));
        isRedisUp = true;
        return;
      case 'stopRedis':
      case 'continueRedis':
        scene.redis.process.kill(given.do === 'stopRedis' ? 'SIGSTOP' : 'SIGCONT');
        return;
      case 'stopDatabase':
        stoppedBackends.push(...(await backends('trr serve%')));
        for (const pid of stoppedBackends) signal(pid, 'STOP');
        return;
      case 'continueDatabase':
        return wakeDatabase();
      case 'dropSequencer':
        wakeDatabase();
        for (const pid of await backends('trr serve:sequencer%')) signal(pid, 'TERM');
        return;
      case 'pause':
      case 'read':
        return scene.followers[given.follower]?.pause(given.do === 'pause');
      case 'write': {
        const writing = Array.from({ length: given.posts }, () => scene.post(one?.url, 'x'.repeat(given.size)));
        // Not waited for to the end: faults come while people write.
        await Promise.race([Promise.all(writing), sleep(500)]);
        unfinished.push(...writing);
        return;
      }
      case 'wait':
        await sleep(given.ms);
    }
  }

  let unfinished: Promise<boolean>[] = [];

  async function heal(): Promise<void> {
    wakeDatabase();
    await suffer({ do: 'startRedis' });
    await suffer({ do: 'continueRedis' });
    for (const each of scene.servers.all) {
      await each.signal('SIGCONT');
      await each.start();
    }
    for (const each of scene.followers) each.pause(false);
    await Promise.all(unfinished);
    unfinished = [];
  }

  it.each(Array.from({ length: RUNS }, (_, n) => SEED + n))(
    'every log equals the table five seconds after the last fault (seed %i)',
    async (seed) => {
      const [faults = []] = fc.sample(fc.array(fault, { minLength: 6, maxLength: 16, size: 'max' }), {
        seed,
        numRuns: 1,
      });
      try {
        for (const each of faults) await suffer(each);
        await heal();
        for (const { url } of scene.servers.all) await scene.post(url, 'after all');
        await expectEverythingKnown(scene);
      } catch (error) {
        throw new Error(`after\n${faults.map((each) => JSON.stringify(each)).join('\n')}`, { cause: error });
      }
    },
    180_000,
  );
});

/** By the shell's kill: a server of root's test runs as somebody else, and may be gone. */
function signal(pid: number, name: 'STOP' | 'CONT' | 'TERM'): void {
  try {
    execFileSync('kill', [`-${name}`, String(pid)], { stdio: 'ignore' });
  } catch {
    // gone already
  }
}
