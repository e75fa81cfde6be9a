-- Our own users (design 6). A verified token gives (issuer, subject); `identity.accounts` maps it to a row of
-- `identity.users`, made on first sight. The eight foreign keys of user content move here from `auth.users`, so that people of
-- any issuer can write, vote and be deleted. Repairs the part of W6 that made a user of the platform the only possible author.
--
-- Nothing is made in the platform's schemas, not even a trigger on `auth.users`. A deletion there reaches us by a foreign key
-- *from* our table (`supabase_user_id`, on delete cascade): the same kind of reference the predecessor's eight keys were.

create schema if not exists identity;
revoke all on schema identity from public;
grant usage on schema identity to anon, authenticated, service_role;

-- Everybody who was ever signed in, of whatever issuer. A user of the hosted platform keeps its id.
create table if not exists identity.users (
  id               uuid not null default gen_random_uuid(),
  email            text,
  supabase_user_id uuid,
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now(),
  constraint users_pkey primary key (id),
  constraint users_email_check check (char_length(email) between 3 and 320),
  constraint users_supabase_user_keeps_id check (supabase_user_id = id),
  constraint users_supabase_user_id_key unique (supabase_user_id),
  constraint users_supabase_user_id_fkey foreign key (supabase_user_id) references auth.users (id) on delete cascade
);

-- Who a token speaks of: issuer and subject as they stand in it.
create table if not exists identity.accounts (
  issuer       text not null,
  subject      text not null,
  user_id      uuid not null,
  created_at   timestamptz not null default now(),
  constraint accounts_pkey primary key (issuer, subject),
  constraint accounts_issuer_check check (char_length(issuer) between 1 and 500),
  constraint accounts_subject_check check (char_length(subject) between 1 and 500),
  constraint accounts_user_id_fkey foreign key (user_id) references identity.users (id) on delete cascade
);
create index if not exists accounts_user_id_idx on identity.accounts (user_id);

-- Moderators and administrators.
create table if not exists identity.admins (
  user_id    uuid not null,
  granted_by text not null,
  created_at timestamptz not null default now(),
  constraint admins_pkey primary key (user_id),
  constraint admins_user_id_fkey foreign key (user_id) references identity.users (id) on delete cascade
);

-- Ids of deleted users: a token that outlives its account must not bring it back.
create table if not exists identity.deleted_users (
  id         uuid not null,
  deleted_at timestamptz not null default now(),
  constraint deleted_users_pkey primary key (id)
);

-- What administrators did. Rows are never changed; ids carry no foreign key, so that the record outlives what it speaks of.
create table if not exists identity.audit_log (
  id          bigint generated always as identity,
  at          timestamptz not null default now(),
  actor_id    uuid,
  actor       text not null,
  action      text not null,
  target_type text not null,
  target_id   text not null,
  before      jsonb,
  after       jsonb,
  reason      text,
  constraint audit_log_pkey primary key (id),
  constraint audit_log_action_check check (action ~ '^[a-z][a-z_.]{1,60}$')
);
create index if not exists audit_log_target_idx on identity.audit_log (target_type, target_id, id desc);
create index if not exists audit_log_actor_id_idx on identity.audit_log (actor_id, id desc);

alter table identity.users enable row level security;
alter table identity.accounts enable row level security;
alter table identity.admins enable row level security;
alter table identity.deleted_users enable row level security;
alter table identity.audit_log enable row level security;
revoke all on all tables in schema identity from public, anon, authenticated, service_role;
grant select, insert, update, delete on identity.users, identity.accounts, identity.admins, identity.deleted_users to service_role;
grant select, insert on identity.audit_log to service_role;
grant select on identity.users, identity.audit_log to authenticated;

create or replace trigger identity_users_set_updated_at before update on identity.users
  for each row execute function core.set_updated_at();

-- 1. Who asks.

