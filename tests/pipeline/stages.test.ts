import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STAGES, stageByName } from '../../src/pipeline/stages/index.ts';
import type { EpisodeFacts, ImageFacts, SeasonFacts } from '../../src/platform/facts.ts';
import type { ShowBundle } from '../../src/sources/tmdb/source.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { addShow, runStage, type TmdbWorld, tmdbWorld } from '../helpers/stage-world.ts';

const PIPELINE = STAGES.filter((stage) => stage.name !== 'resolve' && stage.name !== 'fandom');

let database: TestDatabase;
let nextId = 1000;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

function episode(season: number, number: number, id: number, over: Partial<EpisodeFacts> = {}): EpisodeFacts {
  const airDate = `2024-0${season}-${String(number).padStart(2, '0')}`;
  return {
    seasonNumber: season,
    episodeNumber: number,
    tmdbEpisodeId: id,
    title: `Title ${id}`,
    overview: `About ${id}`,
    airDate,
    runtimeMinutes: 42,
    stillPath: `/s${id}.jpg`,
    productionCode: null,
    episodeType: 'standard',
    voteAverage: 6.5,
    voteCount: 10,
    ...over,
  };
}

function image(kind: ImageFacts['kind'], filePath: string, over: Partial<ImageFacts> = {}): ImageFacts {
  const base = {
    kind,
    filePath,
    language: 'en',
    width: 1000,
    height: 1500,
    aspectRatio: 0.6666667,
    voteAverage: 5,
    voteCount: 10,
  };
  return { ...base, ...over, raw: { file_path: filePath } };
}

function season(number: number, episodes: readonly EpisodeFacts[], over: Partial<SeasonFacts> = {}): SeasonFacts {
  return {
    seasonNumber: number,
    tmdbSeasonId: 10_000 + nextId * 100 + number,
    tmdbSeasonObjectId: `o${number}`,
    name: `Season ${number}`,
    overview: 'About',
    airDate: '2024-01-01',
    posterPath: '/p.jpg',
    tvdbId: 98765,
    wikidataId: 'Q123',
    language: 'en-US',
    episodes,
    posters: [image('poster', `/season${number}.jpg`)],
    ...over,
  };
}

function bundle(tmdbId: number, over: Partial<ShowBundle['show']> = {}): ShowBundle {
  return {
    validators: {},
    show: {
      tmdbId,
      name: 'Upstream name',
      overview: 'Upstream text',
      status: 'Ended',
      type: 'Reality',
      firstAirDate: '2024-01-01',
      lastAirDate: null,
      voteAverage: 8.5,
      voteCount: 12,
      popularity: 3.25,
      genres: ['Reality', 'Drama'],
      keywords: ['island'],
      networks: [{ id: tmdbId * 10, name: 'VH1', originCountry: 'US', logoPath: '/vh1.png', raw: { id: tmdbId * 10 } }],
      companies: [
        { id: tmdbId * 10 + 1, name: 'Co', originCountry: null, logoPath: null, raw: { id: tmdbId * 10 + 1 } },
      ],
      alternativeNames: [{ name: 'Other name', country: 'DE', type: null }],
      externalIds: {
        imdb: `tt${tmdbId}`,
        tvdb: tmdbId,
        wikidata: `Q${tmdbId}`,
        facebook: null,
        instagram: null,
        twitter: null,
        tvrage: null,
      },
      seasonNumbers: [0, 1, 2],
      raw: { id: tmdbId, name: 'Upstream name', images: { posters: [] } },
      ...over,
    },
    credits: [
      {
        person: { name: 'Ann', tmdbId: tmdbId * 10 + 1 },
        category: 'Self',
        role: 'Self - Host',
        billingOrder: 1,
        episodeCount: 4,
      },
      {
        person: { name: 'Bob', tmdbId: tmdbId * 10 + 2 },
        category: 'cast',
        role: 'Bob',
        billingOrder: 2,
        episodeCount: 2,
      },
      {
        person: { name: 'Ann', tmdbId: tmdbId * 10 + 1 },
        category: 'Self',
        role: 'Self',
        billingOrder: 7,
        episodeCount: 1,
      },
      {
        person: { name: 'Cy', tmdbId: tmdbId * 10 + 3 },
        category: 'Production',
        role: 'Producer',
        billingOrder: null,
        episodeCount: 4,
      },
    ],
    images: [image('poster', '/a.jpg'), image('backdrop', '/a.jpg'), image('logo', '/l.png')],
    offers: [
      {
        region: 'US',
        offerType: 'flatrate',
        providerId: 15,
        providerName: 'Hulu',
        displayPriority: 1,
        logoPath: '/h.jpg',
        link: 'https://www.themoviedb.org/tv/1/watch',
        raw: { provider_id: 15, display_priority: 1 },
      },
      {
        region: 'US',
        offerType: 'flatrate',
        providerId: 531,
        providerName: 'Paramount+',
        displayPriority: null,
        logoPath: null,
        link: null,
        raw: { provider_id: 531 },
      },
      {
        region: 'US',
        offerType: 'flatrate',
        providerId: 15,
        providerName: 'Hulu',
        displayPriority: 9,
        logoPath: '/h.jpg',
        link: null,
        raw: { provider_id: 15 },
      },
      {
        region: 'DE',
        offerType: 'buy',
        providerId: 15,
        providerName: 'Hulu',
        displayPriority: 4,
        logoPath: '/h.jpg',
        link: '',
        raw: { provider_id: 15, display_priority: 4 },
      },
    ],
  };
}

