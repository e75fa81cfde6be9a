-- Live channels: every change people may watch becomes an event in the transaction that makes the change, so that an event cannot be
-- forged, forgotten or heard before its commit, and writers in SQL are heard too.
--
-- Triggers write to `live.outbox`. A sequencer (src/realtime/sequencer.ts) moves what was committed to `live.events` and numbers it there, without
-- gaps, channel by channel: numbering in the writer's transaction would make all writers of one channel wait for each other.
-- Clients have no right here; what they may see of an event is decided by the rooms (src/*/*/channels.ts).

create schema if not exists live;

-- 1. Structure.

-- Names the history that offsets count in. Changed where the same offsets could mean other events (after a restored backup, say):
-- then everybody reloads.
create table if not exists live.history (
  only_row boolean not null default true,
  epoch    uuid not null default gen_random_uuid(),
  constraint history_pkey primary key (only_row),
  constraint history_only_row_check check (only_row)
);
insert into live.history default values on conflict do nothing;

-- How far a channel has come. Rows stay: an offset must not be given twice.
create table if not exists live.channels (
  name         text not null,
  last_offset  bigint not null default 0,
  digested_at  timestamptz,
  updated_at   timestamptz not null default now(),
  constraint channels_pkey primary key (name),
  constraint channels_name_check check (char_length(name) between 1 and 200),
  constraint channels_last_offset_check check (last_offset >= 0)
) with (fillfactor = 70);
comment on column live.channels.digested_at is 'When the last digest (results of a survey) was written; digests come at most once a second.';

-- Committed, not numbered yet. Nearly always empty, so it must be swept often.
create table if not exists live.outbox (
  id      bigint generated always as identity,
  channel text not null,
  type    text not null,
  payload jsonb not null,
  subject uuid,
  actor   uuid,
  at      timestamptz not null default clock_timestamp(),
  constraint outbox_pkey primary key (id)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_insert_scale_factor = 0,
  autovacuum_vacuum_insert_threshold = 5000);

-- The history of each channel for as long as clients may resume from it (live.forget).
create table if not exists live.events (
  channel      text not null,
  event_offset bigint not null,
  type         text not null,
  payload      jsonb not null,
  subject      uuid,
  actor        uuid,
  at           timestamptz not null,
  constraint events_pkey primary key (channel, event_offset),
  constraint events_event_offset_check check (event_offset > 0),
  constraint events_channel_fkey foreign key (channel) references live.channels (name) on delete cascade
);
comment on column live.events.subject is 'The post, thread or message it is about: what is taken back there is taken back here.';
comment on column live.events.actor is 'Who did it; forgotten when the account is deleted.';
create index if not exists events_at_idx on live.events (at);
create index if not exists events_subject_idx on live.events (subject) where subject is not null;
create index if not exists events_actor_idx on live.events (actor) where actor is not null;

-- Channels whose digest is behind: one row per change, so that a thousand submits a second do not wait for one row. The sequencer
-- takes all rows of a channel at once and writes one event.
create table if not exists live.stale (
  id      bigint generated always as identity,
  channel text not null,
  constraint stale_pkey primary key (id)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_insert_scale_factor = 0,
  autovacuum_vacuum_insert_threshold = 5000);
create index if not exists stale_channel_idx on live.stale (channel);

-- 2. The epoch clients compare: the history's own, and the server it is on. A restored or promoted server (another system or
-- timeline) may have lost the last events, so its offsets are another history.
create or replace function live.epoch() returns text
  language plpgsql stable security definer set search_path = '' as $$
declare
  server text;
begin
  begin
    select s.system_identifier || ' ' || c.timeline_id into server
    from pg_catalog.pg_control_system() s cross join pg_catalog.pg_control_checkpoint() c;
  exception when insufficient_privilege then
    server := '';
  end;
  return (select left(md5(h.epoch || ' ' || server || ' ' || (select d.oid from pg_catalog.pg_database d where d.datname = current_database())), 16)
    from live.history h);
end
$$;

-- 3. What is taken back. `p_blank` replaces members of payloads that have them. The outbox first: an event that moves meanwhile is
-- then found where it arrived.
create or replace function live.rewrite(p_subject uuid, p_blank jsonb) returns void
  language plpgsql security definer set search_path = '' as $$
begin
  update live.outbox o set payload = o.payload || live.shared_members(p_blank, o.payload) where o.subject = p_subject;
  update live.events e set payload = e.payload || live.shared_members(p_blank, e.payload) where e.subject = p_subject;
end
$$;

-- The members of `p_values` that `p_payload` has, too.
create or replace function live.shared_members(p_values jsonb, p_payload jsonb) returns jsonb
  language sql immutable set search_path = '' as $$
  select coalesce(jsonb_object_agg(v.key, v.value), '{}') from jsonb_each(p_values) v where p_payload ? v.key
