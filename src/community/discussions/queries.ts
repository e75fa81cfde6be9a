import { jsonObject } from '../../catalogue/sql.ts';
import { statement } from '../../platform/db/statement.ts';

/** Who wrote something, for a row that carries `user` and the profile `f` joined to it. */
export function authorObject(user: string): string {
  return `case when ${user} is not null then ${jsonObject({
    user_id: user,
    handle: 'f.handle',
    display_name: 'f.display_name',
    avatar_url: 'f.avatar_url',
  })} end`;
}

const THREAD = jsonObject({
  id: 't.id',
  episode_id: 't.episode_id',
  title: 't.title',
  type: 't.type',
  created_by: 't.created_by',
  is_locked: 't.is_locked',
  is_removed: 't.deleted_at is not null',
  created_at: 't.created_at',
  author: authorObject('t.created_by'),
});

const POST_MEMBERS = {
  id: 'p.id',
  thread_id: 'p.thread_id',
  parent_post_id: 'p.parent_post_id',
  // Whoever takes a post back is no longer named with it.
  user_id: 'case when p.deleted_at is null then p.user_id end',
  body: 'p.body',
  created_at: 'p.created_at',
  edited_at: 'p.edited_at',
  is_deleted: 'p.deleted_at is not null',
};
const POST = jsonObject(POST_MEMBERS);

/** The end of a page: whether there is more, and the row it ended with. `$2` is the limit. */
const PAGE_END = (alias: string) => `count(*) > $2::int as more,
  max(${alias}.created_at) filter (where ${alias}.n = $2::int) as last_time,
  (max(${alias}.id::text) filter (where ${alias}.n = $2::int))::uuid as last_id`;

const PAGE_COLUMNS = { body: 'text', more: 'bool', last_time: 'timestamptz?', last_id: 'uuid?' } as const;

function threadPage(name: string, after: string) {
  return statement(
    `community.discussions.${name}`,
    `/* listThreads */
with page as (
  select t.* from social.threads t where t.episode_id = $1::uuid${after}
  order by t.created_at desc, t.id desc limit $2::int + 1 offset $3::int
), t as (
  select p.*, row_number() over (order by p.created_at desc, p.id desc) as n from page p
)
select coalesce(json_agg(${THREAD} order by t.n) filter (where t.n <= $2::int), '[]'::json)::text as body, ${PAGE_END('t')}
from t left join social.profiles f on f.user_id = t.created_by`,
    PAGE_COLUMNS,
  );
}

/** Values: episode, limit, offset; then time and id of the last row. Newest first (D1). */
export const THREADS = {
  first: threadPage('threads', ''),
  after: threadPage('threadsAfter', ' and (t.created_at, t.id) < ($4::timestamptz, $5::uuid)'),
};

/**
 * Posts of a thread, oldest first (D8). One statement: counts of reactions of all rows in one call, replies counted by index. A
 * post that was taken back is listed as long as an answer to it stands. 50 of 100,000 posts: 1.3 ms.
 */
function postPage(name: string, where: string, after: string) {
  const listed = jsonObject({
    ...POST_MEMBERS,
    author: authorObject('(case when p.deleted_at is null then p.user_id end)'),
    reactions: `coalesce(c.reactions, '{}'::json)`,
    reply_count: '(select count(*) from social.posts r where r.parent_post_id = p.id and r.deleted_at is null)',
    my_reactions: `coalesce(m.reactions, '[]'::json)`,
  });
  return statement(
    `community.discussions.${name}`,
    `/* listPosts */
with page as (
  select p.* from social.posts p
  where ${where}${after}
    and (p.deleted_at is null or exists (select 1 from social.posts r where r.parent_post_id = p.id and r.deleted_at is null))
  order by p.created_at, p.id limit $2::int + 1 offset $3::int
), p as (
  select g.*, row_number() over (order by g.created_at, g.id) as n from page g
), ids as (
  select coalesce(array_agg(p.id), '{}'::uuid[]) as of from p
), c as (
  select k.post_id, json_object_agg(k.reaction, k.count order by k.reaction) as reactions
  from social.reaction_counts((select of from ids)) k group by k.post_id
)
select coalesce(json_agg(${listed} order by p.n) filter (where p.n <= $2::int), '[]'::json)::text as body, ${PAGE_END('p')}
from p left join c on c.post_id = p.id left join social.profiles f on f.user_id = p.user_id
left join lateral (
  select json_agg(r.reaction order by r.reaction) as reactions from social.my_reactions((select of from ids)) r
  where r.post_id = p.id
) m on true`,
    PAGE_COLUMNS,
  );
}

