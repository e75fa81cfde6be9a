import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  castItem,
  creditsPage,
  episodeCredit,
  episodeCreditsAnswer,
  moreCredits,
  plainCredit,
} from '../../../tests/fixtures/imdb/credits.ts';
import { episodeItem, episodesPage, moreEpisodes } from '../../../tests/fixtures/imdb/episodes.ts';
import { LIST, listAnswer, listEdge, listPage, searchPage } from '../../../tests/fixtures/imdb/lists.ts';
import { htmlPage } from '../../../tests/fixtures/imdb/page.ts';
import {
  mediaIndexData,
  mediaIndexPage,
  namePage,
  PERSON,
  personGalleryPage,
  viewerPage,
} from '../../../tests/fixtures/imdb/people.ts';
import { SERIES, titlePage } from '../../../tests/fixtures/imdb/title.ts';
import { sourceConfig, startUpstream, type Upstream } from '../../../tests/helpers/upstream.ts';
import { createFetcher, type FetcherOptions } from '../fetcher/fetcher.ts';
import type { Fetcher } from '../types.ts';
import { createImdbSource } from './client.ts';
import type { ImdbSource } from './source.ts';

interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

/** Answers by path, or by operation and a word of its variables; 404 for the rest. */
type Site = Readonly<Record<string, Reply | Buffer>>;

const opened: (() => PromiseLike<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

interface World {
  readonly imdb: ImdbSource;
  readonly fetcher: Fetcher;
  readonly upstream: Upstream;
  /** Paths and operations asked for, in order. */
  readonly asked: () => string[];
}

async function world(site: Site, options: Partial<FetcherOptions> = {}, live = ['imdb-web']): Promise<World> {
  const upstream = await startUpstream((request, response) => {
    const url = new URL(request.url ?? '/', 'http://upstream');
    const found = Object.entries(site).find(([key]) => matches(url, key))?.[1] ?? { status: 404 };
    const { status = 200, headers = {}, body = '' } = Buffer.isBuffer(found) ? { body: found } : found;
    response.writeHead(status, headers).end(body);
  });
  const config = sourceConfig({}, live);
  const imdb = { ...config.imdb, baseUrl: upstream.url, extraHeaders: { 'x-from': 'operator' } };
  const clock = { now: () => Date.now(), monotonic: () => performance.now() * 1000, sleep: async () => undefined };
  const fetcher = createFetcher({ config: { ...config, imdb }, retry: { attempts: 2, baseMs: 1 }, clock, ...options });
  opened.push(
    () => upstream[Symbol.asyncDispose](),
    () => fetcher.close(),
  );
  const asked = () => upstream.requests.map(({ url }) => nameOf(url));
  return { imdb: createImdbSource(fetcher, imdb), fetcher, upstream, asked };
}

function nameOf(url: URL): string {
  const operation = url.searchParams.get('operationName');
  if (operation === null) return `${url.pathname}${url.search}`;
  return `${operation} ${url.searchParams.get('variables')}`;
}

/** `/path`, `/path?query`, or `Operation word word`. */
function matches(url: URL, key: string): boolean {
  if (key.startsWith('/')) return key === (key.includes('?') ? `${url.pathname}${url.search}` : url.pathname);
  return key.split(' ').every((word) => nameOf(url).includes(word));
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'trr-imdb-'));
  opened.push(async () => rmSync(path, { recursive: true }));
  return path;
}

describe('requests', () => {
  it('say who we are and what we want; further headers of the operator are sent (2)', async () => {
    const { imdb, upstream } = await world({ [`/title/${SERIES}/`]: titlePage() });
    expect(await imdb.title(` ${SERIES.toUpperCase()} `)).toMatchObject({ kind: 'ok', via: 'live' });
    expect(upstream.requests[0]?.headers).toMatchObject({
      accept: expect.stringContaining('text/html'),
      'accept-language': 'en-US,en;q=0.9',
      'user-agent': expect.stringMatching(/^trr-backend.*example\.org/),
      'x-from': 'operator',
    });
  });

  it.each([
    ['a title', (imdb: ImdbSource) => imdb.title('nm1')],
    ['a list', (imdb: ImdbSource) => imdb.list('tt1')],
    ['a person', (imdb: ImdbSource) => imdb.person('tt1')],
    ['a season', (imdb: ImdbSource) => imdb.season(SERIES, '2.5')],
    ['an appearance', (imdb: ImdbSource) => imdb.appearances(SERIES, 'x')],
  ])('a malformed id of %s is not asked for', async (_, call) => {
    const { imdb, asked } = await world({});
    expect(await call(imdb)).toMatchObject({ kind: 'not_found' });
    expect(asked()).toEqual([]);
  });

  it('go nowhere unless the operator switched the site on: a typed refusal', async () => {
    const { imdb, asked } = await world({ [`/title/${SERIES}/`]: titlePage() }, {}, ['tmdb']);
    expect(await imdb.title(SERIES)).toMatchObject({ kind: 'forbidden', detail: expect.stringContaining('imdb-web') });
    expect(await imdb.list(LIST)).toMatchObject({ kind: 'forbidden' });
    expect(asked()).toEqual([]);
  });
});

