import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { planImport } from '../../src/pipeline/dry-run.ts';
import type { ImportSources } from '../../src/pipeline/lists/collect.ts';
import { runImport } from '../../src/pipeline/lists/import.ts';
import type { RunSummary } from '../../src/pipeline/runs/summary.ts';
import { canonicalDump } from '../helpers/canonical-dump.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createHarness, type Harness, syncRequest } from '../helpers/pipeline.ts';
import {
  GENERATED_LIST,
  generatedImdbId,
  generatedShowId,
  generatedWorld,
  type Simulator,
  startSimulator,
} from '../simulator/index.ts';

const SHOWS = 6;
let database: TestDatabase;
let simulator: Simulator;
let harness: Harness;

beforeAll(async () => {
  simulator = await startSimulator({ world: generatedWorld({ shows: SHOWS, seasons: 1 }) });
});

afterAll(() => simulator.close());

beforeEach(async () => {
  simulator.setFaults([]);
  simulator.reset();
  database = await createTestDatabase();
  harness = createHarness(database, simulator);
  return async () => {
    await harness.close();
    await database.drop();
  };
});

function importing(
  sources: Partial<ImportSources>,
  over: { identityOnly?: boolean; concurrency?: number } = {},
): Promise<RunSummary> {
  const { filter: _, ...request } = syncRequest();
  return runImport(harness.deps, {
    ...request,
    command: 'import',
    ...(over.identityOnly === true ? { stages: [] } : {}),
    ...(over.concurrency === undefined ? {} : { concurrency: over.concurrency }),
    sources: { tmdbLists: [], tmdbIds: [], imdbIds: [], ...sources },
  });
}

const shows = () =>
  database.owner(
    'select name, tmdb_id, imdb_id, listed_on, needs_tmdb_resolution, needs_imdb_resolution from core.shows order by tmdb_id',
  );

