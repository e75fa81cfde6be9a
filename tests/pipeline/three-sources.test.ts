import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LANTERN_WIKI } from '../../scripts/sample/made-up-wiki.ts';
import { setOverride } from '../../src/catalogue/overrides/service.ts';
import { planSync } from '../../src/pipeline/dry-run.ts';
import { runImport } from '../../src/pipeline/lists/import.ts';
import { openSources } from '../../src/pipeline/open-sources.ts';
import { runSync } from '../../src/pipeline/runner.ts';
import { createStages } from '../../src/pipeline/stages/index.ts';
import type { RunDependencies } from '../../src/pipeline/work.ts';
import { loadConfig } from '../../src/platform/config/load.ts';
import { createFetcher } from '../../src/sources/fetcher/fetcher.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { INCREMENTAL, syncRequest, writeMark } from '../helpers/pipeline.ts';

const LANTERN = 'tt90001000';
const FORCE = { ...INCREMENTAL, force: true };

let database: TestDatabase;
let deps: RunDependencies;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  const env = { TRR_FANDOM_WIKIS: JSON.stringify({ [LANTERN]: LANTERN_WIKI }) };
  const config = loadConfig({ env, envFolders: [] });
  const fetcher = createFetcher({ config, snapshots: 'sample/snapshots', offline: true });
  const sources = openSources(fetcher, config, database.db);
  closing.push(
    () => sources.close(),
    () => fetcher.close(),
  );
  deps = {
    db: database.db,
    ownerUrl: database.url,
    tmdb: sources.tmdb,
    lists: sources.stages,
    stages: createStages(sources.stages),
    requestCounts: () => fetcher.counts(),
  };
  const summary = await runImport(deps, {
    ...syncRequest(),
    command: 'import',
    sources: { tmdbLists: ['1'], tmdbIds: [], imdbIds: [] },
  });
  expect(summary).toMatchObject({ status: 'succeeded', failures: [] });
});
afterAll(async () => {
  for (const close of closing) await close();
  await database.drop();
});

async function show<R extends Record<string, unknown>>(columns: string): Promise<R> {
  const [row] = await database.owner<R>(`select ${columns} from core.shows s where s.imdb_id = '${LANTERN}'`);
  if (row === undefined) throw new Error('the sample show was not imported');
  return row;
}

/** Who states a field, as `source/licence/via`. */
const origin = (field: string, alias = 's') =>
  `${alias}.provenance -> '${field}' ->> 'source' || '/' || (${alias}.provenance -> '${field}' ->> 'licence') || '/' || (${alias}.provenance -> '${field}' ->> 'via')`;

