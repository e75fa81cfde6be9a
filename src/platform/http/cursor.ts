import { invalidInput, type Problem } from '../errors/problem.ts';
import type { PublicAnswer } from './public-answer.ts';

/** The sort key after which a page continues. */
export type CursorKey = readonly (string | number)[];

/** An opaque, URL-safe cursor; `kind` keeps one list's cursor from being used on another. */
export function encodeCursor(kind: string, key: CursorKey): string {
  return Buffer.from(JSON.stringify([kind, ...key])).toString('base64url');
}

/**
 * The key in a cursor made by `encodeCursor` with the same kind.
 * @throws Problem 422 when it is not one
 */
export function decodeCursor(kind: string, cursor: string, accepts: (key: readonly unknown[]) => boolean): CursorKey {
  const parsed = parseOrNothing(cursor);
  if (Array.isArray(parsed) && parsed[0] === kind && accepts(parsed.slice(1))) return parsed.slice(1) as CursorKey;
  throw badCursor();
}

const TIMESTAMP = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}(:?\d{2})?)?$/;
/** Behind every id of a moment: a bare timestamp continues strictly later (spec/api.md D10). */
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Where a list sorted by (time, id) continues. */
export interface TimeKey {
  readonly time: string;
  readonly id: string;
}

/**
 * The cursor of a list sorted by (time, id): our own, or a bare ISO timestamp as clients of the predecessor send it, also with
 * the `+` of its offset turned into a space by a form decoder (D11).
 * @throws Problem 422
 */
export function decodeTimeCursor(kind: string, cursor: string | undefined): TimeKey | undefined {
  if (cursor === undefined) return undefined;
  const time = cursor.trim().replace(/ (?=\d{2}(:?\d{2})?$)/, (space, _rest, at: number) => (at > 12 ? '+' : space));
  if (TIMESTAMP.test(time) && isRealTime(time)) return { time, id: LAST_ID };
  const [at, id] = decodeCursor(kind, cursor, isTimeAndId);
  return { time: String(at), id: String(id) };
}

export function encodeTimeCursor(kind: string, key: TimeKey): string {
  return encodeCursor(kind, [key.time, key.id]);
}

/** What a statement of a list sorted by (time, id) answers: the rows as JSON text, and where the page ended. */
export interface TimePageRow {
  readonly body: string;
  readonly more: boolean;
  readonly last_time: string | null;
  readonly last_id: string | null;
}

/** The page of such a row, with the cursor of the next one. */
export function timePage(kind: string, row: TimePageRow | undefined): PublicAnswer {
  if (row === undefined) throw new Error('an aggregate without group by gave no row');
  const { body, more, last_time: time, last_id: id } = row;
  return { body, next: more && time !== null && id !== null ? encodeTimeCursor(kind, { time, id }) : undefined };
}

function isTimeAndId(key: readonly unknown[]): boolean {
  const [time, id] = key;
  if (key.length !== 2 || typeof time !== 'string' || typeof id !== 'string') return false;
  return /^[0-9a-f-]{36}$/.test(id) && (time === '-infinity' || (TIMESTAMP.test(time) && isRealTime(time)));
}

/** Dates PostgreSQL would refuse (month 13, 30 February) are refused here, where the answer can name the cursor. */
function isRealTime(text: string): boolean {
  const [date = '', rest = ''] = [text.slice(0, 10), text.slice(11)];
  const midnight = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== date || date < '0001') return false;
  const [, hours, minutes, seconds = '0'] = /^(\d{2}):(\d{2})(?::(\d{2}))?/.exec(rest) ?? [];
  const offset = /[+-](\d{2}):?(\d{2})?$/.exec(rest);
  return (
    Number(hours) < 24 &&
    Number(minutes) < 60 &&
    Number(seconds) < 60 &&
    Number(offset?.[1] ?? 0) < 15 &&
    Number(offset?.[2] ?? 0) < 60
  );
}

export function badCursor(): Problem {
  return invalidInput([
    {
      type: 'value_error',
      loc: ['query', 'cursor'],
      msg: 'Not a cursor of this list: use the one from its Link header',
    },
  ]);
}

function parseOrNothing(cursor: string): unknown {
  try {
    const text = Buffer.from(cursor, 'base64url').toString('utf8');
    return /[\0\p{Cs}]/u.test(text) ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Where a list begins whose cursor is a place in it: for short lists in which nothing moves much. @throws Problem 422 */
export function decodePlace(kind: string, query: { readonly offset: number; readonly cursor?: string }): number {
  const { cursor, offset } = query;
  const start = cursor === undefined ? 0 : Number(decodeCursor(kind, cursor, isPlace)[0]);
  return Math.min(start + offset, 2_147_483_647);
}

export function nextPlace(kind: string, place: number, limit: number, more: boolean): string | undefined {
  return more && limit > 0 ? encodeCursor(kind, [place + limit]) : undefined;
}

function isPlace(key: readonly unknown[]): boolean {
  return key.length === 1 && Number.isInteger(key[0]) && Number(key[0]) >= 0 && Number(key[0]) <= 2_147_483_647;
}
