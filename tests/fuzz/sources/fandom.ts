import { readFileSync } from 'node:fs';
import { parseInfobox } from '../../../src/sources/fandom/kinds.ts';
import { parseGallery } from '../../../src/sources/fandom/parse/gallery.ts';
import { parsePerson } from '../../../src/sources/fandom/parse/person.ts';
import { parseSeason } from '../../../src/sources/fandom/parse/season.ts';
import { parseSheet } from '../../../src/sources/sheet/parse.ts';

/** A parser and a good body of it; mutations of the body must neither break it nor make it say something about another page. */
export interface FuzzTarget {
  readonly name: string;
  readonly seed: Buffer;
  readonly parse: (body: Uint8Array) => { readonly ok: boolean };
  /** What is wrong with an accepted record; null when nothing is. */
  readonly wrong: (value: unknown) => string | null;
}

const page = readFileSync(new URL('../../fixtures/fandom/person.html', import.meta.url), 'utf8');
const api = JSON.stringify({
  parse: { title: 'Mara Quill', pageid: 77, revid: 4501, text: page, categories: [], redirects: [] },
});
const wikitext =
  "{{Islander\n|birthdate = {{Birth date|1985|3|3}}\n|hometown = [[Port]]<br>Bay\n}}'''Mara Quill''' builds boats for others.\n== Trivia ==\n* One\n{|\n! A !! B\n|-\n| 1 || 2\n|}\n[[File:A.jpg|thumb|x]]\n<gallery>\nB.jpg|y\n</gallery>\n";
const season =
  '<div class="mw-parser-output"><aside class="portable-infobox"><div class="pi-item pi-data" data-source="season"><div class="pi-data-value">2</div></div></aside><table><tr><td><a href="/wiki/Mara"><img data-src="https://static.wikia.nocookie.net/isle/images/1/1f/M.jpg" width="100"></a>Mara</td></tr></table></div>';
const sheet = 'show,network,imdb,tmdb,override\n"Island, of ""Plans""",Bay,tt1,7,SKIP\nX,,,,12\n';

/** Pictures lie on the wiki's own hosts, whatever the page says. */
function foreignPicture(value: unknown): string | null {
  const found = JSON.stringify(value)?.match(
    /"(?:originalUrl|canonicalUrl)":"(?!https:\/\/static\.wikia\.nocookie\.net\/)[^"]*"/,
  );
  return found ? `a picture elsewhere: ${found[0].slice(0, 100)}` : null;
}

/** The API names the page; no mutation of its text may rename it. */
function otherTitle(value: unknown): string | null {
  const { page: facts } = value as { page: { title: string | null } };
  return facts.title === 'Mara Quill' ? foreignPicture(value) : `a record about ${JSON.stringify(facts.title)}`;
}

export const FANDOM_TARGETS: readonly FuzzTarget[] = [
  { name: 'fandom:person page', seed: Buffer.from(page), parse: (body) => parsePerson(body), wrong: foreignPicture },
  { name: 'fandom:person api', seed: Buffer.from(api), parse: (body) => parsePerson(body), wrong: foreignPicture },
  {
    name: 'fandom:person text',
    seed: Buffer.from(page),
    parse: (body) => parsePerson(wrapped(body)),
    wrong: otherTitle,
  },
  {
    name: 'fandom:person wikitext',
    seed: Buffer.from(wikitext),
    parse: (body) => parsePerson(body, { store: 'isle' }),
    wrong: foreignPicture,
  },
  { name: 'fandom:gallery', seed: Buffer.from(page), parse: (body) => parseGallery(body), wrong: foreignPicture },
  { name: 'fandom:infobox', seed: Buffer.from(page), parse: parseInfobox, wrong: () => null },
  { name: 'fandom:season', seed: Buffer.from(season), parse: parseSeason, wrong: foreignPicture },
  { name: 'sheet:overrides', seed: Buffer.from(sheet), parse: parseSheet, wrong: () => null },
];

function wrapped(body: Uint8Array): Buffer {
  return Buffer.from(JSON.stringify({ parse: { title: 'Mara Quill', text: new TextDecoder().decode(body) } }));
}
