import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { sourceConfig, startUpstream, type Upstream } from '../../../../tests/helpers/upstream.ts';
import { systemClock } from '../../fetcher/clock.ts';
import { createFetcher } from '../../fetcher/fetcher.ts';
import { DATASET_NAMES, DATASETS, type DatasetName } from './files.ts';
import { createImdbDatasets, type ImdbDatasets } from './source.ts';

type Tables = Record<DatasetName, string[][]>;

const N = '\\N';

/** Two series and a film, with the oddities the files have. */
function tables(): Tables {
  return {
    'title.episode': [
      ['tt0000011', 'tt0000001', '1', '1'],
      ['tt0000012', 'tt0000001', '1', '2'],
      ['tt0000013', 'tt0000001', N, N],
      ['tt0000021', 'tt0000002', '1', '1'],
      ['nonsense', 'tt0000001'],
    ],
    'title.ratings': [
      ['tt0000001', '7.5', '1200'],
      ['tt0000011', '6.0', '80'],
      ['tt0000003', '9.9', '5'],
    ],
    'title.basics': [
      ['tt0000001', 'tvSeries', 'The "Island"', 'Die Insel', '0', '2019', N, '42', 'Game-Show,Reality-TV'],
      ['tt0000003', 'movie', 'A film', 'A film', '0', '1999', N, '90', 'Drama'],
      ['tt0000011', 'tvEpisode', 'Landing', 'Landing', '0', '2019', N, '44', 'Reality-TV'],
      ['tt0000012', 'tvEpisode', 'Storm', 'Storm', '0', '2020', N, N, N],
    ],
    'title.principals': [
      ['tt0000001', '1', 'nm0000005', 'self', N, '["Self - Host"]'],
      ['tt0000011', '1', 'nm0000005', 'self', N, '["Self - Host"]'],
      ['tt0000011', '2', 'nm0000006', 'actress', N, '["Ann","Ann\\u0027s twin"]'],
      ['tt0000011', '3', 'nm0000007', 'director', N, N],
      ['tt0000012', '1', 'nm0000006', 'actress', N, '["Ann"]'],
      ['tt0000012', '2', 'nm0000008', 'archive_footage', N, '["Self"]'],
      ['tt0000003', '1', 'nm0000009', 'actor', N, N],
      ['tt0000012', '3', 'nm0000010', 'self', N, 'not json'],
    ],
    'name.basics': [
      ['nm0000005', 'Hedda Host', '1970', N, 'tv_host', 'tt0000001'],
      ['nm0000006', 'Ann Other', '1990', '2020', 'actress', N],
      ['nm0000007', 'Dirk Director', N, N, 'director', N],
      ['nm0000008', 'Archie Old', N, N, N, N],
      ['nm0000010', 'Bare Text', N, N, N, N],
    ],
  };
}

function packed(name: DatasetName, rows: readonly (readonly string[])[]): Buffer {
  return gzipSync(`${[DATASETS[name], ...rows].map((row) => row.join('\t')).join('\n')}\n`);
}

