import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runSync, systemClock } from '../../src/pipeline/runner.ts';
import { DEFAULT_STAGES, type StageName } from '../../src/pipeline/stage.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { ALL_SHOWS, addShows, createHarness, type Harness, INCREMENTAL, syncRequest } from '../helpers/pipeline.ts';
import {
  generatedImdbId,
  generatedShowId,
  generatedWorld,
  type Simulator,
  startSimulator,
  withdrawProvider,
} from '../simulator/index.ts';

/** Acceptance checks of `spec/pipeline.md` 14 on a real database, through the runner; each names its row. */

const SHOWS = 3;
const TODAY = '2026-03-01';
const SHOW = generatedShowId(1);
const only = { ...ALL_SHOWS, all: false, tmdbIds: [SHOW] };
const force = { filter: only, decision: { ...INCREMENTAL, force: true } };

let database: TestDatabase;
let simulator: Simulator;
let harness: Harness;

beforeEach(async () => {
  // Edits upstream stay, so each test has its own.
  simulator = await startSimulator({ world: generatedWorld({ shows: SHOWS, seasons: 2, episodesPerSeason: 4 }) });
  database = await createTestDatabase();
  harness = createHarness(database, simulator);
});

afterEach(async () => {
  await harness.close();
  await simulator.close();
  await database.drop();
});

const addAll = () =>
  addShows(
    database,
    Array.from({ length: SHOWS }, (_, index) => ({ tmdbId: generatedShowId(index + 1), name: `Show ${index + 1}` })),
  );

async function one(text: string, values: unknown[] = []): Promise<Record<string, unknown>> {
  return (await database.owner(text, values))[0] ?? {};
}

/** Reasons of the units of the newest run, by stage; stages of one show only. */
async function reasons(): Promise<Record<string, unknown>> {
  const rows = await database.owner(
    `select u.stage, u.reason from pipeline.run_units u join core.shows s on s.id = u.show_id
     where s.tmdb_id = $1 and u.run_id = (select id from pipeline.runs order by created_at desc limit 1)`,
    [SHOW],
  );
  return Object.fromEntries(rows.map(({ stage, reason }) => [String(stage), reason]));
}

describe('nothing is broken at the final schema (14.1)', () => {
  it('stores the images of a show, eight rows, and changes none the second time (B2)', async () => {
    const picture = (file_path: string, iso_639_1: string | null, vote_count = 1) => {
      return { aspect_ratio: 1.5, height: 1000, iso_639_1, file_path, vote_average: 5, vote_count, width: 1500 };
    };
    simulator.state.edit(SHOW, (show) => {
      show.images = {
        posters: [
          picture('/poster_none.jpg', null, 90),
          picture('/poster_en_votes_high.jpg', 'en', 20),
          picture('/poster_en_votes_low.jpg', 'en', 5),
          picture('/poster_none_too.jpg', null, 8),
          picture('/poster_en_votes_low.jpg', null, 50),
        ],
        backdrops: [picture('/backdrop_none.jpg', null, 9), picture('/backdrop_en.jpg', 'en')],
        logos: [picture('/logo_en.jpg', 'en'), picture('/logo_none.jpg', null, 9)],
      };
    });
    await addAll();
    await harness.sync({ filter: only });
    const images = () =>
      database.owner(`select kind, file_path, iso_639_1 from core.show_images order by kind, file_path`);
    expect(await images()).toHaveLength(8);
    expect(await images()).toContainEqual({ kind: 'poster', file_path: '/poster_en_votes_low.jpg', iso_639_1: 'en' });
    expect(
      await one(`select p.file_path as poster, b.file_path as backdrop, l.file_path as logo from core.shows s
        join core.show_images p on p.id = s.primary_poster_image_id join core.show_images b on b.id = s.primary_backdrop_image_id
        join core.show_images l on l.id = s.primary_logo_image_id`),
    ).toEqual({ poster: '/poster_en_votes_high.jpg', backdrop: '/backdrop_en.jpg', logo: '/logo_en.jpg' });
    const marks = () => database.owner('select xmin::text from core.show_images order by id');
    const before = await marks();
    expect(await harness.sync({ ...force, stages: ['show-images'] })).toMatchObject({
      status: 'succeeded',
      tables: {},
    });
    expect(await marks()).toEqual(before);
  });

  it('never copies or re-selects a show without any id, and looks again when an id appears (B9, I6)', async () => {
    await database.owner("insert into core.shows (name) values ('Nobody knows me')");
    for (let run = 0; run < 4; run++) expect((await harness.sync()).status).toBe('succeeded');
    expect(await one('select count(*)::int as n from core.shows')).toEqual({ n: 1 });
    const states = await database.owner(
      "select distinct status, reason is not null as reasoned from core.sync_state where table_name <> 'totals'",
    );
    expect(states).toEqual([{ status: 'not_applicable', reasoned: true }]);
    expect(await one('select count(distinct run_id)::int as runs from pipeline.run_units')).toEqual({ runs: 1 });
    await database.owner('update core.shows set tmdb_id = $1', [SHOW]);
    await harness.sync();
    expect(await one("select status from core.sync_state where table_name = 'episodes'")).toEqual({
      status: 'success',
    });
  });
});

