import type { Database } from '../platform/db/types.ts';
import type { TmdbSource } from '../sources/tmdb/source.ts';
import { RECORD_CHANGES, SELECT_CURSOR } from './queries.ts';
import { STALE_AFTER_DAYS } from './state.ts';

const SOURCE = 'tmdb';
const FEED = 'tv/changes';
const DAY_MS = 86_400_000;

export type FeedAnswer =
  | { readonly kind: 'read'; readonly changed: readonly number[] }
  /** The first run: nothing to compare with, reading starts now. */
  | { readonly kind: 'started' }
  | { readonly kind: 'failed'; readonly detail: string };

/**
 * Reads the source's feed of changed shows since the last time and remembers which stored shows it named. The days at both
 * ends are read whole, because the feed knows days only: a show changed today is fetched again by every run of today, and
 * none is missed. What is named is kept until each stage has succeeded after it, so a filter, a limit or a crash loses nothing.
 */
export async function readChangeFeed(
  db: Database,
  tmdb: TmdbSource,
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
  const earliest = new Date(end.getTime() - STALE_AFTER_DAYS * DAY_MS);
  const since = new Date(row.cursor);
  const start = since < earliest ? earliest : since;
  const outcome = await tmdb.changedShows(day(start), day(end), { signal: options.signal });
  if (outcome.kind === 'not_recorded') return { kind: 'read', changed: [] };
  if (outcome.kind !== 'ok') return { kind: 'failed', detail: `${outcome.kind}: ${outcome.detail}` };
  await record(outcome.value);
  return { kind: 'read', changed: outcome.value };
}

function day(time: Date): string {
  return time.toISOString().slice(0, 10);
}