interface World {
  readonly upstream: Upstream;
  readonly folder: string;
  bodies: Record<DatasetName, Buffer>;
  /** Status to answer with instead, by name. */
  refuse: Partial<Record<DatasetName, number>>;
  /** Bytes after which a connection breaks, once, by name. */
  cut: Partial<Record<DatasetName, number>>;
  now: number;
  open(over?: { tracked?: string[]; folder?: string; given?: string | null; live?: string[] }): ImdbDatasets;
}

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function world(): Promise<World> {
  const bodies = Object.fromEntries(DATASET_NAMES.map((name) => [name, packed(name, tables()[name])])) as Record<
    DatasetName,
    Buffer
  >;
  const folder = mkdtempSync(join(tmpdir(), 'trr-datasets-test-'));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  const upstream = await startUpstream((request, response) => {
    const name = DATASET_NAMES.find((one) => request.url === `/${one}.tsv.gz`);
    const body = name === undefined ? undefined : self.bodies[name];
    if (name === undefined || body === undefined) return void response.writeHead(404).end();
    const status = self.refuse[name];
    if (status !== undefined) return void response.writeHead(status).end();
    const etag = `"${body.length}-${body.at(-5)}"`;
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304, { etag }).end();
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const from = range !== null && request.headers['if-range'] === etag ? Number(range[1]) : 0;
    const part = body.subarray(from);
    const headers = { etag, 'content-length': part.length, 'content-type': 'binary/octet-stream' };
    response.writeHead(
      from > 0 ? 206 : 200,
      from > 0 ? { ...headers, 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` } : headers,
    );
    const cut = self.cut[name];
    if (cut === undefined) return void response.end(part);
    delete self.cut[name];
    response.write(part.subarray(0, cut), () => setTimeout(() => response.destroy(), 30));
  });
  closing.push(async () => {
    await upstream[Symbol.asyncDispose]();
  });
  const self: World = {
    upstream,
    folder,
    bodies,
    refuse: {},
    cut: {},
    now: Date.parse('2026-01-01T00:00:00Z'),
    open({ tracked = [], folder: into = folder, given = null, live = ['imdb-datasets'] } = {}) {
      const config = { ...sourceConfig({}, live), imdbDatasets: { baseUrl: upstream.url, folder: null } };
      // The limit of one request a second is the limiter's own test; here its clock runs fast.
      let passed = 0;
      const clock = { ...systemClock, monotonic: () => (passed += 2000), sleep: async () => undefined };
      const fetcher = createFetcher({ config, clock, retry: { attempts: 1 } });
      const datasets = createImdbDatasets({
        fetcher,
        baseUrl: upstream.url,
        folder: into,
        given,
        tracked: async () => tracked,
        now: () => self.now,
        pauseMs: 1,
        gatherMs: 5,
      });
      closing.push(async () => {
        await datasets.close();
        await fetcher.close();
      });
      return datasets;
    },
  };
  return self;
}

async function bring(datasets: ImdbDatasets, id = 'tt0000001') {
  const outcome = await datasets.series(id);
  if (outcome.kind !== 'ok') throw new Error(`${outcome.kind}: ${outcome.detail}`);
  return outcome.value;
}

const asked = (one: World) => one.upstream.requests.map(({ url }) => url.pathname.slice(1, -'.tsv.gz'.length));

describe('what the datasets say about a series', () => {
  it('joins episodes, ratings, titles, principals and names', async () => {
    const series = await bring((await world()).open());
    expect(series.show).toEqual({
      name: 'The "Island"',
      originalName: 'Die Insel',
      titleType: 'tvSeries',
      startYear: 2019,
      endYear: null,
      runtimeMinutes: 42,
      genres: ['Game-Show', 'Reality-TV'],
      voteAverage: 7.5,
      voteCount: 1200,
    });
    expect(series.episodes).toEqual([
      {
        seasonNumber: 1,
        episodeNumber: 1,
        imdbEpisodeId: 'tt0000011',
        title: 'Landing',
        runtimeMinutes: 44,
        aired: { year: 2019, month: null, day: null, country: null },
        voteAverage: 6,
        voteCount: 80,
      },
      {
        seasonNumber: 1,
        episodeNumber: 2,
        imdbEpisodeId: 'tt0000012',
        title: 'Storm',
        runtimeMinutes: null,
        aired: { year: 2020, month: null, day: null, country: null },
        voteAverage: null,
        voteCount: null,
      },
    ]);
    expect(series.unplaced).toEqual([
      { seasonNumber: null, episodeNumber: null, imdbEpisodeId: 'tt0000013', voteAverage: null, voteCount: null },
    ]);
    expect(
      series.credits.map(({ person, category, role, billingOrder, episodeCount }) => [
        person.imdbId,
        category,
        role,
        billingOrder,
        episodeCount,
      ]),
    ).toEqual([
      ['nm0000005', 'Self', 'Self - Host', 1, 1],
      ['nm0000006', 'cast', "Ann, Ann's twin", null, 2],
      ['nm0000010', 'Self', 'not json', null, 1],
    ]);
    expect(
      [...series.appearances].map(([id, list]) => [id, list.map((one) => [one.episodeId, one.archiveFootage])]),
    ).toEqual([
      ['nm0000005', [['tt0000011', false]]],
      [
        'nm0000006',
        [
          ['tt0000011', false],
          ['tt0000012', false],
        ],
      ],
      ['nm0000008', [['tt0000012', true]]],
      ['nm0000010', [['tt0000012', false]]],
    ]);
    expect(series.people.find(({ imdbId }) => imdbId === 'nm0000006')).toMatchObject({
      name: 'Ann Other',
      born: { year: 1990 },
      died: { year: 2020 },
      professions: ['actress'],
    });
  });

  it('says that a title is unknown, and refuses what is no id, without asking for anything', async () => {
    const one = await world();
    const datasets = one.open();
    expect(await datasets.series('ls1')).toMatchObject({ kind: 'not_found' });
    expect(one.upstream.requests).toEqual([]);
    expect(await datasets.series('tt0999999')).toMatchObject({
      kind: 'not_found',
      detail: expect.stringContaining('tt0999999'),
    });
  });

  it('reads each file once for all who ask, and for what is tracked', async () => {
    const one = await world();
    const datasets = one.open({ tracked: ['tt0000001', 'tt0000002'] });
    const [a, b] = await Promise.all([bring(datasets), bring(datasets, 'tt0000002')]);
    expect([a.episodes.length, b.episodes.length]).toEqual([2, 1]);
    expect(asked(one)).toEqual([...DATASET_NAMES]);
    expect(readdirSync(one.folder).filter((name) => name.startsWith('extract-'))).toHaveLength(1);
    await bring(datasets);
    expect(one.upstream.requests).toHaveLength(5);
  });
});

describe('downloads', () => {
  it('are not repeated within the day, and conditional after it', async () => {
    const one = await world();
    await bring(one.open());
    one.now += 60_000;
    await bring(one.open());
    expect(one.upstream.requests).toHaveLength(5);
    one.now += 24 * 3_600_000;
    const series = await bring(one.open());
    expect(one.upstream.requests).toHaveLength(10);
    expect(one.upstream.requests.slice(5).every(({ headers }) => headers['if-none-match'] !== undefined)).toBe(true);
    expect(series.episodes).toHaveLength(2);
  });

  it('bring what has changed', async () => {
    const one = await world();
    await bring(one.open());
    one.now += 24 * 3_600_000;
    one.bodies['title.ratings'] = packed('title.ratings', [['tt0000001', '8.0', '1300']]);
    expect((await bring(one.open())).show).toMatchObject({ voteAverage: 8, voteCount: 1300 });
  });

  it('go on where they broke off', async () => {
    const one = await world();
    one.cut['title.principals'] = 40;
    expect((await bring(one.open())).credits).toHaveLength(3);
    const principals = one.upstream.requests.filter(({ url }) => url.pathname.includes('principals'));
    expect(principals).toHaveLength(2);
    expect(principals[1]?.headers.range).toBe('bytes=40-');
  });

  it('start anew when the file changed meanwhile', async () => {
    const one = await world();
    one.cut['title.episode'] = 30;
    one.refuse['title.ratings'] = 403;
    await one.open().series('tt0000001');
    one.bodies['title.episode'] = packed('title.episode', [['tt0000012', 'tt0000001', '7', '9']]);
    one.now += 24 * 3_600_000;
    one.refuse = {};
    expect((await bring(one.open())).episodes).toMatchObject([{ seasonNumber: 7, episodeNumber: 9 }]);
  });

  it.each([403, 404, 500])('keep the old files when IMDb answers %d', async (status) => {
    const one = await world();
    await bring(one.open());
    one.now += 24 * 3_600_000;
    one.refuse = Object.fromEntries(DATASET_NAMES.map((name) => [name, status]));
    expect((await bring(one.open())).episodes).toHaveLength(2);
  });

  it.each([
    [403, 'forbidden'],
    [202, 'challenged'],
    [429, 'rate_limited'],
  ])('are a refusal when the first answer is %d', async (status, kind) => {
    const one = await world();
    one.refuse['title.episode'] = status;
    expect(await one.open().series('tt0000001')).toMatchObject({ kind });
  });

  it('are never asked for when the source is off', async () => {
    const one = await world();
    expect(await one.open({ live: ['tmdb'] }).series('tt0000001')).toMatchObject({ kind: 'forbidden' });
    expect(one.upstream.requests).toEqual([]);
  });
});

describe('files that are not as they should be', () => {
  it('names the columns when IMDb changed them, and keeps what was read before', async () => {
    const one = await world();
    one.bodies['title.ratings'] = gzipSync('tconst\tstars\nrubbish');
    expect(await one.open().series('tt0000001')).toMatchObject({
      kind: 'schema_changed',
      detail: expect.stringContaining('tconst, averageRating, numVotes; found tconst, stars'),
    });
  });

  it.each([
    ['cut off', (body: Buffer) => body.subarray(0, body.length - 12)],
    ['no gzip', () => Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.from('nonsense')])],
  ])('fetches a file anew that is %s', async (_, broken) => {
    const one = await world();
    const whole = one.bodies['name.basics'];
    one.bodies['name.basics'] = broken(whole);
    expect(await one.open().series('tt0000001')).toMatchObject({ kind: 'transport' });
    one.bodies['name.basics'] = whole;
    expect((await bring(one.open())).people.length).toBeGreaterThan(0);
  });

  it('reads files an operator brought, packed or not, and asks nobody', async () => {
    const one = await world();
    const given = mkdtempSync(join(tmpdir(), 'trr-datasets-given-'));
    closing.push(() => rmSync(given, { recursive: true, force: true }));
    for (const [name, rows] of Object.entries(tables())) {
      const text = [DATASETS[name as DatasetName], ...rows].map((row) => row.join('\t')).join('\r\n');
      writeFileSync(join(given, `${name}.tsv`), text);
    }
    const outcome = await one.open({ given, live: [] }).series('tt0000001');
    expect(outcome).toMatchObject({ kind: 'ok', via: 'snapshot' });
    expect(one.upstream.requests).toEqual([]);
    rmSync(join(given, 'name.basics.tsv'));
    expect(await one.open({ given, live: [] }).series('tt0000001')).toMatchObject({
      kind: 'not_found',
      detail: expect.stringContaining('name.basics'),
    });
  });
});

it('shares one folder between processes: whoever comes second uses what is there', async () => {
  const one = await world();
  const [a, b] = [one.open({ tracked: ['tt0000001'] }), one.open({ tracked: ['tt0000001'] })];
  const [first, second] = await Promise.all([bring(a), bring(b)]);
  expect(first).toEqual(second);
  expect(one.upstream.requests).toHaveLength(5);
});
