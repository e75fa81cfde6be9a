import type { WikiSeat, WikiTagline } from '../../../platform/wiki-facts.ts';
import { isElement, textOf } from './dom.ts';
import type { Element } from './html.ts';
import { headingsOf, type Outline, type Section, sectionsNamed } from './outline.ts';
import { columnOf, readTable, type Table, type TableRow } from './tables.ts';

export const TAGLINES = /\btag ?lines?\b/i;
export const REUNION = /\breunion (seating|seats?|looks?)\b/i;
export const TRIVIA = /\btrivia\b/i;
export const GALLERY = /\b(gallery|galleries|photos|pictures|images)\b/i;

/** A part of the page: null when there is none, undefined when it is there and not one entry could be read. */
export type Part<T> = readonly T[] | null | undefined;

/** Season of each row of a named table, for its pictures. */
export type RowSeasons = Map<Element, { readonly season: number | null; readonly place: number }>;

const MAX_ENTRIES = 500;

/** `spec/sources-fandom.md` 4.2: tables of all sections so named; some wikis list them as `Season 1: "..."` instead. */
export function readTaglines(outline: Outline, rows: RowSeasons): Part<WikiTagline> {
  const sections = sectionsNamed(outline, TAGLINES);
  const fromTables = sections.flatMap((section) =>
    eachRow(section, rows, (table, row, season, at) => {
      const tagline = textAt(row, at, columnOf(table, 'tagline', 'taglines', 'quote'), 2);
      const openingOrder = textAt(row, at, columnOf(table, 'opening order', 'order'), null);
      return tagline === null ? null : { season, openingOrder, tagline };
    }),
  );
  const fromLists = sections.flatMap((section) =>
    entriesOf(section).flatMap((entry): WikiTagline[] => {
      const [, label, rest] = /^((?:season|s)\s*\d{1,2})\s*[:–—-]\s*(.+)$/i.exec(entry) ?? [];
      const tagline = rest ?? entry;
      return tagline === ''
        ? []
        : [{ season: seasonIn(label ?? '') ?? seasonOf(section), openingOrder: null, tagline }];
    }),
  );
  return part(sections, [...fromTables, ...fromLists]);
}

export function readReunionSeating(outline: Outline, rows: RowSeasons): Part<WikiSeat> {
  const sections = sectionsNamed(outline, REUNION);
  const seats = sections.flatMap((section) =>
    eachRow(section, rows, (table, row, season, at) => {
      const side = textAt(row, at, columnOf(table, 'side'), 1);
      const seatOrder = textAt(row, at, columnOf(table, 'seat order', 'seat'), 2);
      return side === null && seatOrder === null ? null : { season, side, seatOrder };
    }),
  );
  return part(sections, seats);
}

export function readTrivia(outline: Outline): Part<string> {
  const sections = sectionsNamed(outline, TRIVIA);
  return part(sections, sections.flatMap(entriesOf));
}

function part<T>(sections: readonly Section[], found: readonly T[]): Part<T> {
  if (found.length > 0) return found.slice(0, MAX_ENTRIES);
  const holds = sections.some(({ tables, lists }) => tables.length + lists.length > 0);
  return holds ? undefined : null;
}

function eachRow<T>(
  section: Section,
  rows: RowSeasons,
  /** `at` is the season's column. */
  readRow: (table: Table, row: TableRow, season: number | null, at: number) => T | null,
): T[] {
  return section.tables.flatMap((element) => {
    const table = readTable(element);
    const at = Math.max(columnOf(table, 'season', 'seasons'), 0);
    return table.rows.flatMap((row, index) => {
      const season = seasonIn(row.cells[at]?.text ?? '') ?? seasonOf(section);
      rows.set(row.row, { season, place: index + 1 });
      return readRow(table, row, season, at) ?? [];
    });
  });
}

/** The cell of a known column; where the headings do not tell, the one at its usual place. A season's cell drawn over it says nothing. */
function textAt({ cells }: TableRow, season: number, column: number, usual: number | null): string | null {
  const at = column >= 0 ? column : usual;
  const cell = at === null ? undefined : cells[at];
  return cell === undefined || cell.text === '' || cell === cells[season] ? null : cell.text;
}

function entriesOf(section: Section): string[] {
  return section.lists.flatMap((list) =>
    list.children
      .filter((child): child is Element => isElement(child) && child.name === 'li')
      .flatMap((entry) => textOf(entry) || []),
  );
}

/** The number of a season in the headings above. */
function seasonOf(section: Section): number | null {
  for (const title of headingsOf(section)) {
    const season = seasonNamed(title);
    if (season !== null) return season;
  }
  return null;
}

/** First whole number of one or two digits: `1`, `S1`, `Season 12`. */
export function seasonIn(text: string): number | null {
  const [, digits] = /(?:^|[^\p{L}\d]|\bs(?:eason)?)(\d{1,2})(?!\d)/iu.exec(text) ?? [];
  return digits === undefined ? null : Number(digits);
}

/** A season told in words, a caption or a file name: `Season 4`, `S4`, `Lisa_reunion_s1.jpg`; a bare number is none. */
export function seasonNamed(text: string): number | null {
  const [, digits] = /(?:^|[\s_(-])(?:season[\s_-]{0,3}|s)(\d{1,2})(?![\p{L}\d])/iu.exec(text) ?? [];
  return digits === undefined ? null : Number(digits);
}
