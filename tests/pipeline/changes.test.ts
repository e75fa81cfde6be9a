import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { publicChange } from '../../src/pipeline/changes/public.ts';
import { CHANGES_AFTER } from '../../src/pipeline/changes/queries.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { ALL_SHOWS, addShows, createHarness, type Harness, INCREMENTAL } from '../helpers/pipeline.ts';
import { createTrr } from '../helpers/trr.ts';
import {
  addEpisode,
  dropSeason,
  generatedShowId,
  generatedWorld,
  type Simulator,
  startSimulator,
} from '../simulator/index.ts';

const SHOW = generatedShowId(1);
const force = { filter: { ...ALL_SHOWS, all: false, tmdbIds: [SHOW] }, decision: { ...INCREMENTAL, force: true } };
let database: TestDatabase;
let simulator: Simulator;
let harness: Harness;

beforeEach(async () => {
  simulator = await startSimulator({ world: generatedWorld({ shows: 1, seasons: 2, episodesPerSeason: 3 }) });
  database = await createTestDatabase();
  harness = createHarness(database, simulator);
  await addShows(database, [{ tmdbId: SHOW, name: 'Show' }]);
});

afterEach(async () => {
  await harness.close();
  await simulator.close();
  await database.drop();
});

const changes = (where: string) =>
  database.owner(
    `select run_id, stage, table_name, op, fields, licences from pipeline.changes where ${where} order by id`,
  );

describe('the history of changes', () => {
  it('has what a run changed: field, old, new, source and licence', async () => {
    const first = await harness.sync();
    const inserted = await database.owner(
      `select op, count(*)::int as n from pipeline.changes where run_id = $1 and table_name = 'core.episodes' group by 1`,
      [first.runId],
    );
    expect(inserted).toEqual([{ op: 'insert', n: 6 }]);
    simulator.state.edit(SHOW, (show) => {
      const episode = show.seasons[0]?.episodes[0];
      if (episode !== undefined) episode.name = 'Renamed';
      show.genres = [{ id: 1, name: 'Other' }];
    });
    const second = await harness.sync(force);
    const [episode] = await changes(`run_id = '${second.runId}' and table_name = 'core.episodes'`);
    expect(episode).toMatchObject({
      stage: 'episodes',
      op: 'update',
      fields: { title: { new: 'Renamed', source: 'tmdb', licences: ['tmdb'], old_licences: ['tmdb'] } },
    });
    const [show] = await changes(`run_id = '${second.runId}' and table_name = 'core.shows'`);
    expect(show).toMatchObject({ stage: 'details', fields: { genres: { new: ['Other'], source: 'tmdb' } } });
    // Payloads, times and search columns are no news.
    expect(Object.keys((show?.['fields'] ?? {}) as object)).toEqual(['genres']);
    const trr = createTrr(database, simulator);
    const diff = await trr.run('runs', 'diff', String(second.runId));
    expect(diff).toMatchObject({ code: 0 });
    expect(diff.stdout).toMatch(/update core\.episodes \S+ of .+, episodes\n {2}title: ".+" -> "Renamed" \(tmdb\)/);
    trr.close();
  }, 30_000);

  it('says when rows are retired and come back, and is silent when nothing changes', async () => {
    await harness.sync();
    dropSeason(simulator.state, SHOW, 2);
    await harness.sync(force);
    const retired = await harness.sync(force);
    expect(await changes(`run_id = '${retired.runId}' and table_name = 'core.seasons'`)).toMatchObject([
      { op: 'retire' },
    ]);
    const before = await changes('true');
    expect((await harness.sync(force)).tables).toEqual({});
    expect(await changes('true')).toEqual(before);
  }, 30_000);

  it('has what people and SQL change, too', async () => {
    await database.owner(`update core.shows set description = 'By hand' where tmdb_id = $1`, [SHOW]);
    await database.owner(`update core.shows set updated_at = now() where tmdb_id = $1`, [SHOW]);
    await database.owner(`delete from core.shows where tmdb_id = $1`, [SHOW]);
    expect(await changes(`op <> 'insert' and table_name = 'core.shows'`)).toMatchObject([
      { run_id: null, stage: null, op: 'update', fields: { description: { old: null, new: 'By hand' } } },
      { op: 'delete', fields: null },
    ]);
  });

  it('skips no change that commits late', async () => {
    addEpisode(simulator.state, SHOW, 1, { name: 'Added', air_date: '2020-01-01' });
    const read = (txid: string, id: string) =>
      database.db.asService('test', (tx) => tx.query(CHANGES_AFTER, [txid, id, null, null, ['core.shows'], 100]));
    const slow = new pg.Client({ connectionString: database.url });
    await slow.connect();
    await slow.query('begin');
    await slow.query(`insert into core.shows (name) values ('Late')`);
    await database.owner(`insert into core.shows (name) values ('Early')`);
    const before = await read('-1', '-1');
    // The early one waits for the late one, whose transaction is older.
    expect(before.map(({ op }) => op)).toEqual(['insert']);
    const [last] = before;
    await slow.query('commit');
    await slow.end();
    const rest = await read(last?.txid ?? '-1', last?.id ?? '-1');
    const names = await database.owner(`select name from core.shows where id::text = any($1) order by name`, [
      rest.map(({ row_key }) => row_key),
    ]);
    expect(names).toEqual([{ name: 'Early' }, { name: 'Late' }]);
  });
});

describe('what strangers see of it', () => {
  const row = {
    id: '1',
    txid: '1',
    at: 'now',
    run_id: null,
    stage: null,
    table_name: 'core.shows',
    row_key: 'x',
    show_id: 'x',
    op: 'update',
    licences: [],
    fields: {
      name: { old: 'A', new: 'B', source: 'tmdb', licences: ['tmdb'], old_licences: ['imdb'] },
      description: { old: 'A', new: 'B', source: 'imdb', licences: ['imdb'] },
      genres: { old: null, new: ['C'], licences: ['tmdb', 'imdb'] },
      needs_imdb_resolution: { old: true, new: false },
    },
  };
  const published = new Set(['tmdb', 'own']);

  it('is public fields under published licences', () => {
    expect(publicChange(row, published)).toEqual({
      at: 'now',
      kind: 'show',
      id: 'x',
      show_id: 'x',
      op: 'update',
      fields: { name: { new: 'B', source: 'tmdb' } },
    });
    expect(publicChange(row, new Set(['tmdb', 'imdb']))?.fields).toMatchObject({
      name: { old: 'A', new: 'B' },
      description: { old: 'A', new: 'B' },
      genres: { new: ['C'] },
    });
    expect(
      publicChange({ ...row, fields: { needs_imdb_resolution: { old: true, new: false } } }, published),
    ).toBeUndefined();
    expect(publicChange({ ...row, table_name: 'core.external_ids' }, published)).toBeUndefined();
    expect(publicChange({ ...row, op: 'insert', fields: null, licences: ['imdb'] }, published)).toBeUndefined();
    expect(
      publicChange({ ...row, op: 'insert', fields: null, licences: ['imdb', 'tmdb'] }, published)?.fields,
    ).toBeNull();
  });
});
