import { DatabaseUnavailable } from '../../platform/db/errors.ts';
import type { Database } from '../../platform/db/types.ts';
import { NUMBER_EVENTS, NUMBER_LEFT_EVENTS } from './queries.ts';

/** Events wait so long for their number at most, while their run is at work. */
const PATIENCE_MS = 100;

/** Gives a run's events their numbers while this process works on it. */
export interface Numbering {
  /** An event was committed. */
  soon(): void;
  /** Numbers what is left and ends. */
  close(): Promise<void>;
}

/**
 * A unit leaves its event without a number, because a number can only be taken by one transaction at a time and all workers of a run would
 * wait for each other's commits. Any process of the run numbers whatever waits, also what others left: a killed one loses nothing.
 * @param note told when numbering fails while the database is there
 */
export function numberEvents(db: Database, runId: string, note: (line: string) => void): Numbering {
  let timer: NodeJS.Timeout | undefined;
  let last: Promise<void> = Promise.resolve();
  const number = (): Promise<void> => {
    timer = undefined;
    last = last
      .then(async () => {
        await db.asService('run numbers', (tx) => tx.query(NUMBER_EVENTS, [runId]));
      })
      .catch((error: unknown) => {
        // The events wait for whoever comes next. A lost database shows in the next unit; anything else shows nowhere but here.
        if (error instanceof DatabaseUnavailable) return;
        note(`events could not be numbered: ${error instanceof Error ? error.message : String(error)}`);
      });
    return last;
  };
  return {
    soon() {
      timer ??= setTimeout(number, PATIENCE_MS);
    },
    async close() {
      if (timer === undefined) return last;
      clearTimeout(timer);
      await number();
    },
  };
}

/** Numbers events that nobody came to number: those of a process that was killed right after the end of its run. */
export async function numberLeftEvents(db: Database): Promise<void> {
  await db.asService('run numbers', (tx) => tx.query(NUMBER_LEFT_EVENTS));
}
