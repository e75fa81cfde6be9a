-- What people report and what moderators do about it. Every act of a moderator is recorded (identity.audit_log).

create table if not exists social.reports (
  id          uuid not null default gen_random_uuid(),
  reporter_id uuid,
  thread_id   uuid,
  post_id     uuid,
  message_id  uuid,
  user_id     uuid,
  reason      text not null,
  note        text,
  status      text not null default 'open',
  resolved_by uuid,
  resolved_at timestamptz,
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now(),
  constraint reports_pkey primary key (id),
  constraint reports_one_target_check check (num_nonnulls(thread_id, post_id, message_id, user_id) = 1),
  constraint reports_reason_check check (reason in ('spam', 'harassment', 'hate', 'spoiler', 'sexual', 'violence', 'illegal', 'other')),
  constraint reports_note_check check (char_length(note) <= 1000),
  constraint reports_status_check check (status in ('open', 'resolved', 'dismissed')),
  constraint reports_resolved_check check ((status = 'open') = (resolved_at is null)),
  constraint reports_reporter_id_fkey foreign key (reporter_id) references identity.users (id) on delete set null,
  constraint reports_thread_id_fkey foreign key (thread_id) references social.threads (id) on delete cascade,
  constraint reports_post_id_fkey foreign key (post_id) references social.posts (id) on delete cascade,
  constraint reports_message_id_fkey foreign key (message_id) references social.dm_messages (id) on delete cascade,
  constraint reports_user_id_fkey foreign key (user_id) references identity.users (id) on delete cascade,
  constraint reports_resolved_by_fkey foreign key (resolved_by) references identity.users (id) on delete set null
);
-- One open report per person and thing.
create unique index if not exists reports_open_key
  on social.reports (reporter_id, (coalesce(thread_id, post_id, message_id, user_id))) where status = 'open';
create index if not exists reports_status_created_at_idx on social.reports (status, created_at, id);
create index if not exists reports_reporter_id_idx on social.reports (reporter_id);
create index if not exists reports_thread_id_idx on social.reports (thread_id) where thread_id is not null;
create index if not exists reports_post_id_idx on social.reports (post_id) where post_id is not null;
create index if not exists reports_message_id_idx on social.reports (message_id) where message_id is not null;
create index if not exists reports_user_id_idx on social.reports (user_id) where user_id is not null;
create index if not exists reports_resolved_by_idx on social.reports (resolved_by) where resolved_by is not null;
create or replace trigger social_reports_set_updated_at before update on social.reports
  for each row execute function core.set_updated_at();

-- Reports something to the moderators; the same again while it is open gives the same report. Returns its id.
--   p_type    thread, post, message (of an own conversation) or user
-- TR001, TR020, TR022, TR030 (message), TR032 (user); 23514 for an unknown reason.
-- Owner's rights: clients cannot read reports of others.
create or replace function social.report(p_type text, p_id uuid, p_reason text, p_note text default null) returns uuid
  language plpgsql security definer set search_path = '' as $$
declare
  caller uuid := identity.require_user();
  report uuid;
begin
  case p_type
    when 'thread' then
      if not exists (select 1 from social.threads t where t.id = p_id and t.deleted_at is null) then
        raise exception 'Thread not found' using errcode = 'TR020';
      end if;
    when 'post' then
      if not exists (select 1 from social.posts p where p.id = p_id and p.deleted_at is null and not p.is_hidden) then
        raise exception 'Post not found' using errcode = 'TR022';
      end if;
    when 'message' then
      perform social.require_member((select m.conversation_id from social.dm_messages m where m.id = p_id));
    when 'user' then
      if not exists (select 1 from identity.users u where u.id = p_id) then
        raise exception 'User not found' using errcode = 'TR032';
      end if;
    else
      raise exception 'Only a thread, post, message or user can be reported' using errcode = 'TR035';
  end case;
  loop
    insert into social.reports (reporter_id, thread_id, post_id, message_id, user_id, reason, note)
    values (caller, case p_type when 'thread' then p_id end, case p_type when 'post' then p_id end,
      case p_type when 'message' then p_id end, case p_type when 'user' then p_id end, p_reason, p_note)
    on conflict do nothing returning id into report;
    exit when report is not null;
    select r.id into report from social.reports r
    where r.reporter_id = caller and r.status = 'open' and coalesce(r.thread_id, r.post_id, r.message_id, r.user_id) = p_id;
    exit when report is not null;
  end loop;
  return report;
end
$$;

