import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OwnerLink } from '../../src/pipeline/link.ts';
import { postgresPace } from '../../src/pipeline/pace/postgres.ts';
import { NO_RETRIES, RETRY_POLICIES, retryAfter } from '../../src/pipeline/retry.ts';
import { runSync } from '../../src/pipeline/runner.ts';
import { lastMoment, nightly, SCHEDULED_PRIORITY, serveTimetable } from '../../src/pipeline/schedule.ts';
import { createFetcher } from '../../src/sources/fetcher/fetcher.ts';
import { createTmdbSource } from '../../src/sources/tmdb/client.ts';
import type { SharedPace } from '../../src/sources/types.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { addShows, createHarness, type Harness, syncRequest, tmdbConfig } from '../helpers/pipeline.ts';
import { generatedShowId, generatedWorld, type Simulator, startSimulator } from '../simulator/index.ts';

const SHOWS = 6;
let database: TestDatabase;
let simulator: Simulator;
let harness: Harness;

beforeEach(async () => {
  simulator = await startSimulator({ world: generatedWorld({ shows: SHOWS, seasons: 1 }) });
  database = await createTestDatabase();
  harness = createHarness(database, simulator);
  await addShows(
    database,
    Array.from({ length: SHOWS }, (_, index) => ({ tmdbId: generatedShowId(index + 1), name: `Show ${index + 1}` })),
  );
});

afterEach(async () => {
  await harness.close();
  await simulator.close();
  await database.drop();
});

const count = async (table: string, where = 'true') =>
  Number((await database.owner(`select count(*)::int as n from ${table} where ${where}`))[0]?.['n']);

describe('a source that asks for patience', () => {
  it('fails no show, however long it says "too many" within the policy; its shows wait, visibly (S5)', async () => {
    const patient = { retries: 30, firstSeconds: 1, maxSeconds: 1 };
    const retry = { ...RETRY_POLICIES, default: { rate_limited: patient }, stages: {} };
    simulator.setFaults([{ fault: { kind: 'status', status: 429 } }]);
    const running = runSync({ ...harness.deps, retry }, syncRequest());
    // Far more refusals than any number of attempts inside one fetch.
    while (simulator.counts().total < SHOWS * 6) await sleep(50);
    const [waiting] = await database.owner(
      `select status, error_kind, http_status, attempt from pipeline.run_units where attempt > 1 limit 1`,
    );
    expect(waiting).toMatchObject({ status: 'pending', error_kind: 'rate_limited', http_status: 429 });
    expect(await count('core.sync_state', "status <> 'not_applicable'")).toBe(0);
    expect(await count('pipeline.run_events', "kind = 'postponed'")).toBeGreaterThan(SHOWS);
    simulator.setFaults([]);
    expect(await running).toMatchObject({ status: 'succeeded', shows: { total: SHOWS, done: SHOWS, failed: 0 } });
    expect(await count('pipeline.run_units', "status in ('failed', 'pending')")).toBe(0);
  }, 60_000);

  it('is given up in the end, each stage by its own policy', async () => {
    simulator.setFaults([{ fault: { kind: 'status', status: 503 } }]);
    const once = { retries: 1, firstSeconds: 1, maxSeconds: 1 };
    const retry = { default: {}, stages: { details: { transport: once } } };
    const summary = await runSync({ ...harness.deps, retry }, { ...syncRequest(), stages: ['details', 'seasons'] });
    expect(summary).toMatchObject({ status: 'failed', shows: { failed: SHOWS } });
    expect(
      await database.owner(`select distinct stage, attempt, status from pipeline.run_units order by stage`),
    ).toEqual([
      { stage: 'details', attempt: 2, status: 'failed' },
      { stage: 'seasons', attempt: 1, status: 'skipped' },
    ]);
  }, 30_000);

  it('waits longer each time, to a limit, and never for what no waiting mends', () => {
    const waits = Array.from({ length: 41 }, (_, tried) =>
      retryAfter(RETRY_POLICIES, 'details', 'rate_limited', tried, () => 0),
    );
    expect(waits.slice(0, 8)).toEqual([5, 10, 20, 40, 80, 160, 240, 240]);
    expect(waits[40]).toBeUndefined();
    expect(waits.reduce<number>((sum, wait) => sum + (wait ?? 0), 0)).toBeGreaterThan(2 * 3600);
    expect(retryAfter(RETRY_POLICIES, 'show-images', 'transport', 1)).toBeUndefined();
    expect(retryAfter(RETRY_POLICIES, 'details', 'not_found', 0)).toBeUndefined();
    expect(retryAfter(NO_RETRIES, 'details', 'rate_limited', 0)).toBeUndefined();
  });
});