describe('no data is lost or wrong (14.2)', () => {
  it('unites arrays with what is stored and withdraws what its only source withdrew (L1)', async () => {
    await addAll();
    await database.owner("update core.shows set genres = '{A}' where tmdb_id = $1", [SHOW]);
    const genres = () =>
      one(`select genres, provenance -> 'genres' -> 'values' as said from core.shows where tmdb_id = ${SHOW}`);
    const upstream = (...names: string[]) =>
      simulator.state.edit(SHOW, (show) => {
        show.genres = names.map((name, id) => ({ id, name }));
      });
    upstream('B');
    await harness.sync(force);
    expect(await genres()).toEqual({ genres: ['A', 'B'], said: { tmdb: ['B'] } });
    upstream('C');
    await harness.sync(force);
    expect(await genres()).toEqual({ genres: ['A', 'C'], said: { tmdb: ['C'] } });
  });

  it('drops a provider that was withdrawn, and the record of the run names it (L2)', async () => {
    await addAll();
    await harness.sync({ filter: only });
    const { provider_id: provider } = await one(
      'select provider_id from core.show_watch_providers order by provider_id limit 1',
    );
    withdrawProvider(simulator.state, SHOW, Number(provider));
    await harness.sync(force);
    const left = await one('select count(*)::int as n from core.show_watch_providers where provider_id = $1', [
      provider,
    ]);
    expect(left).toEqual({ n: 0 });
    const { keys } = await one(
      `select changes -> 'core.show_watch_providers' -> 'keys' as keys from pipeline.run_units
       where stage = 'providers' order by finished_at desc limit 1`,
    );
    expect(keys).toContainEqual(expect.objectContaining({ provider_id: provider }));
  });

  it('leaves the same latest episode whichever stage runs last, its IMDb id kept (L5)', async () => {
    await addAll();
    await harness.sync({ filter: only });
    await database.owner(
      `update core.shows set most_recent_episode_imdb_id = 'tt77',
         most_recent_episode = most_recent_episode || ' [imdbEpisodeId=tt77]' where tmdb_id = $1`,
      [SHOW],
    );
    const latest = () =>
      database.owner(`select most_recent_episode, most_recent_episode_season, most_recent_episode_number,
      most_recent_episode_title, most_recent_episode_air_date::text, most_recent_episode_imdb_id from core.shows where tmdb_id = ${SHOW}`);
    const before = await latest();
    for (const stages of [['details'], ['totals'], ['totals'], ['details']] as StageName[][]) {
      await harness.sync({ ...force, stages });
      expect(await latest()).toEqual(before);
    }
  });

  it('processes all of 2,500 shows (L10)', async () => {
    await database.owner("insert into core.shows (name) select 'Show ' || n from generate_series(1, 2500) n");
    const summary = await harness.sync({ stages: ['details'], concurrency: 32 });
    expect(summary).toMatchObject({
      status: 'succeeded',
      shows: { total: 2500, done: 2500 },
      units: { not_applicable: 2500 },
    });
    expect(await one('select count(*)::int as n from core.sync_state')).toEqual({ n: 2500 });
  }, 180_000);

  it('processes all of 2,300 episodes of one show (L10)', async () => {
    simulator.state.edit(SHOW, (show) => {
      const [season] = show.seasons;
      const [pattern] = season?.episodes ?? [];
      if (season === undefined || pattern === undefined) throw new Error('a generated show without episodes');
      season.episodes = Array.from({ length: 2300 }, (_, index) => {
        return {
          ...pattern,
          id: 5_000_000 + index,
          episode_number: index + 1,
          name: `Day ${index + 1}`,
          imdb_id: null,
        };
      });
      show.seasons = [season];
    });
    await addAll();
    expect(await harness.sync({ filter: only })).toMatchObject({ status: 'succeeded' });
    expect(await one('select count(*)::int as n, count(distinct title)::int as titles from core.episodes')).toEqual({
      n: 2300,
      titles: 2300,
    });
    expect(await one(`select show_total_episodes as n from core.shows where tmdb_id = ${SHOW}`)).toEqual({ n: 2300 });
  }, 60_000);

  it('shows a new season after one sync of its show (L12)', async () => {
    await addAll();
    await harness.sync();
    simulator.state.edit(SHOW, (show) => {
      const last = show.seasons.at(-1);
      if (last === undefined) throw new Error('a generated show without seasons');
      const episodes = last.episodes.map((episode) => ({ ...episode, id: episode.id + 9000, imdb_id: null }));
      const external_ids = { ...last.external_ids, tvdb_id: null, wikidata_id: null };
      show.seasons.push({
        ...last,
        id: last.id + 9000,
        object_id: 'f'.repeat(24),
        season_number: 9,
        external_ids,
        episodes,
      });
    });
    expect(await harness.sync({ filter: only })).toMatchObject({ status: 'succeeded', shows: { done: 1 } });
    expect(await one('select count(*)::int as n from core.episodes where season_number = 9')).toEqual({ n: 4 });
    expect(await one(`select show_total_seasons as n from core.shows where tmdb_id = ${SHOW}`)).toEqual({ n: 3 });
  });

  it('does not take an episode of tomorrow for the latest one (L13)', async () => {
    const clock = { ...systemClock, now: () => new Date(`${TODAY}T12:00:00Z`) };
    simulator.state.edit(SHOW, (show) => {
      const last = show.seasons.at(-1)?.episodes ?? [];
      for (const [index, day] of ['2026-02-27', TODAY, '2026-03-02', '2026-03-09'].entries()) {
        const episode = last[index];
        if (episode !== undefined) episode.air_date = day;
      }
    });
    await addAll();
    await runSync({ ...harness.deps, clock }, { ...syncRequest(), filter: only });
    expect(
      await one('select most_recent_episode_air_date::text as day from core.shows where tmdb_id = $1', [SHOW]),
    ).toEqual({ day: TODAY });
  });

  it('stores once what a payload lists twice, and counts a warning (L14)', async () => {
    await addAll();
    const person = (order: number, character: string) => {
      return { id: 7, name: 'Twice', order, roles: [{ character, episode_count: 1 }], total_episode_count: 1 };
    };
    const offer = { provider_id: 15, provider_name: 'Hulu', display_priority: 1, logo_path: null };
    const episode = (id: number) => ({ id, episode_number: 1, season_number: 1, name: `No ${id}` });
    const fields = {
      aggregate_credits: { cast: [person(4, 'Self - Host'), person(2, 'Self')], crew: [] },
      'watch/providers': {
        results: { US: { link: 'https://www.themoviedb.org/tv/1/watch', flatrate: [offer, offer] } },
      },
    };
    simulator.setFaults([
      { on: `/tv/${SHOW}`, fault: { kind: 'replace-fields', fields } },
      { on: `/tv/${SHOW}/season/1`, fault: { kind: 'replace-fields', fields: { episodes: [episode(1), episode(2)] } } },
    ]);
    expect(await harness.sync({ filter: only })).toMatchObject({ status: 'succeeded', failures: [] });
    expect(await database.owner('select role, billing_order from core.show_cast')).toEqual([
      { role: 'Self - Host, Self', billing_order: 3 },
    ]);
    expect(await database.owner('select region, provider_id from core.show_watch_providers')).toEqual([
      { region: 'US', provider_id: 15 },
    ]);
    expect(await database.owner('select title from core.episodes where season_number = 1')).toEqual([
      { title: 'No 1' },
    ]);
    const warned = await database.owner(
      'select stage, cardinality(warnings) as n from pipeline.run_units where cardinality(warnings) > 0 order by stage',
    );
    expect(warned).toEqual(['cast', 'episodes', 'providers'].map((stage) => ({ stage, n: 1 })));
  });
});