$$;

-- 4. Discussions: discussions:episode:<episode>.

create or replace function live.tell_thread() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  thread social.threads := case when tg_op = 'DELETE' then old else new end;
  topic text := 'discussions:episode:' || thread.episode_id;
  gone boolean := tg_op = 'DELETE' or thread.deleted_at is not null;
begin
  if tg_op = 'UPDATE' and old.deleted_at is not null and gone then
    return null;
  end if;
  if gone then
    -- The thread and its posts are out of sight, also for whoever reads the history later.
    update live.outbox o set payload = o.payload || live.shared_members('{"title":null,"body":null,"user_id":null,"created_by":null}', o.payload)
    where o.channel = topic and o.payload ->> 'thread_id' = thread.id::text;
    update live.events e set payload = e.payload || live.shared_members('{"title":null,"body":null,"user_id":null,"created_by":null}', e.payload)
    where e.channel = topic and e.payload ->> 'thread_id' = thread.id::text;
  elsif tg_op = 'UPDATE' and old.title <> thread.title then
    perform live.rewrite(thread.id, jsonb_build_object('title', thread.title));
  end if;
  insert into live.outbox (channel, type, subject, actor, payload)
  values (topic,
    case when gone then 'thread_removed' when tg_op = 'INSERT' then 'thread_created'
      when old.deleted_at is not null then 'thread_restored' else 'thread_updated' end,
    thread.id, case when not gone then thread.created_by end,
    case when gone then jsonb_build_object('thread_id', thread.id, 'episode_id', thread.episode_id)
      else jsonb_build_object('thread_id', thread.id, 'episode_id', thread.episode_id, 'title', thread.title, 'type', thread.type,
        'created_by', thread.created_by, 'is_locked', thread.is_locked) end);
  return null;
end
$$;
create or replace trigger live_threads_tell after insert or delete on social.threads
  for each row execute function live.tell_thread();
create or replace trigger live_threads_tell_update after update of title, is_locked, deleted_at on social.threads
  for each row when (old.title is distinct from new.title or old.is_locked is distinct from new.is_locked
    or (old.deleted_at is null) <> (new.deleted_at is null)) execute function live.tell_thread();

create or replace function live.tell_post() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  post social.posts := case when tg_op = 'DELETE' then old else new end;
  gone boolean := tg_op = 'DELETE' or post.deleted_at is not null;
  episode uuid;
begin
  if tg_op = 'UPDATE' and old.deleted_at is not null and gone then
    return null;
  end if;
  -- Nothing a reader may no longer see stays in the history: neither the text of a post that was taken back, nor who wrote it, nor
  -- what an edited post said before.
  if gone then
    perform live.rewrite(post.id, '{"body":null,"user_id":null}');
  elsif tg_op = 'UPDATE' then
    perform live.rewrite(post.id, jsonb_build_object('body', post.body));
  end if;
  select t.episode_id into episode from social.threads t where t.id = post.thread_id and t.deleted_at is null;
  if not found then
    return null;
  end if;
  insert into live.outbox (channel, type, subject, actor, payload)
  values ('discussions:episode:' || episode,
    case when gone then 'post_deleted' when tg_op = 'INSERT' then 'post_created'
      when old.deleted_at is not null then 'post_restored' else 'post_updated' end,
    post.id, case when not gone then post.user_id end,
    case when gone then jsonb_build_object('post_id', post.id, 'thread_id', post.thread_id)
      else jsonb_build_object('post_id', post.id, 'thread_id', post.thread_id, 'parent_post_id', post.parent_post_id,
        'user_id', post.user_id, 'body', post.body, 'created_at', post.created_at)
        || case when tg_op = 'UPDATE' then jsonb_build_object('edited_at', post.edited_at) else '{}' end end);
  return null;
end
$$;
create or replace trigger live_posts_tell after insert or delete on social.posts
  for each row execute function live.tell_post();
create or replace trigger live_posts_tell_update after update of body, deleted_at on social.posts
  for each row when (old.body is distinct from new.body or (old.deleted_at is null) <> (new.deleted_at is null))
  execute function live.tell_post();

create or replace function live.tell_reaction() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  reaction social.reactions := case when tg_op = 'DELETE' then old else new end;
begin
  insert into live.outbox (channel, type, subject, actor, payload)
  select 'discussions:episode:' || t.episode_id, 'reaction_toggled', p.id, reaction.user_id,
    jsonb_build_object('post_id', p.id, 'user_id', reaction.user_id, 'reaction', reaction.reaction,
      'action', case when tg_op = 'DELETE' then 'removed' else 'added' end)
  from social.posts p join social.threads t on t.id = p.thread_id
  where p.id = reaction.post_id and p.deleted_at is null and t.deleted_at is null;
  return null;