describe('a show from TMDb, IMDb and Fandom at once', () => {
  it('knows of every value where it came from', async () => {
    expect(
      await show(`s.name, s.imdb_title, s.imdb_content_rating, s.imdb_rating_value::float8 as rating, s.tags, s.genres,
        ${origin('name')} as name_from, ${origin('imdb_title')} as title_from, ${origin('imdb_content_rating')} as certificate_from,
        ${origin('imdb_rating_value')} as rating_from, s.provenance -> 'genres' -> 'values' as genres_from, s.imdb_meta ->> 'runtime_minutes' as runtime`),
    ).toEqual({
      name: 'Last Lantern Standing',
      imdb_title: 'Last Lantern Standing',
      imdb_content_rating: 'TV-PG',
      rating: 8,
      tags: ['Survival Reality TV'],
      genres: ['Documentary', 'Game-Show', 'Reality', 'Reality-TV'],
      name_from: 'tmdb/tmdb/snapshot',
      title_from: 'imdb-web/imdb/snapshot',
      certificate_from: 'imdb-web/imdb/snapshot',
      rating_from: 'imdb-web/imdb/snapshot',
      genres_from: {
        tmdb: ['Documentary', 'Reality'],
        'imdb-web': ['Game-Show', 'Reality-TV'],
        'imdb-datasets': ['Game-Show', 'Reality-TV'],
      },
      runtime: '58',
    });
  });

  it("gives TMDb's episodes IMDb's ids and ratings, and keeps the text that may be shown", async () => {
    const episodes = await database.owner(
      `select e.season_number as s, e.episode_number as e, e.title, e.imdb_episode_id, e.imdb_rating::float8 as rating, e.imdb_vote_count as votes,
         ${origin('title', 'e')} as title_from, ${origin('imdb_episode_id', 'e')} as id_from, ${origin('imdb_rating', 'e')} as rating_from
       from core.episodes e join core.shows s on s.id = e.show_id
       where s.imdb_id = '${LANTERN}' and e.season_number = 1 and e.episode_number in (1, 5) order by 2`,
    );
    const from = {
      title_from: 'tmdb/tmdb/snapshot',
      id_from: 'imdb-datasets/identifiers/snapshot',
      rating_from: 'imdb-datasets/imdb/snapshot',
    };
    expect(episodes).toEqual([
      { s: 1, e: 1, title: 'Landfall', imdb_episode_id: 'tt90001201', rating: 7, votes: 900, ...from },
      // IMDb calls it "Fog": a word that may not be shown does not take the place of one that may.
      { s: 1, e: 5, title: 'Nebel', imdb_episode_id: 'tt90001205', rating: 7.4, votes: 872, ...from },
    ]);
    const [count] = await database.owner(
      `select count(*)::int as all, count(imdb_episode_id)::int as known from core.episodes e join core.shows s on s.id = e.show_id
       where s.imdb_id = '${LANTERN}'`,
    );
    expect(count).toEqual({ all: 16, known: 12 });
  });

  it('knows who is who by their ids, and never by their names', async () => {
    const people = await database.owner(
      `select p.full_name, p.external_ids, ${origin('full_name', 'p')} as name_from, c.credit_category,
         c.provenance -> 'credit_category' -> 'values' as stated_by, c.provenance -> 'credit_category' ->> 'source' as first
       from core.people p join core.show_cast c on c.person_id = p.id join core.shows s on s.id = c.show_id and s.imdb_id = '${LANTERN}'
       where p.full_name in ('Sam Flint', 'Tilda Funkenflug', 'Órla Nì Sholais') and c.credit_category = 'Self'
       order by p.full_name collate "C", p.external_ids ->> 'tmdb'`,
    );
    const both = { tmdb: ['Self'], 'imdb-datasets': ['Self'] };
    expect(people).toEqual([
      {
        full_name: 'Sam Flint',
        external_ids: { tmdb: '900001524', imdb: 'nm90001524' },
        name_from: 'tmdb/tmdb/snapshot',
        credit_category: 'Self',
        stated_by: both,
        first: 'tmdb',
      },
      {
        full_name: 'Sam Flint',
        external_ids: { tmdb: '900001528', imdb: 'nm90001528' },
        name_from: 'tmdb/tmdb/snapshot',
        credit_category: 'Self',
        stated_by: both,
        first: 'tmdb',
      },
      {
        full_name: 'Tilda Funkenflug',
        external_ids: { imdb: 'nm90001600' },
        name_from: 'imdb-datasets/imdb/snapshot',
        credit_category: 'Self',
        stated_by: null,
        first: 'imdb-datasets',
      },
      {
        full_name: 'Órla Nì Sholais',
        external_ids: { tmdb: '900001512', imdb: 'nm90001512' },
        name_from: 'tmdb/tmdb/snapshot',
        credit_category: 'Self',
        stated_by: both,
        first: 'tmdb',
      },
    ]);
  });

  it('knows in which episodes people are, and in which seasons without IMDb', async () => {
    const rows = await database.owner(
      `select p.full_name as name, a.seasons, a.total_episodes as total, a.tmdb_season_ids as season_ids,
         a.provenance -> 'seasons' -> 'values' as seasons_from, ${origin('imdb_episode_title_ids', 'a')} as episodes_from
       from core.episode_appearances a join core.people p on p.id = a.person_id join core.shows s on s.id = a.show_id
       where s.imdb_id = '${LANTERN}' and p.external_ids ->> 'imdb' in ('nm90001512', 'nm90001600', 'nm90001520') order by 1`,
    );
    expect(rows).toEqual([
      {
        // Only old pictures of her are in season 2.
        name: 'Ada Funke',
        seasons: [0, 1],
        total: 6,
        season_ids: [900001600, 900001601],
        seasons_from: { tmdb: [0, 1], 'imdb-datasets': [1] },
        episodes_from: 'imdb-datasets/imdb/snapshot',
      },
      {
        name: 'Tilda Funkenflug',
        seasons: [1, 2],
        total: 10,
        season_ids: [900001601, 900001602],
        seasons_from: { 'imdb-datasets': [1, 2] },
        episodes_from: 'imdb-datasets/imdb/snapshot',
      },
      {
        name: 'Órla Nì Sholais',
        seasons: [0, 1, 2, 3],
        total: 12,
        season_ids: [900001600, 900001601, 900001602, 900001603],
        seasons_from: { tmdb: [0, 1, 2, 3], 'imdb-datasets': [1, 2] },
        episodes_from: 'imdb-datasets/imdb/snapshot',
      },
    ]);
  });

  it('attaches wiki pages to whose they are, and tells the other namesake', async () => {
    const rows = await database.owner(
      `select p.external_ids ->> 'imdb' as id, f.page_title, f.birthdate::text, f.page_id::int, f.installment, ${origin('summary', 'f')} as summary_from
       from core.cast_fandom f join core.people p on p.id = f.person_id order by f.page_id`,
    );
    const installment = 'Last Lantern Standing';
    const summary_from = 'fandom/cc-by-sa/snapshot';
    expect(rows).toEqual([
      {
        id: 'nm90001512',
        page_title: 'Órla Nì Sholais',
        birthdate: '1980-02-29',
        page_id: 11,
        installment,
        summary_from,
      },
      { id: 'nm90001520', page_title: 'Ada Funke', birthdate: '1994-05-12', page_id: 12, installment, summary_from },
      { id: 'nm90001524', page_title: 'Sam Flint', birthdate: '1991-09-09', page_id: 13, installment, summary_from },
    ]);
    const [unit] = await database.owner<{ warnings: string[] }>(
      `select u.warnings from pipeline.run_units u join core.shows s on s.id = u.show_id and s.imdb_id = '${LANTERN}' where u.stage = 'fandom'`,
    );
    expect(unit?.warnings).toEqual([expect.stringContaining('may be Sam Flint')]);
  });

  it('describes pictures of every source, each under its own licence', async () => {
    const rows = await database.owner(
      `select p.external_ids ->> 'imdb' as id, c.source, c.source_image_id, c.width, c.context_type, ${origin('url', 'c')} as url_from
       from core.cast_photos c join core.people p on p.id = c.person_id
       where p.external_ids ->> 'imdb' in ('nm90001512', 'nm90001520', 'nm90001528') order by 1, 2, 3`,
    );
    const tmdb = { source: 'tmdb', width: null, context_type: null, url_from: 'tmdb/tmdb/snapshot' };
    const wiki = { source: 'fandom', width: 1200, url_from: 'fandom/fandom-image/snapshot' };
    expect(rows).toEqual([
      { id: 'nm90001512', ...wiki, source_image_id: 'lastlantern/Orla_on_the_rock.jpg', context_type: 'hero' },
      { id: 'nm90001512', ...wiki, source_image_id: 'lastlantern/Orla_reunion_s1.jpg', context_type: 'reunion_look' },
      { id: 'nm90001512', ...tmdb, source_image_id: '/made-up-person-512.jpg' },
      {
        id: 'nm90001520',
        ...wiki,
        source_image_id: 'lastlantern/Ada_S1.jpg',
        context_type: 'hero',
        url_from: 'fandom/cc-by-sa/snapshot',
      },
      { id: 'nm90001520', ...tmdb, source_image_id: '/made-up-person-520.jpg' },
      { id: 'nm90001528', ...tmdb, source_image_id: '/made-up-person-528.jpg' },
    ]);
  });

  it('has nothing left to write when asked again, and a dry run says the same', async () => {
    // That a stage was looked at again is remembered; nothing else moves.
    const mark = async () => (await writeMark(database)).replace(/^core\.sync_state .*$/m, '');
    const before = await mark();
    const planned: unknown[] = [];
    await planSync(deps, {
      ...syncRequest(),
      decision: FORCE,
      onPlan: ({ stage, plan }) =>
        planned.push(...(plan?.changes ?? []).map((change) => [stage, change.table, change.columns])),
    });
    expect(planned).toEqual([]);
    expect(await runSync(deps, { ...syncRequest(), decision: FORCE })).toMatchObject({
      status: 'succeeded',
      tables: {},
    });
    expect(await mark()).toBe(before);
  });

  it('keeps what a person decided over every source', async () => {
    const { id } = await show<{ id: string }>('s.id');
    const options = { actor: 'test', reason: 'we know better' };
    await setOverride(database.db, 'shows', id, 'imdb_content_rating', 'TV-14', options);
    await setOverride(database.db, 'shows', id, 'genres', 'Lighthouse', options);
    const [ada] = await database.owner<{ id: string }>(`select id from core.people where full_name = 'Ada Funke'`);
    await setOverride(database.db, 'people', ada?.id ?? '', 'full_name', 'Ada the First', options);
    expect(await runSync(deps, { ...syncRequest(), decision: FORCE })).toMatchObject({ status: 'succeeded' });
    expect(
      await show(
        `s.imdb_content_rating, s.genres, ${origin('imdb_content_rating')} as rating_from, ${origin('genres')} as genres_from`,
      ),
    ).toEqual({
      imdb_content_rating: 'TV-14',
      genres: ['Lighthouse'],
      rating_from: 'own/own/override',
      genres_from: 'own/own/override',
    });
    const [person] = await database.owner(
      `select full_name from core.people where external_ids ->> 'imdb' = 'nm90001520'`,
    );
    expect(person).toEqual({ full_name: 'Ada the First' });
  });
});

