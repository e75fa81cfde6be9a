import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { canonicalDump } from '../helpers/canonical-dump.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createTrr, type RunningTrr } from '../helpers/trr.ts';
import {
  generatedImdbId,
  generatedShowId,
  generatedWorld,
  type Simulator,
  startSimulator,
} from '../simulator/index.ts';

/** `.ci/long` asks for 200 shows and 50 kills. */
const SHOWS = Number(process.env['TRR_TEST_SHOWS'] ?? 24);
const KILLS = Number(process.env['TRR_TEST_WORKER_KILLS'] ?? 4);
/** What a flaky day at the source looks like: it passes, so it must leave no trace. */
const FAULTS = [
  { fault: { kind: 'status', status: 429, retryAfter: 1 }, skip: 40, times: 6 },
  { fault: { kind: 'reset' }, skip: 25, times: 2 },
  { fault: { kind: 'truncated' }, skip: 90, times: 1 },
  { fault: { kind: 'status', status: 503 }, skip: 130, times: 2 },
] as const;

let simulator: Simulator;
let expected: string;

beforeAll(async () => {
  simulator = await startSimulator({ world: generatedWorld({ shows: SHOWS, seasons: 2 }) });
  const whole = await createTestDatabase();
  await addAll(whole);
  const trr = createTrr(whole, simulator);
  expect(await trr.run('sync')).toMatchObject({ code: 0 });
  expected = await canonicalDump(whole.url);
  trr.close();
  await whole.drop();
}, 120_000);

afterAll(() => simulator.close());

function addAll(target: TestDatabase): Promise<unknown> {
  const ids = Array.from({ length: SHOWS }, (_, index) => index + 1);
  return target.owner(
    'insert into core.shows (name, tmdb_id, imdb_id) select * from unnest($1::text[], $2::int4[], $3::text[])',
    [ids.map((id) => `Show ${id}`), ids.map(generatedShowId), ids.map((id) => generatedImdbId(id))],
  );
}

/** Also kills the server itself: not in the suite, whose other tests share it. */
const CRASH = process.env['TRR_TEST_CRASH'] === '1';

/** Takes the database away: all sessions of the program at once, or kill -9 and recovery of the whole server. */
async function killDatabase(database: TestDatabase): Promise<void> {
  const sessions = await database.owner<{ pid: number }>(
    `select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and application_name like 'trr %'`,
  );
  // One killed process makes the server end all others and recover.
  if (CRASH && sessions[0] !== undefined) process.kill(sessions[0].pid, 'SIGKILL');
  else
    await database.owner('select pg_terminate_backend(pid) from unnest($1::int4[]) pid', [
      sessions.map(({ pid }) => pid),
    ]);
}

/** The tests' own questions survive what they do to the server. */
async function persistently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries > 100) throw error;
      await sleep(200);
    }
  }
}

it('two workers, killed again and again with their database under a flaky source, end like one run that was left alone', async () => {
  const database = await createTestDatabase();
  await addAll(database);
  const trr = createTrr(database, simulator, { TRR_NIGHTLY: 'off', LOG_LEVEL: 'error' });
  simulator.setLatency(20);
  simulator.setFaults([...FAULTS]);
  const start = (): RunningTrr => trr.start('worker', '--concurrency', '4');
  const workers = [start(), start()];
  const finished = async () =>
    (await persistently(() => database.owner(`select 1 from pipeline.runs where finished_at is not null`))).length > 0;
  expect(await trr.run('sync', '--queue')).toMatchObject({ code: 0 });
  const through = async () =>
    (await persistently(() => database.owner<{ n: number }>('select count(*)::int as n from pipeline.run_shows')))[0]
      ?.n ?? 0;
  // Moments of the run, not of the clock: a fast machine is killed as often as a slow one.
  const moments = Array.from({ length: KILLS }, () => Math.random() * 0.75 * SHOWS).sort((a, b) => a - b);
  const late = performance.now() + 240_000;
  for (const moment of moments) {
    while ((await through()) < moment) {
      if (performance.now() > late) throw new Error(`the run is stuck at ${await through()} shows`);
      await sleep(20);
    }
    await sleep(Math.random() * 200);
    expect(await finished(), 'the run was over too soon to be killed often').toBe(false);
    if (Math.random() < 0.3) await persistently(() => killDatabase(database));
    else {
      const victim = Math.floor(Math.random() * workers.length);
      workers[victim]?.child.kill('SIGKILL');
      await workers[victim]?.finished;
      workers[victim] = start();
    }
  }
  const end = performance.now() + 240_000;
  while (!(await finished())) {
    if (performance.now() > end) throw new Error('the run does not end');
    await sleep(200);
  }
  for (const { child } of workers) child.kill('SIGTERM');
  for (const { finished: gone } of workers) await gone;
  expect(
    await database.owner(
      `select stage, status, error_kind, error_detail from pipeline.run_units where status not in ('succeeded', 'not_applicable')`,
    ),
  ).toEqual([]);
  expect(
    await database.owner(`select status, shows_total, counts -> 'shows' ->> 'done' as done from pipeline.runs`),
  ).toEqual([{ status: 'succeeded', shows_total: SHOWS, done: String(SHOWS) }]);
  expect(await canonicalDump(database.url)).toBe(expected);
  // An event is written in the transaction of its unit: two successes of one would leave two.
  const twice = await database.owner(
    `select payload ->> 'stage' as stage, payload ->> 'subject' as subject, count(*)::int as n from pipeline.run_events
     where kind = 'unit' and payload ->> 'status' = 'succeeded' group by 1, 2 having count(*) > 1`,
  );
  expect(twice).toEqual([]);
  const leases = await database.owner(
    `select 1 from pg_locks l join pg_database d on d.oid = l.database where l.locktype = 'advisory' and d.datname = current_database()`,
  );
  expect(leases).toEqual([]);
  expect(await database.owner(`select 1 from pgboss.queue where name like 'run-%'`)).toEqual([]);
  trr.close();
  await database.drop();
}, 900_000);