describe('every stage honours every flag, in the order of 5.2 (I3)', () => {
  // Neither has anything to do here: the TMDb id is known, and no wiki is on.
  const asked = DEFAULT_STAGES.filter((stage) => stage !== 'resolve' && stage !== 'fandom');
  const all = (reason: string) => Object.fromEntries(asked.map((stage) => [stage, reason]));
  const states = (set: string) => database.owner(`update core.sync_state set ${set}`);

  it('takes up the same show for the reason of each row, or leaves it alone', async () => {
    await addAll();
    const run = async (decision: Partial<typeof INCREMENTAL>) => {
      await harness.sync({ filter: only, stages: asked, decision: { ...INCREMENTAL, ...decision } });
      return reasons();
    };
    expect(await run({})).toEqual(all('no-sync-state'));
    expect(await run({})).toEqual({});
    expect(await run({ force: true, incremental: false })).toEqual(all('force'));
    expect(await run({ incremental: false })).toEqual(all('incremental-disabled'));
    expect(await run({ since: '2100-01-01T00:00:00Z' })).toEqual(all('since'));
    for (const status of ['failed', 'in_progress']) {
      await states(`status = '${status}'`);
      expect(await run({ resume: false })).toEqual({});
      expect(await run({})).toEqual(all(`resume-${status}`));
    }
    await states("status = 'partial'");
    expect(await run({})).toEqual(all('status-partial'));
    await states("last_seen_most_recent_episode = 'S0.E0'");
    expect(await run({})).toEqual(all('episode-marker-changed'));
    await states("last_success_at = last_success_at - interval '200 days'");
    expect(await run({})).toEqual(all('refresh-due'));
    await database.owner('update core.shows set show_total_seasons = 99 where tmdb_id = $1', [SHOW]);
    expect(await run({})).toEqual({ seasons: 'season-mismatch', episodes: 'season-mismatch' });
    expect(await run({ refresh: ['cast'] })).toMatchObject({ cast: 'force' });
  });

  it('says with its counts why shows were taken up and left alone', async () => {
    await addAll();
    await harness.sync({ filter: only });
    const { selection } = await harness.sync({ stages: ['cast'] });
    expect(selection).toEqual({
      cast: { selected: SHOWS - 1, skipped: 1, reasons: { 'no-sync-state': SHOWS - 1, 'up-to-date': 1 } },
    });
  });
});

it('takes a TMDb id only when the match is certain, with its reason, and leaves the rest to a person (L9, L11)', async () => {
  const upstream = simulator.state.show(SHOW);
  await database.owner('insert into core.shows (name, imdb_id) values ($1, $2), ($3, $4)', [
    upstream?.name,
    generatedImdbId(1),
    'Something else entirely',
    generatedImdbId(2),
  ]);
  expect((await harness.sync()).status).toBe('partial');
  const stored = await database.owner(
    `select tmdb_id, tvdb_id, needs_tmdb_resolution as needs, provenance -> 'tmdb_id' ->> 'reason' as reason,
       provenance -> 'tmdb_id' -> 'confidence' as confidence from core.shows order by imdb_id`,
  );
  expect(stored).toEqual([
    // The other ids are there at once.
    { tmdb_id: SHOW, tvdb_id: upstream?.external_ids.tvdb_id, needs: false, reason: 'single_result', confidence: 0.9 },
    { tmdb_id: null, tvdb_id: null, needs: true, reason: null, confidence: null },
  ]);
});
