import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { canonicalDump } from '../helpers/canonical-dump.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { writeMark } from '../helpers/pipeline.ts';
import { createTrr, type Trr } from '../helpers/trr.ts';
import { generatedShowId, generatedWorld, type Simulator, startSimulator } from '../simulator/index.ts';

let database: TestDatabase;
let simulator: Simulator;
let trr: Trr;
const SHOWS = 12;
const ids = Array.from({ length: SHOWS }, (_, index) => generatedShowId(index + 1));
const named = ids.flatMap((id) => ['--tmdb-id', String(id)]);

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ world: generatedWorld({ shows: SHOWS, seasons: 2 }) });
  trr = createTrr(database, simulator);
});

afterAll(async () => {
  trr.close();
  await simulator.close();
  await database.drop();
});

beforeEach(() => {
  simulator.setFaults([]);
  simulator.setLatency(0);
  simulator.reset();
});

describe('bad input (I5)', () => {
  const cases: readonly [string[], RegExp][] = [
    [['sync', '--bogus'], /--bogus/],
    [['sync', 'seasonz'], /unknown stage "seasonz": use resolve, details/],
    [['sync', '--tmdb-id', '12x'], /--tmdb-id must be a whole number/],
    [['sync', '--imdb-id', 'nm0000001'], /--imdb-id must be "tt" and digits/],
    [['sync', '--show-id', '7'], /--show-id must be a UUID/],
    [['sync', '--since', 'yesterday'], /--since must be a date/],
    [['sync', '--since', '2025-02-30'], /--since must be a date/],
    [['sync', '--limit', 'ten'], /--limit must be a whole number/],
    [['sync', '--concurrency', '0'], /--concurrency must be a whole number/],
    [['sync', '--offline'], /--offline needs --snapshots/],
    [['import'], /nothing to import/],
    [['import', '--tmdb-list', 'best-of'], /--tmdb-list must be a number/],
    [['import', 'extra', '--tmdb-id', '1'], /unexpected argument "extra"/],
    [['runs', 'show', 'not-an-id'], /run id must be/],
  ];
  it.each(cases)('trr %j', async (args, message) => {
    const before = await writeMark(database);
    const result = await trr.run(...args);
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
    expect(result.stderr).toMatch(message);
    expect(result.code).toBe(2);
    expect(await writeMark(database)).toBe(before);
    expect(simulator.counts().total).toBe(0);
  });

  it('says that the TMDb key is missing', async () => {
    const keyless = createTrr(database, null);
    const result = await keyless.run('sync');
    expect(result).toMatchObject({ code: 2, stderr: expect.stringMatching(/TMDB_BEARER_TOKEN or TMDB_API_KEY/) });
    keyless.close();
  });

  it('says that the database cannot be reached', async () => {
    const lost = createTrr(null, simulator, { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' });
    const result = await lost.run('sync');
    expect(result.code).toBe(1);
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
    expect(result.stderr).toMatch(/127\.0\.0\.1:1/);
    lost.close();
  });

  it('refuses a snapshot folder that is not one', async () => {
    const folder = path.dirname(trr.env.TRR_DATA_DIR ?? '');
    writeFileSync(path.join(folder, 'index.json'), '{"entries": [');
    const result = await trr.run('import', '--tmdb-id', '1', '--snapshots', folder, '--offline');
    expect(result.code).toBe(2);
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
    expect(result.stderr).toMatch(/index\.json/);
  });

  it('refuses a list file that is not one', async () => {
    const file = path.join(path.dirname(trr.env.TRR_DATA_DIR ?? ''), 'lists.json');
    writeFileSync(file, '["1"]');
    const result = await trr.run('import', '--config', file);
    expect(result).toMatchObject({ code: 2, stderr: expect.stringMatching(/must be an object like/) });
  });
});

describe('trr import and sync', () => {
  it('says so when no show matches', async () => {
    expect(await trr.run('sync')).toMatchObject({ code: 0, stdout: expect.stringMatching(/no shows matched/) });
    expect(await trr.run('sync', '--tmdb-id', '4711')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/no stored show has tmdb 4711/),
    });
  });

  it('prints a plan and leaves no trace on a dry run', async () => {
    const before = await canonicalDump(database.url);
    const records = await database.owner('select count(*)::int as runs from pipeline.runs');
    const result = await trr.run('import', ...named, '--dry-run', '--json');
    expect(result.code).toBe(0);
    const lines = result.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; table?: string });
    expect(lines.filter(({ table }) => table === 'core.episodes')).toHaveLength(SHOWS);
    expect(await canonicalDump(database.url)).toBe(before);
    expect(await database.owner('select count(*)::int as runs from pipeline.runs')).toEqual(records);
  });

  it('one bad candidate does not stop the others (R5)', async () => {
    const bad = ids[5] ?? 0;
    simulator.setFaults([{ on: `/tv/${bad}`, fault: { kind: 'status', status: 404 } }]);
    const result = await trr.run('import', ...named, '--json');
    expect(result.code).toBe(3);
    const [stored] = await database.owner('select count(*)::int as shows from core.shows');
    expect(stored).toEqual({ shows: SHOWS - 1 });
    for (const words of [['list'], ['show']]) {
      const told = await trr.run('runs', ...words, '--json');
      expect(
        told.stdout
          .trim()
          .split('\n')
          .map((line) => typeof JSON.parse(line)),
      ).toEqual(['object']);
    }
    const shown = await trr.run('runs', 'show');
    expect(shown.stdout).toMatch(new RegExp(`failed lists of tmdb:${bad}: not_found \\(tmdb 404\\)`));
    expect(shown.stdout).toMatch(/requests {2}127\.0\.0\.1:\d+: \d+/);

    simulator.setFaults([]);
    simulator.reset();
    expect(await trr.run('import', ...named)).toMatchObject({ code: 0 });
    const asked = new Set(simulator.requests().map((request) => request.path.split('/')[2]));
    expect(asked).toEqual(new Set([String(bad)]));
  });

  it('ends with 1 when everything failed and with 3 when something did (O1)', async () => {
    simulator.setFaults([{ fault: { kind: 'status', status: 404 } }]);
    expect(await trr.run('sync', '--force')).toMatchObject({ code: 1 });
    simulator.setFaults([{ on: `/tv/${ids[0]}`, fault: { kind: 'status', status: 404 } }]);
    expect(await trr.run('sync')).toMatchObject({ code: 3 });
    simulator.setFaults([]);
    expect(await trr.run('sync')).toMatchObject({ code: 0 });
    expect(await trr.run('sync')).toMatchObject({ code: 0, stdout: expect.stringMatching(/up to date/) });
  });

  it('works through stale shows with --limit, each once (I4)', async () => {
    await database.owner(`update core.sync_state set last_success_at = last_success_at - interval '200 days'`);
    for (let step = 0; step < 3; step++) expect(await trr.run('sync', '--limit', '4')).toMatchObject({ code: 0 });
    const [units] = await database.owner(`select count(*)::int as units, count(distinct show_id)::int as shows
      from pipeline.run_units where stage = 'details' and run_id in (
        select id from pipeline.runs where command = 'sync' order by created_at desc limit 3)`);
    expect(units).toEqual({ units: SHOWS, shows: SHOWS });
  });

  it('ends within ten seconds after SIGTERM, and the next run completes the work (R6)', async () => {
    const before = await canonicalDump(database.url);
    simulator.setLatency(150);
    const running = trr.start('sync', '--force', '--concurrency', '2');
    while (simulator.counts().total < 4 && running.child.exitCode === null) await sleep(20);
    const begun = performance.now();
    running.child.kill('SIGTERM');
    const ended = await running.finished;
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(ended.code).toBe(130);
    const [run] = await database.owner(
      'select status, finished_at is not null as finished from pipeline.runs order by created_at desc limit 1',
    );
    expect(run).toEqual({ status: 'cancelled', finished: true });
    simulator.setLatency(0);
    expect(await trr.run('sync')).toMatchObject({ code: 0 });
    expect(await canonicalDump(database.url)).toBe(before);
  });
});

describe('two runs at once (R3)', () => {
  it('work on each show once and end in the same database', async () => {
    const shared = await createTestDatabase();
    const [a, b] = [createTrr(shared, simulator), createTrr(shared, simulator)];
    simulator.setLatency(20);
    await shared.owner(
      'insert into core.shows (name, tmdb_id, imdb_id) select * from unnest($1::text[], $2::int4[], $3::text[])',
      [
        ids.map((id) => simulator.state.show(id)?.name ?? '?'),
        ids,
        ids.map((id) => simulator.state.show(id)?.external_ids.imdb_id ?? null),
      ],
    );
    const ended = await Promise.all([a.run('sync'), b.run('sync')]);
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    const twice = await shared.owner(`select stage, show_id from pipeline.run_units where status = 'succeeded'
      group by 1, 2 having count(*) > 1`);
    expect(twice).toEqual([]);
    const [units] = await shared.owner(`select count(*)::int as n from pipeline.run_units where stage = 'episodes'`);
    expect(units).toEqual({ n: SHOWS });
    a.close();
    b.close();
    await shared.drop();
  });
});
