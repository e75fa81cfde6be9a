import { randomUUID } from 'node:crypto';
import { CronExpressionParser } from 'cron-parser';
import { statement } from '../platform/db/statement.ts';
import type { Database } from '../platform/db/types.ts';
import { FORGET_CHANGES } from './changes/queries.ts';
import { type Order, orderParams, SYNC_ALL } from './runs/order.ts';
import { APPEND_EVENT, QUEUE_RUN } from './runs/queries.ts';
import { queueValues } from './runs/run-record.ts';

/** What is done at which times; times are UTC. */
export interface Timetable {
  readonly entries: readonly TimetableEntry[];
  /** Ended runs are forgotten after so many days; 0 keeps them. */
  readonly keepRunsDays: number;
  /** The history of changes goes back so many days; 0: for ever. */
  readonly keepChangesDays: number;
}

export interface TimetableEntry {
  readonly name: string;
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string;
  /** One run after the other. */
  readonly steps: readonly Order[];
}

/** Scheduled work makes way for what people ask for. */
export const SCHEDULED_PRIORITY = -10;
const DAY_MS = 86_400_000;

/** The nightly sequence: new shows of the configured lists first, then every show that is due. */
export function nightly(cron: string, tmdbLists: readonly string[]): TimetableEntry {
  const lists: Order = {
    command: 'import',
    sources: { tmdbLists, tmdbIds: [], imdbIds: [] },
    stages: SYNC_ALL.stages,
    decision: SYNC_ALL.decision,
  };
  return { name: 'nightly', cron, steps: [...(tmdbLists.length === 0 ? [] : [lists]), SYNC_ALL] };
}

const NOTE_ENTRY = statement(
  'pipeline.schedules.note',
  `insert into pipeline.schedules (name, cron, served_to) values ($1, $2, $3)
   on conflict (name) do update set cron = excluded.cron where schedules.cron <> excluded.cron
   returning 1 as done`,
  { done: 'int4' },
);

/** Only one of several workers finds the entry unserved; `busy`: what it began the last time is still at work. */
const SERVE_ENTRY = statement(
  'pipeline.schedules.serve',
  `update pipeline.schedules s set served_to = $2 where name = $1 and served_to < $2
   returning exists (select from pipeline.runs r where r.schedule = s.name and r.status in ('queued', 'running')) as busy`,
  { busy: 'bool' },
);

const FORGET_RUNS = statement(
  'pipeline.runs.forget',
  `delete from pipeline.runs where id in (
     select id from pipeline.runs where finished_at < $1 order by finished_at limit 50 for update skip locked)
   returning id`,
  { id: 'uuid' },
);

/**
 * Makes the runs that are due by the timetable, once, however many workers ask. A moment that passed while no worker was there is served
 * late, the last one only; one whose predecessor is still at work is left out. An entry seen for the first time waits for its next moment.
 * @returns ids of the runs made
 */
export async function serveTimetable(
  db: Database,
  timetable: Timetable,
  now: Date,
  codeVersion: string,
): Promise<string[]> {
  const made: string[] = [];
  for (const { name, cron, steps } of timetable.entries) {
    const moment = lastMoment(cron, now).toISOString();
    await db.asService('timetable', async (tx) => {
      await tx.query(NOTE_ENTRY, [name, cron, now.toISOString()]);
      const entry = await tx.one(SERVE_ENTRY, [name, moment]);
      if (entry === undefined || entry.busy) return;
      let after: string | null = null;
      for (const order of steps) {
        const id = randomUUID();
        const run = {
          who: `schedule ${name}`,
          command: order.command,
          params: orderParams(order),
          codeVersion,
          priority: SCHEDULED_PRIORITY,
          after,
          schedule: name,
        };
        await tx.query(QUEUE_RUN, queueValues(id, run));
        await tx.query(APPEND_EVENT, [id, 'queued', { who: run.who, moment }]);
        made.push(id);
        after = id;
      }
    });
  }
  const daysAgo = (days: number) => new Date(now.getTime() - days * DAY_MS).toISOString();
  const { keepRunsDays, keepChangesDays } = timetable;
  if (keepRunsDays > 0) await db.asService('timetable', (tx) => tx.query(FORGET_RUNS, [daysAgo(keepRunsDays)]));
  if (keepChangesDays > 0)
    await db.asService('timetable', (tx) => tx.query(FORGET_CHANGES, [daysAgo(keepChangesDays)]));
  return made;
}

/** The newest moment of a timetable that is not after `now`. @throws Error for text that is no cron expression */
export function lastMoment(cron: string, now: Date): Date {
  return CronExpressionParser.parse(cron, { currentDate: new Date(now.getTime() + 1000), tz: 'UTC' })
    .prev()
    .toDate();
}
