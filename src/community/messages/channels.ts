import type { Database } from '../../platform/db/types.ts';
import { type Asked, type ChannelKind, channelNamed, idOf } from '../../platform/live/channels.ts';
import { CONVERSATION_BY_ID, MAY_FOLLOW } from './queries.ts';

const PREFIX = 'dms:conversation:';

/**
 * `dms:conversation:<conversation>`: messages and receipts, for its members (W11-W14); for others it does not exist. While one of the two
 * of a direct conversation blocks the other, it is closed to both: what was written can be read, but nobody sees the other typing.
 */
export function messagesChannel(db: Database): ChannelKind {
  async function stillOpen(asked: readonly Asked[]): Promise<boolean[]> {
    const users = asked.map(({ caller }) => (caller?.kind === 'user' ? caller.userId : null));
    const conversations = asked.map(({ channel }) => idOf(channel));
    const rows = await db.asService('follow conversations', (tx) => tx.query(MAY_FOLLOW, [users, conversations]));
    const open = new Set(rows.map(({ user_id, conversation_id }) => `${user_id} ${conversation_id}`));
    return asked.map((_, i) => open.has(`${users[i]} ${conversations[i]}`));
  }

  return {
    name: 'dms',
    parse: channelNamed(PREFIX),
    async authorize(channel, caller) {
      if (caller?.kind !== 'user') return 'AUTH_REQUIRED';
      // Row security decides whether it exists for them, the function whether it is open.
      const row = await db.asUser(
        caller.claims,
        (tx) => tx.one(CONVERSATION_BY_ID, [idOf(channel)]),
        'follow conversation',
      );
      if (row === undefined) return 'NOT_FOUND';
      const [open] = await stillOpen([{ caller, channel }]);
      return open ? 'ok' : 'FORBIDDEN';
    },
    stillOpen,
    reopensOn: new Set(['dm_member_left', 'dm_access_changed']),
    path: { prefix: 'dms', channelOf: (id) => PREFIX + id },
    needsUser: true,
    hasMembers: true,
    hasEventStream: false,
  };
}
