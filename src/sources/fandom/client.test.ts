import { readFileSync } from 'node:fs';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { sourceConfig, startUpstream } from '../../../tests/helpers/upstream.ts';
import type { WikiConfig } from '../../platform/config/wikis.ts';
import { createFetcher } from '../fetcher/fetcher.ts';
import { createFandomSource } from './client.ts';
import type { FandomSource, PersonQuery } from './source.ts';

const html = readFileSync(new URL('../../../tests/fixtures/fandom/person.html', import.meta.url), 'utf8');
interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body: string;
}
/** Answers by `/wiki host/path` and what is asked for there; everything else is 404. */
let answers: Record<string, Reply | Reply[]> = {};
const upstream = await startUpstream((request, response) => {
  const url = new URL(request.url ?? '/', 'http://upstream');
  const { action, page, pageid, list, prop, titles, pageids } = Object.fromEntries(url.searchParams);
  const asked = [action === 'parse' ? (page ?? pageid) : action === 'query' ? (list ?? prop) : '', titles, pageids];
  const key = `${url.pathname} ${asked.filter((part) => part !== undefined && part !== '').join(' ')}`.trim();
  const planned = answers[key] ?? answers[`${url.pathname} ${asked[0]}`];
  const reply = (Array.isArray(planned) ? planned.shift() : planned) ?? { status: 404, body: 'no' };
  response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers }).end(reply.body);
});
const wiki: WikiConfig = {
  wiki: 'isle.fandom.com',
  shows: ['Island of Plans'],
  galleryTitle: '{name}/Gallery',
  seasonTitle: 'Season {n}',
  personTemplates: [],
  enabled: true,
};
const config = { ...sourceConfig({}, ['fandom']), fandom: { wikis: [wiki], baseUrl: upstream.url } };
const fetchers: { close(): Promise<void> }[] = [];
let now = 0;
function source(): FandomSource {
  // Politeness is tested in the limiter; here it would only cost time.
  const clock = {
    now: () => Date.now() + now,
    monotonic: () => performance.now() * 1000 + now,
    sleep: () => Promise.resolve(),
  };
  const fetcher = createFetcher({ config, retry: { attempts: 2, baseMs: 1 }, clock });
  fetchers.push(fetcher);
  return createFandomSource(fetcher, config.fandom, { now: () => now });
}
beforeEach(() => {
  answers = {};
  upstream.requests.length = 0;
  now = 0;
});
afterAll(async () => {
  for (const fetcher of fetchers) await fetcher.close();
  await upstream[Symbol.asyncDispose]();
});

const API = '/isle.fandom.com/api.php';
const json = (body: unknown, more: Omit<Reply, 'body'> = {}): Reply => ({ ...more, body: JSON.stringify(body) });
const parse = (title: string, text = html, more: object = {}) =>
  json({ parse: { title, pageid: 77, revid: 4501, text, ...more } });
const missing = json({ error: { code: 'missingtitle', info: "The page you specified doesn't exist." } });
const born = (date: string) => html.replace('March 3rd, 1985', date);
const query = (more: Partial<PersonQuery> = {}): PersonQuery => ({
  names: ['Mara Quill'],
  showNames: ['Island of Plans'],
  birthDate: '1985-03-03',
  ...more,
});
const sent = () => upstream.requests.map(({ url }) => decodeURIComponent(`${url.pathname}${url.search}`));

