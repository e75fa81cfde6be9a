import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/pipeline/plan.ts';
import type { StageName } from '../../src/pipeline/stage.ts';
import type { StageSources } from '../../src/pipeline/stage-sources.ts';
import { createStages } from '../../src/pipeline/stages/index.ts';
import type { WikiConfig } from '../../src/platform/config/wikis.ts';
import type { PersonPhotoFacts } from '../../src/platform/facts.ts';
import { createFandomSource } from '../../src/sources/fandom/client.ts';
import { createFetcher } from '../../src/sources/fetcher/fetcher.ts';
import { createImdbSource } from '../../src/sources/imdb/client.ts';
import { PERSON, personGalleryPage, viewerPage } from '../fixtures/imdb/people.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { imdbOf, otherWorld } from '../helpers/other-sources.ts';
import { addShow, runStage, tmdbWorld } from '../helpers/stage-world.ts';
import { sourceConfig, startUpstream, type Upstream } from '../helpers/upstream.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Politeness has its own tests; here it would only cost time. */
const clock = { now: () => Date.now(), monotonic: () => performance.now() * 1000, sleep: async () => undefined };
const retry = { attempts: 1, baseMs: 1 };

async function run(name: StageName, showId: string, sources: StageSources): Promise<Plan> {
  const stage = createStages({ published: new Set(['tmdb', 'cc-by-sa']), ...sources }).find((one) => one.name === name);
  if (stage === undefined) throw new Error(`no stage ${name}`);
  return runStage(
    database,
    stage,
    showId,
    tmdbWorld({ show: { show: { seasonNumbers: [] }, credits: [], validators: {} } }),
  );
}

async function addToCast(showId: string, name: string, ids: object, birthday: string | null): Promise<string> {
  const [row] = await database.owner<{ id: string }>(
    'insert into core.people (full_name, external_ids) values ($1, $2) returning id',
    [name, ids],
  );
  const id = row?.id ?? '';
  await database.owner(`insert into core.show_cast (show_id, person_id, credit_category) values ($1, $2, 'Self')`, [
    showId,
    id,
  ]);
  if (birthday !== null)
    await database.owner('insert into core.cast_tmdb (person_id, tmdb_id, name, birthday) values ($1, $2, $3, $4)', [
      id,
      Math.floor(Math.random() * 1e9),
      name,
      birthday,
    ]);
  return id;
}

