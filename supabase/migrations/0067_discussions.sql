-- Threads, posts and reactions: the lock holds on every way in (W9), clients set what is theirs to set (W20), deleting a post
-- leaves the replies of others (W22), reactions do not show who reacted and votes exclude each other (W28), texts have bounds
-- (W31), pages have an order without ties (W19).
--
-- Clients insert threads and posts and update title and body directly, column by column; everything else is a function.
-- The rules are triggers, so that a refusal has a name (docs/db/errors.md) and holds for every role but the owner's repairs.

-- 1. Structure.
alter table social.threads add column if not exists deleted_at timestamptz;
alter table social.posts add column if not exists deleted_at timestamptz;
alter table social.posts add column if not exists is_hidden boolean not null default false;
comment on column social.posts.is_hidden is 'The thread was taken away. A copy of its state, because a policy that looks the thread up costs every read.';
comment on column social.threads.deleted_at is 'Taken away by a moderator; hidden from everybody else.';
comment on column social.posts.deleted_at is 'Taken back by its author or a moderator: the row stays for its replies, the text is "[deleted]".';

-- Deleting a row of a post (which only the service role can) leaves its replies, at the top of the thread.
alter table social.posts drop constraint if exists posts_parent_post_id_fkey;
alter table social.posts add constraint posts_parent_post_id_fkey foreign key (thread_id, parent_post_id)
  references social.posts (thread_id, id) on delete set null (parent_post_id);

-- Not valid: what is stored stays, new text has bounds.
alter table social.threads drop constraint if exists threads_title_check;
alter table social.threads add constraint threads_title_check
  check (btrim(title) <> '' and char_length(title) <= 200) not valid;
alter table social.posts drop constraint if exists posts_body_check;
alter table social.posts add constraint posts_body_check
  check (btrim(body) <> '' and char_length(body) <= 10000) not valid;

-- What a post said before: for its author and moderators. Goes with its author.
create table if not exists social.post_revisions (
  id         uuid not null default gen_random_uuid(),
  post_id    uuid not null,
  user_id    uuid,
  body       text not null,
  reason     text not null,
  created_at timestamptz not null default now(),
  constraint post_revisions_pkey primary key (id),
  constraint post_revisions_reason_check check (reason in ('edited', 'deleted', 'removed')),
  constraint post_revisions_post_id_fkey foreign key (post_id) references social.posts (id) on delete cascade,
  constraint post_revisions_user_id_fkey foreign key (user_id) references identity.users (id) on delete cascade
);
create index if not exists post_revisions_post_id_idx on social.post_revisions (post_id, created_at, id);
create index if not exists post_revisions_user_id_idx on social.post_revisions (user_id);

-- Up or down, not both. Changes rows of an adopted database: of two contrary votes the later one stays.
delete from social.reactions r
using social.reactions other
where other.post_id = r.post_id and other.user_id = r.user_id and other.reaction <> r.reaction
  and r.reaction in ('upvote', 'downvote') and other.reaction in ('upvote', 'downvote')
  and (other.created_at, other.reaction) > (r.created_at, r.reaction);
create unique index if not exists reactions_one_vote_key on social.reactions (post_id, user_id)
  where reaction in ('upvote', 'downvote');

-- Pages by (created_at, id), ties included; the predecessor's indexes are prefixes of these.
create index if not exists threads_episode_id_created_at_id_idx on social.threads (episode_id, created_at desc, id desc);
create index if not exists posts_thread_id_created_at_id_idx on social.posts (thread_id, created_at, id);
create index if not exists posts_parent_post_id_created_at_id_idx on social.posts (parent_post_id, created_at, id);
create index if not exists posts_top_level_idx on social.posts (thread_id, created_at, id) where parent_post_id is null;
drop index if exists social.threads_episode_id_created_at_idx;
drop index if exists social.posts_thread_id_created_at_idx;
drop index if exists social.posts_parent_post_id_created_at_idx;

-- 2. Rules. Owner's rights: they look at rows the writer may not see (a removed thread, a block).

create or replace function social.check_thread() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if identity.caller_role() = 'authenticated' then
    perform identity.require_user();
  end if;
  if tg_op = 'INSERT' then
    if new.type not in ('episode_live', 'post_episode', 'spoilers', 'general') then
      raise exception 'Invalid thread type. Allowed: episode_live, post_episode, spoilers, general' using errcode = 'TR026';
    end if;
    if not exists (select 1 from core.episodes e where e.id = new.episode_id) then
      raise exception 'Episode not found' using errcode = 'TR027';
    end if;
  elsif (old.is_locked or old.deleted_at is not null) and identity.caller_role() = 'authenticated' and not identity.is_admin() then
    raise exception 'Thread is locked' using errcode = 'TR021';
  end if;
  return new;
end
$$;
create or replace trigger social_threads_check_insert before insert on social.threads
  for each row execute function social.check_thread();
create or replace trigger social_threads_check_update before update of title on social.threads
  for each row execute function social.check_thread();

-- TR020 or TR021 unless the thread takes posts and reactions. Moderators and the service role may write into a locked one.
create or replace function social.require_open_thread(p_thread uuid) returns void
  language plpgsql stable security definer set search_path = '' as $$