describe('refusals', () => {
  it.each([
    ['202', { status: 202, headers: { 'x-amzn-waf-action': 'challenge' } }, 'challenged'],
    ['a challenge header on a 200', { headers: { 'x-amzn-waf-action': 'captcha' }, body: titlePage() }, 'challenged'],
    ['an empty 200', { body: '' }, 'challenged'],
    ['an empty shell', { body: '<html><script src="/challenge.js"></script></html>' }, 'challenged'],
    ['403', { status: 403, body: '<html>Forbidden</html>' }, 'forbidden'],
  ])('%s: asked once, then the whole site is left alone', async (_, reply, kind) => {
    const { imdb, asked } = await world({ [`/title/${SERIES}/`]: reply, [`/name/${PERSON}/`]: namePage() });
    expect(await imdb.title(SERIES)).toMatchObject({ kind });
    expect(await imdb.title(SERIES)).toMatchObject({
      kind,
      detail: expect.stringMatching(/not sent.*left alone for another 60 min/),
    });
    expect(await imdb.person(PERSON)).toMatchObject({ kind });
    expect(await imdb.list(LIST)).toMatchObject({ kind });
    expect(asked()).toEqual([`/title/${SERIES}/`]);
  });

  it('hold for an hour', async () => {
    let now = 0;
    const clock = { now: () => now, monotonic: () => now, sleep: async () => undefined };
    const { imdb, asked } = await world({ [`/title/${SERIES}/`]: { status: 403 } }, { clock });
    await imdb.title(SERIES);
    now += 3_599_000;
    expect(await imdb.title(SERIES)).toMatchObject({ detail: expect.stringContaining('another 1 min') });
    now += 2_000;
    await imdb.title(SERIES);
    expect(asked()).toHaveLength(2);
  });

  it('of a server in trouble are none: it is asked again', async () => {
    const { imdb, asked } = await world({ [`/title/${SERIES}/`]: { status: 503 } });
    expect(await imdb.title(SERIES)).toMatchObject({ kind: 'transport', status: 503 });
    expect(asked()).toHaveLength(2);
  });

  it('a page that changed is no refusal, and no record', async () => {
    const { imdb } = await world({
      [`/title/${SERIES}/`]: Buffer.from(titlePage().toString().replace('aboveTheFoldData', 'renamed')),
    });
    expect(await imdb.title(SERIES)).toMatchObject({
      kind: 'schema_changed',
      detail: expect.stringContaining('aboveTheFoldData'),
    });
  });
});

