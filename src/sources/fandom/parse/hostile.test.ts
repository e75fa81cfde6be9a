import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseGallery } from './gallery.ts';
import { parsePerson } from './person.ts';
import { parseSeason } from './season.ts';

const page = readFileSync(new URL('../../../../tests/fixtures/fandom/person.html', import.meta.url), 'utf8');
const MB = 1_000_000;
const fill = (piece: string, bytes = 5 * MB) => piece.repeat(Math.ceil(bytes / piece.length));
const within = (content: string) => page.replace(/<\/div>\s*$/, `${content}</div>`);

/** Generous for a busy machine; what it must catch takes minutes. */
const BOUND_MS = 8_000;

describe('hostile pages', () => {
  it.each([
    ['a deep nest', fill('<div>')],
    ['a deep nest within a page', within(fill('<b>'))],
    ['closing tags nobody opened', within(`${'<i>'.repeat(150)}${fill('</u>')}`)],
    ['elements without end', within(fill('<b></b>'))],
    ['attributes without end', within(`<p ${fill('a="b" ')}>x</p>`)],
    ['one attribute without end', within(`<p title="${fill('x')}">`)],
    ['entities', within(`<p>${fill('&amp;&#x41;&notit;&lt')}</p>`)],
    ['a comment nobody closes', within(`<!--${fill('<!-- ')}`)],
    ['brackets nobody closes', within(fill('< <! <? </'))],
    ['a script', within(`<script>${fill('<b>"</b>')}</script>`)],
    ['white space', within(`<p>${fill(' \n')}x</p>`)],
    ['pictures', within(fill('<img src="https://static.wikia.nocookie.net/a/images/1/1f/A.jpg" width="300">'))],
    ['headings', within(fill('<h2>Taglines</h2><h3>Trivia</h3>'))],
    ['nested lists', within(`<h2>Trivia</h2>${fill(`${'<ul><li>'.repeat(40)}x${'</li></ul>'.repeat(40)}`)}`)],
    [
      'nested tables',
      within(`<h2>Taglines</h2>${fill(`${'<table><tr><td>'.repeat(30)}x${'</td></tr></table>'.repeat(30)}`)}`),
    ],
    ['cells', within(`<h2>Taglines</h2><table>${fill('<tr><td rowspan=65535 colspan=1000>1</td></tr>')}</table>`)],
    [
      'infobox lines',
      page.replace(
        '</aside>',
        `${fill('<div class="pi-item pi-data" data-source="x"><div class="pi-data-value">y</div></div>')}</aside>`,
      ),
    ],
    ['quotes of wikitext', `{{A|b=c|d=e}}${fill("'''a''", 2 * MB)}`],
    ['braces of wikitext', fill('{{a|b=', 2 * MB)],
    ['brackets of wikitext', `{{A|b=c|d=e}}${fill('[[a|', 2 * MB)}`],
    ['comments of wikitext', `{{A|b=c|d=e}}${fill('<!-- ', 2 * MB)}`],
    ['references of wikitext', `{{A|b=c|d=e}}${fill('<ref>', 2 * MB)}`],
    ['galleries of wikitext', `{{A|b=c|d=e}}${fill('<gallery>\nA.jpg\n', 2 * MB)}`],
    ['headings of wikitext', `{{A|b=c|d=e}}\n==${fill('=a ', 2 * MB)}`],
    ['links of wikitext', `{{A|b=c|d=e}}${fill('[http://a b ', 2 * MB)}`],
  ])('%s: an answer in bounded time', (_, body) => {
    const started = performance.now();
    const result = parsePerson(Buffer.from(body));
    if (!result.ok) expect(result.problem.length).toBeLessThan(300);
    expect(performance.now() - started).toBeLessThan(BOUND_MS);
  });

  it('the other readers too', () => {
    const cards = fill(
      '<li><a href="/wiki/X"><img src="https://static.wikia.nocookie.net/a/images/1/1f/A.jpg" width="300"></a></li>',
      MB,
    );
    const started = performance.now();
    expect(parseGallery(Buffer.from(within(cards))).ok).toBe(true);
    expect(parseSeason(Buffer.from(`<div class="mw-parser-output"><ul>${cards}</ul></div>`))).toMatchObject({
      value: { cast: [{ pageTitle: 'X' }] },
    });
    expect(performance.now() - started).toBeLessThan(BOUND_MS);
  });

  it('names what it gave up on', () => {
    expect(parsePerson(Buffer.from(fill('<div>', MB)))).toMatchObject({
      ok: false,
      kind: 'schema_changed',
      problem: expect.stringMatching(/nested deeper/),
    });
    expect(parsePerson(Buffer.from(within(fill('<b></b>'))))).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/elements/),
    });
    expect(parsePerson(Buffer.alloc(13 * MB, 'x'))).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/larger/),
    });
  });

  it('a large page is still read', () => {
    const result = parsePerson(
      Buffer.from(within(fill('<p>Some words about boats and the sea, as pages have them.</p>'))),
    );
    expect(result).toMatchObject({ ok: true, value: { person: { fullName: 'Mara Eleni Quill' } } });
  });

  it('a page cut off anywhere is a record or a refusal, never a crash', () => {
    for (let at = 0; at < page.length; at += 401) {
      const result = parsePerson(Buffer.from(page.slice(0, at)));
      if (result.ok) expect(result.value.person.name).toBe('Mara Quill');
      else expect(result.kind).toBe('schema_changed');
    }
  });

  it('what a database cannot hold is not in the record', () => {
    const result = parsePerson(Buffer.from(page.replace('Boat builder', 'Boat\u0000 &#0;&#xD800; builder')));
    const json = JSON.stringify(result);
    expect(json).not.toMatch(/\\u0000|\\ud800/i);
  });
});
