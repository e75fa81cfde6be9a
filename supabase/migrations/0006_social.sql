-- Baseline: the predecessor's final state (its version 0051). Behaviour (functions, triggers, policies, grants) begins at 0052.
-- This file: discussions of episodes and direct messages.
create schema social;

-- Discussion thread about an episode.
create table social.threads (
  id         uuid not null default gen_random_uuid(),
  episode_id uuid not null,
  title      text not null,
  type       text not null,
  created_by uuid,
  is_locked  boolean not null default false,
  created_at timestamptz not null default now(),
  constraint threads_pkey primary key (id),
  constraint threads_type_check check (type in ('episode_live', 'post_episode', 'spoilers', 'general')),
  constraint threads_created_by_fkey foreign key (created_by) references auth.users (id) on delete set null,
  constraint threads_episode_id_fkey foreign key (episode_id) references core.episodes (id) on delete cascade
);
create index threads_created_by_idx on social.threads (created_by);
create index threads_episode_id_created_at_idx on social.threads (episode_id, created_at desc);

-- Post in a discussion thread, optionally a reply to another post.
create table social.posts (
  id             uuid not null default gen_random_uuid(),
  thread_id      uuid not null,
  parent_post_id uuid,
  user_id        uuid,
  body           text not null,
  created_at     timestamptz not null default now(),
  edited_at      timestamptz,
  constraint posts_pkey primary key (id),
  constraint posts_parent_post_id_fkey foreign key (parent_post_id) references social.posts (id) on delete cascade,
  constraint posts_thread_id_fkey foreign key (thread_id) references social.threads (id) on delete cascade,
  constraint posts_user_id_fkey foreign key (user_id) references auth.users (id) on delete set null
);
create index posts_parent_post_id_created_at_idx on social.posts (parent_post_id, created_at);
create index posts_thread_id_created_at_idx on social.posts (thread_id, created_at);
create index posts_user_id_idx on social.posts (user_id);

-- Reaction of a user to a post, one row per kind of reaction.
create table social.reactions (
  post_id    uuid not null,
  user_id    uuid not null,
  reaction   text not null,
  created_at timestamptz not null default now(),
  constraint reactions_pkey primary key (post_id, user_id, reaction),
  constraint reactions_reaction_check check (reaction in ('upvote', 'downvote', 'lol', 'shade', 'fire', 'heart')),
  constraint reactions_post_id_fkey foreign key (post_id) references social.posts (id) on delete cascade,
  constraint reactions_user_id_fkey foreign key (user_id) references auth.users (id) on delete cascade
);
create index reactions_post_id_reaction_idx on social.reactions (post_id, reaction);

-- Direct-message conversation; one-to-one ones carry a unique pair key.
create table social.dm_conversations (
  id              uuid not null default gen_random_uuid(),
  is_group        boolean not null default false,
  direct_key      text,
  created_at      timestamptz not null default now(),
  last_message_at timestamptz,
  constraint dm_conversations_pkey primary key (id),
  constraint dm_conversations_direct_key_key unique (direct_key)
);

-- Membership of a user in a conversation.
create table social.dm_members (
  conversation_id uuid not null,
  user_id         uuid not null,
  role            text not null default 'member',
  joined_at       timestamptz not null default now(),
  constraint dm_members_pkey primary key (conversation_id, user_id),
  constraint dm_members_conversation_id_fkey foreign key (conversation_id) references social.dm_conversations (id) on delete cascade,
  constraint dm_members_user_id_fkey foreign key (user_id) references auth.users (id) on delete cascade
);
create index idx_dm_members_user_joined on social.dm_members (user_id, joined_at desc);

-- Message in a conversation.
create table social.dm_messages (
  id              uuid not null default gen_random_uuid(),
  conversation_id uuid not null,
  sender_id       uuid,
  body            text not null,
  created_at      timestamptz not null default now(),
  constraint dm_messages_pkey primary key (id),
  constraint dm_messages_conversation_id_fkey foreign key (conversation_id) references social.dm_conversations (id) on delete cascade,
  constraint dm_messages_sender_id_fkey foreign key (sender_id) references auth.users (id) on delete set null
);
create index idx_dm_messages_conversation_created on social.dm_messages (conversation_id, created_at desc);

-- Last message a user has read in a conversation.
create table social.dm_read_receipts (
  conversation_id      uuid not null,
  user_id              uuid not null,
  last_read_message_id uuid,
  last_read_at         timestamptz not null default now(),
  constraint dm_read_receipts_pkey primary key (conversation_id, user_id),
  constraint dm_read_receipts_conversation_id_fkey foreign key (conversation_id) references social.dm_conversations (id) on delete cascade,
  constraint dm_read_receipts_last_read_message_id_fkey foreign key (last_read_message_id) references social.dm_messages (id) on delete set null,
  constraint dm_read_receipts_user_id_fkey foreign key (user_id) references auth.users (id) on delete cascade
);
