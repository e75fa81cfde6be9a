import { statement } from '../../platform/db/statement.ts';
import type { Scope } from '../../platform/db/types.ts';

const PAGE = 500;

/**
 * One kind of thing that is kept about a person.
 * @param from  table with its alias `t`, and joins
 * @param owner condition on `$1`, the user
 * @param key   expression that orders and continues the pages
 */
function part(name: string, from: string, owner: string, key: string, row = 'to_jsonb(t)') {
  return {
    name,
    page: statement(
      `identity.export.${name}`,
      `/* exportMe */ select (${key})::text as key, (${row})::text as row from ${from}
where ${owner} and (${key})::text > $2 order by (${key})::text limit ${PAGE}`,
      { key: 'text?', row: 'text?' },
    ),
  };
}

/** In the order of the answer. Read as the service for the person they speak of: some of these tables clients cannot read. */
export const PARTS = [
  part('account', 'identity.users t', 't.id = $1::uuid', 't.id'),
  part('sign_ins', 'identity.accounts t', 't.user_id = $1::uuid', "t.issuer || ' ' || t.subject"),
  part('administration', 'identity.admins t', 't.user_id = $1::uuid', 't.user_id', "to_jsonb(t) - 'granted_by'"),
  part('profile', 'social.profiles t', 't.user_id = $1::uuid', 't.user_id'),
  part(
    'survey_responses',
    'surveys.responses t',
    't.user_id = $1::uuid',
    't.id',
    `to_jsonb(t) || jsonb_build_object('answers', coalesce((select jsonb_agg(to_jsonb(a) order by a.created_at, a.id)
      from surveys.answers a where a.response_id = t.id), '[]'))`,
  ),
  part('superseded_survey_responses', 'surveys.superseded_responses t', 't.user_id = $1::uuid', 't.id'),
  part('threads', 'social.threads t', 't.created_by = $1::uuid', 't.id'),
  part('posts', 'social.posts t', 't.user_id = $1::uuid', 't.id'),
  part('post_revisions', 'social.post_revisions t', 't.user_id = $1::uuid', 't.id'),
  part('reactions', 'social.reactions t', 't.user_id = $1::uuid', "t.post_id || ' ' || t.reaction"),
  part(
    'conversations',
    'social.dm_members t join social.dm_conversations c on c.id = t.conversation_id',
    't.user_id = $1::uuid',
    't.conversation_id',
    `to_jsonb(c) || jsonb_build_object('joined_at', t.joined_at, 'role', t.role)`,
  ),
  part('messages_sent', 'social.dm_messages t', 't.sender_id = $1::uuid', 't.id'),
  part('read_receipts', 'social.dm_read_receipts t', 't.user_id = $1::uuid', 't.conversation_id'),
  part('blocks', 'social.blocks t', 't.blocker_id = $1::uuid', 't.blocked_id'),
  // Who judged it is the moderators' affair.
  part('reports', 'social.reports t', 't.reporter_id = $1::uuid', 't.id', "to_jsonb(t) - 'resolved_by'"),
  part('game_sessions', 'games.sessions t', 't.user_id = $1::uuid', 't.id'),
  part(
    'game_responses',
    'games.responses t join games.sessions s on s.id = t.session_id',
    's.user_id = $1::uuid',
    't.id',
  ),
];

/** Runs something in a transaction of the service. */
type Read = <T>(fn: (tx: Scope) => Promise<T>) => Promise<T>;

/**
 * Everything kept about a person as one JSON object, in pieces of a page; no transaction is held while a client reads slowly.
 * The first piece comes after the first read, so that a database that is away is still an answer of its own.
 */
export async function* exportPerson(read: Read, user: string): AsyncGenerator<string> {
  let before = '{';
  for (const { name, page } of PARTS) {
    before += `\n${JSON.stringify(name)}: [`;
    let after = '';
    for (let between = ''; ; between = ',') {
      const rows = await read((tx) => tx.query(page, [user, after]));
      if (rows.length > 0) {
        yield `${before}${between}\n  ${rows.map(({ row }) => row).join(',\n  ')}`;
        before = '';
      }
      after = rows.at(-1)?.key ?? after;
      if (rows.length < PAGE) break;
    }
    before += '],';
  }
  yield `${before.slice(0, -1)}\n}\n`;
}
