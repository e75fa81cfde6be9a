import type { WikiPersonFacts } from '../../platform/wiki-facts.ts';
import { readDate } from './dates.ts';
import { normalName, sameName, splitTitle } from './names.ts';
import { mentions } from './parse/gallery.ts';
import type { Identity, PersonQuery } from './source.ts';

type Wanted = Pick<PersonQuery, 'names' | 'showNames' | 'birthDate'>;

/** What one thing says about whether a page is about the person: null when it cannot say. */
interface Sign {
  readonly speaks: 'for' | 'against' | 'unsure';
  readonly reason: string;
}

/**
 * Whether a page is about the person meant (weaknesses 10, 11). The name must agree, and then the birth date or a show:
 * - another birth date, or only shows the person was not in: `other`;
 * - the birth date, or a show: `confirmed`; both agreeing outweigh a name that differs, which then is `uncertain`;
 * - a name alone, or signs against each other: `uncertain`, for review.
 */
export function identityOf(page: WikiPersonFacts, wanted: Wanted): Identity {
  const name = nameSign(page, wanted.names);
  const birth = birthSign(page, wanted.birthDate);
  const show = showSign(page, wanted.showNames);
  const reasons = [name, birth, show].flatMap((sign) => sign?.reason ?? []);
  return { verdict: verdictOf(name, birth, show), reasons };
}

function verdictOf(name: Sign, birth: Sign | null, show: Sign | null): Identity['verdict'] {
  const signs = [birth, show].flatMap((sign) => sign?.speaks ?? []);
  const agrees = signs.filter((speaks) => speaks === 'for').length;
  if (name.speaks === 'against') return agrees === 2 ? 'uncertain' : 'other';
  if (birth?.speaks === 'against') return 'other';
  if (show?.speaks === 'against') return birth?.speaks === 'for' ? 'uncertain' : 'other';
  return agrees > 0 ? 'confirmed' : 'uncertain';
}

function nameSign(page: WikiPersonFacts, names: readonly string[]): Sign {
  const own = [page.name, page.fullName, ...(page.nicknames ?? [])].filter((name) => typeof name === 'string');
  const agreed = names.find((wanted) => own.some((name) => sameName(wanted, name)));
  if (agreed !== undefined) return { speaks: 'for', reason: `bears the name "${agreed}"` };
  return { speaks: 'against', reason: `is called "${page.name}", not "${names[0] ?? ''}"` };
}

function birthSign({ birthDate, birthDateDisplay }: WikiPersonFacts, wanted: string | null): Sign | null {
  if (wanted === null) return null;
  if (typeof birthDate === 'string') {
    if (birthDate === wanted) return { speaks: 'for', reason: `born ${wanted}` };
    return { speaks: 'against', reason: `born ${birthDate}, not ${wanted}` };
  }
  const year = readDate(birthDateDisplay ?? '').year;
  if (year === null) return null;
  const same = String(year) === wanted.slice(0, 4);
  // A year shared is likely among people of one cast; a year apart is another person.
  return {
    speaks: same ? 'unsure' : 'against',
    reason: same ? `born in ${year}` : `born in ${year}, not on ${wanted}`,
  };
}

function showSign(page: WikiPersonFacts, showNames: readonly string[]): Sign | null {
  const { qualifier } = splitTitle(page.origin.pageTitle);
  const stated = [...page.shows, ...(qualifier === null ? [] : [qualifier])].map(showName);
  const wanted = showNames.map(showName);
  const said = page.shows.slice(0, 3).join('", "');
  for (const show of wanted) {
    if (
      stated.some((other) => sameShow(show, other)) ||
      page.categories.some((category) => mentions(category, show.whole))
    ) {
      return { speaks: 'for', reason: `appears in "${show.whole}"` };
    }
  }
  if (page.shows.length === 0) {
    const told = wanted.find(({ whole }) => mentions(page.summary ?? '', whole));
    return told === undefined ? null : { speaks: 'for', reason: `the page speaks of "${told.whole}"` };
  }
  const related = stated.some((other) => wanted.some((show) => contains(show.base, other.base)));
  if (related) return { speaks: 'unsure', reason: `appears in "${said}", which may belong to "${showNames[0] ?? ''}"` };
  return { speaks: 'against', reason: `appears in "${said}", not in "${showNames[0] ?? ''}"` };
}

interface ShowName {
  readonly whole: string;
  /** Without season number and bracketed words: `big brother` of `Big Brother 27 (US)`. */
  readonly base: string;
  /** `us`; tells national versions apart. */
  readonly qualifier: string | null;
}

function showName(text: string): ShowName {
  const { name, qualifier } = splitTitle(text);
  const base = normalName(name)
    .replace(/\b(season|series) \d{1,3}$|\b\d{1,3}$/, '')
    .replace(/^the /, '')
    .trim();
  return { whole: name, base, qualifier: qualifier === null ? null : normalName(qualifier) };
}

function sameShow(a: ShowName, b: ShowName): boolean {
  if (a.base === '' || a.base !== b.base) return false;
  return a.qualifier === null || b.qualifier === null || a.qualifier === b.qualifier;
}

/** One name within the other, word by word: a spin-off, or a franchise and its parts. */
function contains(a: string, b: string): boolean {
  if (a === '' || b === '') return false;
  return ` ${a} `.includes(` ${b} `) || ` ${b} `.includes(` ${a} `);
}