describe('a page', () => {
  it('weakness 20: asks api.php, politely and openly, after reading robots.txt', async () => {
    answers[`${API} Mara Quill`] = parse('Mara Quill');
    expect(await source().person(wiki, 'Mara Quill')).toMatchObject({ kind: 'ok', via: 'live' });
    const [robots, page] = upstream.requests;
    expect(robots?.url.pathname).toBe('/isle.fandom.com/robots.txt');
    expect(Object.fromEntries(page?.url.searchParams ?? [])).toMatchObject({
      action: 'parse',
      page: 'Mara Quill',
      redirects: '1',
      format: 'json',
      formatversion: '2',
      maxlag: '5',
    });
    expect(page?.headers['user-agent']).toMatch(/^trr-backend\/\S+ \(\+https:\/\/example\.org\/contact\)$/);
    expect(page?.headers['accept-encoding']).toContain('gzip');
  });

  it('weaknesses 22 and 23: origin, revision and licence travel with the text and with every picture', async () => {
    answers[`${API} Mara Quill`] = parse('Mara Quill');
    const files = [
      {
        title: 'File:Mara Raft.jpg',
        imageinfo: [
          {
            url: 'https://static.wikia.nocookie.net/x',
            width: 2400,
            height: 1600,
            mime: 'image/jpeg',
            sha1: 'a'.repeat(40),
            timestamp: '2024-06-06T01:02:03Z',
            user: 'Nora',
            extmetadata: { LicenseShortName: { value: 'CC BY-SA 4.0' } },
          },
        ],
      },
      { title: 'File:Mara Quill S2.jpg', imageinfo: [{ width: 90, height: 1200 }] },
      { title: 'File:Gone.jpg', missing: true },
    ];
    answers[`${API} imageinfo`] = json({ query: { pages: files } });
    const outcome = await source().person(wiki, 'Mara Quill');
    if (outcome.kind !== 'ok') throw new Error(outcome.detail);
    expect(outcome.missing).toEqual([]);
    const { origin, photos, contentSha256 } = outcome.value;
    expect(origin).toEqual({
      wiki: 'isle.fandom.com',
      pageTitle: 'Mara Quill',
      pageId: 77,
      pageUrl: 'https://isle.fandom.com/wiki/Mara_Quill',
      revisionId: 4501,
      permalink: 'https://isle.fandom.com/wiki/Mara_Quill?oldid=4501',
      licence: 'cc-by-sa',
      attribution: '"Mara Quill" at isle.fandom.com by its contributors, CC BY-SA 3.0, changed',
    });
    expect(contentSha256).toMatch(/^[\da-f]{64}$/);
    const raft = photos.find(({ fileName }) => fileName === 'Mara_Raft.jpg');
    // Weakness 5: the file's own size.
    expect(raft).toMatchObject({
      width: 2400,
      height: 1600,
      thumbWidth: 150,
      mimeType: 'image/jpeg',
      uploader: 'Nora',
    });
    expect(raft).toMatchObject({ sha1: 'a'.repeat(40), uploadedAt: '2024-06-06T01:02:03.000Z' });
    expect(raft?.origin).toMatchObject({
      licence: 'cc-by-sa',
      pageUrl: origin.pageUrl,
      attribution: expect.stringContaining('Nora'),
    });
    expect(photos.find(({ fileName }) => fileName === 'Mara_reunion.jpg')).toMatchObject({
      width: null,
      origin: { licence: 'fandom-image' },
    });
    // Weakness 4: an original that is too small is no picture of anybody.
    expect(photos.some(({ fileName }) => fileName === 'Mara_Quill_S2.jpg')).toBe(false);
  });

  it('the content hash follows what is said, not the markup', async () => {
    const hash = async (text: string) => {
      answers[`${API} Mara Quill`] = parse('Mara Quill', text);
      const outcome = await source().person(wiki, 'Mara Quill');
      return outcome.kind === 'ok' ? outcome.value.contentSha256 : outcome.detail;
    };
    const first = await hash(html);
    expect(await hash(html.replaceAll('<p>', '<p class="x">').replaceAll('?cb=2024', '?cb=2025'))).toBe(first);
    expect(await hash(html.replace('Boat builder', 'Captain'))).not.toBe(first);
  });

  it('records of files that cannot be had are named as missing', async () => {
    answers[`${API} Mara Quill`] = parse('Mara Quill');
    expect(await source().person(wiki, 'Mara Quill')).toMatchObject({ kind: 'ok', missing: ['imageinfo'] });
  });

  it('weakness 12: a missing title is not found, and the page is not scraped for it', async () => {
    answers[`${API} Mara Quill`] = missing;
    expect(await source().person(wiki, 'Mara Quill')).toMatchObject({ kind: 'not_found' });
    expect(sent().some((path) => path.includes('/wiki/'))).toBe(false);
  });

  it('the page itself only where the API gives no answer we know', async () => {
    answers[`${API} Mara Quill`] = json({ error: { code: 'internal_api_error', info: 'x' } });
    answers['/isle.fandom.com/wiki/Mara_Quill'] = { body: `<h1>Mara Quill</h1>${html}` };
    expect(await source().person(wiki, 'Mara Quill')).toMatchObject({ kind: 'ok', value: { name: 'Mara Quill' } });
  });

  it('an answer about another page is none; a redirect is told by the wiki', async () => {
    answers[`${API} Mara Quill`] = parse('Ola Quill');
    expect(await source().person(wiki, 'Mara Quill')).toMatchObject({
      kind: 'schema_changed',
      detail: expect.stringContaining('Ola Quill'),
    });
    answers[`${API} Mara Quill`] = parse('Mara Quill-Sand', html, {
      redirects: [{ from: 'Mara Quill', to: 'Mara Quill-Sand' }],
    });
    expect(await source().person(wiki, 'mara_Quill')).toMatchObject({ kind: 'not_found' });
    expect(await source().person(wiki, 'Mara Quill')).toMatchObject({ kind: 'ok', value: { name: 'Mara Quill-Sand' } });
  });
});

