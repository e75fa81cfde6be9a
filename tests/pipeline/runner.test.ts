import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_STAGES } from '../../src/pipeline/stage.ts';
import { canonicalDump } from '../helpers/canonical-dump.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { ALL_SHOWS, addShows, createHarness, type Harness, INCREMENTAL, writeMark } from '../helpers/pipeline.ts';
import {
  addEpisode,
  dropSeason,
  type Simulator,
  SURVIVOR_US,
  startSimulator,
  survivorWorld,
} from '../simulator/index.ts';

let database: TestDatabase;
let simulator: Simulator;
let harness: Harness;

beforeAll(async () => {
  database = await createTestDatabase({ poolMax: 8 });
  simulator = await startSimulator({ world: survivorWorld() });
  harness = createHarness(database, simulator);
  await addShows(
    database,
    [...simulator.state.showIds()].map((tmdbId) => ({ tmdbId, name: simulator.state.show(tmdbId)?.name ?? '?' })),
  );
});

afterAll(async () => {
  await harness.close();
  await simulator.close();
  await database.drop();
});

beforeEach(() => {
  simulator.reset();
  simulator.setFaults([]);
});

const us = { ...ALL_SHOWS, all: false, tmdbIds: [SURVIVOR_US.tmdbId] };
const paths = (): string[] => simulator.requests().map(({ path }) => path);

async function state(stage: string): Promise<Record<string, unknown>> {
  const [row] = await database.owner(
    `select y.status, y.last_success_at is not null as succeeded, y.last_seen_most_recent_episode as marker, y.attempts,
       y.reason, y.last_error from core.sync_state y join core.shows s on s.id = y.show_id
     where y.table_name = $1 and s.tmdb_id = $2`,
    [stage, SURVIVOR_US.tmdbId],
  );
  return row ?? {};
}

describe('sync of the Survivor franchise', () => {
  it('fills the catalogue completely (S2)', async () => {
    const summary = await harness.sync();
    expect(summary).toMatchObject({ status: 'succeeded', failures: [], shows: { total: 5, done: 5 } });
    const totals = simulator.state.totals();
    const [counts] = await database.owner(`select
      (select count(*)::int from core.shows) as shows,
      (select count(*)::int from core.seasons) as seasons,
      (select count(*)::int from core.episodes) as episodes`);
    expect(counts).toEqual({ shows: totals.shows, seasons: totals.seasons, episodes: totals.episodes });
    // One request for each show and each season, whatever the number of stages.
    expect(simulator.counts().total).toBe(totals.shows + totals.seasons);
  });

  it('asks the change feed only and writes nothing on an unchanged second run (I1)', async () => {
    const before = await writeMark(database);
    const summary = await harness.sync();
    expect(summary).toMatchObject({ status: 'succeeded', shows: { total: 0 } });
    expect(new Set(paths())).toEqual(new Set(['/tv/changes']));
    expect(await writeMark(database)).toBe(before);
  });

  it('asks conditionally for a show that was not heard of for 14 days (S4)', async () => {
    await database.owner(`update core.sync_state set last_success_at = last_success_at - interval '20 days'
      where show_id = (select id from core.shows where tmdb_id = ${SURVIVOR_US.tmdbId})`);
    await database.owner(`update pipeline.show_checks set checked_at = checked_at - interval '20 days'
      where source = 'tmdb' and show_id = (select id from core.shows where tmdb_id = ${SURVIVOR_US.tmdbId})`);
    const before = await writeMark(database);
    const summary = await harness.sync();
    expect(summary).toMatchObject({ status: 'succeeded', shows: { total: 1, unchanged: 1 } });
    expect(simulator.counts()).toMatchObject({ conditional: 1, notModified: 1, byTemplate: { '/tv/{id}': 1 } });
    expect(await writeMark(database)).toBe(before);
    simulator.reset();
    expect(await harness.sync()).toMatchObject({ shows: { total: 0 } });
    expect(simulator.counts().byTemplate['/tv/{id}']).toBeUndefined();
  });

  it('follows the change feed', async () => {
    addEpisode(simulator.state, SURVIVOR_US.tmdbId, 1, { name: 'Added', air_date: '2000-09-01' });
    const before = simulator.state.totals().episodes;
    const summary = await harness.sync();
    expect(summary).toMatchObject({ status: 'succeeded', shows: { total: 1, done: 1 } });
    const [count] = await database.owner('select count(*)::int as episodes from core.episodes');
    expect(count).toEqual({ episodes: before });
  });

  it('writes nothing when a forced run finds nothing new (I2)', async () => {
    const before = await canonicalDump(database.url);
    const rows = await database.owner('select id, updated_at from core.episodes order by id');
    const summary = await harness.sync({ decision: { ...INCREMENTAL, force: true } });
    expect(summary).toMatchObject({ status: 'succeeded', tables: {} });
    expect(await database.owner('select id, updated_at from core.episodes order by id')).toEqual(rows);
    expect(await canonicalDump(database.url)).toBe(before);
  });
});

