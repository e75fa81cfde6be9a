import { type CsvError, parse } from 'csv-parse/sync';
import { lacking, type Parsed, parsed, unexpected } from '../read.ts';
import type { OverrideSheet, SheetAction, SheetOverride, SheetRowProblem } from './source.ts';

export const SHEET_LIMITS = {
  bytes: 2 * 1024 * 1024,
  rows: 20_000,
  columns: 200,
  recordCharacters: 20_000,
  problems: 200,
} as const;

/** Headings by meaning; compared by letters and digits, first found wins (`spec/pipeline.md` 6.6). */
const COLUMNS = {
  override: ['override', 'overrides'],
  imdb: ['imdbseriesid', 'imdbid', 'imdb'],
  tmdb: ['tmdbseriesid', 'tmdbid', 'tmdb'],
  title: ['show', 'showname', 'title'],
  network: ['network', 'channel'],
} as const;

type Columns = Readonly<Record<keyof typeof COLUMNS, number>>;

/** Episodes nobody can need more of; a larger number is a typing error. */
const MOST_EPISODES = 100_000;

/**
 * An override sheet as CSV (RFC 4180, UTF-8, with or without byte order mark). Must find a heading `Override` and one that names shows. A row that
 * cannot be read is left out and named with its line; the others count.
 */
export function parseSheet(body: Uint8Array): Parsed<OverrideSheet> {
  if (body.byteLength > SHEET_LIMITS.bytes) return unexpected(`the sheet is larger than ${SHEET_LIMITS.bytes} bytes`);
  const text = decoded(body);
  if (text === null) return unexpected('the sheet is not UTF-8 text');
  if (/^\s*<(!doctype|html|head|body)\b/i.test(text))
    return unexpected('a web page instead of CSV: publish the sheet to the web, or export it');
  const problems: SheetRowProblem[] = [];
  const records = readRecords(text, problems);
  if (records === null) return unexpected('the sheet is not CSV');
  const [heading, ...rows] = records;
  const columns = columnsOf(heading?.cells ?? []);
  if (typeof columns === 'string') return lacking(columns);
  if (rows.length > SHEET_LIMITS.rows) return unexpected(`the sheet has more than ${SHEET_LIMITS.rows} rows`);
  const overrides = rows.flatMap((row): SheetOverride[] => {
    const result = readRow(row, columns);
    if (typeof result !== 'string') return result === null ? [] : [result];
    problems.push({ line: row.line, problem: result });
    return [];
  });
  problems.sort((a, b) => a.line - b.line);
  return parsed({ overrides, problems: problems.slice(0, SHEET_LIMITS.problems), rows: rows.length });
}

/** Without what a database cannot hold. */
function decoded(body: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body).replaceAll('\u0000', '');
  } catch {
    return null;
  }
}

interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

function readRecords(text: string, problems: SheetRowProblem[]): Row[] | null {
  try {
    const records = parse(text, {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
      max_record_size: SHEET_LIMITS.recordCharacters,
      on_skip: (error: CsvError | undefined) => {
        problems.push({
          line: Number(error?.['lines'] ?? 0),
          problem: `not readable as CSV (${error?.code ?? 'unknown'})`,
        });
        return undefined;
      },
    }) as unknown as { record: string[]; info: { lines: number } }[];
    // `lines` counts to a record's end; a quoted cell may have begun it earlier.
    return records.map(({ record, info }) => ({
      line: info.lines - breaksIn(record),
      cells: record.slice(0, SHEET_LIMITS.columns),
    }));
  } catch {
    return null;
  }
}

function breaksIn(record: readonly string[]): number {
  return record.reduce((count, cell) => count + cell.split(/\r\n|\r|\n/).length - 1, 0);
}

/** What is lacking, in words, when a needed column is not there. */
function columnsOf(heading: readonly string[]): Columns | string {
  const names = heading.map((cell) => cell.toLowerCase().replace(/[^a-z0-9]/g, ''));
  const at = (wanted: readonly string[]) =>
    Math.max(
      -1,
      ...wanted
        .map((name) => names.indexOf(name))
        .filter((index) => index >= 0)
        .slice(0, 1),
    );
  const columns: Columns = {
    override: at(COLUMNS.override),
    imdb: at(COLUMNS.imdb),
    tmdb: at(COLUMNS.tmdb),
    title: at(COLUMNS.title),
    network: at(COLUMNS.network),
  };
  if (columns.override < 0) return 'a column "Override"';
  return Math.max(columns.imdb, columns.tmdb, columns.title) < 0
    ? 'a column that names shows ("IMDb ID", "TMDb ID" or "Show")'
    : columns;
}

/** The override, null when the row says nothing, or what is wrong with it. */
function readRow({ line, cells }: Row, columns: Columns): SheetOverride | null | string {
  const cell = (column: number) => (column < 0 ? '' : (cells[column] ?? '')).replace(/\s+/g, ' ').trim();
  const action = readAction(cell(columns.override));
  if (action === null || typeof action === 'string') return action;
  const imdb = cell(columns.imdb);
  const imdbId = /tt\d{1,12}/i.exec(imdb)?.[0].toLowerCase() ?? null;
  const digits = /\d+/.exec(cell(columns.tmdb))?.[0];
  const tmdbId = digits === undefined ? null : Number(digits);
  const title = cell(columns.title) || null;
  if (tmdbId !== null && (tmdbId < 1 || tmdbId > 2_147_483_647))
    return `"${cell(columns.tmdb).slice(0, 40)}" is no TMDb id`;
  if (imdbId === null && tmdbId === null && title === null) {
    return imdb === '' ? 'names no show' : `"${imdb.slice(0, 40)}" is no IMDb title id (tt and digits)`;
  }
  return { line, action, imdbId, tmdbId, title, network: cell(columns.network) || null };
}

/** Blank or `Y`: nothing. */
function readAction(text: string): SheetAction | null | string {
  if (text === '' || /^y$/i.test(text)) return null;
  if (/^skip$/i.test(text)) return { kind: 'skip' };
  if (!/^\d+$/.test(text)) return `"${text.slice(0, 40)}" is no override: expected SKIP, Y or a number of episodes`;
  const episodes = Number(text);
  return episodes <= MOST_EPISODES
    ? { kind: 'minimum_episodes', episodes }
    : `${text.slice(0, 40)} episodes are too many`;
}
