/**
 * The folder format: `index.json` beside body files.
 *
 *     {"version": 1, "entries": [{"method": "GET", "url": "https://api.themoviedb.org/3/tv/1", "status": 200,
 *       "headers": {"content-type": "application/json"}, "body": "bodies/tv-1-0f3a.json", "at": "2025-01-01T00:00:00Z"}]}
 *
 * `body` is a path inside the folder, or null for an empty one; the file holds the bytes as the server meant them or, when
 * `headers` has a `content-encoding`, still packed. `at` is when it was recorded, `redirectedTo` where the source sent us, both optional. `requestBody` (hex SHA-256) tells
 * POSTs to one address apart, optional.
 */
export interface SnapshotIndex {
  readonly version: 1;
  readonly entries: readonly IndexEntry[];
}

export interface IndexEntry {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly at?: string;
  readonly requestBody?: string;
  readonly redirectedTo?: string;
}

/** Caps on what is read from a snapshot; all of it is hostile input. */
export const LIMITS = {
  indexBytes: 32 * 1024 * 1024,
  harBytes: 384 * 1024 * 1024,
  entries: 50_000,
  /** One body, as stored and unpacked. */
  bodyBytes: 32 * 1024 * 1024,
} as const;

/** A snapshot folder or HAR file that cannot be used; the message is one line naming what and where. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
}

/** A saved answer, its address checked, its body not yet read. */
export interface SavedAnswer {
  readonly method: string;
  /** Canonical, without credentials. */
  readonly url: URL;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly at: string;
  readonly requestBody: string | null;
  readonly redirectedTo?: string;
  /** Unpacked, at most `LIMITS.bodyBytes`. Rejects with SnapshotError. */
  readonly read: () => Promise<Buffer>;
}

/** Headers worth keeping: what says what the body is and when it was made. Cookies and session data are not. */
const KEPT_HEADERS = new Set([
  'cache-control',
  'cf-mitigated',
  'content-language',
  'content-type',
  'date',
  'etag',
  'expires',
  'last-modified',
  'retry-after',
  'x-amzn-waf-action',
]);

export function keptHeaders(headers: Iterable<readonly [string, string]>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of headers) {
    if (KEPT_HEADERS.has(name.toLowerCase())) kept[name.toLowerCase()] = value;
  }
  return kept;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The time of an answer: as recorded, else the server's `date`, else the file's own time. */
export function answerTime(recorded: unknown, headers: Readonly<Record<string, string>>, fileTime: Date): string {
  for (const candidate of [recorded, headers['date']]) {
    const at = typeof candidate === 'string' ? Date.parse(candidate) : Number.NaN;
    if (!Number.isNaN(at)) return new Date(at).toISOString();
  }
  return fileTime.toISOString();
}