describe('C12: photos of wiki pages, among namesakes', () => {
  const SHOW = 'Island of Plans';
  const wiki: WikiConfig = {
    wiki: 'isle.fandom.com',
    shows: [SHOW],
    galleryTitle: '{name}/Gallery',
    seasonTitle: null,
    personTemplates: [],
    enabled: true,
  };
  const linkTo = (title: string) => `<a href="/wiki/${title.replaceAll(' ', '_')}">${title}</a>`;
  /** A page of an infobox with one picture named after the page. */
  const page = (pageid: number, title: string, lines: Record<string, string>) => {
    const file = `${title.replaceAll(/\W+/g, '_')}.jpg`;
    const src = `https://static.wikia.nocookie.net/isle/images/8/8c/${file}/revision/latest?cb=1`;
    const picture = `<figure class="pi-item pi-image"><a href="${src}" class="image"><img src="${src}" width="270" height="338" data-image-key="${file}" data-image-name="${file}"/></a></figure>`;
    const items = Object.entries({ gender: 'Female', ...lines }).map(
      ([key, value]) =>
        `<div class="pi-item pi-data" data-source="${key}"><div class="pi-data-value">${value}</div></div>`,
    );
    const text = `<div class="mw-parser-output"><aside class="portable-infobox">${picture}${items.join('')}</aside></div>`;
    return { parse: { title, pageid, revid: 4500 + pageid, text } };
  };
  const installment = linkTo(SHOW);
  const pages: Readonly<Record<string, unknown>> = {
    // Two of one name in this cast, and one of that name elsewhere.
    'Mara Quill': {
      parse: {
        title: 'Mara Quill',
        pageid: 1,
        revid: 1,
        properties: { disambiguation: '' },
        text: `<ul>${['Mara Quill (Isle)', 'Mara Quill (Coast)', 'Mara Quill (Abroad)'].map((title) => `<li>${linkTo(title)}</li>`).join('')}</ul>`,
      },
    },
    'Mara Quill (Isle)': page(2, 'Mara Quill (Isle)', { born: 'March 3, 1985', installment }),
    'Mara Quill (Coast)': page(3, 'Mara Quill (Coast)', { born: 'May 1, 1950', installment }),
    'Mara Quill (Abroad)': page(4, 'Mara Quill (Abroad)', { born: 'June 9, 1990', installment: linkTo('Farm Abroad') }),
    // A name and nothing else: nobody can tell.
    'Ida Marsh': page(5, 'Ida Marsh', {}),
    // The name is hers, the page another woman's.
    'Nora Dune': page(6, 'Nora Dune', { born: 'July 7, 1970', installment: linkTo('Farm Abroad') }),
    // Two of one name in the cast and one page that could be either's.
    'Sam Flint': page(7, 'Sam Flint', { installment }),
    // Contains the name of somebody in the cast.
    'Ola Reef-Holm': page(8, 'Ola Reef-Holm', { installment }),
  };
  let upstream: Upstream;
  let fetcher: ReturnType<typeof createFetcher>;

  beforeAll(async () => {
    upstream = await startUpstream((request, response) => {
      const url = new URL(request.url ?? '/', 'http://upstream');
      const { action, page: title = '', pageid, list } = Object.fromEntries(url.searchParams);
      const byId = Object.values(pages).find(
        (one) => (one as { parse: { pageid: number } }).parse.pageid === Number(pageid),
      );
      const found = list === 'search' ? { query: { search: [{ title: 'Ola Reef-Holm', pageid: 8 }] } } : undefined;
      const missing = { error: { code: 'missingtitle', info: "The page you specified doesn't exist." } };
      const answer = action === 'parse' ? (byId ?? pages[title] ?? missing) : (found ?? { query: { pages: [] } });
      const robots = url.pathname.endsWith('robots.txt');
      response.writeHead(robots ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
    const config = { ...sourceConfig({}, ['fandom']), fandom: { wikis: [wiki], baseUrl: upstream.url } };
    fetcher = createFetcher({ config, retry, clock });
  });
  afterAll(async () => {
    await fetcher.close();
    await upstream[Symbol.asyncDispose]();
  });

  it('a photo goes to whose page is beyond doubt; what is doubtful is put up for review, and nobody gets it', async () => {
    const fandom = createFandomSource(fetcher, { wikis: [wiki], baseUrl: upstream.url });
    const showId = await addShow(database, { name: SHOW, tmdbId: 7001 });
    const cast = {
      isle: await addToCast(showId, 'Mara Quill', { tmdb: 1 }, '1985-03-03'),
      coast: await addToCast(showId, 'Mara Quill', { tmdb: 2 }, '1950-05-01'),
      ida: await addToCast(showId, 'Ida Marsh', { tmdb: 3 }, '1991-01-01'),
      nora: await addToCast(showId, 'Nora Dune', { tmdb: 4 }, '1988-08-08'),
      sam: await addToCast(showId, 'Sam Flint', { tmdb: 5 }, null),
      otherSam: await addToCast(showId, 'Sam Flint', { tmdb: 6 }, null),
      ola: await addToCast(showId, 'Ola Reef', { tmdb: 7 }, null),
    };
    const told = await run('fandom', showId, { fandom });
    await run('cast-photos', showId, { fandom });
    const photos = await database.owner<{ person_id: string; page: string }>(
      `select person_id, source_page_url as page from core.cast_photos where person_id = any($1::uuid[]) order by page`,
      [Object.values(cast)],
    );
    expect(photos).toEqual([
      { person_id: cast.coast, page: expect.stringContaining('Mara_Quill_%28Coast%29') },
      { person_id: cast.isle, page: expect.stringContaining('Mara_Quill_%28Isle%29') },
    ]);
    const reviews = told.warnings.filter((warning) => warning.startsWith('review: '));
    expect(reviews.filter((review) => review.includes('Ida Marsh'))).toEqual([expect.stringContaining(cast.ida)]);
    expect(reviews.filter((review) => review.includes('Sam Flint')).sort()).toEqual(
      [cast.sam, cast.otherSam].sort().map((id) => expect.stringContaining(id)),
    );
    expect(reviews.filter((review) => review.includes(cast.nora) || review.includes(cast.ola))).toEqual([]);
  });
});

describe("P4: the pages of IMDb's single pictures", () => {
  it('are read once; the second look at an unchanged person is one request and writes nothing', async () => {
    const pages: Readonly<Record<string, Buffer>> = {
      [`/-/m.imdb.com/name/${PERSON}/mediaindex/`]: personGalleryPage(),
      [`/-/m.imdb.com/name/${PERSON}/mediaviewer/rm7000021/`]: viewerPage('rm7000021'),
      [`/-/m.imdb.com/name/${PERSON}/mediaviewer/rm7000022/`]: Buffer.from(
        viewerPage('rm7000022', { place: '3 of 1,046' }).toString().replaceAll('MV5BA@', 'MV5BB@'),
      ),
    };
    const upstream = await startUpstream((request, response) => {
      const found = pages[new URL(request.url ?? '/', 'http://upstream').pathname];
      response.writeHead(found === undefined ? 404 : 200).end(found);
    });
    const config = sourceConfig({}, ['imdb-web']);
    const settings = { ...config.imdb, baseUrl: upstream.url };
    const fetcher = createFetcher({ config: { ...config, imdb: settings }, retry, clock });
    const imdb = createImdbSource(fetcher, settings);
    const showId = await addShow(database, { name: 'Villa of Plans', tmdbId: 7002, imdbId: 'tt7000001' });
    const person = await addToCast(showId, 'Ada Planner', { imdb: PERSON }, null);
    const rows = () =>
      database.owner(
        `select to_jsonb(c) - 'fetched_at' - 'updated_at' as row from core.cast_photos c where person_id = $1 order by source_image_id`,
        [person],
      );
    try {
      await run('cast-photos', showId, { imdb });
      expect(upstream.requests).toHaveLength(3);
      const first = await rows();
      expect(first).toMatchObject([
        { row: { viewer_id: 'rm7000021', width: 1600, caption: 'Ada Planner, Bo Actor in Plans (2019)' } },
        { row: { viewer_id: 'rm7000022' } },
      ]);
      upstream.requests.length = 0;
      expect((await run('cast-photos', showId, { imdb })).changes).toEqual([]);
      expect(upstream.requests.map(({ url }) => url.pathname)).toEqual([`/-/m.imdb.com/name/${PERSON}/mediaindex/`]);
      expect(await rows()).toEqual(first);
    } finally {
      await fetcher.close();
      await upstream[Symbol.asyncDispose]();
    }
  });
});

describe('C14: a batch with bad rows', () => {
  it('stores the good ones in one statement and tells why each of the others was left out', async () => {
    const showId = await addShow(database, { name: 'Batch', tmdbId: 7003, imdbId: 'tt7000003' });
    const person = await addToCast(showId, 'Bea', { imdb: 'nm7000099' }, null);
    const photo = (n: number, over: Partial<PersonPhotoFacts> = {}): PersonPhotoFacts => ({
      sourceImageId: `MV5B${n}`,
      viewerId: `rm${n}`,
      url: `https://m.media-amazon.com/images/M/MV5B${n}._V1_.jpg`,
      width: 640,
      height: null,
      caption: null,
      type: null,
      position: n,
      pageUrl: null,
      personId: 'nm7000099',
      galleryIndex: n,
      galleryTotal: 20,
      galleryPath: '/name/nm7000099/mediaindex/',
      viewerPath: null,
      ...over,
    });
    const world = otherWorld();
    world.photos.set('nm7000099', [
      ...Array.from({ length: 10 }, (_, n) => photo(n)),
      photo(10, { url: 'javascript:alert(1)' }),
      photo(11, { url: '' }),
      photo(12, { sourceImageId: ' ' }),
      photo(13),
    ]);
    const plan = await run('cast-photos', showId, { imdb: imdbOf(world) });
    expect(plan.warnings).toEqual(
      Array.from({ length: 3 }, () => expect.stringMatching(/^a picture of person .* has no address or id; left out$/)),
    );
    expect(plan.changes.map(({ table, op, rows }) => [table, op, rows.length])).toEqual([
      ['core.cast_photos', 'insert', 11],
    ]);
    const stored = await database.owner('select source_image_id from core.cast_photos where person_id = $1', [person]);
    expect(stored).toHaveLength(11);
  });
});
