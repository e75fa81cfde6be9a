import { describe, expect, it } from 'vitest';
import { parseGallery } from './gallery.ts';
import { parsePerson } from './person.ts';

const read = (body: string) => parsePerson(Buffer.from(body));
const article = (content: string) => `<div class="mw-parser-output">${content}</div>`;
const error = (code: string, info = 'words') => JSON.stringify({ error: { code, info } });

describe('bodies that are not the page', () => {
  it.each([
    ['an API error about the title', error('missingtitle'), 'missing', 'not_found'],
    ['an API error about the page id', error('nosuchpageid'), 'missing', 'not_found'],
    [
      'an empty article of MediaWiki',
      article('<div class="noarticletext">There is currently no text in this page.</div>'),
      'missing',
      'not_found',
    ],
    ['a page of words alone', '<html><body><h2>Page not found</h2></body></html>', 'missing', 'not_found'],
    ['a title that says so', '<html><title>404 Not Found</title><body>x</body></html>', 'missing', 'not_found'],
    [
      'a missing page of a query',
      JSON.stringify({ query: { pages: [{ title: 'X', missing: true }] } }),
      'missing',
      'not_found',
    ],
    [
      'a client challenge',
      '<html><title>Client Challenge</title><body><div id="loading-error">x</div></body></html>',
      'challenge',
      'challenged',
    ],
    ['a Cloudflare challenge', '<html><title>Just a moment...</title><body>x</body></html>', 'challenge', 'challenged'],
    [
      'a short page of a challenge script',
      '<html><script src="/_fs-ch-1T1wmsGaOgGaSxcX/script.js"></script></html>',
      'challenge',
      'challenged',
    ],
    [
      'a sign-in page',
      '<html><title>Sign In | Fandom</title><form action="https://auth.fandom.com/signin"></form></html>',
      'login',
      'forbidden',
    ],
    ['a consent page', '<html><title>Before you continue</title><body>x</body></html>', 'consent', 'forbidden'],
    ['a closed API', error('readapidenied'), 'denied', 'forbidden'],
    ['a busy API', error('maxlag', 'Waiting for db: 6 seconds lagged.'), 'busy', 'rate_limited'],
    ['an API error of another sort', error('internal_api_error'), 'layout', 'schema_changed'],
    ['a page without a box', article('<p>Text about somebody, at length.</p>'), 'layout', 'schema_changed'],
    ['an empty box', article('<aside class="portable-infobox"></aside>'), 'layout', 'schema_changed'],
    ['an answer of another service', '{"name": "x"}', 'layout', 'schema_changed'],
    ['broken JSON', '{"parse": ', 'layout', 'schema_changed'],
    ['JSON that is a list', '[1]', 'layout', 'schema_changed'],
    ['nothing', ' \n', 'layout', 'schema_changed'],
    ['plain words', 'no wiki at all', 'layout', 'schema_changed'],
    ['bytes', '\u0000\u0001\u0002', 'layout', 'schema_changed'],
  ])('%s', (_, body, reason, kind) => {
    expect(read(body)).toMatchObject({ ok: false, reason, kind });
  });

  it('weakness 12: a page that only mentions such words is a page', () => {
    const line = '<div class="pi-item pi-data" data-source="gender"><div class="pi-data-value">Female</div></div>';
    const prose =
      '<p>In the Client Challenge, a loading-error made a page not found; Cloudflare was the challenge. Sign in!</p>';
    expect(
      read(article(`<aside class="portable-infobox"><h2 class="pi-title">Mara</h2>${line}</aside>${prose}`)),
    ).toMatchObject({ ok: true });
  });

  it('a redirect tells where to, in markup and in wikitext', () => {
    const html = article(
      '<div class="redirectMsg"><p>Redirect to:</p><ul><li><a href="/wiki/Mara_Quill">Mara Quill</a></li></ul></div>',
    );
    for (const body of [html, '#REDIRECT [[Mara Quill]]', '#redirect: [[Mara_Quill|x]]']) {
      expect(read(body)).toMatchObject({ ok: false, reason: 'redirect', kind: 'not_found', links: ['Mara Quill'] });
    }
  });

  it('a disambiguation page lists its pages, by property, category or box', () => {
    const list =
      '<ul><li><a href="/wiki/Mara_Quill_(Bay)">Mara</a>, see <a href="/wiki/Bay">Bay</a></li><li><a href="/wiki/Mara_Quill_(Coast)">Mara</a></li></ul>';
    const links = ['Mara Quill (Bay)', 'Mara Quill (Coast)'];
    const parse = { title: 'Mara Quill', text: article(list) };
    const bodies = [
      JSON.stringify({ parse: { ...parse, properties: { disambiguation: '' } } }),
      JSON.stringify({ parse: { ...parse, properties: [{ name: 'disambiguation', '*': '' }] } }),
      JSON.stringify({ parse: { ...parse, categories: [{ category: 'Disambiguation_pages' }] } }),
      article(`<table id="disambigbox"></table>${list}`),
      "'''Mara''' may be:\n* [[Mara Quill (Bay)]], [[Bay]]\n* [[Mara Quill (Coast)]]\n{{Disambig}}",
    ];
    for (const body of bodies)
      expect(read(body)).toMatchObject({ ok: false, reason: 'disambiguation', kind: 'not_found', links });
  });

  it('a page about something else is not a person', () => {
    const line =
      '<div class="pi-item pi-data" data-source="season"><h3 class="pi-data-label">Season</h3><div class="pi-data-value">26</div></div>';
    expect(read(article(`<aside class="portable-infobox">${line}</aside>`))).toMatchObject({
      ok: false,
      reason: 'other_kind',
      problem: expect.stringContaining('Season'),
    });
  });

  it('a gallery in which nothing is recognised has changed its markup', () => {
    expect(parseGallery(Buffer.from(article('<p>Pictures.</p>')))).toMatchObject({ ok: false, kind: 'schema_changed' });
    expect(parseGallery(Buffer.from(''))).toMatchObject({ ok: false, kind: 'schema_changed' });
  });
});