/** Two processes as far as sources can tell: two fetchers that share nothing but the pace. */
async function twoAtOnce(pace: SharedPace, rate: number, requests: number): Promise<number> {
  const config = tmdbConfig(simulator, rate);
  const fetchers = [createFetcher({ config, pace }), createFetcher({ config, pace })];
  const begun = performance.now();
  await Promise.all(
    fetchers.map(async (fetcher) => {
      const tmdb = createTmdbSource(fetcher, config.tmdb);
      await Promise.all(
        Array.from({ length: requests / 2 }, (_, index) => tmdb.externalIds(generatedShowId(1 + (index % SHOWS)))),
      );
    }),
  );
  const seconds = (performance.now() - begun) / 1000;
  for (const fetcher of fetchers) await fetcher.close();
  return requests / seconds;
}

describe('the pace of all processes', () => {
  it('is kept in PostgreSQL: two together send no more than one may, and use what there is (S1)', async () => {
    await OwnerLink.with(database.url, async (link) => {
      const reached = await twoAtOnce(
        postgresPace(() => link),
        40,
        160,
      );
      expect(simulator.counts().total).toBe(160);
      // Without it there would be 80. Departures keep the pace exactly; a busy machine bunches what arrives by a few.
      expect(simulator.counts().perSecondHighWater).toBeLessThanOrEqual(44);
      expect(reached).toBeGreaterThan(25);
    });
  }, 30_000);

  it('falls back to each process for itself when nobody keeps it', async () => {
    await twoAtOnce(
      postgresPace(() => null),
      40,
      40,
    );
    expect(simulator.counts().total).toBe(40);
  }, 30_000);

  it('pauses for everybody when the source asks one of them to wait', async () => {
    await OwnerLink.with(database.url, async (link) => {
      const pace = postgresPace(() => link);
      expect(await pace.take('host', 1, 10)).toBeLessThanOrEqual(0);
      await pace.pause('host', 5_000);
      const wait = await pace.take('host', 2, 10);
      expect(wait).toBeGreaterThan(4_000);
      expect(await pace.take('host', 1, 10)).toBeGreaterThan(wait);
      expect(await pace.take('other', 1, 10)).toBeLessThanOrEqual(0);
    });
  });
});

describe('the timetable', () => {
  const timetable = { entries: [nightly('30 3 * * *', ['8301263'])], keepRunsDays: 90, keepChangesDays: 400 };
  const serve = (now: string) => serveTimetable(database.db, timetable, new Date(now), 'test');

  it('is served once for each moment by any number of workers, in order, behind what people ask for', async () => {
    expect(await serve('2026-03-01T12:00:00Z')).toEqual([]);
    expect(await serve('2026-03-02T03:29:59Z')).toEqual([]);
    const made = await Promise.all(Array.from({ length: 8 }, () => serve('2026-03-02T03:30:00Z')));
    expect(made.flat()).toHaveLength(2);
    const runs = await database.owner(
      `select r.command, r.priority, r.who, r.schedule, a.command as after from pipeline.runs r
       left join pipeline.runs a on a.id = r.after_run_id order by r.after_run_id nulls first`,
    );
    const common = { priority: SCHEDULED_PRIORITY, who: 'schedule nightly', schedule: 'nightly' };
    expect(runs).toEqual([
      { command: 'import', after: null, ...common },
      { command: 'sync', after: 'import', ...common },
    ]);
    // What has not ended does not pile up.
    expect(await serve('2026-03-03T04:00:00Z')).toEqual([]);
    await database.owner(`update pipeline.runs set status = 'succeeded', finished_at = now()`);
    // Several nights without a worker: the last one is served, late.
    expect(await serve('2026-03-06T15:00:00Z')).toHaveLength(2);
    expect(await serve('2026-03-06T16:00:00Z')).toEqual([]);
  });

  it('forgets runs that ended long ago, with their units and events', async () => {
    await database.owner(`insert into pipeline.runs (who, command, status, finished_at, started_at)
      values ('old', 'sync', 'succeeded', '2026-01-01', '2026-01-01'), ('new', 'sync', 'succeeded', '2026-05-01', '2026-05-01')`);
    await serve('2026-05-02T00:00:00Z');
    expect(await database.owner('select who from pipeline.runs')).toEqual([{ who: 'new' }]);
  });

  it('knows the newest moment that is not in the future', () => {
    const at = (now: string) => lastMoment('30 3 * * *', new Date(now)).toISOString();
    expect(at('2026-03-02T03:30:00Z')).toBe('2026-03-02T03:30:00.000Z');
    expect(at('2026-03-02T03:29:58Z')).toBe('2026-03-01T03:30:00.000Z');
  });
});