describe('titles', () => {
  it('a title in neutral facts', async () => {
    const { imdb } = await world({ [`/title/${SERIES}/`]: titlePage() });
    expect(await imdb.title(SERIES)).toMatchObject({
      kind: 'ok',
      missing: [],
      value: {
        imdbId: SERIES,
        imageTotal: 235,
        images: [
          { sourceImageId: 'MV5BPOOL@', viewerId: 'rm7000002', pageUrl: `https://www.imdb.com/title/${SERIES}/` },
        ],
        show: {
          name: 'Villa of Plans',
          titleType: 'tvSeries',
          firstAirDate: '2019-07-09',
          voteAverage: 5.2,
          seasonCount: 3,
          seasonNumbers: [1, 2, 3],
          tags: ['Reality TV Dating', 'Reality TV'],
          externalIds: { imdb: SERIES },
        },
      },
    });
  });

  it('defect 11: a merged title is redirected, recorded and replayed under its new id; another page is refused', async () => {
    const moved = { status: 301, headers: { location: `/title/${SERIES}/` } };
    const site = { '/title/tt7000002/': moved, [`/title/${SERIES}/`]: titlePage(), '/title/tt7000003/': titlePage() };
    const record = folder();
    const { imdb, fetcher } = await world(site, { record });
    expect(await imdb.title('tt7000002')).toMatchObject({ kind: 'ok', value: { imdbId: SERIES } });
    expect(await imdb.title('tt7000003')).toMatchObject({
      kind: 'schema_changed',
      detail: expect.stringContaining('asked for tt7000003'),
    });
    await fetcher.close();
    const replay = await world({}, { snapshots: record, offline: true });
    expect(await replay.imdb.title('tt7000002')).toMatchObject({
      kind: 'ok',
      via: 'snapshot',
      value: { imdbId: SERIES },
    });
  });

  it('a page in another language brings no texts, and misses them', async () => {
    const page = Buffer.from(titlePage().toString().replace('"locale":"en-US"', '"locale":"it-IT"'));
    const { imdb } = await world({ [`/title/${SERIES}/`]: page });
    const outcome = await imdb.title(SERIES);
    expect(outcome).toMatchObject({ kind: 'ok', missing: ['texts'], value: { show: { certificate: 'TV-14' } } });
    expect(outcome.kind === 'ok' ? Object.keys(outcome.value.show) : []).not.toEqual(
      expect.arrayContaining(['overview']),
    );
  });

  it('what is recorded has nothing of the session in it, and answers as before', async () => {
    const record = folder();
    const page = titlePage().toString().replace('"tconst":', '"requestContext":{"ip":"192.0.2.7"},"tconst":');
    const { imdb, fetcher } = await world({ [`/title/${SERIES}/`]: Buffer.from(page) }, { record });
    const first = await imdb.title(SERIES);
    await fetcher.close();
    const index = readFileSync(join(record, 'index.json'), 'utf8');
    const [body = ''] = /bodies\/[^"]+/.exec(index) ?? [];
    expect(readFileSync(join(record, body), 'utf8')).not.toMatch(/requestContext|192\.0\.2\.7/);
    expect(index).toContain(`https://www.imdb.com/title/${SERIES}/`);
    const replay = await world({}, { snapshots: record, offline: true });
    const again = await replay.imdb.title(SERIES);
    expect(again.kind === 'ok' && first.kind === 'ok' ? again.value : again).toEqual(
      first.kind === 'ok' ? first.value : first,
    );
  });
});

describe('seasons', () => {
  it('which there are, counted and with the bucket', async () => {
    const { imdb, asked } = await world({ [`/title/${SERIES}/episodes/`]: episodesPage({ total: 60 }) });
    expect(await imdb.seasons(SERIES)).toMatchObject({
      kind: 'ok',
      missing: [],
      value: {
        seasonCount: 3,
        episodeCount: 120,
        seasons: [{ number: 1 }, { number: 2 }, { number: 3 }, { label: 'Unknown', number: null }],
      },
    });
    expect(asked()).toEqual([`/title/${SERIES}/episodes/`]);
  });

  it('one season’s episodes; those without a number apart', async () => {
    const items = [episodeItem('2', '1'), episodeItem('2', '0', { episode: '' }), episodeItem('3', '1')];
    const { imdb } = await world({
      [`/title/${SERIES}/episodes/?season=2`]: episodesPage({ season: '2', items, total: 2 }),
    });
    expect(await imdb.season(SERIES, 2)).toMatchObject({
      kind: 'ok',
      missing: [],
      value: {
        season: { label: '2', number: 2 },
        episodes: [
          { seasonNumber: 2, episodeNumber: 1, imdbEpisodeId: 'tt7100201', airDate: '2019-07-02', voteAverage: 7.3 },
        ],
        unplaced: [{ seasonNumber: 2, episodeNumber: null }],
      },
    });
  });

  const long = Array.from({ length: 50 }, (_, index) => episodeItem('1', String(index + 1)));

  it('defect 7: a long season is read on, by position after the last', async () => {
    const { imdb, asked } = await world({
      [`/title/${SERIES}/episodes/?season=1`]: episodesPage({ items: long, total: 53 }),
      'TitleEpisodesSubPagePagination "after":"CURSOR1" "includeSeasons":["1"]': moreEpisodes('1', [51, 52], 'C2'),
      'TitleEpisodesSubPagePagination "after":"C2"': moreEpisodes('1', [53], null),
    });
    const outcome = await imdb.season(SERIES, '1');
    expect(outcome).toMatchObject({ kind: 'ok', missing: [], value: { total: 53 } });
    expect(outcome.kind === 'ok' ? outcome.value.episodes.map(({ episodeNumber }) => episodeNumber) : []).toEqual(
      Array.from({ length: 53 }, (_, i) => i + 1),
    );
    expect(asked()).toHaveLength(3);
  });

  it.each([
    ['cannot be had', { status: 404 }],
    ['is about another series', moreEpisodes('1', [51], null, 'tt7000009')],
    ['repeats its cursor', moreEpisodes('1', [51], 'CURSOR1')],
  ])('defect 7: when the rest %s, episodes are missing', async (_, more) => {
    const { imdb } = await world({
      [`/title/${SERIES}/episodes/?season=1`]: episodesPage({ items: long, total: 53 }),
      TitleEpisodesSubPagePagination: more,
    });
    expect(await imdb.season(SERIES, 1)).toMatchObject({ kind: 'ok', missing: ['episodes'] });
  });

  it('the site answers an unknown season with another one: refused', async () => {
    const { imdb } = await world({ [`/title/${SERIES}/episodes/?season=9`]: episodesPage({ season: '1' }) });
    expect(await imdb.season(SERIES, 9)).toMatchObject({
      kind: 'schema_changed',
      detail: expect.stringContaining('season 9'),
    });
  });
});

describe('credits', () => {
  it('the whole cast, read on to its total (13)', async () => {
    const { imdb } = await world({
      [`/title/${SERIES}/fullcredits/`]: creditsPage({ total: 3 }),
      'TitleCreditPaginationV2 "after":"CURSOR1"': moreCredits([plainCredit('nm7000003', 'Cy Guest')], 3, null),
    });
    const outcome = await imdb.cast(SERIES);
    expect(outcome).toMatchObject({ kind: 'ok', missing: [], value: { castTotal: 3 } });
    const cast = outcome.kind === 'ok' ? outcome.value.credits.filter(({ billingOrder }) => billingOrder !== null) : [];
    expect(
      cast.map(({ person, billingOrder, archiveFootage }) => [person.imdbId, billingOrder, archiveFootage]),
    ).toEqual([
      ['nm7000001', 1, false],
      ['nm7000002', 2, false],
      ['nm7000003', 3, true],
    ]);
  });

  it('a part of it is missed; the reference page serves where there is no other', async () => {
    const { imdb, asked } = await world({
      [`/title/${SERIES}/fullcredits/`]: { status: 500 },
      [`/title/${SERIES}/reference/`]: creditsPage({
        route: 'reference',
        total: 993,
        castId: 'cast',
        items: [castItem('nm7000001', 'Ada')],
      }),
    });
    expect(await imdb.cast(SERIES)).toMatchObject({ kind: 'ok', missing: ['cast'], value: { castTotal: 993 } });
    expect(asked().at(-1)).toContain('TitleCreditPaginationV2');
  });

  it('a title without a page has no credits, and is not asked about again', async () => {
    const { imdb, asked } = await world({});
    expect(await imdb.cast(SERIES)).toMatchObject({ kind: 'not_found' });
    expect(asked()).toEqual([`/title/${SERIES}/fullcredits/`]);
  });

  it('defect 15, 16: appearances over all seasons, each page once, under the group of the row', async () => {
    const group = 'amzn1.imdb.concept.name_credit_group.6e871823-beae-458a-b972-2cdd635ec0d7';
    const { imdb, asked } = await world({
      'TitleEpisodeBottomSheetCredits "after":"" ["1"]': episodeCreditsAnswer([[episodeCredit('tt7100101')]], {
        seasons: ['1', '2'],
        next: 'P2',
      }),
      'TitleEpisodeBottomSheetCredits "after":"P2" ["1"]': episodeCreditsAnswer([
        [episodeCredit('tt7100102', { episode: '2' })],
      ]),
      'TitleEpisodeBottomSheetCredits "after":"" ["2"]': episodeCreditsAnswer([
        [episodeCredit('tt7100201', { season: '2' })],
      ]),
    });
    const outcome = await imdb.appearances(SERIES, PERSON, { categoryId: group });
    expect(outcome.kind === 'ok' ? outcome.value.map(({ episodeId }) => episodeId) : outcome).toEqual([
      'tt7100101',
      'tt7100102',
      'tt7100201',
    ]);
    expect(asked()).toHaveLength(3);
    expect(asked().every((line) => line.includes(group))).toBe(true);
  });

  it('appearances that cannot be read to the end are none', async () => {
    const first = {
      'TitleEpisodeBottomSheetCredits "after":"" ["1"]': episodeCreditsAnswer([[episodeCredit('tt7100101')]], {
        next: 'P2',
      }),
    };
    const lost = await world(first);
    expect(await lost.imdb.appearances(SERIES, PERSON)).toMatchObject({ kind: 'not_found' });
    const endless = await world({
      TitleEpisodeBottomSheetCredits: episodeCreditsAnswer([[episodeCredit('tt7100101')]], { next: 'P2' }),
    });
    expect(await endless.imdb.appearances(SERIES, PERSON)).toMatchObject({
      kind: 'schema_changed',
      detail: expect.stringContaining('do not end'),
    });
  });
});

describe('lists', () => {
  const entries = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => listEdge(`tt72${String(from + i).padStart(5, '0')}`, from + i));

  it('a whole list by position: 251 entries in two requests (3.4)', async () => {
    const { imdb, asked } = await world({
      'TitleListMainPage "jumpToPosition":1,': listAnswer(entries(1, 250), 251),
      'TitleListMainPage "jumpToPosition":251,': listAnswer(entries(251, 251), 251),
    });
    const outcome = await imdb.list(`https://www.imdb.com/list/${LIST}/`);
    expect(outcome.kind === 'ok' ? outcome.value.items.length : outcome).toBe(251);
    expect(asked()).toHaveLength(2);
  });

  it('GraphQL that fails or ends early: the list’s pages, films left out', async () => {
    const film = listEdge('tt7299999', 3, { titleType: { id: 'movie' } });
    for (const answer of [{ status: 404 }, listAnswer([], 9)]) {
      const { imdb } = await world({
        TitleListMainPage: answer,
        [`/list/${LIST}/`]: listPage([...entries(1, 2), film]),
      });
      expect(await imdb.list(LIST)).toMatchObject({
        kind: 'ok',
        missing: [],
        value: { otherTypes: 1, items: [{ rank: 1 }, { rank: 2 }] },
      });
    }
  });

  const linked = (id: string, next: string) =>
    htmlPage(`<a href="/title/${id}/">Villa ${id}</a><a href="${next}" aria-label="Next">Next</a>`);

  it('pages by their next link, until nothing new comes', async () => {
    const next = `/list/${LIST}/?page=2`;
    const { imdb, asked } = await world({
      [`/list/${LIST}/?page=2`]: linked('tt7200001', next),
      [`/list/${LIST}/`]: linked('tt7200001', next),
    });
    expect(await imdb.list(LIST)).toMatchObject({
      kind: 'ok',
      missing: [],
      value: { items: [{ imdbId: 'tt7200001' }] },
    });
    expect(asked().filter((line) => line.startsWith('/list'))).toHaveLength(2);
  });

  it('a linked page that cannot be had leaves items missing', async () => {
    const { imdb } = await world({
      [`/list/${LIST}/?page=2`]: { status: 500 },
      [`/list/${LIST}/`]: linked('tt7200001', `/list/${LIST}/?page=2`),
    });
    expect(await imdb.list(LIST)).toMatchObject({ kind: 'ok', missing: ['items'] });
  });

  it('of no list: what the pages said', async () => {
    const { imdb } = await world({ TitleListMainPage: { status: 500 } });
    expect(await imdb.list(LIST)).toMatchObject({ kind: 'not_found' });
  });

  it('all episodes of a series by one search', async () => {
    const { imdb } = await world({ '/search/title/': searchPage(['tt7100101', 'tt7100102'], { total: 3 }) });
    expect(await imdb.seriesEpisodes(SERIES)).toMatchObject({
      kind: 'ok',
      missing: ['hits'],
      value: [{ imdbId: 'tt7100101' }, {}],
    });
  });
});