async function world(): Promise<{ showId: string; tmdb: TmdbWorld; id: number }> {
  nextId += 1;
  const id = nextId;
  const showId = await addShow(database, { name: `Show ${id}`, tmdbId: id });
  const seasons = new Map<number, SeasonFacts>([
    [0, season(0, [episode(1, 1, id * 1000 + 1, { seasonNumber: 0 })])],
    [
      1,
      season(
        1,
        [1, 2, 3, 4].map((n) => episode(1, n, id * 1000 + 10 + n)),
      ),
    ],
    [
      2,
      season(
        2,
        [1, 2].map((n) => episode(2, n, id * 1000 + 20 + n)),
      ),
    ],
  ]);
  return { showId, id, tmdb: tmdbWorld({ show: bundle(id), seasons }) };
}

async function runAll(showId: string, tmdb: TmdbWorld, now?: string): Promise<string[]> {
  const written: string[] = [];
  for (const stage of PIPELINE) {
    const plan = await runStage(database, stage, showId, tmdb, now === undefined ? {} : { now });
    expect(plan.conflict).toBeUndefined();
    written.push(
      ...plan.changes.map((change) => `${stage.name} ${change.op} ${change.table}: ${change.columns.join(' ')}`),
    );
  }
  return written;
}

const episodesOf = (showId: string) =>
  database.owner(
    `select id, season_number as s, episode_number as e, tmdb_episode_id as tmdb, title, missing_count, retired_at is not null as retired
     from core.episodes where show_id = $1 order by 2, 3`,
    [showId],
  );

