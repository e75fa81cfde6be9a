import { setTimeout as pause } from 'node:timers/promises';
import type { Row } from '../../platform/db/statement.ts';
import type { Database } from '../../platform/db/types.ts';
import { EVENTS_AFTER, RUN_END } from './queries.ts';

export type RunEvent = Row<typeof EVENTS_AFTER>;

const PAGE = 500;
const POLL_MS = 400;

/**
 * A run's events after number `after`, as they come, in pages; ends with the run or the signal. Numbers have no gaps, because whoever adds
 * one holds the run's row until it is committed; so a follower that was cut off asks for what comes after the last number it saw.
 * An empty page says that nothing has happened for a moment.
 */
export async function* followRun(
  db: Database,
  runId: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<readonly RunEvent[]> {
  let seen = after;
  while (!signal.aborted) {
    // The end is looked up first: events that come between the two looks belong to the next round, not to nobody.
    const { end, page } = await db.asService('run follow', async (tx) => ({
      end: await tx.one(RUN_END, [runId]),
      page: await tx.query(EVENTS_AFTER, [runId, seen, PAGE]),
    }));
    yield page;
    seen = Number(page.at(-1)?.seq ?? seen);
    if (end === undefined || (end.finished && seen >= Number(end.event_count))) return;
    if (page.length < PAGE) await pause(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}
