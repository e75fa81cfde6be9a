import { describe, expect, it } from 'vitest';
import { creditsPage } from '../../../../tests/fixtures/imdb/credits.ts';
import { episodesPage } from '../../../../tests/fixtures/imdb/episodes.ts';
import { htmlPage, nextPage } from '../../../../tests/fixtures/imdb/page.ts';
import { titlePage } from '../../../../tests/fixtures/imdb/title.ts';
import { categoryId, listId, nameId, titleId, titleInHref, viewerId } from '../ids.ts';
import { IMDB_KINDS } from '../kinds.ts';
import { disguised, withoutSession } from './page.ts';
import { parseTitle } from './title.ts';

const parsers = Object.entries(IMDB_KINDS);
const MB = 1024 * 1024;

const instead: readonly (readonly [string, string])[] = [
  ['an empty page', ''],
  ['white space', ' \n\t \uFEFF'],
  [
    'a challenge',
    '<html><script>window.awsWafCookieDomainList = []; window.gokuProps = {}</script><div id="challenge-container"></div></html>',
  ],
  ['a sign-in page', '<html><title>IMDb Sign-In</title><form action="/ap/signin"><input name="email"></form></html>'],
  ['a consent page', '<html><title>Before you continue</title><button>Accept consent</button></html>'],
  ['an error page', '<html><title>503 - Service unavailable</title><h1>Error</h1></html>'],
  ['an error payload', '{"message":"Forbidden"}'],
  ['plain text', 'Forbidden'],
];

describe('pages that came instead', () => {
  it.each(instead)('%s is no record of any kind', (_, body) => {
    for (const [name, { parse }] of parsers)
      expect([name, parse(Buffer.from(body))]).toMatchObject([name, { ok: false }]);
  });

  it('are named', () => {
    const problems = instead.slice(0, 6).map(([, body]) => {
      const result = parseTitle(Buffer.from(body));
      return result.ok ? '' : result.problem;
    });
    expect(problems).toEqual([
      'the page is empty',
      'the page is empty',
      'a challenge instead of the page',
      'a sign-in page instead of the page',
      'a consent page instead of the page',
      'an error page instead of the page',
    ]);
  });

  it('a 200 with such a body is a challenge (6.3), a page of the site is none', () => {
    for (const [name, body] of instead.slice(0, 6))
      expect([name, disguised(Buffer.from(body), true)]).not.toEqual([name, null]);
    for (const page of [titlePage(), htmlPage('', { jsonLd: {} }), htmlPage('<a href="/title/tt7000001/">x</a>')]) {
      expect(disguised(page, true)).toBeNull();
    }
    expect(disguised(Buffer.from('<html>403 Forbidden</html>'), false)).toBe('a page instead of data');
    expect(disguised(Buffer.from('{"data":{}}'), false)).toBeNull();
  });

  it('the right kind of page for another parser is refused', () => {
    const pages: Record<string, Buffer> = {
      'imdb:title': titlePage(),
      'imdb:episodes': episodesPage(),
      'imdb:fullcredits': creditsPage(),
    };
    for (const [name, page] of Object.entries(pages)) {
      for (const other of Object.keys(pages)) {
        expect([name, other, IMDB_KINDS[other]?.parse(page).ok]).toEqual([name, other, name === other]);
      }
    }
  });
});