describe('all stages on a real database', () => {
  it('stores a show and writes nothing the second time', async () => {
    const { showId, tmdb, id } = await world();
    const first = await runAll(showId, tmdb);
    expect(first.length).toBeGreaterThan(10);
    expect(await runAll(showId, { ...tmdb, at: '2025-12-25T00:00:00Z' })).toEqual([]);
    const [show] = await database.owner('select * from core.shows where id = $1', [showId]);
    expect(show).toMatchObject({
      name: `Show ${id}`,
      description: 'Upstream text',
      premiere_date: '2024-01-01',
      imdb_id: `tt${id}`,
      tvdb_id: id,
      genres: ['Drama', 'Reality'],
      networks: ['VH1'],
      tmdb_network_ids: [id * 10],
      streaming_providers: ['Hulu', 'Paramount+'],
      tmdb_vote_average: '8.5',
      tmdb_last_air_date: null,
      show_total_seasons: 2,
      show_total_episodes: 7,
      needs_imdb_resolution: false,
      most_recent_episode: `S2.E2 - Title ${id * 1000 + 22} (2024-02-02)`,
    });
    expect(show?.['primary_poster_image_id']).not.toBeNull();
    expect(
      await database.owner('select kind, source_image_id from core.show_images where show_id = $1 order by 1', [
        showId,
      ]),
    ).toEqual([
      { kind: 'backdrop', source_image_id: 'backdrop:/a.jpg' },
      { kind: 'logo', source_image_id: '/l.png' },
      { kind: 'poster', source_image_id: '/a.jpg' },
    ]);
    expect(
      await database.owner(
        'select cast_member_name, credit_category, role, billing_order from core.show_cast where show_id = $1 order by 4',
        [showId],
      ),
    ).toEqual([
      { cast_member_name: 'Ann', credit_category: 'Self', role: 'Self - Host, Self', billing_order: 1 },
      { cast_member_name: 'Bob', credit_category: 'cast', role: 'Bob', billing_order: 2 },
    ]);
  });

  it('keeps the rows of swapped and shifted episodes', async () => {
    const { showId, tmdb, id } = await world();
    await runAll(showId, tmdb);
    const before = new Map((await episodesOf(showId)).map((row) => [row['tmdb'], row['id']]));
    const base = id * 1000 + 10;
    // 1 and 2 swap, 3 moves to season 2, 4 takes the number of 3.
    tmdb.seasons.set(1, season(1, [episode(1, 1, base + 2), episode(1, 2, base + 1), episode(1, 3, base + 4)]));
    tmdb.seasons.set(
      2,
      season(2, [episode(2, 1, id * 1000 + 21), episode(2, 2, id * 1000 + 22), episode(2, 3, base + 3)]),
    );
    await runAll(showId, tmdb);
    const after = await episodesOf(showId);
    expect(new Map(after.map((row) => [row['tmdb'], row['id']]))).toEqual(before);
    expect(after.map((row) => [row['s'], row['e'], row['tmdb']])).toEqual([
      [0, 1, id * 1000 + 1],
      [1, 1, base + 2],
      [1, 2, base + 1],
      [1, 3, base + 4],
      [2, 1, id * 1000 + 21],
      [2, 2, id * 1000 + 22],
      [2, 3, base + 3],
    ]);
    expect(await runAll(showId, tmdb)).toEqual([]);
  });

  it('retires the episode a renumbering displaces and keeps the others', async () => {
    const { showId, tmdb, id } = await world();
    await runAll(showId, tmdb);
    const before = new Map((await episodesOf(showId)).map((row) => [row['tmdb'], row['id']]));
    const base = id * 1000 + 10;
    tmdb.seasons.set(1, season(1, [episode(1, 1, base + 1), episode(1, 2, base + 3), episode(1, 3, base + 4)]));
    // Incomplete first: nothing about season 1 may be decided.
    const season2 = tmdb.seasons.get(2);
    tmdb.seasons.set(2, 'transport');
    const partial = await runStage(database, stageByName('episodes'), showId, tmdb);
    expect(partial).toMatchObject({
      changes: [],
      partial: ['episodes: renumbering waits for a complete fetch', 'season 2: transport'],
    });
    if (season2 !== undefined) tmdb.seasons.set(2, season2);
    await runAll(showId, tmdb);
    const after = await episodesOf(showId);
    expect(new Map(after.map((row) => [row['tmdb'], row['id']]))).toEqual(before);
    expect(after.filter((row) => row['s'] === 1).map((row) => [row['e'], row['tmdb'], row['retired']])).toEqual([
      [1, base + 1, false],
      [2, base + 3, false],
      [3, base + 4, false],
      [5, base + 2, true],
    ]);
    expect(await runAll(showId, tmdb)).toEqual([]);
    // The season grows into the number where the retired row rests: it moves on, the new episode is a new row.
    tmdb.seasons.set(
      1,
      season(
        1,
        [1, 3, 4, 90, 91].map((n, index) => episode(1, index + 1, base + n)),
      ),
    );
    await runAll(showId, tmdb);
    expect(
      (await episodesOf(showId)).filter((row) => row['s'] === 1).map((row) => [row['e'], row['tmdb'], row['retired']]),
    ).toEqual([
      [1, base + 1, false],
      [2, base + 3, false],
      [3, base + 4, false],
      [4, base + 90, false],
      [5, base + 91, false],
      [6, base + 2, true],
    ]);
    expect(await runAll(showId, tmdb)).toEqual([]);
  });

  it('lets an IMDb row that holds the number take over the TMDb id', async () => {
    const { showId, tmdb, id } = await world();
    await runAll(showId, tmdb);
    const base = id * 1000 + 10;
    await database.owner(
      `update core.episodes set tmdb_episode_id = null, imdb_episode_id = $2 where tmdb_episode_id = $1`,
      [base + 2, `tt${base}`],
    );
    tmdb.seasons.set(
      1,
      season(1, [episode(1, 1, base + 9), episode(1, 2, base + 1), episode(1, 3, base + 3), episode(1, 4, base + 4)]),
    );
    await runAll(showId, tmdb);
    const rows = await database.owner(
      `select episode_number as e, tmdb_episode_id as tmdb, imdb_episode_id as imdb from core.episodes
       where show_id = $1 and season_number = 1 order by 1`,
      [showId],
    );
    expect(rows.slice(0, 2)).toEqual([
      { e: 1, tmdb: base + 9, imdb: null },
      { e: 2, tmdb: base + 1, imdb: `tt${base}` },
    ]);
    expect(await runAll(showId, tmdb)).toEqual([]);
  });

  it('counts and retires what vanishes, but never after an incomplete fetch, and revives what returns', async () => {
    const { showId, tmdb } = await world();
    await runAll(showId, tmdb);
    const full = new Map(tmdb.seasons);
    tmdb.show = { ...tmdb.show, show: { ...tmdb.show.show, seasonNumbers: [0, 1] } };
    tmdb.seasons.set(1, 'transport');
    const alive = async (): Promise<unknown> =>
      (
        await database.owner(
          `select (select count(*)::int from core.seasons where show_id = $1 and retired_at is null) as seasons,
           (select count(*)::int from core.episodes where show_id = $1 and retired_at is null) as episodes,
           (select sum(missing_count)::int from core.episodes where show_id = $1) as missing`,
          [showId],
        )
      )[0];
    for (let run = 0; run < 3; run += 1) {
      const plan = await runStage(database, stageByName('seasons'), showId, tmdb);
      expect(plan.partial).toEqual(['season 1: transport']);
      await runStage(database, stageByName('episodes'), showId, tmdb);
    }
    expect(await alive()).toEqual({ seasons: 3, episodes: 7, missing: 0 });
    tmdb.seasons = new Map(full);
    await runAll(showId, tmdb);
    expect(await alive()).toEqual({ seasons: 3, episodes: 7, missing: 2 });
    await runAll(showId, tmdb);
    expect(await alive()).toEqual({ seasons: 2, episodes: 5, missing: 4 });
    expect(await runAll(showId, tmdb)).toEqual([]);
    tmdb.show = { ...tmdb.show, show: { ...tmdb.show.show, seasonNumbers: [0, 1, 2] } };
    await runAll(showId, tmdb);
    expect(await alive()).toEqual({ seasons: 3, episodes: 7, missing: 0 });
  });

  it('asks only for the missing season and keeps its rows', async () => {
    const { showId, tmdb, id } = await world();
    await runAll(showId, tmdb);
    tmdb.requests.length = 0;
    const plan = await runStage(database, stageByName('episodes'), showId, tmdb, { only: { episodes: [2] } });
    expect(tmdb.requests).toEqual([`show ${id}`, `season ${id}/2`]);
    expect(plan).toMatchObject({ changes: [], partial: [] });
  });

  it('replaces offers as a set and withdraws names, but not when the block is missing', async () => {
    const { showId, tmdb } = await world();
    await runAll(showId, tmdb);
    const offers = async (): Promise<unknown> =>
      (
        await database.owner(
          `select s.streaming_providers as names, array_agg(w.region || ' ' || w.provider_id order by 1) filter (where w.region is not null) as rows
         from core.shows s left join core.show_watch_providers w on w.show_id = s.id where s.id = $1 group by s.id`,
          [showId],
        )
      )[0];
    const { offers: _, ...withoutOffers } = tmdb.show;
    const providers = stageByName('providers');
    expect(
      (await runStage(database, providers, showId, { ...tmdb, show: withoutOffers, missing: ['watch/providers'] }))
        .partial,
    ).toEqual(['watch/providers']);
    expect(await offers()).toEqual({ names: ['Hulu', 'Paramount+'], rows: ['DE 15', 'US 15', 'US 531'] });
    const plan = await runStage(database, providers, showId, {
      ...tmdb,
      show: { ...tmdb.show, offers: (tmdb.show.offers ?? []).slice(1, 2) },
    });
    expect(plan.changes[0]).toMatchObject({ op: 'delete', table: 'core.show_watch_providers' });
    expect(await offers()).toEqual({ names: ['Paramount+'], rows: ['US 531'] });
    await runStage(database, providers, showId, { ...tmdb, show: { ...tmdb.show, offers: [] } });
    expect(await offers()).toEqual({ names: null, rows: null });
  });

  it('names both shows when an id is held elsewhere and writes nothing', async () => {
    const { showId, tmdb, id } = await world();
    const other = await addShow(database, { name: 'Held here', imdbId: `tt${id}` });
    const plan = await runStage(database, stageByName('details'), showId, tmdb);
    expect(plan.changes).toEqual([]);
    expect(plan.conflict?.code).toBe('id_conflict');
    expect(plan.conflict?.detail).toContain(showId);
    expect(plan.conflict?.detail).toContain(other);
  });

  it('applies overrides last and keeps them over a sync', async () => {
    const { showId, tmdb } = await world();
    await runAll(showId, tmdb);
    const override = async (table: string, key: string, field: string, value: unknown): Promise<void> => {
      await database.owner(
        `insert into core.overrides (table_name, row_key, field, value, actor) values ($1, $2, $3, $4::jsonb, 'test')`,
        [table, key, field, JSON.stringify(value)],
      );
    };
    const [first] = await episodesOf(showId);
    await override('episodes', String(first?.['id']), 'title', 'Ours');
    await override('shows', showId, 'genres', ['Ours']);
    await override('shows', showId, 'show_total_seasons', 9);
    await runAll(showId, tmdb);
    const read = async (): Promise<unknown> =>
      (
        await database.owner(
          `select s.genres, s.show_total_seasons as seasons, e.title, e.provenance -> 'title' ->> 'via' as via
         from core.shows s join core.episodes e on e.id = $2 where s.id = $1`,
          [showId, first?.['id']],
        )
      )[0];
    expect(await read()).toEqual({ genres: ['Ours'], seasons: 9, title: 'Ours', via: 'override' });
    expect(await runAll(showId, tmdb)).toEqual([]);
    await database.owner('delete from core.overrides where row_key = any($1)', [[showId, first?.['id']]]);
    await runAll(showId, tmdb);
    expect(await read()).toEqual({ genres: ['Drama', 'Reality'], seasons: 2, title: first?.['title'], via: 'live' });
    expect(await runAll(showId, tmdb)).toEqual([]);
  });
});