declare
  thread record;
begin
  select t.is_locked, t.deleted_at into thread from social.threads t where t.id = p_thread;
  if not found or thread.deleted_at is not null then
    raise exception 'Thread not found' using errcode = 'TR020';
  end if;
  if thread.is_locked and identity.caller_role() in ('anon', 'authenticated') and not identity.is_admin() then
    raise exception 'Thread is locked' using errcode = 'TR021';
  end if;
end
$$;

create or replace function social.check_post() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  parent record;
begin
  if identity.caller_role() = 'authenticated' then
    perform identity.require_user();
  end if;
  perform social.require_open_thread(new.thread_id);
  if tg_op = 'UPDATE' then
    -- Bringing a post back (social.restore_post) is a change of its text, too.
    if old.deleted_at is not null and new.deleted_at is not null and identity.caller_role() = 'authenticated' then
      raise exception 'Post not found' using errcode = 'TR022';
    end if;
    return new;
  end if;
  if new.parent_post_id is not null then
    select p.thread_id, p.user_id, p.deleted_at into parent from social.posts p where p.id = new.parent_post_id;
    if not found then
      raise exception 'Parent post not found' using errcode = 'TR024';
    end if;
    if parent.thread_id <> new.thread_id then
      raise exception 'Parent post is not in this thread' using errcode = 'TR023';
    end if;
    if parent.deleted_at is not null and identity.caller_role() = 'authenticated' then
      raise exception 'Parent post not found' using errcode = 'TR024';
    end if;
    if social.is_blocked(new.user_id, parent.user_id) then
      raise exception 'You cannot answer this person' using errcode = 'TR034';
    end if;
  end if;
  return new;
end
$$;
create or replace trigger social_posts_check_insert before insert on social.posts
  for each row execute function social.check_post();
create or replace trigger social_posts_check_update before update of body on social.posts
  for each row when (old.body is distinct from new.body) execute function social.check_post();

-- A change of text is an edit, a deletion is not.
create or replace function social.set_edited_at() returns trigger
  language plpgsql set search_path = '' as $$
begin
  new.edited_at := case
    when new.body is distinct from old.body and new.deleted_at is not distinct from old.deleted_at then now()
    else old.edited_at end;
  return new;
end
$$;

create or replace function social.keep_revision() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  insert into social.post_revisions (post_id, user_id, body, reason)
  values (old.id, old.user_id, old.body, case
    when new.deleted_at is null or old.deleted_at is not null then 'edited'
    when identity.uid() is not distinct from old.user_id then 'deleted'
    else 'removed' end);
  return null;
end
$$;
create or replace trigger social_posts_keep_revision after update of body on social.posts
  for each row when (old.body is distinct from new.body) execute function social.keep_revision();

create or replace function social.hide_posts() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  update social.posts p set is_hidden = new.deleted_at is not null
  where p.thread_id = new.id and p.is_hidden <> (new.deleted_at is not null);
  return null;
end
$$;
create or replace trigger social_threads_hide_posts after update of deleted_at on social.threads
  for each row when ((old.deleted_at is null) <> (new.deleted_at is null)) execute function social.hide_posts();

-- 3. What clients call.

