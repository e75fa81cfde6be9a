import type { Authenticator } from '../../platform/auth/caller.ts';
import type { Database } from '../../platform/db/types.ts';
import { type ChannelKind, channelNamed, idOf } from '../../platform/live/channels.ts';
import { RUN_EVENTS_AFTER, RUN_POSITIONS } from './queries.ts';

/** Runs are followed by a few people; half a second is soon enough and needs no messages between processes. */
const LOOK_EVERY_MS = 500;

/**
 * `runs:<run>`: what a run does, for administrators. Its numbered events are its history already, so they are read where they are and
 * not written twice.
 */
export function runsChannel(db: Database, authenticator: Pick<Authenticator, 'isAdmin'>): ChannelKind {
  return {
    name: 'runs',
    parse: channelNamed('runs:'),
    async authorize(channel, caller) {
      if (caller === null) return 'AUTH_REQUIRED';
      if (!(await authenticator.isAdmin(caller))) return 'FORBIDDEN';
      const run = await db.asService('follow run', (tx) => tx.one(RUN_POSITIONS, [[idOf(channel)]]));
      return run?.known ? 'ok' : 'NOT_FOUND';
    },
    stillOpen: (asked) =>
      Promise.all(asked.map(({ caller }) => (caller === null ? false : authenticator.isAdmin(caller)))),
    log: {
      async positions(channels) {
        const rows = await db.asService('run positions', (tx) => tx.query(RUN_POSITIONS, [channels.map(idOf)]));
        return rows.map(({ offset, epoch }) => ({ epoch, offset: Number(offset) }));
      },
      async read(channel, after, limit) {
        const rows = await db.asService('run events', (tx) =>
          tx.query(RUN_EVENTS_AFTER, [idOf(channel), after, limit]),
        );
        return rows.map(({ offset, payload, at }) => ({
          offset: Number(offset),
          type: 'run_event',
          payload,
          at,
          actor: null,
        }));
      },
    },
    verifyEveryMs: LOOK_EVERY_MS,
    hasMembers: false,
    hasEventStream: true,
  };
}
