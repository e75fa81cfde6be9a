import type { Database } from '../platform/db/types.ts';
import type { TmdbClient, TmdbSource } from '../sources/tmdb/source.ts';
import { NAMED_SHOWS, RECORD_CHANGES, SELECT_CURSOR } from './queries.ts';
import { mapBounded } from './show-sources.ts';
import { FEED_DAYS } from './state.ts';

const SOURCE = 'tmdb';
const FEED = 'tv/changes';
const DAY_MS = 86_400_000;
/** The source's times have no fraction. */
const SECOND_MS = 1000;
/** Shows asked about at once. */
const WIDTH = 8;

/** What the pipeline asks of TMDb. */
export type FeedSource = TmdbSource & Pick<TmdbClient, 'showChanges'>;

export type FeedAnswer =
  | { readonly kind: 'read'; readonly changed: readonly number[] }
  /** The first run: nothing to compare with, reading starts now. */
  | { readonly kind: 'started' }
  | { readonly kind: 'failed'; readonly detail: string };

/**
 * Reads the source's feed of changed shows since the last time and remembers which stored shows it named. The feed knows days
 * only, and the day of the last reading is read again; shows that were fetched since that day began are asked for the times of
 * their changes. What is named is kept until each stage has succeeded after it, so a filter, a limit or a crash loses nothing.
 */
export async function readChangeFeed(
  db: Database,
  tmdb: FeedSource,
  now: Date,
  options: { readonly record: boolean; readonly signal: AbortSignal },
): Promise<FeedAnswer> {
  const row = await db.asService('change feed', (tx) => tx.one(SELECT_CURSOR, [SOURCE, FEED]));
  const record = async (changed: readonly number[]): Promise<void> => {
    if (!options.record) return;
    const at = now.toISOString();
    await db.asService('change feed', (tx) => tx.query(RECORD_CHANGES, [SOURCE, FEED, at, changed]));
  };
  if (row?.cursor == null) {
    await record([]);
    return { kind: 'started' };
  }
  const end = new Date(now.getTime() + DAY_MS);
  // A longer gap than the feed allows is covered by the age of each show's last check.
  const earliest = new Date(end.getTime() - FEED_DAYS * DAY_MS);
  const since = new Date(row.cursor);
  const start = since < earliest ? earliest : since;
  const outcome = await tmdb.changedShows(day(start), day(end), { signal: options.signal });
  if (outcome.kind === 'not_recorded') return { kind: 'read', changed: [] };
  if (outcome.kind !== 'ok') return { kind: 'failed', detail: `${outcome.kind}: ${outcome.detail}` };
  const changed = await reallyChanged(db, tmdb, outcome.value, { start: day(start), end: day(end) }, options.signal);
  await record(changed);
  return { kind: 'read', changed };
}

/** Leaves out shows that are not stored and those whose changes were all fetched already. */
async function reallyChanged(
  db: Database,
  tmdb: FeedSource,
  named: readonly number[],
  window: { readonly start: string; readonly end: string },
  signal: AbortSignal,
): Promise<number[]> {
  const stored = await db.asService('change feed', (tx) => tx.query(NAMED_SHOWS, [named]));
  const kept = await mapBounded(stored, WIDTH, async ({ tmdb_id: tmdbId, checked_at: checkedAt }) => {
    if (tmdbId === null) return [];
    if (checkedAt === null || Date.parse(checkedAt) < Date.parse(window.start)) return [tmdbId];
    const outcome = await tmdb.showChanges(tmdbId, window.start, window.end, { signal });
    // Without times there is no telling: better once too often.
    if (outcome.kind !== 'ok') return [tmdbId];
    const known = Date.parse(checkedAt) - SECOND_MS;
    return outcome.value.some(({ at }) => at === null || !(timeOf(at) < known)) ? [tmdbId] : [];
  });
  return kept.flat();
}

/** The source writes `2026-01-31 12:00:00 UTC`. */
function timeOf(at: string): number {
  return Date.parse(at.replace(' ', 'T').replace(/ ?UTC$/, 'Z'));
}

function day(time: Date): string {
  return time.toISOString().slice(0, 10);
}
