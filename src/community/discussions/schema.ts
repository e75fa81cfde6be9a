import Type, { type Static } from 'typebox';
import { Nullable, Timestamp, Uuid } from '../../platform/http/schemas.ts';

/** Not only blanks. */
const Text = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, pattern: '\\S', description });

export const THREAD_TYPES = ['episode_live', 'post_episode', 'spoilers', 'general'];
export const REACTIONS = ['upvote', 'downvote', 'lol', 'shade', 'fire', 'heart'];

/** Who wrote something; null when the account is gone or the post was taken back. */
export const Author = Nullable(
  Type.Object(
    {
      user_id: Uuid(),
      handle: Nullable(Type.String()),
      display_name: Nullable(Type.String()),
      avatar_url: Nullable(Type.String()),
    },
    { additionalProperties: false },
  ),
);

export const Thread = Type.Object(
  {
    id: Uuid(),
    episode_id: Uuid(),
    title: Type.String(),
    type: Type.String({ description: `One of ${THREAD_TYPES.join(', ')}` }),
    created_by: Nullable(Uuid()),
    is_locked: Type.Boolean({ description: 'Takes no posts and reactions' }),
    is_removed: Type.Boolean({ description: 'Taken away by a moderator; only moderators see such threads' }),
    created_at: Timestamp(),
    author: Author,
  },
  { additionalProperties: false },
);

const postMembers = {
  id: Uuid(),
  thread_id: Uuid(),
  parent_post_id: Nullable(Uuid()),
  user_id: Nullable(Uuid()),
  body: Type.String({ description: '`[deleted]` when the post was taken back' }),
  created_at: Timestamp(),
  edited_at: Nullable(Timestamp()),
  is_deleted: Type.Boolean({ description: 'Taken back; listed because others answered it' }),
};

export const Post = Type.Object(postMembers, { additionalProperties: false });

const ReactionCounts = Type.Record(Type.String(), Type.Integer(), {
  description: 'Count by reaction; those nobody chose are absent',
});

export const ListedPost = Type.Object(
  {
    ...postMembers,
    author: Author,
    reactions: ReactionCounts,
    reply_count: Type.Integer({ description: 'Replies that were not taken back' }),
    my_reactions: Type.Array(Type.String(), { description: "The caller's own; empty without a token" }),
  },
  { additionalProperties: false },
);

export const PostReactions = Type.Object(
  { post_id: Uuid(), reactions: ReactionCounts },
  { additionalProperties: false },
);

export const ReactionChange = Type.Object(
  {
    action: Type.String({ description: '`added`, `removed`, or `unchanged` where it was so already' }),
    reaction: Type.String(),
    post_id: Uuid(),
    active: Type.Boolean({ description: 'Whether the caller has this reaction now' }),
    replaced: Nullable(Type.String({ description: 'The contrary vote it took the place of' })),
    reactions: ReactionCounts,
  },
  { additionalProperties: false },
);

export const Revision = Type.Object(
  {
    id: Uuid(),
    body: Type.String({ description: 'What the post said before' }),
    reason: Type.String({ description: '`edited`, `deleted` (by its author) or `removed` (by a moderator)' }),
    created_at: Timestamp(),
  },
  { additionalProperties: false },
);

export const ThreadParams = Type.Object({ thread_id: Uuid() });
export const PostParams = Type.Object({ post_id: Uuid() });
export const EpisodeParams = Type.Object({ episode_id: Uuid() });
export const ReactionParams = Type.Object({ post_id: Uuid(), reaction: Type.String({ maxLength: 50 }) });

export const NewThread = Type.Object({
  title: Text(200, 'Up to 200 characters'),
  type: Type.String({ maxLength: 100, description: `One of ${THREAD_TYPES.join(', ')}` }),
});
export const ThreadEdit = Type.Object({ title: Text(200, 'Up to 200 characters') });
export const NewPost = Type.Object({
  body: Text(10_000, 'Up to 10,000 characters'),
  parent_post_id: Type.Optional(Nullable(Uuid())),
});
export const PostEdit = Type.Object({ body: Text(10_000, 'Up to 10,000 characters') });
export const NewReaction = Type.Object({
  reaction: Type.String({ maxLength: 100, description: `One of ${REACTIONS.join(', ')}` }),
});

/** `limit`, `offset` and a cursor that may also be a bare ISO timestamp (D10, D11). */
export const TimePageQuery = Type.Object({
  limit: Type.Integer({ minimum: 0, maximum: 100, default: 50, description: 'At most this many rows' }),
  offset: Type.Integer({ minimum: 0, maximum: 2_147_483_647, default: 0, description: 'Rows to skip' }),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 1000,
      description: 'Opaque, from `Link: rel="next"`, or an ISO timestamp: rows strictly later',
    }),
  ),
});
export const PostsQuery = Type.Object({
  ...TimePageQuery.properties,
  parent_post_id: Type.Optional(Uuid()),
});

export type TimePage = Static<typeof TimePageQuery>;
