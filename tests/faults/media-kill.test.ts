import { hash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IMAGE_TABLES } from '../../src/media/keys.ts';
import { createFilesystemStore } from '../../src/media/stores/filesystem.ts';
import { reconcile } from '../../src/media/upkeep/prune.ts';
import { rebuildUrls } from '../../src/media/upkeep/rebuild-urls.ts';
import { takeDown } from '../../src/media/upkeep/takedown.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createMediaHarness, type MediaHarness, s3Environment, s3Store } from '../helpers/media.ts';
import { createTrr, type Trr } from '../helpers/trr.ts';
import { brokenRows } from '../media/catalogue.ts';
import { type S3Server, startS3Server } from '../s3/server.ts';
import { generatedWorld, type Simulator, startSimulator } from '../simulator/index.ts';

/** At how many of its steps each command is killed here; `npm run test:faults` asks for `all` of them (about 230). */
const KILLS = process.env['TRR_TEST_MEDIA_KILLS'] ?? '1';
const STEPS = pathToFileURL(join(import.meta.dirname, 'steps.ts')).href;
const CDN = 'https://cdn.example.test';

const SHOW = '0a000000-0000-4000-8000-000000000001';
const SEASON = '0c000000-0000-4000-8000-000000000001';
const EPISODE = '0d000000-0000-4000-8000-000000000001';
const BEN = '0b000000-0000-4000-8000-000000000002';
const PHOTO = '0e000000-0000-4000-8000-000000000002';
const POSTER = '0f000000-0000-4000-8000-000000000001';

/** Four small pictures that five rows show. */
const CATALOGUE = `
insert into core.networks (id, name, tmdb_logo_path) values (123, 'Beta TV', '/logo-50x40.png');
insert into core.shows (id, name, imdb_id, tmdb_id) values ('${SHOW}', 'One', 'tt1234567', 10);
insert into core.seasons (id, show_id, season_number, name, poster_path, tmdb_series_id) values ('${SEASON}', '${SHOW}', 3, 'Season 3', '/poster-60x90.jpg', 10);
insert into core.episodes (id, season_id, show_id, season_number, episode_number, title, still_path)
values ('${EPISODE}', '${SEASON}', '${SHOW}', 3, 1, 'First', '/still-80x45.jpg');
insert into core.show_images (id, show_id, tmdb_id, source, kind, source_image_id, url, file_path) values
 ('${POSTER}', '${SHOW}', 10, 'tmdb', 'poster', '/poster-60x90.jpg', 'https://image.tmdb.org/t/p/original/poster-60x90.jpg', '/poster-60x90.jpg');
insert into core.people (id, full_name) values ('${BEN}', 'Ben');
insert into core.cast_photos (id, person_id, source, source_image_id, url, metadata)
values ('${PHOTO}', '${BEN}', 'tmdb', '/ben-40x60.jpg', 'https://image.tmdb.org/t/p/original/ben-40x60.jpg', '{"tmdb_person_id":5002}');`;
const FILES = 4;

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ world: generatedWorld({ shows: 1 }) });
});
afterAll(() => simulator.close());

/** What is under the keys, past the program. */
interface Files {
  list(): Map<string, Buffer>;
  put(key: string, bytes: Buffer): void;
  remove(key: string): void;
  /** What interrupted writes left behind. */
  leftovers(): string[];
}

interface World {
  readonly database: TestDatabase;
  readonly trr: Trr;
  readonly media: MediaHarness;
  readonly files: Files;
  readonly folder: string;
}

type StoreKind = 'filesystem' | 's3';

async function withWorld<T>(kind: StoreKind, work: (world: World) => Promise<T>): Promise<T> {
  const database = await createTestDatabase();
  const server = kind === 's3' ? await startS3Server() : undefined;
  const trr = createTrr(database, simulator, server === undefined ? {} : s3Environment(server, CDN));
  const folder = join(trr.env['TRR_DATA_DIR'] ?? '', 'media');
  const media = createMediaHarness(database, simulator.imageBaseUrl, {
    store: server === undefined ? createFilesystemStore(folder) : s3Store(server),
    base: server === undefined ? null : CDN,
    live: ['tmdb'],
  });
  try {
    await database.owner(CATALOGUE);
    return await work({
      database,
      trr,
      media,
      folder,
      files: server === undefined ? inFolder(folder) : onServer(server),
    });
  } finally {
    await media.close();
    trr.close();
    await server?.close();
    await database.drop();
  }
}

