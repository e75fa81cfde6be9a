import type { WikiLink, WikiPersonFacts } from '../../../platform/wiki-facts.ts';
import { defined } from '../../read.ts';
import { readDate } from '../dates.ts';
import { sameName, splitTitle } from '../names.ts';
import { readDocument } from './document.ts';
import {
  type Infobox,
  type InfoboxItem,
  itemNamed,
  itemsNamed,
  normalKey,
  oneLine,
  rawInfobox,
  readInfobox,
} from './infobox.ts';
import { outlineOf } from './outline.ts';
import type { PageOptions, WikiPage } from './page.ts';
import { type PagePhoto, type PagePhotos, readPhotos } from './photos.ts';
import { lacksLayout, notRead, type PageResult, read } from './result.ts';
import { type Part, type RowSeasons, readReunionSeating, readTaglines, readTrivia } from './sections.ts';

/** Page facts that every record of a page carries. */
export type PageFacts = Pick<WikiPage, 'title' | 'pageId' | 'revisionId' | 'url' | 'redirects' | 'categories'>;

/** A person page as read; `facts.ts` adds where it comes from. */
export interface PersonPage {
  readonly page: PageFacts;
  readonly person: Omit<WikiPersonFacts, 'origin' | 'photos' | 'contentSha256'>;
  readonly photos: readonly PagePhoto[];
  readonly leftOut: PagePhotos['leftOut'];
}

export interface PersonOptions extends PageOptions {
  /** Templates of this wiki that mark a person page (`WikiConfig.personTemplates`). */
  readonly personTemplates?: readonly string[];
}

/** Names of infobox lines by field, in order of preference; compared by letters and digits (weakness 7). */
export const PERSON_LINES = {
  fullName: ['fullname', 'realname', 'birthname', 'name'],
  birth: ['birthdate', 'birthday', 'dateofbirth', 'dob', 'born', 'birth'],
  death: ['deathdate', 'dateofdeath', 'died', 'death'],
  gender: ['gender', 'sex'],
  residesIn: ['residesin', 'resides', 'residence', 'residency', 'currentresidence', 'livesin', 'hometown'],
  occupation: ['occupation', 'occupations', 'profession', 'job'],
  nicknames: ['nickname', 'nicknames', 'alias', 'aliases', 'alsoknownas', 'aka'],
  hairColor: ['haircolor', 'haircolour', 'hair'],
  eyeColor: ['eyecolor', 'eyecolour', 'eyes'],
  height: ['height'],
  weight: ['weight'],
  romances: ['romances', 'romance'],
  family: ['family', 'familymembers', 'relatives'],
  friends: ['friends'],
  enemies: ['enemies'],
  installment: ['installment', 'installments', 'franchise'],
  mainSeasons: ['mainseasons', 'mainseason'],
} as const;

/** Lines that place a person in shows and seasons. */
const SHOW_LINES = [
  'installment',
  'installments',
  'franchise',
  'seasonfullname',
  'show',
  'shows',
  'series',
  'season',
  'seasons',
  'seasonsplayed',
  'appearances',
  'appearson',
];

/** Lines no page about a show, a season or an episode has. */
const TELLING: readonly (readonly string[])[] = [
  ...[['fullname', 'realname', 'birthname'], PERSON_LINES.birth, PERSON_LINES.gender, PERSON_LINES.residesIn],
  ...[PERSON_LINES.occupation, PERSON_LINES.hairColor, PERSON_LINES.eyeColor, PERSON_LINES.height, PERSON_LINES.weight],
  ...[PERSON_LINES.romances, PERSON_LINES.family, PERSON_LINES.friends, PERSON_LINES.enemies, PERSON_LINES.mainSeasons],
];

/**
 * A person page: rendered HTML, `api.php` text or wikitext. Must find an infobox with at least one line only people have (full name, birth, home,
 * occupation, ...), or one of the wiki's person templates; a page about something else is `other_kind`.
 */
export function parsePerson(body: Uint8Array, options: PersonOptions = {}): PageResult<PersonPage> {
  const document = readDocument(body, options.title);
  return document.ok ? personOf(document.value, options) : document;
}

export function personOf(page: WikiPage, { personTemplates = [], store }: PersonOptions = {}): PageResult<PersonPage> {
  const outline = outlineOf(page.article);
  if (outline.infobox === null) return lacksLayout('a portable infobox');
  const box = readInfobox(outline.infobox);
  const problem = notAPerson(box, page, personTemplates);
  if (problem !== null) return problem;
  const rows: RowSeasons = new Map();
  const parts = {
    taglines: readTaglines(outline, rows),
    reunionSeating: readReunionSeating(outline, rows),
    trivia: readTrivia(outline),
  };
  const title = page.title ?? box.title;
  const pictures = readPhotos(outline, { title, rows, ...(store === undefined ? {} : { store }) });
  const summary = longest([...page.descriptions, outline.lead]);
  return assemble({ page, title, box, parts, summary, leadName: outline.leadName, pictures });
}