describe('pictures and people', () => {
  it('all pages of a media index, the later ones as data of the page’s build', async () => {
    const { imdb, asked } = await world({
      [`/title/${SERIES}/mediaindex/`]: mediaIndexPage(['rm1', 'rm2'], { total: 3, next: 'C1', buildId: 'B 1' }),
      [`/_next/data/B%201/title/${SERIES}/mediaindex.json`]: mediaIndexData(['rm2', 'rm3'], { total: 3 }),
    });
    const outcome = await imdb.images(SERIES);
    expect(outcome).toMatchObject({ kind: 'ok', missing: [], value: { total: 3 } });
    expect(outcome.kind === 'ok' ? outcome.value.images.map(({ viewerId }) => viewerId) : []).toEqual([
      'rm1',
      'rm2',
      'rm3',
    ]);
    expect(asked()).toHaveLength(2);
  });

  it('pages that cannot be had leave images missing', async () => {
    const { imdb } = await world({
      [`/title/${SERIES}/mediaindex/`]: mediaIndexPage(['rm1'], { total: 3, next: 'C1' }),
    });
    expect(await imdb.images(SERIES)).toMatchObject({ kind: 'ok', missing: ['images'] });
  });

  it('a person', async () => {
    const { imdb } = await world({ [`/name/${PERSON}/`]: namePage() });
    expect(await imdb.person(PERSON)).toMatchObject({
      kind: 'ok',
      value: { imdbId: PERSON, knownFor: 'Producer', born: { year: 1980 }, imageTotal: 46 },
    });
  });

  const gallery = {
    [`/-/m.imdb.com/name/${PERSON}/mediaindex/`]: personGalleryPage(),
    [`/-/m.imdb.com/name/${PERSON}/mediaviewer/rm7000021/`]: viewerPage('rm7000021'),
  };

  it('photos with the details of their own pages; one that cannot be had is missed', async () => {
    const { imdb } = await world(gallery);
    expect(await imdb.personPhotos(PERSON)).toMatchObject({
      kind: 'ok',
      missing: ['viewers'],
      value: [
        {
          sourceImageId: 'MV5BA@',
          width: 1600,
          caption: 'Ada Planner, Bo Actor in Plans (2019)',
          galleryIndex: 2,
          galleryTotal: 1046,
          position: 1,
        },
        { sourceImageId: 'MV5BB@', caption: null, galleryPath: `/name/${PERSON}/mediaindex/` },
      ],
    });
  });

  it('pages of known photos are not asked for, nor more than the limit', async () => {
    const { imdb, asked } = await world(gallery);
    expect(await imdb.personPhotos(PERSON, { known: new Set(['rm7000021', 'rm7000022']) })).toMatchObject({
      missing: [],
      value: [{}, {}],
    });
    expect(asked()).toHaveLength(1);
    expect(await imdb.personPhotos(PERSON, { limit: 1 })).toMatchObject({ missing: [], value: [{}] });
  });

  it('defect 26: a refused picture page ends the asking', async () => {
    const { imdb, asked } = await world({
      ...gallery,
      [`/-/m.imdb.com/name/${PERSON}/mediaviewer/rm7000021/`]: { status: 202 },
    });
    expect(await imdb.personPhotos(PERSON)).toMatchObject({ kind: 'ok', missing: ['viewers'] });
    expect(asked()).toHaveLength(2);
  });
});