describe('pages that are broken or hostile', () => {
  const whole = titlePage().toString();
  const deepJson = `${'{"edges":[{"node":'.repeat(20_000)}1${'}]}'.repeat(20_000)}`;
  const hostile: readonly (readonly [string, string])[] = [
    ['cut off in its data', whole.slice(0, whole.length / 2)],
    ['cut off before its data', whole.slice(0, 100)],
    ['data that is no JSON', whole.replace('"props"', 'props')],
    ['a list as data', '<script id="__NEXT_DATA__" type="application/json">[]</script>'],
    ['deep data', `<script id="__NEXT_DATA__" type="application/json">{"props":{"pageProps":${deepJson}}}</script>`],
    ['a deep payload', `{"data":{"title":${deepJson}}}`],
    ['deep markup', `<a href="/title/tt7000001/">x</a>${'<div>'.repeat(200_000)}`],
    [
      'deep markup that never closes what it opened',
      `<a href="/title/tt1/">x</a>${'<b>'.repeat(100_000)}${'</i>'.repeat(100_000)}`,
    ],
    ['scripts that never end', `<a href="/title/tt1/">x</a>${'<script '.repeat(100_000)}`],
    ['open tags without an end', '<'.repeat(MB)],
    ['many links in one box', `<div>${'<a href="/title/tt7000001/">x</a>'.repeat(8_000)}</div>`],
    ['many boxes', '<div class="lister-item"><a href="/title/tt7000001/"><h3>x</h3></a></div>'.repeat(8_000)],
    ['many cards', `<div>${'<div><a href="/title/tt7000001/">x</a><span>abc 1234</span></div>'.repeat(8_000)}</div>`],
    ['entities', `<a href="/title/tt7000001/">${'&amp;&#x110000;&nosuch;&#0;&lt'.repeat(20_000)}</a>`],
    [
      'parentheses',
      `<table class="cast_list"><tr><td><a href="/name/nm1/">x</a></td><td>${'('.repeat(MB)}</td></tr></table>`,
    ],
    ['next links', '<a href="?page=2'.repeat(100_000)],
    ['numbers of pictures', `data-testid ${'1 of '.repeat(200_000)}`],
    [
      'srcsets',
      `<section data-testid="section-images">${`<img class="ipc-image" srcset="${'https://m.media-amazon.com/images/M/A.jpg 1x, '.repeat(20_000)}">`.repeat(5)}</section>`,
    ],
    [
      'a prototype',
      '<script id="__NEXT_DATA__" type="application/json">{"__proto__":{"props":{"pageProps":{}}},"constructor":1}</script>',
    ],
  ];

  // Quadratic work on any of these would take minutes: the timeout is the assertion (how fast, `tests/fuzz` and `bench/parse` ask).
  it.each(hostile)('%s: an answer, whichever parser', { timeout: 20_000 }, (_, body) => {
    const bytes = Buffer.from(body);
    for (const [name, { parse }] of parsers) {
      const result = parse(bytes);
      expect([name, typeof result.ok]).toEqual([name, 'boolean']);
      // Whatever was taken can be written down: no bottomless value went through.
      if (result.ok) expect(JSON.stringify(result.value).length).toBeGreaterThan(0);
    }
  });

  it('five megabytes of a good page are read', () => {
    const page = titlePage(({ main }) => {
      main['trivia'] = 'x'.repeat(5 * MB);
    });
    expect(parseTitle(page)).toMatchObject({ ok: true });
  });

  it('texts keep nothing a database cannot hold', () => {
    const page = titlePage(({ top }) => {
      top['titleText'] = { text: ' Vil\u0000la \ud83d of &lt;script&gt; ' };
      top['plot'] = { plotText: { plainText: '<script>alert(1)</script> &amp;amp;' } };
    });
    expect(parseTitle(page)).toMatchObject({
      value: { title: 'Villa \ufffd of &lt;script&gt;', description: '<script>alert(1)</script> &amp;' },
    });
  });
});

describe('what is kept of a page', () => {
  it('nothing about whoever asked (7)', () => {
    const pageProps = {
      tconst: 'tt7000001',
      requestContext: { ipAddress: '192.0.2.1', sessionId: 's' },
      cmsContext: {},
      kept: 'a < b',
    };
    const clean = withoutSession(nextPage({ page: '/title/[tconst]', pageProps, markup: '$& $1' })).toString();
    expect(clean).not.toMatch(/requestContext|192\.0\.2\.1|cmsContext/);
    expect(clean).toContain('"kept":"a \\u003c b"');
    expect(clean).toContain('$& $1');
    expect(withoutSession(Buffer.from('{"pageProps":{"requestContext":1,"a":2}}')).toString()).toBe(
      '{"pageProps":{"a":2}}',
    );
  });
});

describe('defect 31: ids are normalised once', () => {
  it('trimmed, lower case, refused when malformed', () => {
    expect([' TT123 ', 'tt0', 'tt', 'nm1', 'tt1234567890123', 'tt12x', 12].map(titleId)).toEqual([
      'tt123',
      'tt0',
      null,
      null,
      null,
      null,
      null,
    ]);
    expect([nameId('NM1'), nameId('tt1'), viewerId('RM1'), viewerId('x')]).toEqual(['nm1', null, 'rm1', null]);
    expect(['ls1', ' https://www.imdb.com/list/ls055/?x=ls2', 'LS1', 'girls12', 'ls', 5].map(listId)).toEqual([
      'ls1',
      'ls055',
      null,
      null,
      null,
      null,
    ]);
    expect(titleInHref('/title/tt12/?ref_=x')).toBe('tt12');
    expect(titleInHref('/title/tt12x/')).toBeNull();
    expect(categoryId('amzn1.imdb.concept.name_credit_group.a-1')).not.toBeNull();
    expect(categoryId('actor')).toBeNull();
  });
});