describe('shows that bring the same people, networks and providers at the same moment', () => {
  it('store each once and fail none', async () => {
    const worlds = await Promise.all(Array.from({ length: 4 }, () => world()));
    const [first] = worlds;
    if (first === undefined) throw new Error('no show');
    const { networks, companies } = first.tmdb.show.show;
    const shared = (tmdb: TmdbWorld): TmdbWorld => ({
      ...tmdb,
      show: {
        ...tmdb.show,
        show: { ...tmdb.show.show, ...(networks && { networks }), ...(companies && { companies }) },
        credits: first.tmdb.show.credits ?? [],
        offers: (first.tmdb.show.offers ?? []).map((offer) => ({ ...offer, providerId: offer.providerId + 90_000 })),
      },
    });
    await Promise.all(worlds.map(({ showId, tmdb }) => runAll(showId, shared(tmdb))));
    const [count] = await database.owner(
      `select (select count(*)::int from core.people where external_ids ->> 'tmdb' = any($1)) as people,
         (select count(*)::int from core.show_cast where show_id = any($2::uuid[])) as credits,
         (select count(*)::int from core.networks where id = $3) as networks,
         (select count(*)::int from core.show_watch_providers where show_id = any($2::uuid[])) as offers`,
      [[1, 2].map((n) => String(first.id * 10 + n)), worlds.map(({ showId }) => showId), first.id * 10],
    );
    expect(count).toEqual({ people: 2, credits: 8, networks: 1, offers: 12 });
  });
});