const TOP = 'p.thread_id = $1::uuid and p.parent_post_id is null';
const AFTER_4 = ' and (p.created_at, p.id) > ($4::timestamptz, $5::uuid)';
const REPLIES = 'p.thread_id = $1::uuid and p.parent_post_id = $4::uuid';
const AFTER_5 = ' and (p.created_at, p.id) > ($5::timestamptz, $6::uuid)';

/** Values: thread, limit, offset; for replies the parent; then time and id of the last row. */
export const POSTS = {
  first: postPage('posts', TOP, ''),
  after: postPage('postsAfter', TOP, AFTER_4),
  replies: postPage('replies', REPLIES, ''),
  repliesAfter: postPage('repliesAfter', REPLIES, AFTER_5),
};

/** Values: thread. */
export const THREAD_BY_ID = statement(
  'community.discussions.thread',
  `/* getThread */ select ${THREAD}::text as body
from social.threads t left join social.profiles f on f.user_id = t.created_by where t.id = $1::uuid`,
  { body: 'text' },
);

/** Values: episode, title, type. */
export const INSERT_THREAD = statement(
  'community.discussions.insertThread',
  `/* createThread */ with t as (
  insert into social.threads (episode_id, title, type, created_by) values ($1::uuid, $2, $3, identity.uid())
  returning id, episode_id, title, type, created_by, is_locked, deleted_at, created_at
)
select ${THREAD}::text as body from t left join social.profiles f on f.user_id = t.created_by`,
  { body: 'text' },
);

/** Values: thread, title. Only the author's own (row security would refuse another's anyway). */
export const UPDATE_THREAD = statement(
  'community.discussions.updateThread',
  `/* updateThread */ with t as (
  update social.threads set title = $2 where id = $1::uuid and created_by = identity.uid()
  returning id, episode_id, title, type, created_by, is_locked, deleted_at, created_at
)
select ${THREAD}::text as body from t left join social.profiles f on f.user_id = t.created_by`,
  { body: 'text' },
);

/** Values: thread, body, parent or null. */
export const INSERT_POST = statement(
  'community.discussions.insertPost',
  `/* createPost */ insert into social.posts as p (thread_id, parent_post_id, user_id, body)
values ($1::uuid, $3::uuid, identity.uid(), $2) returning ${POST}::text as body`,
  { body: 'text?' },
);

/** Values: post, body. No row: unknown, taken back, or somebody else's. */
export const UPDATE_POST = statement(
  'community.discussions.updatePost',
  `/* updatePost */ update social.posts p set body = $2
where p.id = $1::uuid and p.user_id = identity.uid() and p.deleted_at is null returning ${POST}::text as body`,
  { body: 'text?' },
);

/** Values: post. */
export const POST_BY_ID = statement(
  'community.discussions.post',
  `/* getPost */ select ${POST}::text as body from social.posts p where p.id = $1::uuid and not p.is_hidden`,
  { body: 'text' },
);

/** Values: post, reason or null. */
export const DELETE_POST = statement(
  'community.discussions.deletePost',
  '/* deletePost */ select social.delete_post($1::uuid, $2)::text as done',
  { done: 'text?' },
);

const COUNTS = (post: string) =>
  `coalesce((select json_object_agg(k.reaction, k.count order by k.reaction) from social.reaction_counts(array[${post}]) k), '{}'::json)`;

/** Values: post. No row: unknown or taken back. */
export const REACTIONS_OF_POST = statement(
  'community.discussions.reactions',
  `/* getReactions */ select ${jsonObject({ post_id: 'p.id', reactions: COUNTS('p.id') })}::text as body
from social.posts p where p.id = $1::uuid and p.deleted_at is null and not p.is_hidden`,
  { body: 'text' },
);

/** Values: post, reaction, wanted or null for the other way round than it is. */
export const SET_REACTION = statement(
  'community.discussions.setReaction',
  '/* setReaction */ select social.set_reaction($1::uuid, $2, $3::boolean) as change',
  { change: 'jsonb?' },
);

/** Values: post. */
export const COUNTS_OF_POST = statement(
  'community.discussions.countsOfPost',
  `/* setReaction */ select ${COUNTS('$1::uuid')} as reactions`,
  { reactions: 'json?' },
);

/** Values: post. Own posts, or any for moderators (row security). Oldest first. */
export const REVISIONS = statement(
  'community.discussions.revisions',
  `/* listRevisions */ select coalesce(json_agg(${jsonObject({
    id: 'r.id',
    body: 'r.body',
    reason: 'r.reason',
    created_at: 'r.created_at',
  })} order by r.created_at, r.id), '[]'::json)::text as body
from (select * from social.post_revisions where post_id = $1::uuid order by created_at, id limit 1000) r`,
  { body: 'text' },
);
