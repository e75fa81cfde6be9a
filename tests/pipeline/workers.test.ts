import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { canonicalDump } from '../helpers/canonical-dump.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createTrr, type RunningTrr, type Trr } from '../helpers/trr.ts';
import {
  GENERATED_LIST,
  generatedImdbId,
  generatedShowId,
  generatedWorld,
  type Simulator,
  startSimulator,
} from '../simulator/index.ts';

const SHOWS = 12;
let simulator: Simulator;
let database: TestDatabase;
let trr: Trr;
let expected: string;
const workers: RunningTrr[] = [];

beforeAll(async () => {
  simulator = await startSimulator({ world: generatedWorld({ shows: SHOWS, seasons: 2 }) });
  const whole = await createTestDatabase();
  await addAll(whole);
  const alone = createTrr(whole, simulator);
  expect(await alone.run('sync')).toMatchObject({ code: 0 });
  expected = await canonicalDump(whole.url);
  alone.close();
  await whole.drop();
}, 60_000);

afterAll(() => simulator.close());

beforeEach(async () => {
  simulator.setFaults([]);
  simulator.setLatency(0);
  simulator.reset();
  database = await createTestDatabase();
  trr = createTrr(database, simulator, { TRR_NIGHTLY: 'off', LOG_LEVEL: 'warn' });
  await addAll(database);
  return async () => {
    for (const { child } of workers.splice(0)) child.kill('SIGKILL');
    trr.close();
    await database.drop();
  };
});

function addAll(target: TestDatabase): Promise<unknown> {
  const ids = Array.from({ length: SHOWS }, (_, index) => index + 1);
  return target.owner(
    'insert into core.shows (name, tmdb_id, imdb_id) select * from unnest($1::text[], $2::int4[], $3::text[])',
    [ids.map((id) => `Show ${id}`), ids.map(generatedShowId), ids.map((id) => generatedImdbId(id))],
  );
}

async function startWorker(...args: string[]): Promise<RunningTrr> {
  const before = await count('pipeline.workers');
  const worker = trr.start('worker', '--concurrency', '4', ...args);
  workers.push(worker);
  await until(async () => (await count('pipeline.workers')) > before);
  return worker;
}

async function until(condition: () => Promise<boolean>, limitMs = 30_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('waited in vain');
    await sleep(50);
  }
}

async function count(table: string, where = 'true'): Promise<number> {
  const [row] = await database.owner<{ n: number }>(`select count(*)::int as n from ${table} where ${where}`);
  return row?.n ?? 0;
}

/** Stages that succeeded twice for a show, over all runs. */
const repeated = () =>
  database.owner(`select stage, show_id, attempt from pipeline.run_units where status = 'succeeded' and attempt > 1
    union all select stage, show_id, count(*)::int from pipeline.run_units where status = 'succeeded'
    group by 1, 2 having count(*) > 1`);

const leases = () =>
  database.owner(
    `select 1 from pg_locks l join pg_database d on d.oid = l.database where l.locktype = 'advisory' and d.datname = current_database()`,
  );