describe('import', () => {
  it('says that it is partial when the source does not tell who a stored show is', async () => {
    const [id = 0] = [generatedShowId(1)];
    await importing({ tmdbIds: [id] });
    simulator.setFaults([{ on: `/tv/${id}`, fault: { kind: 'html' } }]);
    const before = await canonicalDump(database.url);
    const summary = await importing({ tmdbIds: [id], detailsMaxAgeDays: 0 }, { identityOnly: true });
    expect(summary).toMatchObject({ status: 'partial', shows: { partial: 1, failed: 0 } });
    expect(summary.warnings[0]).toMatch(/lists: partial, missing details \(\w+: .*not JSON|HTML|web page/);
    expect(await canonicalDump(database.url)).toEqual(before);
  });

  it('tells the same reason in a dry run when the source does not answer about a new show', async () => {
    const [id = 0] = [generatedShowId(2)];
    simulator.setFaults([{ on: `/tv/${id}`, fault: { kind: 'html' } }]);
    const real = await importing({ tmdbIds: [id] });
    const { filter: _, ...request } = syncRequest();
    const sources = { tmdbLists: [], tmdbIds: [id], imdbIds: [] };
    const dry = await planImport(harness.deps, { ...request, command: 'import', sources, onPlan: () => undefined });
    expect(real).toMatchObject({ status: 'failed', failures: [expect.stringContaining(' · lists: ')] });
    expect(dry.failures).toEqual(real.failures);
  });

  it('makes one show of a list item, a TMDb id and an IMDb id that mean the same', async () => {
    const summary = await importing({
      tmdbLists: [GENERATED_LIST],
      tmdbIds: [generatedShowId(1)],
      imdbIds: [generatedImdbId(2)],
    });
    expect(summary).toMatchObject({ status: 'succeeded', shows: { total: SHOWS, done: SHOWS } });
    const stored = await shows();
    expect(stored).toHaveLength(SHOWS);
    expect(stored[1]).toEqual({
      name: simulator.state.show(generatedShowId(2))?.name,
      tmdb_id: generatedShowId(2),
      imdb_id: generatedImdbId(2),
      listed_on: ['tmdb'],
      needs_tmdb_resolution: false,
      needs_imdb_resolution: false,
    });
    // The details that told a candidate's identity serve its stages as well.
    expect(simulator.counts().byTemplate['/tv/{id}']).toBe(SHOWS);
  });

  it('gives the same database whatever the order of what was asked (L9)', async () => {
    const ids = Array.from({ length: SHOWS }, (_, index) => generatedShowId(index + 1));
    await importing({ tmdbIds: ids, imdbIds: [generatedImdbId(3)] });
    const first = await canonicalDump(database.url);
    const other = await createTestDatabase();
    const second = createHarness(other, simulator);
    const { filter: _, ...request } = syncRequest();
    await runImport(second.deps, {
      ...request,
      command: 'import',
      concurrency: 1,
      sources: { tmdbLists: [], tmdbIds: ids.toReversed(), imdbIds: [generatedImdbId(3)] },
    });
    expect(await canonicalDump(other.url)).toBe(first);
    await second.close();
    await other.drop();
  });

  it('writes nothing and asks for no details when repeated', async () => {
    await importing({ tmdbLists: [GENERATED_LIST] });
    const before = await canonicalDump(database.url);
    simulator.reset();
    const again = await importing({ tmdbLists: [GENERATED_LIST] });
    expect(again).toMatchObject({ status: 'succeeded', tables: {} });
    expect(simulator.counts().byTemplate['/tv/{id}']).toBeUndefined();
    expect(await canonicalDump(database.url)).toBe(before);
  });

  it('fills the ids of a show that is stored without them, and leaves its name alone', async () => {
    await database.owner('insert into core.shows (name, imdb_id, listed_on) values ($1, $2, $3)', [
      'The name somebody chose',
      generatedImdbId(1),
      ['imdb'],
    ]);
    expect(await importing({ tmdbLists: [GENERATED_LIST], maxShows: 1 }, { identityOnly: true })).toMatchObject({
      status: 'succeeded',
    });
    expect(await shows()).toMatchObject([
      {
        name: 'The name somebody chose',
        tmdb_id: generatedShowId(1),
        imdb_id: generatedImdbId(1),
        listed_on: ['imdb', 'tmdb'],
      },
    ]);
  });

  it('finds a merged show by the ids of both, and leaves its own ids alone', async () => {
    const made = await database.owner<{ id: string }>(
      "insert into core.shows (name, imdb_id, tmdb_id) values ('Gone', $1, $2), ('Kept', 'tt555', 555) returning id",
      [generatedImdbId(1), generatedShowId(1)],
    );
    await database.owner("select core.merge_shows($1, $2, 'test')", [made[0]?.id, made[1]?.id]);
    expect(await importing({ tmdbLists: [GENERATED_LIST], maxShows: 1 }, { identityOnly: true })).toMatchObject({
      status: 'succeeded',
    });
    expect(await shows()).toMatchObject([{ name: 'Kept', imdb_id: 'tt555', tmdb_id: 555 }]);
  });

  it('reports two stored shows for one candidate and goes on', async () => {
    await database.owner(`insert into core.shows (name, imdb_id, tmdb_id) values ('A', $1, null), ('B', null, $2)`, [
      generatedImdbId(1),
      generatedShowId(1),
    ]);
    const summary = await importing({ tmdbLists: [GENERATED_LIST] });
    expect(summary).toMatchObject({ status: 'partial', shows: { done: SHOWS, failed: 1 } });
    const [unit] = await database.owner(
      `select error_kind, error_detail from pipeline.run_units where status = 'failed'`,
    );
    expect(unit).toMatchObject({
      error_kind: 'id_conflict',
      error_detail: expect.stringMatching(/"A" \((\S+)\) and "B" \((\S+)\); merge them: trr shows merge \2 \1$/),
    });
    expect(await shows()).toHaveLength(SHOWS + 1);
  });

  it('names a list that does not exist', async () => {
    const summary = await importing({ tmdbLists: ['987654321'] });
    expect(summary.status).toBe('failed');
    expect(summary.failures[0]).toMatch(/tmdb-list:987654321 · lists: not_found/);
  });
});

describe('eight imports at once', () => {
  it('end with one row each, shared rows included, and without a failure (R4)', async () => {
    const ids = Array.from({ length: SHOWS }, (_, index) => generatedShowId(index + 1));
    const summaries = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        importing({ tmdbIds: [...ids.slice(index % SHOWS), ...ids.slice(0, index % SHOWS)] }, { concurrency: 3 }),
      ),
    );
    expect(summaries.flatMap(({ failures }) => failures)).toEqual([]);
    const together = await canonicalDump(database.url);
    const alone = await createTestDatabase();
    const single = createHarness(alone, simulator);
    const { filter: _, ...request } = syncRequest();
    await runImport(single.deps, {
      ...request,
      command: 'import',
      sources: { tmdbLists: [], tmdbIds: ids, imdbIds: [] },
    });
    expect(together).toBe(await canonicalDump(alone.url));
    await single.close();
    await alone.drop();
  });
});
