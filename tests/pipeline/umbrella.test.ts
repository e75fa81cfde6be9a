import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_STAGES, STAGE_NAMES } from '../../src/pipeline/stage.ts';
import { canonicalDump } from '../helpers/canonical-dump.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { addShows } from '../helpers/pipeline.ts';
import { createTrr, type Trr } from '../helpers/trr.ts';
import {
  generatedImdbId,
  generatedShowId,
  generatedWorld,
  type Simulator,
  startSimulator,
} from '../simulator/index.ts';

let simulator: Simulator;
let empty: TestDatabase;
let trr: Trr;
/** Runs are queued here. */
let orders: TestDatabase;
let ordering: Trr;

beforeAll(async () => {
  simulator = await startSimulator({ world: generatedWorld({ shows: 2, seasons: 2 }) });
  empty = await createTestDatabase();
  trr = createTrr(empty, simulator);
  orders = await createTestDatabase();
  ordering = createTrr(orders, simulator);
});

afterAll(async () => {
  trr.close();
  await empty.drop();
  ordering.close();
  await orders.drop();
  await simulator.close();
});

describe.concurrent('on an empty database', { timeout: 120_000 }, () => {
  const commands: readonly string[][] = [
    ['sync'],
    ...STAGE_NAMES.map((stage) => ['sync', stage]),
    ['import', '--tmdb-list', '1'],
    ['import', '--tmdb-id', String(generatedShowId(1)), '--no-sync'],
    ['media', 'mirror'],
    ['media', 'prune'],
    ['media', 'reconcile'],
  ];
  it.each(commands.map((command) => [command.join(' ')]))(
    'trr %s --dry-run starts and ends well (B4)',
    async (line) => {
      const ran = await trr.run(...line.split(' '), '--dry-run');
      expect(ran, ran.stderr).toMatchObject({ code: 0 });
      expect(await empty.owner('select 1 from core.shows union all select 1 from pipeline.runs')).toEqual([]);
    },
  );
});

