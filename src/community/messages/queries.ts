import { jsonObject } from '../../catalogue/sql.ts';
import { statement } from '../../platform/db/statement.ts';

const CONVERSATION = jsonObject({
  id: 'c.id',
  is_group: 'c.is_group',
  created_at: 'c.created_at',
  last_message_at: 'c.last_message_at',
  members: `coalesce(c.members, '[]'::jsonb)`,
  last_message: 'c.last_message',
  unread: 'c.unread',
});

/** Values: other user. */
export const BEGIN_CONVERSATION = statement(
  'community.messages.begin',
  '/* createConversation */ select social.get_or_create_direct_conversation($1::uuid) as id',
  { id: 'uuid?' },
);

/** Values: conversation. No row: unknown, or not the caller's. */
export const CONVERSATION_BY_ID = statement(
  'community.messages.conversation',
  `/* getConversation */ select ${CONVERSATION}::text as body from social.conversation_page(1, 0, null, null, null, $1::uuid) c`,
  { body: 'text' },
);

/** Values: limit, offset; then last_message_at or '-infinity', created_at and id of the last row, or nulls. */
export const CONVERSATIONS = statement(
  'community.messages.conversations',
  `/* listConversations */
with c as (
  select p.* from social.conversation_page($1::int + 1, $2::int, $3::timestamptz, $4::timestamptz, $5::uuid)
    with ordinality as p (id, is_group, created_at, last_message_at, members, last_message, unread, n)
)
select coalesce(json_agg(${CONVERSATION} order by c.n) filter (where c.n <= $1::int), '[]'::json)::text as body,
  count(*) > $1::int as more,
  max(coalesce(c.last_message_at::text, '-infinity')) filter (where c.n = $1::int) as last_time,
  max(c.created_at) filter (where c.n = $1::int) as last_created,
  (max(c.id::text) filter (where c.n = $1::int))::uuid as last_id
from c`,
  { body: 'text', more: 'bool', last_time: 'text?', last_created: 'timestamptz?', last_id: 'uuid?' },
);

const MESSAGE = jsonObject({
  id: 'm.id',
  conversation_id: 'm.conversation_id',
  sender_id: 'm.sender_id',
  body: 'm.body',
  created_at: 'm.created_at',
});

function messagePage(name: string, direction: 'asc' | 'desc', after: string) {
  const order = `m.created_at ${direction}, m.id ${direction}`;
  return statement(
    `community.messages.${name}`,
    `/* listMessages */
with page as (
  select m.* from social.dm_messages m where m.conversation_id = $1::uuid${after} order by ${order} limit $2::int + 1 offset $3::int
), m as (
  select p.*, row_number() over (order by ${order.replaceAll('m.', 'p.')}) as n from page p
)
select coalesce(json_agg(${MESSAGE} order by m.n) filter (where m.n <= $2::int), '[]'::json)::text as body,
  count(*) > $2::int as more, max(m.created_at) filter (where m.n = $2::int) as last_time,
  (max(m.id::text) filter (where m.n = $2::int))::uuid as last_id,
  exists (select 1 from social.dm_conversations c where c.id = $1::uuid) as member
from m`,
    { body: 'text', more: 'bool', last_time: 'timestamptz?', last_id: 'uuid?', member: 'bool' },
  );
}

/** Values: conversation, limit, offset; then time and id of the last row. Row security keeps out who is no member. */
export const MESSAGES = {
  asc: {
    first: messagePage('oldest', 'asc', ''),
    after: messagePage('oldestAfter', 'asc', ' and (m.created_at, m.id) > ($4::timestamptz, $5::uuid)'),
  },
  desc: {
    first: messagePage('newest', 'desc', ''),
    after: messagePage('newestAfter', 'desc', ' and (m.created_at, m.id) < ($4::timestamptz, $5::uuid)'),
  },
} as const;

/** Values: conversation, body. */
export const INSERT_MESSAGE = statement(
  'community.messages.insert',
  `/* sendMessage */ insert into social.dm_messages as m (conversation_id, sender_id, body)
values ($1::uuid, identity.uid(), $2) returning ${MESSAGE}::text as body`,
  { body: 'text?' },
);

/** Values: conversation, message. */
export const MARK_READ = statement(
  'community.messages.markRead',
  `/* markRead */ select ${jsonObject({
    conversation_id: 'r.conversation_id',
    user_id: 'r.user_id',
    last_read_message_id: 'r.last_read_message_id',
    last_read_at: 'r.last_read_at',
  })}::text as body from social.mark_read($1::uuid, $2::uuid) r`,
  { body: 'text?' },
);

export const UNREAD_TOTAL = statement(
  'community.messages.unread',
  `/* getUnread */ select ${jsonObject({ messages: 'u.messages', conversations: 'u.conversations' })}::text as body
from social.unread_total() u`,
  { body: 'text' },
);

/** At most 1,000: nobody blocks more by hand. */
export const BLOCKS = statement(
  'community.messages.blocks',
  `/* listBlocks */ select coalesce(json_agg(${jsonObject({
    user_id: 'b.blocked_id',
    handle: 'f.handle',
    display_name: 'f.display_name',
    avatar_url: 'f.avatar_url',
    created_at: 'b.created_at',
  })} order by b.created_at desc, b.blocked_id), '[]'::json)::text as body
from (select * from social.blocks where blocker_id = identity.uid() order by created_at desc, blocked_id limit 1000) b
left join social.profiles f on f.user_id = b.blocked_id`,
  { body: 'text' },
);

/** Values: user. */
export const BLOCK = statement(
  'community.messages.block',
  '/* blockUser */ insert into social.blocks (blocker_id, blocked_id) values (identity.uid(), $1::uuid) on conflict do nothing',
  {},
);

/** Values: user. */
export const UNBLOCK = statement(
  'community.messages.unblock',
  '/* unblockUser */ delete from social.blocks where blocker_id = identity.uid() and blocked_id = $1::uuid',
  {},
);

/** Values: users and conversations, pair by pair. The pairs that may follow; for many people at once, so with the service's rights. */
export const MAY_FOLLOW = statement(
  'community.messages.mayFollow',
  'select user_id, conversation_id from live.may_follow($1::uuid[], $2::uuid[])',
  { user_id: 'uuid?', conversation_id: 'uuid?' },
);