describe('resolve', () => {
  it('stores a certain match with its confidence and leaves an uncertain one to a person', async () => {
    const resolve = stageByName('resolve');
    const candidate = {
      tmdbId: 77_001,
      name: 'Big Brother',
      originalName: null,
      firstAirDate: '2000-07-05',
      popularity: 50,
    };
    const showId = await addShow(database, { name: 'Big Brother', imdbId: 'tt770011' });
    const plan = await runStage(
      database,
      resolve,
      showId,
      tmdbWorld({ candidates: [candidate, { ...candidate, tmdbId: 77_002, name: 'Another' }] }),
    );
    expect(plan.partial).toEqual([]);
    const [row] = await database.owner(
      `select tmdb_id, needs_tmdb_resolution as needs, provenance -> 'tmdb_id' as how from core.shows where id = $1`,
      [showId],
    );
    expect(row).toMatchObject({
      tmdb_id: 77_001,
      needs: false,
      how: { source: 'tmdb', reason: 'name_match', confidence: 0.95 },
    });

    const unsure = await addShow(database, { name: 'Survivor', imdbId: 'tt770022' });
    const second = await runStage(
      database,
      resolve,
      unsure,
      tmdbWorld({ candidates: [{ ...candidate, tmdbId: 77_003 }] }),
    );
    expect(second.partial).toEqual(['tmdb_id: single_result, name or year differs']);
    expect(second.warnings.join()).toContain('77003');
    expect(
      await database.owner('select tmdb_id, needs_tmdb_resolution as needs from core.shows where id = $1', [unsure]),
    ).toEqual([{ tmdb_id: null, needs: true }]);

    const duplicate = await addShow(database, { name: 'Big Brother', imdbId: 'tt770033' });
    const third = await runStage(database, resolve, duplicate, tmdbWorld({ candidates: [candidate] }));
    expect(third.conflict?.detail).toContain(showId);
  });
});
