import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { addShows, createHarness, type Harness, INCREMENTAL } from '../helpers/pipeline.ts';
import { generatedShowId, generatedWorld, type Simulator, startSimulator } from '../simulator/index.ts';

/** Input of issue 7 that must never spoil a run for the neighbours. Duplicates, long shows and shows without ids: promises.test.ts. */
const SHOWS = 3;
const [SHOW, OTHER] = [generatedShowId(1), generatedShowId(2)];
let database: TestDatabase;
let simulator: Simulator;
let harness: Harness;

beforeEach(async () => {
  simulator = await startSimulator({ world: generatedWorld({ shows: SHOWS, seasons: 2, episodesPerSeason: 3 }) });
  database = await createTestDatabase();
  harness = createHarness(database, simulator);
  const ids = Array.from({ length: SHOWS }, (_, index) => index + 1);
  await addShows(
    database,
    ids.map((id) => ({ tmdbId: generatedShowId(id), name: `Show ${id}` })),
  );
});

afterEach(async () => {
  await harness.close();
  await simulator.close();
  await database.drop();
});

const of = (tmdbId: number) => `show_id = (select id from core.shows where tmdb_id = ${tmdbId})`;

describe('odd input', () => {
  it('seasons 0 and 51 are seasons; only numbers above 0 count', async () => {
    simulator.state.edit(SHOW, (show) => {
      const numbers = [0, 51];
      show.seasons.forEach((season, index) => {
        season.season_number = numbers[index] ?? season.season_number;
      });
    });
    expect((await harness.sync()).status).toBe('succeeded');
    const seasons = await database.owner(`select season_number from core.seasons where ${of(SHOW)} order by 1`);
    expect(seasons).toEqual([{ season_number: 0 }, { season_number: 51 }]);
    expect(await database.owner(`select show_total_seasons as n from core.shows where tmdb_id = ${SHOW}`)).toEqual([
      { n: 1 },
    ]);
    // The edit is so young that the change feed may name it once more; there is nothing to write.
    expect((await harness.sync()).tables).toEqual({});
  });

  it('renumbered episodes move, with everything that hangs on them', async () => {
    await harness.sync();
    const before = await database.owner(
      `select id, tmdb_episode_id from core.episodes where ${of(SHOW)} order by tmdb_episode_id`,
    );
    simulator.state.edit(SHOW, (show) => {
      for (const season of show.seasons) {
        const last = season.episodes.length;
        for (const episode of season.episodes) episode.episode_number = last + 1 - episode.episode_number;
      }
    });
    const summary = await harness.sync({ decision: { ...INCREMENTAL, force: true } });
    expect(summary).toMatchObject({ status: 'succeeded', shows: { failed: 0 } });
    expect(
      await database.owner(`select id, tmdb_episode_id from core.episodes where ${of(SHOW)} order by tmdb_episode_id`),
    ).toEqual(before);
  });

  it('conflicting ids fail their show alone, with a question for a person', async () => {
    simulator.state.edit(OTHER, (show) => {
      show.external_ids = { ...show.external_ids, imdb_id: 'tt0999999' };
    });
    await database.owner(`insert into core.shows (name, imdb_id) values ('Holder', 'tt0999999')`);
    const summary = await harness.sync();
    expect(summary.status).toBe('partial');
    const failed =
      await database.owner(`select distinct s.tmdb_id, u.error_kind from pipeline.run_units u join core.shows s on s.id = u.show_id
      where u.status = 'failed' and u.error_kind = 'id_conflict'`);
    expect(failed).toEqual([{ tmdb_id: OTHER, error_kind: 'id_conflict' }]);
    expect(await database.owner(`select distinct kind, status from pipeline.reviews where ${of(OTHER)}`)).toEqual([
      { kind: 'id_conflict', status: 'open' },
    ]);
    const whole = await database.owner(
      `select count(*)::int as n from core.sync_state where ${of(SHOW)} and status = 'success'`,
    );
    expect(Number(whole[0]?.['n'])).toBeGreaterThan(5);
  });

  it('merges that go in a circle are refused, whoever began', async () => {
    await harness.sync();
    const merge = (from: number, into: number) =>
      database.owner(
        `select core.merge_shows((select id from core.shows where tmdb_id = $1), (select id from core.shows where tmdb_id = $2), 'test', null) as report`,
        [from, into],
      );
    await merge(SHOW, OTHER);
    const [gone] = await database.owner<{ id: string }>('select source_id as id from core.merges');
    const [kept] = await database.owner<{ id: string }>(`select id from core.shows where tmdb_id = ${OTHER}`);
    await expect(
      database.owner('select core.merge_shows($1, $2, $3, null)', [kept?.id, gone?.id, 'test']),
    ).rejects.toThrow();
    expect((await harness.sync()).status).toBe('succeeded');
  });
});