-- The caller's id in `identity.users`, or null. Unlike auth.uid() it does not fail on a subject that is no uuid: the program
-- rebuilds the claims with our id, and a foreign subject that comes another way is simply nobody.
create or replace function identity.uid() returns uuid
  language sql stable set search_path = '' as $$
  select case when c.sub ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then c.sub::uuid end
  from (select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub') as c (sub)
$$;

-- The role the statement runs under, also inside functions with their owner's rights (where current_user is the owner).
create or replace function identity.caller_role() returns text
  language sql stable set search_path = '' as $$
  select case current_setting('role') when 'none' then session_user::text else current_setting('role') end
$$;

-- Owner's rights: clients must not read the list of administrators, only whether they are one.
create or replace function identity.is_admin() returns boolean
  language sql stable security definer set search_path = '' as $$
  select exists (select 1 from identity.admins a where a.user_id = identity.uid())
$$;

-- The caller's id, or TR001. Somebody of the hosted platform who talks to the database directly gets the row on first sight.
-- Owner's rights: clients cannot write users.
create or replace function identity.require_user() returns uuid
  language plpgsql security definer set search_path = '' as $$
declare
  caller uuid := identity.uid();
begin
  if caller is null then
    raise exception 'Authentication required' using errcode = 'TR001';
  end if;
  -- Held until the end of the transaction, so that the account cannot vanish under what is about to be written.
  perform from identity.users u where u.id = caller for key share;
  if not found then
    insert into identity.users (id, email, supabase_user_id)
    select a.id, case when char_length(a.email) between 3 and 320 then a.email end, a.id from auth.users a
    where a.id = caller and not exists (select 1 from identity.deleted_users d where d.id = caller)
    on conflict (id) do nothing;
    if not found and not exists (select 1 from identity.users u where u.id = caller) then
      raise exception 'Authentication required: this account does not exist' using errcode = 'TR001';
    end if;
  end if;
  return caller;
end
$$;

-- Before an insert by a client: the row the foreign key needs, for people of the hosted platform who never met the program.
create or replace function identity.know_writer() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if identity.caller_role() = 'authenticated' then
    perform identity.require_user();
  end if;
  return new;
end
$$;

-- 2. First sight and last.

-- The user behind a verified token: found, or made. Any number of callers at once get the same id.
-- `supabase_uuid`: the subject's own id where the issuer is the hosted platform; it becomes ours.
-- TR004 when that account was deleted here or there.
create or replace function identity.resolve_user(
  p_issuer text, p_subject text, p_email text default null, p_supabase_uuid uuid default null
) returns uuid
  language plpgsql security definer set search_path = '' as $$
declare
  found_id uuid;
  address text := case when char_length(p_email) between 3 and 320 then p_email end;
begin
  if coalesce(p_issuer, '') = '' or coalesce(p_subject, '') = '' then
    raise exception 'Authentication required: a token needs an issuer and a subject' using errcode = 'TR001';
  end if;
  select a.user_id into found_id from identity.accounts a where a.issuer = p_issuer and a.subject = p_subject;
  if found_id is null then
    -- One at a time per account: the losers find the winner's row.
    perform pg_advisory_xact_lock(hashtextextended('identity.account ' || p_issuer || ' ' || p_subject, 0));
    select a.user_id into found_id from identity.accounts a where a.issuer = p_issuer and a.subject = p_subject;
  end if;
  if found_id is null then
    if p_supabase_uuid is not null and exists (select 1 from identity.deleted_users d where d.id = p_supabase_uuid) then
      raise exception 'Authentication required: this account was deleted' using errcode = 'TR004';
    end if;
    found_id := coalesce(p_supabase_uuid, gen_random_uuid());
    insert into identity.users (id, email, supabase_user_id)
    values (found_id, address, (select u.id from auth.users u where u.id = p_supabase_uuid))
    on conflict (id) do nothing;
    insert into identity.accounts (issuer, subject, user_id) values (p_issuer, p_subject, found_id);
  end if;
  update identity.users u set email = address where u.id = found_id and address is not null and u.email is distinct from address;
  return found_id;
end
$$;

-- Remembers the id of whoever goes, by whatever way (owner's rights: the cascade may run as the platform's role).
create or replace function identity.remember_deleted() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  insert into identity.deleted_users (id) values (old.id) on conflict (id) do nothing;
  return null;
end
$$;
create or replace trigger identity_users_remember_deleted after delete on identity.users
  for each row execute function identity.remember_deleted();

-- 3. Administrators and their record.

create or replace function identity.refuse_change() returns trigger
  language plpgsql set search_path = '' as $$
begin
  raise exception 'Records of what administrators did are never changed' using errcode = 'TR005';
end
$$;
create or replace trigger identity_audit_log_append_only before update or delete or truncate on identity.audit_log
  for each statement execute function identity.refuse_change();

-- Adds a record. The actor is the signed-in caller; for the service role the reason its transaction gave (`trr.reason`).
create or replace function identity.record_action(
  p_action text, p_target_type text, p_target_id text, p_before jsonb default null, p_after jsonb default null,
  p_reason text default null
) returns bigint
  language sql security definer set search_path = '' as $$
  insert into identity.audit_log (actor_id, actor, action, target_type, target_id, before, after, reason)
  values (identity.uid(),
    coalesce(identity.uid()::text, identity.caller_role() || coalesce(': ' || nullif(current_setting('trr.reason', true), ''), '')),
    p_action, p_target_type, p_target_id, p_before, p_after, p_reason)
  returning id
$$;

-- The caller's right to moderate, or TR002. The service role has it.
create or replace function identity.require_admin() returns void
  language plpgsql stable security definer set search_path = '' as $$
begin
  if identity.caller_role() in ('anon', 'authenticated') and not identity.is_admin() then
    if identity.uid() is null then
      raise exception 'Authentication required' using errcode = 'TR001';
    end if;
    raise exception 'Only moderators may do this' using errcode = 'TR002';
  end if;
end
$$;

-- Makes somebody an administrator, or takes it back; recorded. Answers whether anything changed. TR032 for an unknown user.
create or replace function identity.set_admin(p_user uuid, p_admin boolean, p_reason text default null) returns boolean
  language plpgsql security definer set search_path = '' as $$
declare
  changed boolean;
begin
  if not exists (select 1 from identity.users u where u.id = p_user) then
    raise exception 'User not found' using errcode = 'TR032';
  end if;
  if p_admin then
    insert into identity.admins (user_id, granted_by) values (p_user, coalesce(identity.uid()::text, identity.caller_role()))
    on conflict (user_id) do nothing;
  else
    delete from identity.admins a where a.user_id = p_user;
  end if;
  changed := found;
  if changed then
    perform identity.record_action(case when p_admin then 'admin.grant' else 'admin.revoke' end, 'user', p_user::text,
      jsonb_build_object('admin', not p_admin), jsonb_build_object('admin', p_admin), p_reason);
  end if;
  return changed;
end
$$;

revoke execute on all functions in schema identity from public, anon, authenticated;
grant execute on all functions in schema identity to service_role;
grant execute on function identity.uid(), identity.is_admin() to authenticated;

-- 4. Policies.
drop policy if exists identity_users_read_own on identity.users;
create policy identity_users_read_own on identity.users for select to authenticated using (id = (select identity.uid()));
drop policy if exists identity_audit_log_admin_read on identity.audit_log;
create policy identity_audit_log_admin_read on identity.audit_log for select to authenticated
  using ((select identity.is_admin()));

-- 5. The eight keys. Everybody the platform knows gets a row first, so that no reference is lost. They keep names and actions.
insert into identity.users (id, email, supabase_user_id, created_at)
select u.id, case when char_length(u.email) between 3 and 320 then u.email end, u.id, coalesce(u.created_at, now())
from auth.users u
where not exists (select 1 from identity.deleted_users d where d.id = u.id)
on conflict (id) do nothing;

do $$
declare
  key record;
begin
  for key in
    select * from (values
      ('games.sessions', 'sessions_user_id_fkey', 'user_id', 'cascade'),
      ('surveys.responses', 'responses_user_id_fkey', 'user_id', 'cascade'),
      ('social.threads', 'threads_created_by_fkey', 'created_by', 'set null'),
      ('social.posts', 'posts_user_id_fkey', 'user_id', 'set null'),
      ('social.reactions', 'reactions_user_id_fkey', 'user_id', 'cascade'),
      ('social.dm_members', 'dm_members_user_id_fkey', 'user_id', 'cascade'),
      ('social.dm_messages', 'dm_messages_sender_id_fkey', 'sender_id', 'set null'),
      ('social.dm_read_receipts', 'dm_read_receipts_user_id_fkey', 'user_id', 'cascade')
    ) as keys (child, name, col, action)
  loop
    if exists (
      select from pg_catalog.pg_constraint k
      where k.conrelid = key.child::regclass and k.conname = key.name and k.confrelid = 'identity.users'::regclass
    ) then
      continue;
    end if;
    execute format('alter table %s drop constraint if exists %I', key.child, key.name);
    execute format('alter table %s add constraint %I foreign key (%I) references identity.users (id) on delete %s',
      key.child, key.name, key.col, key.action);
  end loop;
end
$$;
alter table surveys.responses alter column user_id set default identity.uid();
alter table games.sessions alter column user_id set default identity.uid();