describe('trr worker', () => {
  it('carries out what is queued; trr sync hands over, tells the end and its exit code', async () => {
    await Promise.all([startWorker(), startWorker()]);
    const run = await trr.run('sync', '--json');
    expect(run).toMatchObject({ code: 0 });
    const summary = JSON.parse(run.stdout.trim().split('\n').at(-1) ?? '{}');
    expect(summary).toMatchObject({
      type: 'summary',
      status: 'succeeded',
      shows: { total: SHOWS, done: SHOWS, failed: 0 },
    });
    expect(await canonicalDump(database.url)).toBe(expected);
    expect(await repeated()).toEqual([]);
    expect(await database.owner('select mode, status, shows_total from pipeline.runs')).toEqual([
      { mode: 'workers', status: 'succeeded', shows_total: SHOWS },
    ]);
    expect(await leases()).toEqual([]);
    const [queues] = await database.owner(`select count(*)::int as n from pgboss.queue where name like 'run-%'`);
    expect(queues).toEqual({ n: 0 });
    const follow = await trr.run('runs', 'follow', '--json');
    expect(follow.code).toBe(0);
    const events = follow.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { seq: string; kind: string });
    expect(events.map(({ seq }) => Number(seq))).toEqual(events.map((_, index) => index + 1));
    expect(events.map(({ kind }) => kind).filter((kind) => kind !== 'unit')).toEqual([
      'queued',
      'started',
      'planned',
      'finished',
    ]);
  }, 60_000);

  it('ends by itself with --once, and takes only the runs of its stages', async () => {
    expect(await trr.run('sync', 'details', '--queue', '--imdb-id', generatedImdbId(1) ?? '')).toMatchObject({
      code: 0,
    });
    expect(await trr.run('worker', '--once', '--stages', 'lists')).toMatchObject({ code: 0 });
    expect(await count('pipeline.run_units')).toBe(0);
    expect(await trr.run('worker', '--once', '--stages', 'details')).toMatchObject({ code: 0 });
    expect(await database.owner('select stage, status from pipeline.run_units')).toEqual([
      { stage: 'details', status: 'succeeded' },
    ]);
    expect(await trr.run('worker', '--stages', 'nonsense')).toMatchObject({ code: 2 });
  }, 60_000);

  it('takes over from a killed worker within 30 s, and does nothing twice', async () => {
    simulator.setLatency(150);
    const first = await startWorker();
    await trr.run('sync', '--queue');
    await until(async () => (await count('pipeline.run_units', "status = 'succeeded'")) > 15);
    first.child.kill('SIGKILL');
    await first.finished;
    await until(async () => (await leases()).length === 0);
    const killed = performance.now();
    const held = await database.owner<{ id: string }>(`select id from pgboss.job where state = 'active'`);
    expect(held.length).toBeGreaterThan(0);
    await startWorker();
    await until(
      async () =>
        (await count('pgboss.job', `id = any('{${held.map(({ id }) => id).join()}}') and retry_count > 0`)) > 0,
    );
    expect(performance.now() - killed).toBeLessThan(30_000);
    expect(await trr.run('runs', 'follow')).toMatchObject({ code: 0 });
    expect(await canonicalDump(database.url)).toBe(expected);
    expect(await repeated()).toEqual([]);
  }, 90_000);

  it('stops on SIGTERM within 10 s and leaves the rest to the others at once', async () => {
    simulator.setLatency(150);
    const first = await startWorker();
    await trr.run('sync', '--queue');
    await until(async () => (await count('pipeline.run_units', "status = 'succeeded'")) > 5);
    const begun = performance.now();
    first.child.kill('SIGTERM');
    expect(await first.finished).toMatchObject({ code: 0 });
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(await count('pgboss.job', "state = 'active'")).toBe(0);
    expect(await count('pipeline.workers')).toBe(0);
    await startWorker();
    expect(await trr.run('runs', 'follow')).toMatchObject({ code: 0 });
    expect(await canonicalDump(database.url)).toBe(expected);
    expect(await repeated()).toEqual([]);
  }, 60_000);

  it('goes on with an import where another was stopped: no candidate is stored twice, none is forgotten', async () => {
    simulator.setLatency(100);
    const first = await startWorker();
    await trr.run('import', '--tmdb-list', GENERATED_LIST, '--queue');
    await until(async () => (await count('pipeline.run_units', "stage = 'details' and status = 'succeeded'")) > 2);
    first.child.kill('SIGTERM');
    await first.finished;
    const listed = await count('pipeline.run_units', "stage = 'lists' and status = 'succeeded'");
    expect(listed).toBeGreaterThan(await count('pipeline.run_shows'));
    await startWorker();
    expect(await trr.run('runs', 'follow')).toMatchObject({ code: 0 });
    expect(await repeated()).toEqual([]);
    expect(await database.owner('select status, shows_total from pipeline.runs')).toEqual([
      { status: 'succeeded', shows_total: SHOWS },
    ]);
  }, 60_000);

  it('holds at most three connections while it is idle', async () => {
    await startWorker();
    await sleep(3_000);
    const mine = await database.owner(
      `select application_name from pg_stat_activity where datname = current_database() and application_name like 'trr %'`,
    );
    expect(mine.length).toBeGreaterThan(0);
    expect(mine.length).toBeLessThanOrEqual(3);
  }, 30_000);
});

describe('runs of workers', () => {
  it('are cancelled and resumed; what succeeded is not done again, also when forced', async () => {
    // One show is not answered while the run is to be cancelled, so that it cannot be over before.
    simulator.setFaults([{ on: `/tv/${generatedShowId(SHOWS)}`, fault: { kind: 'latency', ms: 60_000 } }]);
    await startWorker();
    await trr.run('sync', '--queue', '--force');
    await until(async () => (await count('pipeline.run_units', "status = 'succeeded'")) > 5);
    const [run] = await database.owner<{ id: string }>('select id from pipeline.runs');
    const id = run?.id ?? '';
    expect(await trr.run('runs', 'cancel', id.slice(0, 8))).toMatchObject({ code: 0 });
    expect(await trr.run('runs', 'follow', id)).toMatchObject({ code: 130 });
    expect(await count('pipeline.runs', "status = 'cancelled'")).toBe(1);
    expect(await leases()).toEqual([]);
    simulator.setFaults([]);
    expect(await trr.run('runs', 'resume', id)).toMatchObject({ code: 0 });
    expect(await canonicalDump(database.url)).toBe(expected);
    expect(await repeated()).toEqual([]);
    expect(await database.owner('select status, shows_total from pipeline.runs')).toEqual([
      { status: 'succeeded', shows_total: SHOWS },
    ]);
    expect(await trr.run('runs', 'resume', id)).toMatchObject({ code: 2 });
  }, 60_000);

  it('go by priority, and wait for the run they come after (O5)', async () => {
    await trr.run('sync', 'details', '--queue', '--imdb-id', generatedImdbId(1) ?? '', '--priority=-5');
    await trr.run('sync', 'details', '--queue', '--imdb-id', generatedImdbId(2) ?? '', '--priority', '5');
    await trr.run('sync', 'details', '--queue', '--imdb-id', generatedImdbId(3) ?? '');
    await database.owner(
      `update pipeline.runs set after_run_id = (select id from pipeline.runs where priority = -5) where priority = 0`,
    );
    expect(await trr.run('worker', '--once')).toMatchObject({ code: 0 });
    const runs = await database.owner('select priority from pipeline.runs order by started_at');
    expect(runs.map(({ priority }) => priority)).toEqual([5, -5, 0]);
  }, 60_000);
});