describe('faults upstream', () => {
  const force = { decision: { ...INCREMENTAL, force: true }, filter: us };

  it('names a missing season, never calls it success, and asks only for it next time (L6)', async () => {
    simulator.setFaults([{ on: `/tv/${SURVIVOR_US.tmdbId}/season/3`, fault: { kind: 'status', status: 500 } }]);
    const summary = await harness.sync(force);
    expect(summary.status).toBe('partial');
    expect(await state('seasons')).toMatchObject({ status: 'partial', reason: 'season 3: transport', succeeded: true });
    simulator.setFaults([]);
    simulator.reset();
    expect((await harness.sync({ filter: us })).status).toBe('succeeded');
    expect(
      paths()
        .filter((path) => !path.endsWith('/changes'))
        .toSorted(),
    ).toEqual([`/tv/${SURVIVOR_US.tmdbId}`, `/tv/${SURVIVOR_US.tmdbId}/season/3`]);
    expect(await state('seasons')).toMatchObject({ status: 'success', reason: null, attempts: 0 });
  });

  it('keeps the last success and the rows when everything fails (L4, L7)', async () => {
    const before = await state('details');
    const counted = () =>
      database.owner('select count(*)::int as n, count(retired_at)::int as retired from core.seasons');
    const rows = await counted();
    simulator.setFaults([{ fault: { kind: 'status', status: 503 } }]);
    const summary = await harness.sync(force);
    expect(summary.status).toBe('failed');
    expect(summary.failures.length).toBeGreaterThan(0);
    expect(await counted()).toEqual(rows);
    expect(await state('details')).toMatchObject({
      ...before,
      status: 'failed',
      attempts: 1,
      last_error: expect.stringContaining('transport'),
    });
    simulator.setFaults([]);
    expect((await harness.sync({ filter: us })).status).toBe('succeeded');
  });

  it('keeps one show from spoiling the others', async () => {
    const [, second = 0] = [...simulator.state.showIds()];
    simulator.setFaults([{ on: new RegExp(`^/tv/${second}(\\?|/|$)`), fault: { kind: 'not-json' } }]);
    const summary = await harness.sync({ decision: { ...INCREMENTAL, force: true } });
    expect(summary).toMatchObject({ status: 'partial', shows: { total: 5, done: 5, failed: 1 } });
    simulator.setFaults([]);
    expect((await harness.sync()).status).toBe('succeeded');
  });

  it('retires a season that vanished from two complete answers, and never after an incomplete one (L8)', async () => {
    dropSeason(simulator.state, SURVIVOR_US.tmdbId, 2);
    const retired = async (): Promise<unknown> =>
      (
        await database.owner(
          `select count(retired_at)::int as n from core.seasons where season_number = 2 and show_id =
             (select id from core.shows where tmdb_id = ${SURVIVOR_US.tmdbId})`,
        )
      )[0]?.n;
    simulator.setFaults([{ on: `/tv/${SURVIVOR_US.tmdbId}/season/4`, fault: { kind: 'reset' } }]);
    await harness.sync(force);
    await harness.sync(force);
    expect(await retired()).toBe(0);
    simulator.setFaults([]);
    await harness.sync(force);
    expect(await retired()).toBe(0);
    const summary = await harness.sync(force);
    expect(await retired()).toBe(1);
    expect(summary.tables['core.seasons']?.retired).toBe(1);
  });
});

describe('events of runs', () => {
  it('are those of its units, in order, between its beginning and its end; what a killed process left is numbered by the next run', async () => {
    const { runId } = await harness.sync({ filter: us, decision: { ...INCREMENTAL, force: true } });
    const events = () =>
      database.owner<{ seq: string; kind: string; stage: string | null }>(
        `select seq, kind, payload ->> 'stage' as stage from pipeline.run_events where run_id = $1 order by seq`,
        [runId],
      );
    const before = await events();
    expect(before.map(({ seq }) => Number(seq))).toEqual(before.map((_, at) => at + 1));
    expect(before.map(({ kind }) => kind)).toEqual([
      'started',
      'planned',
      ...before.slice(2, -1).map(() => 'unit'),
      'finished',
    ]);
    expect(before.flatMap(({ stage }) => stage ?? [])).toEqual(DEFAULT_STAGES);
    await database.owner(
      `insert into pipeline.pending_events (run_id, kind, payload, at) values ($1, 'unit', '{"stage": "late"}', now() - interval '1 minute')`,
      [runId],
    );
    await harness.sync({ filter: us });
    expect((await events()).slice(before.length)).toEqual([
      { seq: String(before.length + 1), kind: 'unit', stage: 'late' },
    ]);
    expect(await database.owner('select 1 from pipeline.pending_events')).toEqual([]);
  });
});