describe('refusals', () => {
  it.each([
    [
      'a challenge in the body',
      { body: '<html><title>Client Challenge</title><p id="loading-error"></p></html>' },
      'challenged',
    ],
    ['a challenge by header', { status: 403, headers: { 'cf-mitigated': 'challenge' }, body: 'x' }, 'challenged'],
    ['a 403', { status: 403, body: 'x' }, 'forbidden'],
    ['a sign-in page', { body: '<html><title>Sign In</title></html>' }, 'forbidden'],
  ] as const)('%s: nothing else is tried, and the wiki is left alone for a while', async (_, reply, kind) => {
    answers[`${API} Mara Quill`] = reply;
    const fandom = source();
    expect(await fandom.person(wiki, 'Mara Quill')).toMatchObject({ kind });
    expect(sent()).toHaveLength(2);
    answers[`${API} Mara Quill`] = parse('Mara Quill');
    expect(await fandom.person(wiki, 'Mara Quill')).toMatchObject({
      kind,
      detail: expect.stringContaining('left alone'),
    });
    expect(sent()).toHaveLength(2);
    now += 61 * 60_000;
    expect(await fandom.person(wiki, 'Mara Quill')).toMatchObject({ kind: 'ok' });
  });

  it('weakness 21: robots.txt is obeyed', async () => {
    answers['/isle.fandom.com/robots.txt'] = { body: 'User-agent: *\nDisallow: /' };
    expect(await source().person(wiki, 'Mara Quill')).toMatchObject({
      kind: 'forbidden',
      detail: expect.stringContaining('robots.txt'),
    });
    expect(sent()).toEqual(['/isle.fandom.com/robots.txt']);
  });

  it('a wiki whose robots.txt cannot be had is closed', async () => {
    answers['/isle.fandom.com/robots.txt'] = { status: 500, body: 'x' };
    expect(await source().person(wiki, 'Mara Quill')).toMatchObject({ kind: 'transport' });
  });

  it('weakness 20: a lagging wiki is asked again after what it asks for', async () => {
    const busy = json(
      { error: { code: 'maxlag', info: 'Waiting' } },
      { headers: { 'mediawiki-api-error': 'maxlag', 'retry-after': '5' } },
    );
    answers[`${API} Mara Quill`] = [busy, parse('Mara Quill')];
    expect(await source().person(wiki, 'Mara Quill')).toMatchObject({ kind: 'ok' });
    answers[`${API} Mara Quill`] = [busy, busy];
    expect(await source().person(wiki, 'Mara Quill')).toMatchObject({ kind: 'rate_limited' });
  });

  it('off unless it is switched on', async () => {
    const off = { ...config, sources: { ...config.sources, live: new Set(['tmdb']) } };
    const fetcher = createFetcher({ config: off });
    fetchers.push(fetcher);
    const outcome = await createFandomSource(fetcher, off.fandom).person(wiki, 'Mara Quill');
    expect(outcome).toMatchObject({ kind: 'forbidden', detail: expect.stringContaining('TRR_LIVE_SOURCES') });
    expect(sent()).toEqual([]);
  });
});

