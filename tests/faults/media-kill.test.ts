import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { s3Environment } from '../helpers/media.ts';
import { createTrr, type Trr } from '../helpers/trr.ts';
import { brokenRows, EPISODE, POSTER, seedImages } from '../media/catalogue.ts';
import { type S3Server, startS3Server } from '../s3/server.ts';
import { generatedWorld, type Simulator, startSimulator } from '../simulator/index.ts';

/** Kills per command; `.ci/long` asks for more. */
const KILLS = Number(process.env['TRR_TEST_KILLS'] ?? 2);

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ world: generatedWorld({ shows: 1 }) });
});
afterAll(() => simulator.close());

interface World {
  readonly database: TestDatabase;
  readonly server: S3Server;
  readonly trr: Trr;
}

async function withWorld<T>(work: (world: World) => Promise<T>): Promise<T> {
  const [database, server] = await Promise.all([createTestDatabase(), startS3Server()]);
  await seedImages(database);
  const trr = createTrr(database, simulator, s3Environment(server));
  try {
    return await work({ database, server, trr });
  } finally {
    trr.close();
    await server.close();
    await database.drop();
  }
}

/** Runs a command and kills it when the store has carried out its n-th request, before it hears of it. */
async function killedAt(world: World, n: number, command: readonly string[]): Promise<void> {
  const before = world.server.requests.length;
  const running = world.trr.start('media', ...command);
  world.server.onRequest((count) => {
    if (count - before >= n) running.child.kill('SIGKILL');
  });
  await running.finished;
  world.server.onRequest(undefined);
}

/** Nothing shows or accounts for a file that is not there; after reconciliation nothing is there that nobody knows. */
async function expectOrder({ database, server, trr }: World, when: string): Promise<void> {
  expect(await brokenRows(database, [...server.objects.keys()]), when).toEqual([]);
  expect((await trr.run('media', 'mirror')).code, when).toBe(0);
  const report = await trr.run('media', 'reconcile', '--grace-hours', '0', '--force', '--json');
  expect([report.code, report.stderr], when).toEqual([0, '']);
  expect(JSON.parse(report.stdout), when).toMatchObject({ missing: [], damaged: [], failed: [] });
  const known = await database.owner<{ key: string }>('select key from media.known_keys order by key');
  expect([...server.objects.keys()].sort(), when).toEqual(known.map(({ key }) => key).sort());
  expect(await brokenRows(database, [...server.objects.keys()]), when).toEqual([]);
}

/** Requests of an undisturbed command. */
async function requestsOf(prepare: (world: World) => Promise<void>, command: readonly string[]): Promise<number> {
  return withWorld(async (world) => {
    await prepare(world);
    const before = world.server.requests.length;
    expect((await world.trr.run('media', ...command)).code).toBe(0);
    return world.server.requests.length - before;
  });
}

const nothing = async () => undefined;
const mirrored = async ({ trr }: World) => {
  await trr.run('media', 'mirror');
};
const orphaned = async (world: World) => {
  await mirrored(world);
  await world.database.owner('delete from core.episodes where id = $1', [EPISODE]);
  world.server.plant('images/shows/nobody/x.jpg', Buffer.from('x'));
};

describe('C6: kill -9 of a command in the middle', () => {
  it.each([
    ['mirror', nothing, ['mirror', '--concurrency', '3']],
    ['prune', orphaned, ['prune', '--grace-hours', '0', '--force']],
    ['reconcile', orphaned, ['reconcile', '--grace-hours', '0', '--force', '--verify']],
    ['takedown', mirrored, ['takedown', '--image', `show_images:${POSTER}`, '--reason', 'asked']],
  ] as const)(
    '%s: no wrong row at any time, no orphan after reconciliation',
    async (_name, prepare, command) => {
      const requests = await requestsOf(prepare, command);
      const points = Array.from({ length: Math.min(KILLS, requests) }, (_, i) =>
        Math.max(1, Math.round((requests * (i + 0.5)) / Math.min(KILLS, requests))),
      );
      for (const n of points) {
        await withWorld(async (world) => {
          await prepare(world);
          await killedAt(world, n, command);
          await expectOrder(world, `killed at request ${n} of ${requests}`);
        });
      }
    },
    600_000,
  );
});
