import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { merge, split } from '../../src/catalogue/merging/service.ts';
import { clearOverride, setOverride } from '../../src/catalogue/overrides/service.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { addShows, createHarness, type Harness, INCREMENTAL } from '../helpers/pipeline.ts';
import { type Simulator, SURVIVOR_US, startSimulator, survivorWorld } from '../simulator/index.ts';

const actor = { actor: 'ann' };
const stages = ['resolve', 'details', 'seasons', 'episodes', 'totals'] as const;

let database: TestDatabase;
let simulator: Simulator;
let harness: Harness;
const open: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ world: survivorWorld() });
  harness = createHarness(database, simulator);
  const { close } = harness;
  const [world, data] = [simulator, database];
  open.push(async () => {
    await close();
    await world.close();
    await data.drop();
  });
  await addShows(database, [{ tmdbId: SURVIVOR_US.tmdbId, name: 'Survivor' }]);
  await sync();
});
afterAll(async () => {
  for (const close of open) await close();
});

const sync = () => harness.sync({ stages: [...stages], decision: { ...INCREMENTAL, force: true } });
const idOf = async (where: string) =>
  (await database.owner<{ id: string }>(`select id from core.shows where ${where}`))[0]?.id ?? '';

describe('what people decide about a show', () => {
  it('by override: the next sync has nothing to write; taken back, the sources speak again', async () => {
    const show = await idOf(`tmdb_id = ${SURVIVOR_US.tmdbId}`);
    const [told] = await database.owner('select tmdb_status, genres from core.shows');
    for (const [field, value] of [
      ['description', 'mine'],
      ['genres', 'Own'],
      ['tmdb_status', null],
      ['show_total_seasons', '99'],
      ['tags', 'house'],
    ] as const)
      await setOverride(database.db, 'shows', show, field, value, actor);
    expect(await sync()).toMatchObject({ status: 'succeeded', tables: {} });
    expect(
      await database.owner('select description, genres, tmdb_status, show_total_seasons, tags from core.shows'),
    ).toEqual([{ description: 'mine', genres: ['Own'], tmdb_status: null, show_total_seasons: 99, tags: ['house'] }]);

    for (const field of ['genres', 'tmdb_status']) await clearOverride(database.db, 'shows', show, field, {});
    await sync();
    expect(await database.owner('select tmdb_status, genres from core.shows')).toEqual([told]);
  });

  it('by merge: the united show is synced to the end, then has nothing to write, and can still be split', async () => {
    const source = await idOf(`tmdb_id = ${SURVIVOR_US.tmdbId}`);
    // As an import from two lists leaves it: one show has the TMDb id, the other the IMDb id.
    await database.owner('update core.shows set imdb_id = null');
    await database.owner("delete from core.external_ids where scheme = 'imdb' and show_id is not null");
    const [made] = await database.owner<{ id: string }>(
      `with show as (insert into core.shows (name, imdb_id) values ('Survivor', 'tt0239195') returning id),
            season as (insert into core.seasons (show_id, season_number) select id, 1 from show returning id, show_id)
       insert into core.episodes (show_id, season_id, season_number, episode_number, title, imdb_episode_id)
       select show_id, id, 1, 1, 'From IMDb', 'tt0712113' from season returning show_id as id`,
    );
    const count = 'select count(*)::int as n from core.episodes';
    const [before] = await database.owner<{ n: number }>(count);
    const report = await merge(database.db, 'show', source, made?.id ?? '', actor);

    expect(await sync()).toMatchObject({ status: 'succeeded' });
    expect(await sync()).toMatchObject({ status: 'succeeded', tables: {} });
    const [after] = await database.owner<{ n: number }>(count);
    expect([(before?.n ?? 0) - 1, before?.n]).toContain(after?.n);
    expect(
      await database.owner(
        "select title from core.episodes where imdb_episode_id = 'tt0712113' and retired_at is null",
      ),
    ).toEqual([{ title: 'From IMDb' }]);

    const undone = await split(database.db, 'show', report.merge_id, actor);
    expect(await database.owner(count)).toEqual([before]);
    expect(await database.owner('select count(*)::int as n from core.shows')).toEqual([{ n: 2 }]);
    expect(undone.conflicts.filter(({ table }) => table === 'core.episodes' || table === 'core.seasons')).toEqual([]);
  });
});