describe('snapshots of a browser', () => {
  it('answer on either host, whatever trail and hash their addresses have', async () => {
    const extensions = JSON.stringify({ persistedQuery: { sha256Hash: 'another', version: 1 } });
    const variables = JSON.stringify({
      sort: { by: 'LIST_ORDER', order: 'ASC' },
      jumpToPosition: 1,
      first: 250,
      lsConst: LIST,
      locale: 'fr-FR',
    });
    const query = new URLSearchParams({ operationName: 'TitleListMainPage', variables, extensions });
    const entry = (url: string, body: Buffer) => ({
      startedDateTime: '2026-01-01T00:00:00Z',
      request: { method: 'GET', url },
      response: { status: 200, headers: [], content: { text: body.toString() } },
    });
    const entries = [
      entry(`https://api.graphql.imdb.com/?${query}`, listAnswer([listEdge('tt7200001', 1)])),
      entry(`https://www.imdb.com/name/${PERSON}/mediaindex/?ref_=nm_ov`, personGalleryPage()),
    ];
    const har = join(folder(), 'browser.har');
    writeFileSync(har, JSON.stringify({ log: { entries } }));
    const { imdb } = await world({}, { snapshots: har, offline: true });
    expect(await imdb.list(LIST)).toMatchObject({
      kind: 'ok',
      via: 'snapshot',
      value: { items: [{ imdbId: 'tt7200001' }] },
    });
    expect(await imdb.personPhotos(PERSON, { limit: 1 })).toMatchObject({ kind: 'ok', via: 'snapshot' });
    expect(await imdb.title(SERIES)).toMatchObject({ kind: 'not_recorded' });
  });
});