describe('finding a person', () => {
  it('the page of that name, judged', async () => {
    answers[`${API} Mara Quill`] = parse('Mara Quill');
    const outcome = await source().findPerson(wiki, query());
    expect(outcome).toMatchObject({
      value: { confirmed: { name: 'Mara Quill' }, candidates: [{ identity: { verdict: 'confirmed' } }] },
    });
  });

  it('a namesake is told apart, and the right one found on the disambiguation page', async () => {
    const list =
      '<ul><li><a href="/wiki/Mara_Quill_(Coast)">a</a></li><li><a href="/wiki/Mara_Quill_(Isle)">b</a></li><li><a href="/wiki/Ida_Marsh">c</a></li></ul>';
    answers[`${API} Mara Quill`] = parse('Mara Quill', list, { properties: { disambiguation: '' } });
    answers[`${API} Mara Quill (Coast)`] = parse('Mara Quill (Coast)', born('May 1, 1950'));
    answers[`${API} Mara Quill (Isle)`] = parse('Mara Quill (Isle)');
    const outcome = await source().findPerson(wiki, query());
    if (outcome.kind !== 'ok') throw new Error(outcome.detail);
    expect(outcome.value.confirmed?.origin.pageTitle).toBe('Mara Quill (Isle)');
    expect(outcome.value.candidates.map(({ identity }) => identity.verdict)).toEqual(['other', 'confirmed']);
    expect(sent().some((path) => path.includes('Ida'))).toBe(false);
  });

  it('weakness 10: a search hit must bear the name', async () => {
    answers[`${API} Mara Quill`] = missing;
    const hits = [
      { title: 'Season 2', pageid: 3 },
      { title: 'Mara Eleni Quill', pageid: 4 },
    ];
    answers[`${API} search`] = json({ query: { search: hits } });
    answers[`${API} Mara Eleni Quill`] = parse('Mara Eleni Quill');
    expect(await source().findPerson(wiki, query())).toMatchObject({
      value: { confirmed: { name: 'Mara Eleni Quill' } },
    });
    expect(sent().some((path) => path.includes('Season'))).toBe(false);
    answers[`${API} search`] = json({ query: { search: [{ title: 'Season 2', pageid: 3 }] } });
    expect(await source().findPerson(wiki, query())).toMatchObject({ kind: 'not_found' });
  });

  it('no page is attached on the name alone', async () => {
    answers[`${API} Mara Quill`] = parse('Mara Quill', born('unknown').replaceAll('Island of Plans', 'A show'));
    answers[`${API} search`] = json({ query: { search: [] } });
    const outcome = await source().findPerson(wiki, query({ birthDate: null }));
    expect(outcome).toMatchObject({
      kind: 'ok',
      value: { confirmed: null, candidates: [{ identity: { verdict: 'other' } }] },
    });
  });

  it('weakness 14: a page settled on is asked for by id, and not read when its revision is known', async () => {
    const revision = {
      pageid: 77,
      title: 'Mara Quill',
      revisions: [{ revid: 4501, timestamp: '2026-01-01T00:00:00Z' }],
    };
    answers[`${API} info|revisions`] = json({ query: { pages: [revision] } });
    answers[`${API} 77`] = parse('Mara Quill');
    const known = query({ pageId: 77, revisionId: 4501 });
    expect(await source().findPerson(wiki, known)).toMatchObject({ kind: 'not_modified' });
    const changed = await source().findPerson(wiki, { ...known, revisionId: 4400 });
    expect(changed).toMatchObject({ kind: 'ok', value: { confirmed: { origin: { revisionId: 4501 } } } });
    expect(sent().some((path) => path.includes('list=search'))).toBe(false);
  });

  it('a wiki that stops answering ends the search without a verdict', async () => {
    answers[`${API} Mara Quill`] = missing;
    answers[`${API} search`] = { status: 403, body: 'x' };
    expect(await source().findPerson(wiki, query())).toMatchObject({ kind: 'forbidden' });
  });

  it('a page in a form we do not know is not "no page"', async () => {
    answers[`${API} Mara Quill`] = parse('Mara Quill', '<p>A stub about somebody, without a box.</p>');
    answers[`${API} search`] = json({ query: { search: [] } });
    expect(await source().findPerson(wiki, query())).toMatchObject({ kind: 'schema_changed' });
  });
});