end
$$;
create or replace trigger live_reactions_tell after insert or delete on social.reactions
  for each row execute function live.tell_reaction();

-- 5. Direct messages: dms:conversation:<conversation>.

create or replace function live.tell_message() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  insert into live.outbox (channel, type, subject, actor, payload)
  values ('dms:conversation:' || new.conversation_id, 'dm_message_created', new.id, new.sender_id,
    jsonb_build_object('message_id', new.id, 'conversation_id', new.conversation_id, 'sender_id', new.sender_id,
      'body', new.body, 'created_at', new.created_at));
  return null;
end
$$;
create or replace trigger live_messages_tell after insert on social.dm_messages
  for each row execute function live.tell_message();

create or replace function live.tell_message_gone() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  perform live.rewrite(old.id, '{"body":null,"sender_id":null}');
  insert into live.outbox (channel, type, subject, payload)
  select 'dms:conversation:' || c.id, 'dm_message_deleted', old.id,
    jsonb_build_object('message_id', old.id, 'conversation_id', c.id)
  from social.dm_conversations c where c.id = old.conversation_id;
  return null;
end
$$;
create or replace trigger live_messages_tell_gone after delete on social.dm_messages
  for each row execute function live.tell_message_gone();

create or replace function live.tell_receipt() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  insert into live.outbox (channel, type, actor, payload)
  values ('dms:conversation:' || new.conversation_id, 'dm_read_updated', new.user_id,
    jsonb_build_object('conversation_id', new.conversation_id, 'user_id', new.user_id,
      'last_read_message_id', new.last_read_message_id));
  return null;
end
$$;
create or replace trigger live_receipts_tell after insert on social.dm_read_receipts
  for each row when (new.last_read_message_id is not null) execute function live.tell_receipt();
create or replace trigger live_receipts_tell_update after update of last_read_message_id on social.dm_read_receipts
  for each row when (new.last_read_message_id is not null and new.last_read_message_id is distinct from old.last_read_message_id)
  execute function live.tell_receipt();

-- Who joins is only news in a group: a direct conversation begins with both.
create or replace function live.tell_member() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  member social.dm_members := case when tg_op = 'DELETE' then old else new end;
begin
  if tg_op = 'INSERT' and not exists (
    select 1 from social.dm_conversations c where c.id = member.conversation_id and c.is_group) then
    return null;
  end if;
  insert into live.outbox (channel, type, actor, payload)
  values ('dms:conversation:' || member.conversation_id,
    case when tg_op = 'DELETE' then 'dm_member_left' else 'dm_member_joined' end, member.user_id,
    jsonb_build_object('conversation_id', member.conversation_id, 'user_id', member.user_id));
  return null;
end
$$;
create or replace trigger live_members_tell after insert or delete on social.dm_members
  for each row execute function live.tell_member();

-- A block closes the live channel of the two, its end opens it again; who did it is not told.
create or replace function live.tell_block() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  block social.blocks := case when tg_op = 'DELETE' then old else new end;
begin
  insert into live.outbox (channel, type, payload)
  select 'dms:conversation:' || c.id, 'dm_access_changed', jsonb_build_object('conversation_id', c.id)
  from social.dm_conversations c
  where c.direct_key = least(block.blocker_id, block.blocked_id)::text || ':' || greatest(block.blocker_id, block.blocked_id)::text;
  return null;
end
$$;
create or replace trigger live_blocks_tell after insert or delete on social.blocks
  for each row execute function live.tell_block();

-- Which of these pairs of person and conversation may follow it live: a member, and no block between the two of a direct one. For the
-- gateway's regular second look, many at once.
create or replace function live.may_follow(p_users uuid[], p_conversations uuid[]) returns table (user_id uuid, conversation_id uuid)
  language sql stable security definer set search_path = '' as $$
  select distinct m.user_id, m.conversation_id
  from unnest(p_users, p_conversations) as asked (user_id, conversation_id)
  join social.dm_members m on m.conversation_id = asked.conversation_id and m.user_id = asked.user_id
  join social.dm_conversations c on c.id = m.conversation_id
  where c.is_group or not exists (
    select 1 from social.dm_members other
    where other.conversation_id = c.id and other.user_id <> m.user_id and social.is_blocked(m.user_id, other.user_id))
$$;

-- 6. Surveys: surveys:survey:<survey>. Submits only mark the channel; the sequencer writes the results, at most once a second.
create or replace function live.mark_survey() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  insert into live.stale (channel) select distinct 'surveys:survey:' || c.survey_id from changed c;
  return null;