function inFolder(folder: string): Files {
  const names = (below: string) => {
    mkdirSync(join(folder, below), { recursive: true });
    return readdirSync(join(folder, below), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  };
  return {
    list: () => new Map(names('images').map((key) => [key, readFileSync(join(folder, key))])),
    put(key, bytes) {
      mkdirSync(dirname(join(folder, key)), { recursive: true });
      writeFileSync(join(folder, key), bytes);
    },
    remove: (key) => rmSync(join(folder, key)),
    leftovers: () => names('.incoming'),
  };
}

function onServer(server: S3Server): Files {
  return {
    list: () => new Map([...server.objects].map(([key, { body }]) => [key, body])),
    put: (key, bytes) => server.plant(key, bytes),
    remove: (key) => void server.objects.delete(key),
    leftovers: () => [],
  };
}

/** Runs a command up to its n-th step, or, without one, to its end. Answers its steps. */
async function stepsOf({ database, trr, folder }: World, command: readonly string[], killAt = 0): Promise<string[]> {
  const log = join(trr.env['HOME'] ?? '', 'steps');
  writeFileSync(log, '');
  Object.assign(trr.env, {
    NODE_OPTIONS: `--import ${STEPS}`,
    TRR_TEST_STEPS: log,
    TRR_TEST_STEPS_FOLDER: folder,
    TRR_TEST_KILL_AT: String(killAt),
  });
  const { code, signal, stderr } = await trr.run('media', ...command);
  const steps = readFileSync(log, 'utf8').split('\n').slice(0, -1);
  // The order of what goes on at once may differ, and with it how many steps there are: a run may end before the one it was to die at.
  expect(signal === 'SIGKILL' || steps.length < killAt || killAt === 0, `${steps.length} steps, ${stderr}`).toBe(true);
  if (signal === null) expect([code, stderr]).toEqual([0, '']);
  // What it had under way in the database ends before anybody looks.
  for (let sessions = 1; sessions > 0; ) {
    const [row] = await database.owner<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name like 'trr%'`,
    );
    sessions = row?.n ?? 0;
  }
  return steps;
}

/** Everything rows and store say about images, without times. */
async function snapshot({ database, files }: World): Promise<string> {
  const parts = await Promise.all(
    [
      `select table_name, row_key, source_url, hosted_key, hosted_url, hosted_sha256, hosted_bytes, live from media.images`,
      `select sha256, key, bytes, width, height, etag, placeholder, condemned_at is null as wanted, variants_at is null as without, variants_error from media.objects`,
      `select sha256, size, width, height, format, key, bytes from media.variants`,
      `select key, sha256 from media.aliases`,
      `select table_name, row_key, source_url, state, reason, sha256 from media.fetch_state`,
      `select sha256, source_url, reason, lifted_at is null as holds from media.takedowns`,
      `select key from media.removals where done_at is null`,
      `select key from media.strays`,
      `select table_name, row_key, field, value from core.overrides`,
    ].map((text) => database.owner(`select to_jsonb(t)::text as row from (${text}) t order by 1`)),
  );
  const stored = [...files.list()].map(([key, bytes]) => `${key} ${hash('md5', bytes, 'hex')}`).sort();
  return [...parts.map((rows) => rows.map(({ row }) => row).join('\n')), stored.join('\n')].join('\n--\n');
}

const broken = ({ database, files }: World) => brokenRows(database, [...files.list().keys()]);

/** What an operator does: store and database brought into agreement, what is due fetched and made, addresses written anew. */
async function recover({ media }: World): Promise<void> {
  const request = { graceHours: 0, force: true, dryRun: false, verify: true };
  expect((await reconcile(media.deps, request)).failed).toEqual([]);
  expect(await media.mirror()).toMatchObject({ failed: 0 });
  expect(await media.variants()).toMatchObject({ failed: 0 });
  const { db, base } = media.deps;
  if (base !== null)
    await rebuildUrls(db, { tables: IMAGE_TABLES, showIds: [], personIds: [], base, batch: 200, dryRun: false });
  expect(await reconcile(media.deps, request)).toMatchObject({ failed: [], missing: [], damaged: [] });
}

/** After recovery: no wrong row, no orphan, nothing half written; and rows and store as if the kill had not been. */
async function settled(world: World, when: string): Promise<string> {
  await recover(world);
  expect(await broken(world), when).toEqual([]);
  const known = await world.database.owner<{ key: string }>(
    'select key from media.known_keys order by key collate "C"',
  );
  expect([...world.files.list().keys()].sort(), when).toEqual(known.map(({ key }) => key));
  expect(world.files.leftovers(), when).toEqual([]);
  return snapshot(world);
}

type Prepare = (world: World) => Promise<void>;

const nothing: Prepare = async () => undefined;
const fetched: Prepare = async ({ media }) => {
  expect(await media.mirror()).toMatchObject({ failed: 0, files: FILES });
};
const whole: Prepare = async (world) => {
  await fetched(world);
  await world.media.variants();
};
const replaced: Prepare = async (world) => {
  await whole(world);
  await world.database.owner(
    `update core.show_images set url = 'https://image.tmdb.org/t/p/original/new-30x45.jpg', file_path = '/new-30x45.jpg' where id = '${POSTER}'`,
  );
};
const orphaned: Prepare = async (world) => {
  await whole(world);
  await world.database.owner('delete from core.episodes where id = $1', [EPISODE]);
  world.files.put('images/shows/nobody/poster/tmdb/x.jpg', Buffer.from('x'));
};
const disordered: Prepare = async (world) => {
  await orphaned(world);
  const keyOf = async (table: string) => {
    const [row] = await world.database.owner<{ key: string }>(
      'select hosted_key as key from media.images where table_name = $1',
      [table],
    );
    return row?.key ?? '';
  };
  world.files.remove(await keyOf('cast_photos'));
  world.files.put(await keyOf('seasons'), Buffer.from('rotten'));
  world.files.remove((await keyOf('networks')).replace('.png', '-200.avif'));
};
const hidden: Prepare = async (world) => {
  await whole(world);
  const target = { contents: [], keys: [], addresses: [], images: [`episodes:${EPISODE}`] };
  await takeDown(world.media.deps, target, { reason: 'asked', actor: 'test', dryRun: false });
};
const moved: Prepare = async (world) => {
  await whole(world);
  await world.database.owner(`update core.seasons set hosted_url = 'https://old.example.test/x' where hosted_key is not null;
    update core.networks set hosted_logo_url = 'https://old.example.test/y' where hosted_logo_key is not null`);
};

const COMMANDS: readonly (readonly [string, Prepare, readonly string[]])[] = [
  ['mirror', nothing, ['mirror', '--no-variants', '--concurrency', '2']],
  ['mirror of another address, then prune', replaced, ['mirror', '--force', '--prune', '--concurrency', '2']],
  ['variants', fetched, ['mirror']],
  ['prune', orphaned, ['prune', '--grace-hours', '0', '--force']],
  ['reconcile', disordered, ['reconcile', '--grace-hours', '0', '--force', '--verify']],
  ['takedown', whole, ['takedown', '--image', `show_images:${POSTER}`, '--reason', 'asked']],
  ['takedown --lift', hidden, ['takedown', '--lift', '--url', 'https://image.tmdb.org/t/p/original/still-80x45.jpg']],
  ['rebuild-urls', moved, ['rebuild-urls']],
];
const STORES: readonly StoreKind[] = ['filesystem', 's3'];
const CASES = STORES.flatMap((kind) =>
  COMMANDS.filter(([name]) => kind === 's3' || name !== 'rebuild-urls').map((command) => [kind, ...command] as const),
);

function chosen(steps: number): number[] {
  const points = KILLS === 'all' ? steps : Math.min(Number(KILLS), steps);
  return Array.from({ length: points }, (_, i) => Math.floor((steps * (i + 0.5)) / points) + 1);
}

describe('C6: kill -9 at every step', () => {
  it.each(CASES)(
    '%s, %s: no wrong row at any time; after reconciliation no orphan and nothing lost',
    async (kind, name, prepare, command) => {
      const { steps, after } = await withWorld(kind, async (world) => {
        await prepare(world);
        return { steps: await stepsOf(world, command), after: await settled(world, `${name}, undisturbed`) };
      });
      expect(steps.length).toBeGreaterThan(0);
      let before: string | undefined;
      for (const n of chosen(steps.length)) {
        await withWorld(kind, async (world) => {
          await prepare(world);
          const already = await broken(world);
          const done = await stepsOf(world, command, n);
          const when = `${name} killed before step ${n} of ${steps.length}: ${done.at(-1)}`;
          expect(
            (await broken(world)).filter((one) => !already.includes(one)),
            when,
          ).toEqual([]);
          const end = await settled(world, when);
          if (end === after) return;
          // What is decided in one commit has happened or has not: both are right, and nothing between.
          before ??= await withWorld(kind, async (other) => {
            await prepare(other);
            return settled(other, `${name}, not run`);
          });
          expect(end, when).toBe(before);
        });
      }
      if (KILLS === 'all') process.stdout.write(`${kind}, ${name}: killed at each of ${steps.length} steps\n`);
    },
    3_600_000,
  );
});