-- Takes back a post of the caller's own, or any as a moderator (which is recorded). Again: nothing. Replies stay.
-- TR001, TR020, TR021, TR022 (unknown, or somebody else's).
create or replace function social.delete_post(p_post uuid, p_reason text default null) returns void
  language plpgsql security definer set search_path = '' as $$
declare
  caller uuid;
  post record;
  moderates boolean := identity.caller_role() not in ('anon', 'authenticated') or identity.is_admin();
begin
  if identity.caller_role() in ('anon', 'authenticated') then
    caller := identity.require_user();
  end if;
  select p.id, p.user_id, p.thread_id, p.body, p.deleted_at into post from social.posts p where p.id = p_post for update;
  if not found or not (moderates or post.user_id is not distinct from caller) then
    raise exception 'Post not found' using errcode = 'TR022';
  end if;
  if post.deleted_at is not null then
    return;
  end if;
  if not moderates then
    perform social.require_open_thread(post.thread_id);
  end if;
  update social.posts p set body = '[deleted]', deleted_at = now() where p.id = p_post;
  if post.user_id is distinct from caller then
    perform identity.record_action('post.remove', 'post', p_post::text, jsonb_build_object('body', post.body), null, p_reason);
  end if;
end
$$;

-- Puts the caller's reaction to a post on or off; without `p_wanted` the other way round than it is. Saying the same
-- twice changes nothing. A vote replaces the contrary vote. Calls of one person about one post run one after the other.
-- Returns {post_id, reaction, action: added | removed | unchanged, active, replaced}. TR001, TR020-TR022, TR025.
create or replace function social.set_reaction(p_post uuid, p_reaction text, p_wanted boolean default null) returns jsonb
  language plpgsql security definer set search_path = '' as $$
declare
  caller uuid := identity.require_user();
  thread uuid;
  wanted boolean := p_wanted;
  did boolean;
  replaced text;
begin
  if p_reaction is null or p_reaction not in ('upvote', 'downvote', 'lol', 'shade', 'fire', 'heart') then
    raise exception 'Invalid reaction type. Allowed: upvote, downvote, lol, shade, fire, heart' using errcode = 'TR025';
  end if;
  select p.thread_id into thread from social.posts p where p.id = p_post and p.deleted_at is null;
  if not found then
    raise exception 'Post not found' using errcode = 'TR022';
  end if;
  perform social.require_open_thread(thread);
  perform pg_advisory_xact_lock(hashtextextended('social.reaction ' || p_post || ' ' || caller, 0));
  if wanted is null then
    wanted := not exists (
      select 1 from social.reactions r where r.post_id = p_post and r.user_id = caller and r.reaction = p_reaction);
  end if;
  if wanted then
    if p_reaction in ('upvote', 'downvote') then
      delete from social.reactions r
      where r.post_id = p_post and r.user_id = caller and r.reaction in ('upvote', 'downvote') and r.reaction <> p_reaction
      returning r.reaction into replaced;
    end if;
    insert into social.reactions (post_id, user_id, reaction) values (p_post, caller, p_reaction) on conflict do nothing;
  else
    delete from social.reactions r where r.post_id = p_post and r.user_id = caller and r.reaction = p_reaction;
  end if;
  did := found;
  return jsonb_build_object('post_id', p_post, 'reaction', p_reaction, 'active', wanted, 'replaced', replaced,
    'action', case when not did then 'unchanged' when wanted then 'added' else 'removed' end);
end
$$;

-- Reactions of many posts in one read, without the people behind them. Owner's rights: rows of others are hidden.
create or replace function social.reaction_counts(p_posts uuid[]) returns table (post_id uuid, reaction text, count bigint)
  language sql stable security definer set search_path = '' as $$
  select r.post_id, r.reaction, count(*)
  from social.reactions r
  join social.posts p on p.id = r.post_id and p.deleted_at is null and not p.is_hidden
  where r.post_id = any (p_posts[1:1000])
  group by r.post_id, r.reaction
$$;

-- 4. Rights.
alter table social.post_revisions enable row level security;
revoke all on social.threads, social.posts, social.reactions, social.post_revisions from public, anon, authenticated;
grant select, insert, update, delete on social.post_revisions to service_role;
grant select on social.threads, social.posts to anon, authenticated;
grant select on social.reactions, social.post_revisions to authenticated;
grant insert (episode_id, title, type, created_by), update (title) on social.threads to authenticated;
grant insert (thread_id, parent_post_id, user_id, body), update (body) on social.posts to authenticated;

revoke execute on function
  social.check_thread(), social.require_open_thread(uuid), social.check_post(), social.keep_revision(), social.hide_posts(),
  social.delete_post(uuid, text), social.set_reaction(uuid, text, boolean), social.reaction_counts(uuid[])
from public, anon, authenticated;
grant execute on function social.delete_post(uuid, text), social.set_reaction(uuid, text, boolean) to authenticated, service_role;
grant execute on function social.reaction_counts(uuid[]) to anon, authenticated, service_role;

drop policy if exists threads_public_read on social.threads;
create policy threads_public_read on social.threads for select to anon, authenticated using (deleted_at is null);
drop policy if exists threads_admin_read on social.threads;
create policy threads_admin_read on social.threads for select to authenticated using ((select identity.is_admin()));
drop policy if exists threads_insert_own on social.threads;
create policy threads_insert_own on social.threads for insert to authenticated with check (created_by = (select identity.uid()));
drop policy if exists threads_update_own on social.threads;
create policy threads_update_own on social.threads for update to authenticated
  using (created_by = (select identity.uid())) with check (created_by = (select identity.uid()));

drop policy if exists posts_public_read on social.posts;
create policy posts_public_read on social.posts for select to anon, authenticated
  using (not is_hidden);
drop policy if exists posts_admin_read on social.posts;
create policy posts_admin_read on social.posts for select to authenticated using ((select identity.is_admin()));
drop policy if exists posts_insert_own on social.posts;
create policy posts_insert_own on social.posts for insert to authenticated with check (user_id = (select identity.uid()));
drop policy if exists posts_update_own on social.posts;
create policy posts_update_own on social.posts for update to authenticated
  using (user_id = (select identity.uid())) with check (user_id = (select identity.uid()));
drop policy if exists posts_delete_own on social.posts;

drop policy if exists reactions_public_read on social.reactions;
drop policy if exists reactions_insert_own on social.reactions;
drop policy if exists reactions_delete_own on social.reactions;
drop policy if exists reactions_select_own on social.reactions;
create policy reactions_select_own on social.reactions for select to authenticated using (user_id = (select identity.uid()));

drop policy if exists post_revisions_select_own on social.post_revisions;
create policy post_revisions_select_own on social.post_revisions for select to authenticated
  using (user_id = (select identity.uid()));
drop policy if exists post_revisions_admin_read on social.post_revisions;
create policy post_revisions_admin_read on social.post_revisions for select to authenticated
  using ((select identity.is_admin()));