function notAPerson(box: Infobox, page: WikiPage, templates: readonly string[]) {
  const wanted = new Set(templates.map(normalKey));
  if (page.templates.some((name) => wanted.has(normalKey(name)))) return null;
  if (TELLING.some((names) => itemNamed(box, names) !== null)) return null;
  const seen = box.items.slice(0, 5).map(({ label, key }) => (label ?? key ?? '').slice(0, 40));
  if (box.items.length === 0) return lacksLayout('infobox lines (.pi-data with a value)');
  return notRead('other_kind', `no page about a person: its infobox speaks of ${seen.join(', ')}`);
}

interface Found {
  readonly page: WikiPage;
  readonly title: string | null;
  readonly box: Infobox;
  readonly parts: {
    readonly taglines: Part<PersonTagline>;
    readonly reunionSeating: Part<PersonSeat>;
    readonly trivia: Part<string>;
  };
  readonly summary: string | null;
  readonly leadName: string | null;
  readonly pictures: PagePhotos;
}
type PersonTagline = NonNullable<WikiPersonFacts['taglines']>[number];
type PersonSeat = NonNullable<WikiPersonFacts['reunionSeating']>[number];

function assemble({ page, title, box, parts, summary, leadName, pictures }: Found): PageResult<PersonPage> {
  const stated = textLine(box, PERSON_LINES.fullName);
  const name = title === null ? (stated ?? box.title ?? leadName) : splitTitle(title).name;
  if (name === null) return lacksLayout('a title or a name');
  // Leads begin with the whole name in bold.
  const fullName = stated ?? (leadName !== null && sameName(leadName, name) ? leadName : null);
  const { pageId, revisionId, url, redirects, categories } = page;
  const missing = Object.entries(parts).flatMap(([part, found]) => (found === undefined ? [part] : []));
  const person: PersonPage['person'] = {
    name,
    categories,
    shows: showsIn(box),
    summary,
    ...defined(parts),
    ...textFields(box, fullName),
    ...listFields(box),
    infoboxRaw: rawInfobox(box),
  };
  return read({ page: { title, pageId, revisionId, url, redirects, categories }, person, ...pictures }, missing);
}

/** The box was read whole, so a line it does not have is null, not unspoken. */
function textFields(box: Infobox, fullName: string | null) {
  const birth = itemNamed(box, PERSON_LINES.birth);
  const death = itemNamed(box, PERSON_LINES.death);
  const installment = itemNamed(box, PERSON_LINES.installment);
  const birthDateDisplay = birth?.lines.join(' ') ?? null;
  return {
    fullName,
    birthDateDisplay,
    birthDate: birthDateDisplay === null ? null : readDate(birthDateDisplay).day,
    deathDate: death === null ? null : readDate(death.lines.join(' ')).day,
    gender: textLine(box, PERSON_LINES.gender),
    residesIn: textLine(box, PERSON_LINES.residesIn),
    occupation: textLine(box, PERSON_LINES.occupation),
    hairColor: textLine(box, PERSON_LINES.hairColor),
    eyeColor: textLine(box, PERSON_LINES.eyeColor),
    heightDisplay: textLine(box, PERSON_LINES.height),
    weightDisplay: textLine(box, PERSON_LINES.weight),
    installment: installment === null ? null : oneLine(installment),
    installmentUrl: installment?.links.find(({ href }) => href !== null)?.href ?? null,
    mainSeasonsDisplay: textLine(box, PERSON_LINES.mainSeasons),
  };
}

function listFields(box: Infobox) {
  const nicknames = itemNamed(box, PERSON_LINES.nicknames);
  const romances = itemNamed(box, PERSON_LINES.romances);
  return {
    nicknames: nicknames === null ? null : listed(nicknames),
    romances: romances === null ? null : listed(romances),
    family: linksIn(itemNamed(box, PERSON_LINES.family)),
    friends: linksIn(itemNamed(box, PERSON_LINES.friends)),
    enemies: linksIn(itemNamed(box, PERSON_LINES.enemies)),
  };
}

function textLine(box: Infobox, names: readonly string[]): string | null {
  const item = itemNamed(box, names);
  return item === null ? null : oneLine(item);
}

/** List entries, else links, else what commas, slashes and lines separate (4.1). */
function listed(item: InfoboxItem): string[] {
  if (item.entries.length > 0) return [...item.entries];
  if (item.links.length > 0) return item.links.map(({ text }) => text);
  return item.lines.flatMap((line) => line.split(/[,/]/)).flatMap((name) => name.trim() || []);
}

/** People linked to; without links, each line is a name. */
function linksIn(item: InfoboxItem | null): WikiLink[] | null {
  if (item === null) return null;
  if (item.links.length === 0) return item.lines.map((name) => ({ name }));
  return item.links.map(({ text, href }) => ({ name: text, ...(href === null ? {} : { url: href }) }));
}

function showsIn(box: Infobox): string[] {
  const shows = itemsNamed(box, SHOW_LINES).flatMap(({ links, lines }) =>
    links.length > 0 ? links.map(({ text }) => text) : lines,
  );
  // A bare number names no show.
  return [...new Set(shows)].filter((show) => /\p{L}{2}/u.test(show)).slice(0, 100);
}

function longest(texts: readonly (string | null)[]): string | null {
  return texts
    .filter((text) => text !== null)
    .reduce<string | null>((best, text) => (best === null || text.length > best.length ? text : best), null);
}