end
$$;
create or replace trigger live_responses_mark_added after insert on surveys.responses
  referencing new table as changed for each statement execute function live.mark_survey();
create or replace trigger live_responses_mark_removed after delete on surveys.responses
  referencing old table as changed for each statement execute function live.mark_survey();

create or replace function live.tell_survey() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if new.status = 'draft' then
    -- Back out of sight: results in the history go, too.
    update live.outbox o set payload = jsonb_build_object('survey_id', new.id) where o.channel = 'surveys:survey:' || new.id;
    update live.events e set payload = jsonb_build_object('survey_id', new.id) where e.channel = 'surveys:survey:' || new.id;
  end if;
  insert into live.outbox (channel, type, subject, payload)
  values ('surveys:survey:' || new.id, 'survey_updated', new.id,
    case when new.status = 'draft' then jsonb_build_object('survey_id', new.id)
      else jsonb_build_object('survey_id', new.id, 'title', new.title, 'status', new.status, 'starts_at', new.starts_at, 'ends_at', new.ends_at) end);
  insert into live.stale (channel) values ('surveys:survey:' || new.id);
  return null;
end
$$;
create or replace trigger live_surveys_tell after update of status, title, starts_at, ends_at on surveys.surveys
  for each row when (not (old.status = 'draft' and new.status = 'draft')
    and (old.status, old.title, old.starts_at, old.ends_at) is distinct from (new.status, new.title, new.starts_at, new.ends_at))
  execute function live.tell_survey();

-- 7. A deleted account is nobody in the history, too.
create or replace function live.forget_actor() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  update live.outbox o set actor = null,
    payload = o.payload || live.shared_members('{"user_id":null,"sender_id":null,"created_by":null}', o.payload) where o.actor = old.id;
  update live.events e set actor = null,
    payload = e.payload || live.shared_members('{"user_id":null,"sender_id":null,"created_by":null}', e.payload) where e.actor = old.id;
  return null;
end
$$;
create or replace trigger live_users_forget after delete on identity.users
  for each row execute function live.forget_actor();

-- 8. Only what clients may still resume from is kept: `p_hours`, and the last `p_keep` of each channel (`p_keep_digests` where events
-- are digests, each of which says everything). At most `p_limit` rows, so that nobody waits. Answers how many went.
create or replace function live.forget(p_hours integer, p_keep bigint, p_keep_digests bigint, p_limit integer) returns bigint
  language plpgsql set search_path = '' as $$
declare
  gone bigint;
  total bigint := 0;
begin
  delete from live.events e
  where (e.channel, e.event_offset) in (
    select old.channel, old.event_offset from live.events old
    where old.at < now() - make_interval(hours => p_hours) order by old.at limit p_limit);
  get diagnostics total = row_count;
  delete from live.events e
  where (e.channel, e.event_offset) in (
    select old.channel, old.event_offset
    from live.channels c
    join lateral (
      select x.channel, x.event_offset from live.events x
      where x.channel = c.name and x.event_offset <= c.last_offset - case when c.digested_at is null then p_keep else p_keep_digests end
      order by x.event_offset limit p_limit
    ) old on true
    where c.updated_at > now() - make_interval(hours => p_hours)
      and c.last_offset > case when c.digested_at is null then p_keep else p_keep_digests end
    limit p_limit);
  get diagnostics gone = row_count;
  return total + gone;
end
$$;
create index if not exists channels_updated_at_idx on live.channels (updated_at);

-- 9. Rights: the service role's alone. Events hold private messages, so the reader of `trr db sql` sees positions only.
alter table live.history enable row level security;
alter table live.channels enable row level security;
alter table live.outbox enable row level security;
alter table live.events enable row level security;
alter table live.stale enable row level security;
revoke all on schema live from public, anon, authenticated;
revoke all on all tables in schema live from public, anon, authenticated, service_role, trr_reader;
grant usage on schema live to service_role, trr_reader;
grant select, update on live.history to service_role;
grant select, insert, update on live.channels to service_role;
grant select, insert, update, delete on live.outbox, live.stale to service_role;
grant select, insert, delete on live.events to service_role;
grant select on live.channels, live.history to trr_reader;
drop policy if exists trr_reader_read on live.events;
drop policy if exists trr_reader_read on live.outbox;
drop policy if exists trr_reader_read on live.stale;
drop policy if exists trr_reader_read on live.channels;
create policy trr_reader_read on live.channels for select to trr_reader using (true);
drop policy if exists trr_reader_read on live.history;
create policy trr_reader_read on live.history for select to trr_reader using (true);
revoke execute on all functions in schema live from public, anon, authenticated, service_role;
grant execute on function live.epoch(), live.forget(integer, bigint, bigint, integer), live.may_follow(uuid[], uuid[]) to service_role;
