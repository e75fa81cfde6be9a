import type { Row } from '../platform/db/statement.ts';
import type { Database } from '../platform/db/types.ts';
import type { EventLog, LiveEvent } from '../platform/live/channels.ts';
import { HISTORY, POSITIONS, type SEQUENCE } from './queries.ts';

/**
 * The history that triggers write. With the service's rights: clients have none on `live`, whoever asks was judged by the channel's
 * room before.
 */
export function createEventLog(db: Database): EventLog {
  return {
    async positions(channels) {
      const rows = await db.asService('live positions', (tx) => tx.query(POSITIONS, [channels]));
      return rows.map(({ offset, epoch }) => ({ epoch, offset: Number(offset) }));
    },
    async read(channel, after, limit) {
      const rows = await db.asService('live history', (tx) => tx.query(HISTORY, [channel, after, limit]));
      return rows.map(eventOf);
    },
  };
}

/** Offsets stay below 2^53: a channel would need a million events a second for 285 years. */
export function eventOf(row: Row<typeof HISTORY> | Row<typeof SEQUENCE>): LiveEvent {
  const { offset, type, payload, actor, at } = row;
  return { offset: Number(offset), type, payload, actor, at };
}
