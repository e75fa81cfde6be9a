import type { Config } from '../platform/config/types.ts';
import type { Outcome } from '../platform/outcome.ts';
import { FANDOM_KINDS } from './fandom/kinds.ts';
import { IMDB_KINDS } from './imdb/kinds.ts';
import type { Parsed } from './read.ts';
import { SHEET_KINDS } from './sheet/kinds.ts';
import { TMDB_KINDS } from './tmdb/kinds.ts';
import type { Fetcher } from './types.ts';

/** One sort of page or payload that `trr source` can read from a file and ask a source for. */
export interface SourceKind {
  /** What names one, for messages. */
  readonly id: string;
  readonly accepts: (id: string) => boolean;
  readonly parse: (body: Uint8Array) => Parsed<unknown>;
  /** Absent for what is only ever read from files. */
  readonly fetch?: (
    id: string,
    fetcher: Fetcher,
    config: Pick<Config, 'tmdb' | 'imdb' | 'fandom'>,
    signal?: AbortSignal,
  ) => Promise<Outcome<unknown>>;
  /** Whether a saved answer to this address (official, without credentials) is of this kind; absent when no address tells. */
  readonly answers?: (url: URL) => boolean;
  /** The data within the body, whose shape `trr source check` watches; default: the body as JSON. */
  readonly payload?: (body: Uint8Array) => unknown;
}

/** All kinds by name, `source:what`. */
export const SOURCE_KINDS: Readonly<Record<string, SourceKind>> = {
  ...TMDB_KINDS,
  ...IMDB_KINDS,
  ...FANDOM_KINDS,
  ...SHEET_KINDS,
};

/** A record as JSON; the payload it was read from (`raw`) is left out. */
export function recordJson(record: unknown): string {
  return JSON.stringify(record, (key, value: unknown) => (key === 'raw' ? undefined : value), 2);
}
