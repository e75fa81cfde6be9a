import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rollUp } from '../../src/catalogue/people/appearances.ts';
import { applyPlan } from '../../src/pipeline/apply.ts';
import { planSync } from '../../src/pipeline/dry-run.ts';
import type { Plan, TableChange } from '../../src/pipeline/plan.ts';
import { TABLES, type TableFacts } from '../../src/platform/db/generated.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { addShows, createHarness, type Harness, syncRequest } from '../helpers/pipeline.ts';
import { type Simulator, SURVIVOR_US, startSimulator, survivorWorld } from '../simulator/index.ts';

let simulator: Simulator;
let database: TestDatabase;
let harness: Harness;

beforeAll(async () => {
  simulator = await startSimulator({ world: survivorWorld() });
  database = await createTestDatabase();
  harness = createHarness(database, simulator);
  await addShows(database, [{ tmdbId: SURVIVOR_US.tmdbId, name: 'Survivor' }]);
});

afterAll(async () => {
  await harness.close();
  await simulator.close();
  await database.drop();
});

const plan = (change: TableChange): Plan => ({ changes: [change], partial: [], warnings: [] });

/** What the table asks of a new row and this change does not give it. */
function missing({ table, columns, key, rows }: TableChange): string[] {
  const { columns: facts } = (TABLES as Readonly<Record<string, TableFacts>>)[table] ?? { columns: [] };
  const given = new Set([...key, ...columns]);
  return facts
    .filter(({ nullable, generated, hasDefault, name }) => !nullable && !generated && (!hasDefault || given.has(name)))
    .filter(({ name }) => !given.has(name) || rows.some((row) => row[name] === null || row[name] === undefined))
    .map(({ name }) => `${table}.${name}`);
}

describe('what stages write', () => {
  it('has every value that its table asks for (B7)', async () => {
    const inserts: TableChange[] = [];
    const summary = await planSync(harness.deps, {
      ...syncRequest(),
      onPlan: (unit) => inserts.push(...(unit.plan?.changes ?? []).filter(({ op }) => op === 'insert')),
    });
    expect(summary).toMatchObject({ failures: [] });
    expect(new Set(inserts.map(({ table }) => table)).size).toBeGreaterThan(10);
    expect([...new Set(inserts.flatMap(missing))]).toEqual([]);
    const [first] = inserts;
    // The comparison finds what is missing.
    expect(
      missing({ table: 'core.shows', op: 'insert', columns: [], key: ['id'], rows: [{ id: first?.rows[0] }] }),
    ).toEqual(['core.shows.name']);
  });

  it('names only tables and columns that there are: anything else fails before it reaches the database (B6)', async () => {
    const id = '00000000-0000-4000-8000-000000000001';
    const write = (table: string, columns: string[]) =>
      database.db.asService('test', (tx) =>
        applyPlan(tx, plan({ table, op: 'update', columns, key: ['id'], rows: [{ id }] })),
      );
    await expect(write('core.shows', ['primary_tmdb_poster_path'])).rejects.toThrow(
      'plan names unknown columns of core.shows: primary_tmdb_poster_path',
    );
    await expect(write('core.imdb_series', ['id'])).rejects.toThrow('unknown table: core.imdb_series');
  });
});

describe('appearances (B1)', () => {
  it('follow their show and person when these are renamed or get other ids', async () => {
    expect(await harness.sync()).toMatchObject({ status: 'succeeded' });
    const told = () =>
      database.owner(`select distinct a.show_name, a.imdb_show_id, a.tmdb_show_id from core.episode_appearances a`);
    expect(await told()).toEqual([{ show_name: 'Survivor', imdb_show_id: 'tt0239195', tmdb_show_id: 14658 }]);
    await database.owner(`update core.shows set name = 'Outlast', imdb_id = 'tt1', tmdb_id = 99`);
    expect(await told()).toEqual([{ show_name: 'Outlast', imdb_show_id: 'tt1', tmdb_show_id: 99 }]);
    const person = '(select person_id from core.episode_appearances order by id limit 1)';
    await database.owner(`update core.people set full_name = 'Renamed' where id = ${person}`);
    expect(
      await database.owner(`select cast_member_name from core.episode_appearances where person_id = ${person}`),
    ).toEqual([{ cast_member_name: 'Renamed' }]);
  });

  it('of the worked example are stored and read back', async () => {
    const credit = (episodeId: string, seasonNumber: number | null, year: number | null, archiveFootage = false) => ({
      ...{ episodeId, seasonNumber, year, archiveFootage, episodeNumber: null, title: null, airDate: null },
      ...{ job: null, category: null, characters: [], attributes: [] },
    });
    const known = (id: string, season: number, episode: number, date: string | null, tmdb: number | null) => {
      return {
        imdb_episode_id: id,
        season_number: season,
        episode_number: episode,
        air_date: date,
        tmdb_episode_id: tmdb,
      };
    };
    const example = rollUp(
      [
        credit('tt99', null, 2019),
        credit('tt20', 9, null),
        ...['tt10', 'tt11', 'tt10'].map((id) => credit(id, null, null)),
        credit('tt12', 1, 2021),
        credit('tt13', 3, null, true),
      ],
      [known('tt10', 1, 2, '2020-01-08', 110), known('tt11', 1, 1, '2020-01-01', null), known('tt20', 2, 1, null, 120)],
    );
    const [show] = await database.owner<{ id: string }>(
      `insert into core.shows (name) values ('Example') returning id`,
    );
    const [person] = await database.owner<{ id: string }>(
      `insert into core.people (full_name) values ('Somebody') returning id`,
    );
    const row = {
      id: '00000000-0000-4000-8000-000000000002',
      show_id: show?.id,
      person_id: person?.id,
      seasons: example?.seasons,
      imdb_episode_title_ids: example?.titleIds,
      tmdb_episode_ids: example?.tmdbEpisodeIds,
      tmdb_season_ids: [501],
    };
    const columns = Object.keys(row);
    await database.db.asService('test', (tx) =>
      applyPlan(tx, plan({ table: 'core.episode_appearances', op: 'insert', columns, key: ['id'], rows: [row] })),
    );
    expect(
      await database.owner(
        `select show_name, cast_member_name, imdb_episode_title_ids, seasons, tmdb_season_ids, tmdb_episode_ids, total_episodes
         from core.episode_appearances where id = $1`,
        [row.id],
      ),
    ).toEqual([
      {
        show_name: 'Example',
        cast_member_name: 'Somebody',
        imdb_episode_title_ids: ['tt11', 'tt10', 'tt12', 'tt20', 'tt99'],
        seasons: [1, 2],
        tmdb_season_ids: [501],
        tmdb_episode_ids: [110, 120],
        total_episodes: 5,
      },
    ]);
  });
});