-- Closes a report. Again: nothing. TR001, TR002, TR036 unknown report.
create or replace function social.resolve_report(p_report uuid, p_dismiss boolean default false, p_reason text default null) returns void
  language plpgsql security definer set search_path = '' as $$
declare
  before_status text;
  after_status text := case when p_dismiss then 'dismissed' else 'resolved' end;
begin
  perform identity.require_admin();
  select r.status into before_status from social.reports r where r.id = p_report for update;
  if not found then
    raise exception 'Report not found' using errcode = 'TR036';
  end if;
  if before_status = after_status then
    return;
  end if;
  update social.reports r set status = after_status, resolved_by = identity.uid(), resolved_at = now() where r.id = p_report;
  perform identity.record_action('report.' || after_status, 'report', p_report::text,
    jsonb_build_object('status', before_status), jsonb_build_object('status', after_status), p_reason);
end
$$;

-- Locks or unlocks a thread. Answers whether anything changed. TR001, TR002, TR020.
create or replace function social.set_thread_lock(p_thread uuid, p_locked boolean, p_reason text default null) returns boolean
  language plpgsql security definer set search_path = '' as $$
declare
  was boolean;
begin
  perform identity.require_admin();
  select t.is_locked into was from social.threads t where t.id = p_thread for update;
  if not found then
    raise exception 'Thread not found' using errcode = 'TR020';
  end if;
  if was = p_locked then
    return false;
  end if;
  update social.threads t set is_locked = p_locked where t.id = p_thread;
  perform identity.record_action(case when p_locked then 'thread.lock' else 'thread.unlock' end, 'thread', p_thread::text,
    jsonb_build_object('is_locked', was), jsonb_build_object('is_locked', p_locked), p_reason);
  return true;
end
$$;

-- Takes a thread with its posts out of sight, or back. Answers whether anything changed. TR001, TR002, TR020.
create or replace function social.set_thread_removed(p_thread uuid, p_removed boolean, p_reason text default null) returns boolean
  language plpgsql security definer set search_path = '' as $$
declare
  was timestamptz;
begin
  perform identity.require_admin();
  -- Waits for posts on their way in, so that the trigger finds them.
  select t.deleted_at into was from social.threads t where t.id = p_thread for update;
  if not found then
    raise exception 'Thread not found' using errcode = 'TR020';
  end if;
  if (was is not null) = p_removed then
    return false;
  end if;
  update social.threads t set deleted_at = case when p_removed then now() end where t.id = p_thread;
  perform identity.record_action(case when p_removed then 'thread.remove' else 'thread.restore' end, 'thread', p_thread::text,
    jsonb_build_object('removed', not p_removed), jsonb_build_object('removed', p_removed), p_reason);
  return true;
end
$$;

-- Brings back a post that was taken back, with its last text. TR001, TR002, TR022.
create or replace function social.restore_post(p_post uuid, p_reason text default null) returns void
  language plpgsql security definer set search_path = '' as $$
declare
  post record;
  text_before text;
begin
  perform identity.require_admin();
  select p.body, p.deleted_at into post from social.posts p where p.id = p_post for update;
  if found and post.deleted_at is null then
    return;
  end if;
  select r.body into text_before from social.post_revisions r
  where r.post_id = p_post and r.reason in ('deleted', 'removed') order by r.created_at desc, r.id desc limit 1;
  if text_before is null then
    raise exception 'Post not found' using errcode = 'TR022';
  end if;
  update social.posts p set body = text_before, deleted_at = null where p.id = p_post;
  perform identity.record_action('post.restore', 'post', p_post::text, null, jsonb_build_object('body', text_before), p_reason);
end
$$;

alter table social.reports enable row level security;
revoke all on social.reports from public, anon, authenticated;
grant select, insert, update, delete on social.reports to service_role;
grant select on social.reports to authenticated;
revoke execute on function
  social.report(text, uuid, text, text), social.resolve_report(uuid, boolean, text), social.set_thread_lock(uuid, boolean, text),
  social.set_thread_removed(uuid, boolean, text), social.restore_post(uuid, text)
from public, anon, authenticated;
grant execute on function
  social.report(text, uuid, text, text), social.resolve_report(uuid, boolean, text), social.set_thread_lock(uuid, boolean, text),
  social.set_thread_removed(uuid, boolean, text), social.restore_post(uuid, text)
to authenticated, service_role;
drop policy if exists reports_select_own on social.reports;
create policy reports_select_own on social.reports for select to authenticated using (reporter_id = (select identity.uid()));
drop policy if exists reports_admin_read on social.reports;
create policy reports_admin_read on social.reports for select to authenticated using ((select identity.is_admin()));