it('asks nobody for what is not in the saved answers: the other show is simply without', async () => {
  const rows = await database.owner(
    `select y.table_name as stage, y.status from core.sync_state y join core.shows s on s.id = y.show_id
     where s.tmdb_id = 14658 and y.table_name in ('details', 'episodes', 'people', 'cast', 'appearances', 'fandom', 'cast-photos') order by 1`,
  );
  expect(rows).toEqual([
    { stage: 'appearances', status: 'success' },
    { stage: 'cast', status: 'success' },
    { stage: 'cast-photos', status: 'success' },
    { stage: 'details', status: 'success' },
    { stage: 'episodes', status: 'success' },
    { stage: 'fandom', status: 'not_applicable' },
    { stage: 'people', status: 'success' },
  ]);
});

describe("IMDb's lists", () => {
  const importing = { ...syncRequest(), command: 'import', stages: [] };

  it('unites its entries with those of other lists, fills what is missing and leaves films out', async () => {
    const before = await show("s.name, s.description, s.imdb_meta ->> 'runtime_minutes' as runtime");
    const sources = {
      imdbLists: ['https://www.imdb.com/list/ls900000001/'],
      tmdbLists: ['1'],
      tmdbIds: [],
      imdbIds: [],
    };
    const summary = await runImport(deps, { ...importing, sources });
    // The two names of one show meet when its details tell the other id.
    expect(summary).toMatchObject({ status: 'succeeded', shows: { total: 3 } });
    expect(await show(`s.name, s.description, s.imdb_meta ->> 'runtime_minutes' as runtime`)).toEqual(before);
    expect(
      await show(
        `s.listed_on, s.provenance -> 'listed_on' -> 'values' as by, s.imdb_meta ->> 'list_note' as note, s.imdb_meta ->> 'list_rank' as rank`,
      ),
    ).toEqual({
      listed_on: ['imdb', 'tmdb'],
      by: { 'imdb-web': ['imdb'], tmdb: ['tmdb'] },
      note: 'Watch it in winter.',
      rank: '1',
    });
    expect(await database.owner("select id from core.shows where imdb_id = 'tt90000003'")).toEqual([]);
    expect(await runImport(deps, { ...importing, sources })).toMatchObject({ tables: {} });
  });

  it('adds a show that only IMDb names, under a name that may not be shown yet', async () => {
    await database.owner('begin; delete from core.shows; commit');
    const sources = { imdbLists: ['ls900000001'], tmdbLists: [], tmdbIds: [], imdbIds: [] };
    expect(await runImport(deps, { ...importing, sources })).toMatchObject({
      status: 'succeeded',
      shows: { total: 1 },
    });
    expect(
      await show(`s.name, s.tmdb_id, s.needs_tmdb_resolution, s.imdb_title, ${origin('name')} as name_from`),
    ).toEqual({
      name: 'Last Lantern Standing',
      tmdb_id: null,
      needs_tmdb_resolution: true,
      imdb_title: 'Last Lantern Standing',
      name_from: 'imdb-web/imdb/snapshot',
    });
    expect(await runSync(deps, syncRequest())).toMatchObject({ status: 'succeeded' });
    expect(await show(`s.tmdb_id, ${origin('name')} as name_from`)).toEqual({
      tmdb_id: 900001000,
      name_from: 'tmdb/tmdb/snapshot',
    });
  });

  it('says how to switch it on where it is off', async () => {
    const { lists: _, ...without } = deps;
    const sources = { imdbLists: ['ls900000001'], tmdbLists: [], tmdbIds: [], imdbIds: [] };
    const summary = await runImport(without, { ...importing, sources });
    expect(summary).toMatchObject({ status: 'failed', failures: [expect.stringContaining('TRR_LIVE_SOURCES')] });
  });
});
