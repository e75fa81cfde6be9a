import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planSync } from '../../src/pipeline/dry-run.ts';
import type { TableChange } from '../../src/pipeline/plan.ts';
import { DEFAULT_STAGES, type StageName } from '../../src/pipeline/stage.ts';
import type { UnitResult } from '../../src/pipeline/unit.ts';
import { canonicalDump } from '../helpers/canonical-dump.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createHarness, type Harness, syncRequest, writeMark } from '../helpers/pipeline.ts';
import {
  dropCredit,
  generatedImdbId,
  generatedShowId,
  generatedWorld,
  renameShow,
  type Simulator,
  startSimulator,
} from '../simulator/index.ts';

let database: TestDatabase;
let simulator: Simulator;
let harness: Harness;
const SHOWS = 3;

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ world: generatedWorld({ shows: SHOWS, seasons: 3 }) });
  harness = createHarness(database, simulator);
  // By IMDb id only: the first stage finds the TMDb id that all others need.
  const numbers = Array.from({ length: SHOWS }, (_, index) => index + 1);
  await database.owner('insert into core.shows (name, imdb_id) select * from unnest($1::text[], $2::text[])', [
    numbers.map((n) => simulator.state.show(generatedShowId(n))?.name ?? '?'),
    numbers.map(generatedImdbId),
  ]);
});

afterAll(async () => {
  await harness.close();
  await simulator.close();
  await database.drop();
});

/** Everything a dry run could leave behind: the catalogue, row by row, and the records. */
async function trace(): Promise<string> {
  const [records] = await database.owner(`select (select count(*) from pipeline.runs) as runs,
    (select count(*) from pipeline.run_units) as units, (select count(*) from pipeline.run_events) as events,
    (select string_agg(c::text, ',' order by c::text) from pipeline.show_checks c) as checks,
    (select string_agg(c::text, ',' order by c::text) from pipeline.feed_cursors c) as cursors,
    (select count(*) from pg_namespace where nspname = 'pgboss') as queues`);
  return `${await writeMark(database)}\n${await canonicalDump(database.url)}\n${JSON.stringify(records)}`;
}

const RANDOM = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d{2}-\d{2}T[0-9:.]+Z/g;

/** Plans without what cannot be equal: ids made up on the way, and times. */
function comparable(results: readonly UnitResult[]): string[] {
  const stored = (change: TableChange): string =>
    JSON.stringify({
      ...change,
      rows: change.rows.map((row) => JSON.stringify(row).replaceAll(RANDOM, 'id').replaceAll(TIME, 'time')).toSorted(),
    });
  return results
    .filter(({ plan }) => plan !== undefined && plan.changes.length > 0)
    .map(({ stage, showName, status, plan }) =>
      JSON.stringify([showName, stage, status, plan?.changes.map(stored).toSorted()]),
    )
    .toSorted();
}

async function planAndRun(
  stages: readonly StageName[],
  force: boolean,
): Promise<{ planned: string[]; carriedOut: string[] }> {
  const decision = { force, incremental: true, resume: true, since: null };
  const planned: UnitResult[] = [];
  const carriedOut: UnitResult[] = [];
  const before = await trace();
  // One show after the other, as the dry run plans them: who adds a shared row first is chance otherwise.
  const request = { ...syncRequest(), stages, decision, concurrency: 1 };
  await planSync(harness.deps, { ...request, onPlan: (result) => planned.push(result) });
  expect(await trace()).toBe(before);
  await harness.sync({ ...request, reporter: { unit: (result) => carriedOut.push(result) } });
  return { planned: comparable(planned), carriedOut: comparable(carriedOut) };
}

describe('a dry run leaves no trace and prints what the real run then does (O6)', () => {
  it.each(DEFAULT_STAGES.filter((name) => name !== 'fandom'))('stage %s', async (stage) => {
    const { planned, carriedOut } = await planAndRun([stage], false);
    expect(carriedOut.length).toBeGreaterThan(0);
    expect(planned).toEqual(carriedOut);
  });

  it('all stages, after changes upstream', async () => {
    const [first, second] = [generatedShowId(1), generatedShowId(2)];
    renameShow(simulator.state, first, 'Another name');
    const person = simulator.state.show(second)?.seasons[0]?.cast[0]?.person_id;
    if (person !== undefined) dropCredit(simulator.state, second, person);
    const { planned, carriedOut } = await planAndRun(DEFAULT_STAGES, true);
    expect(carriedOut.length).toBeGreaterThan(0);
    expect(planned).toEqual(carriedOut);
  });

  it('all stages at once on a fresh database', async () => {
    const fresh = await createTestDatabase();
    const other = createHarness(fresh, simulator);
    await fresh.owner(
      'insert into core.shows (name, imdb_id) select name, imdb_id from unnest($1::text[], $2::text[]) x (name, imdb_id)',
      [[1, 2, 3].map((n) => simulator.state.show(generatedShowId(n))?.name ?? '?'), [1, 2, 3].map(generatedImdbId)],
    );
    const summaryOf = (tables: object): string => JSON.stringify(Object.entries(tables).toSorted());
    const planned = await planSync(other.deps, { ...syncRequest(), onPlan: () => undefined });
    const real = await other.sync();
    expect(real.tables['core.episodes']?.inserted).toBeGreaterThan(0);
    expect(summaryOf(planned.tables)).toBe(summaryOf(real.tables));
    await other.close();
    await fresh.drop();
  });
});
