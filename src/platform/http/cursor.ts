import { invalidInput, type Problem } from '../errors/problem.ts';

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