describe('galleries, seasons, revisions', () => {
  it('the gallery of a person; on another page only pictures that name them', async () => {
    answers[`${API} Mara Quill`] = parse('Mara Quill');
    const item = (file: string, caption: string) =>
      `<div class="wikia-gallery-item"><img data-src="https://static.wikia.nocookie.net/isle/images/1/1f/${file}/revision/latest/scale-to-width-down/150?cb=1" width="150"><div class="lightbox-caption">${caption}</div></div>`;
    const text = `<h2>Season 2</h2>${item('A.jpg', 'At sea')}${item('B.jpg', 'Mara Quill, reunion')}`;
    answers[`${API} Mara Quill/Gallery`] = parse('Mara Quill/Gallery', text);
    const fandom = source();
    const person = await fandom.person(wiki, 'Mara Quill');
    if (person.kind !== 'ok') throw new Error(person.detail);
    const own = await fandom.gallery(wiki, person.value);
    if (own.kind !== 'ok') throw new Error(own.detail);
    expect(own.value.photos.map(({ fileName, season, type }) => [fileName, season, type])).toEqual([
      ['A.jpg', 2, 'gallery'],
      ['B.jpg', 2, 'reunion_look'],
    ]);
    const shared = { ...wiki, galleryTitle: 'Pictures of {name} and others' };
    answers[`${API} Pictures of Mara Quill and others`] = parse('Pictures of Mara Quill and others', text);
    expect(await fandom.gallery(shared, person.value)).toMatchObject({
      value: { photos: [{ fileName: 'B.jpg' }], leftOut: { not_named: 1 } },
    });
  });

  it('a season by number, and no other season', async () => {
    const box =
      '<aside class="portable-infobox"><div class="pi-item pi-data" data-source="season"><div class="pi-data-value">2</div></div></aside>';
    const card =
      '<table><tr><td><a href="/wiki/Mara_Quill"><img data-src="https://static.wikia.nocookie.net/isle/images/1/1f/M.jpg" width="100" height="125" data-relevant="0"></a><p>Winner</p><a href="/wiki/Mara_Quill">Mara</a></td></tr></table>';
    answers[`${API} Season 2`] = parse('Season 2', `${box}${card}`);
    answers[`${API} Season 3`] = parse('Season 3', box);
    const fandom = source();
    expect(await fandom.season(wiki, 2)).toMatchObject({
      value: {
        seasonNumber: 2,
        cast: [{ pageTitle: 'Mara Quill', label: 'Mara', status: 'Winner', photo: { fileName: 'M.jpg' } }],
      },
    });
    expect(await fandom.season(wiki, 3)).toMatchObject({ kind: 'schema_changed' });
    expect(await fandom.season({ ...wiki, seasonTitle: null }, 2)).toMatchObject({ kind: 'not_found' });
  });

  it('revisions of many pages, 50 in a request', async () => {
    answers[`${API} info|revisions`] = json({
      query: { pages: { '5': { pageid: 5, title: 'X', lastrevid: 9, touched: '2026-01-01T00:00:00Z' } } },
    });
    const ids = Array.from({ length: 120 }, (_, at) => at + 1);
    const outcome = await source().revisions(wiki, ids);
    expect(outcome).toMatchObject({
      kind: 'ok',
      value: Array(3).fill({ pageId: 5, title: 'X', revisionId: 9, sha1: null }),
    });
    expect(sent()).toHaveLength(4);
    expect(await source().revisions(wiki, [])).toMatchObject({ kind: 'ok', value: [] });
  });
});

describe('the wiki of a show', () => {
  const other = { ...wiki, wiki: 'coast.fandom.com', shows: ['Island of Plans: Coast', 'tt0000001', 'tmdb:5'] };
  const closed = { ...wiki, wiki: 'shut.fandom.com', shows: ['Shut'], enabled: false };
  const fandom = createFandomSource(createFetcher({ config }), { wikis: [wiki, other, closed], baseUrl: null });
  it.each([
    ['by IMDb id', { imdbId: 'TT0000001', names: ['Island of Plans'] }, 'coast.fandom.com'],
    ['by TMDb id', { tmdbId: 5, names: ['Anything'] }, 'coast.fandom.com'],
    ['by name', { names: ['Ísland of plans'] }, 'isle.fandom.com'],
    ['by franchise', { names: ['Island of Plans: All Stars'] }, 'isle.fandom.com'],
    ['by the longest name', { names: ['Island of Plans: Coast Reunion'] }, 'coast.fandom.com'],
    ['not by part of a word', { names: ['Island of Plansters'] }, null],
    ['weakness 21: not when switched off', { names: ['Shut'] }, null],
    ['not without a match', { names: [] }, null],
  ])('%s', (_, show, expected) => {
    expect(fandom.wikiOf(show)?.wiki ?? null).toBe(expected);
  });
});