describe.concurrent('each flag alone reaches the run (B5)', { timeout: 120_000 }, () => {
  const decision = { force: false, incremental: true, resume: true, since: null };
  const filter = { all: false, showIds: [], tmdbIds: [], imdbIds: [] };
  const sync = { stages: DEFAULT_STAGES, decision, filter };
  const uuid = '00000000-0000-4000-8000-000000000001';
  const ofSync: readonly (readonly [string, object])[] = [
    ['', {}],
    ['--all', { filter: { ...filter, all: true } }],
    [`--show-id ${uuid}`, { filter: { ...filter, showIds: [uuid] } }],
    ['--tmdb-id 7', { filter: { ...filter, tmdbIds: [7] } }],
    ['--tmdb-show-id 7', { filter: { ...filter, tmdbIds: [7] } }],
    ['--imdb-id tt7', { filter: { ...filter, imdbIds: ['tt7'] } }],
    ['--imdb-series-id tt7', { filter: { ...filter, imdbIds: ['tt7'] } }],
    ['--limit 3', { filter: { ...filter, limit: 3 } }],
    ['--limit=-3', { filter: { ...filter, limit: 0 } }],
    ['--no-incremental', { decision: { ...decision, incremental: false } }],
    ['--no-resume', { decision: { ...decision, resume: false } }],
    ['--force', { decision: { ...decision, force: true } }],
    ['--since 2025-01-31', { decision: { ...decision, since: '2025-01-31T00:00:00.000Z' } }],
    ['--limit-cast 5', { limits: { cast: 5 } }],
    ['--gallery-limit 0', { limits: { gallery: 0 } }],
    ['--galleries', { limits: { galleries: true } }],
    ['--imdb-no-episodes', { limits: { imdbEpisodes: false } }],
    ['--imdb-no-cast', { limits: { imdbCast: false } }],
    ['--imdb-cast-overrides-url https://x.example/a.csv', { sheet: 'https://x.example/a.csv' }],
    ['seasons', { stages: ['seasons', 'totals'] }],
    ['watch_providers show_images', { stages: ['providers', 'show-images'] }],
    ['appearances,cast', { stages: ['cast', 'appearances'] }],
  ];
  const sources = { imdbLists: [], tmdbLists: ['1'], tmdbIds: [], imdbIds: [] };
  const without = (...left: string[]) => DEFAULT_STAGES.filter((stage) => !left.includes(stage));
  const ofImport: readonly (readonly [string, object])[] = [
    ['', {}],
    ['--tmdb-list 2', { sources: { ...sources, tmdbLists: ['1', '2'] } }],
    ['--imdb-list ls7', { sources: { ...sources, imdbLists: ['ls7'] } }],
    ['--tmdb-id 7', { sources: { ...sources, tmdbIds: [7] } }],
    ['--imdb-id tt7', { sources: { ...sources, imdbIds: ['tt7'] } }],
    ['--max-shows 2', { sources: { ...sources, maxShows: 2 } }],
    ['--tmdb-details-max-age-days 7', { sources: { ...sources, detailsMaxAgeDays: 7 } }],
    [
      '--tmdb-details-refresh',
      { sources: { ...sources, detailsMaxAgeDays: 0 }, decision: { ...decision, refresh: ['details', 'entities'] } },
    ],
    ['--skip-tmdb-external-ids', { sources: { ...sources, skipExternalIds: true } }],
    ['--tmdb-no-images', { stages: without('show-images', 'season-images') }],
    ['--tmdb-refresh-images', { decision: { ...decision, refresh: ['show-images', 'season-images'] } }],
    ['--tmdb-no-seasons', { stages: without('seasons', 'episodes', 'season-images', 'totals') }],
    [
      '--tmdb-refresh-seasons',
      { decision: { ...decision, refresh: ['seasons', 'episodes', 'season-images', 'totals'] } },
    ],
    ['--imdb-refresh-episodes', { decision: { ...decision, refresh: ['episodes', 'totals'] } }],
    ['--imdb-refresh-cast', { decision: { ...decision, refresh: ['people', 'cast', 'appearances'] } }],
    ['--no-sync', { stages: [] }],
    ['--force', { decision: { ...decision, force: true } }],
    ['--galleries', { limits: { galleries: true } }],
  ];
  const cases = [
    ...ofSync.map(([flags, wanted]) => ['sync', flags, { ...sync, ...wanted }] as const),
    ...ofImport.map(
      ([flags, wanted]) =>
        ['import --tmdb-list 1', flags, { stages: DEFAULT_STAGES, decision, sources, ...wanted }] as const,
    ),
  ];
  it.each(cases)('trr %s %s', async (command, flags, wanted) => {
    const words = `${command} ${flags}`.split(' ').filter((word) => word !== '');
    const ran = await ordering.run(...words, '--queue', '--json');
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
    const { run } = JSON.parse(ran.stdout) as { run: string };
    const [recorded] = await orders.owner('select command, params from pipeline.runs where id = $1', [run]);
    expect(recorded).toEqual({ command: words[0], params: wanted });
  });
});

it('what was recorded can be played again without the network, and gives the same tables (O8)', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'trr-record-'));
  const [live, replayed] = [await createTestDatabase(), await createTestDatabase()];
  const shows = [1, 2].map((id) => ({ tmdbId: generatedShowId(id), name: `Show ${id}`, imdbId: generatedImdbId(id) }));
  for (const database of [live, replayed]) await addShows(database, shows);
  const [first, second] = [createTrr(live, simulator), createTrr(replayed, null)];
  expect(await first.run('sync', '--record', folder)).toMatchObject({ code: 0 });
  const again = await second.run('sync', '--snapshots', folder, '--offline');
  expect(again, again.stderr).toMatchObject({ code: 0 });
  expect(await canonicalDump(replayed.url)).toBe(await canonicalDump(live.url));
  first.close();
  second.close();
  await live.drop();
  await replayed.drop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

it('progress is told while it happens, as lines of JSON where nobody looks (O3)', async () => {
  const database = await createTestDatabase();
  await addShows(
    database,
    [1, 2].map((id) => ({ tmdbId: generatedShowId(id), name: `Show ${id}` })),
  );
  const own = createTrr(database, simulator);
  simulator.setLatency(500);
  const ran = await own.run('sync', '--concurrency', '1');
  simulator.setLatency(0);
  const told = ran.stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ type }) => type === 'progress');
  expect(told.length).toBeGreaterThan(2);
  expect(told[0]).toMatchObject({ total: 2, done: 0, failed: 0, partial: 0, eta: null });
  expect(told.some(({ done, eta }) => done === 1 && Number(eta) > 0)).toBe(true);
  expect(told.at(-1)).toMatchObject({ total: 2, done: 2, failed: 0, eta: 0 });
  own.close();
  await database.drop();
}, 60_000);
