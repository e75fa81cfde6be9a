-- A token that outlives its account does not bring it back, whoever issued it. Where our ids are the issuer's (`deleted_users`) it never
-- does; elsewhere whoever signs in anew, with a token issued after the deletion, begins anew.
create table if not exists identity.deleted_accounts (
  issuer     text not null,
  subject    text not null,
  deleted_at timestamptz not null default now(),
  constraint deleted_accounts_pkey primary key (issuer, subject)
);
alter table identity.deleted_accounts enable row level security;
revoke all on identity.deleted_accounts from public, anon, authenticated;
grant select, insert, update, delete on identity.deleted_accounts to service_role;

-- Owner's rights: the cascade may run as the platform's role.
create or replace function identity.remember_deleted_account() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  insert into identity.deleted_accounts (issuer, subject, deleted_at) values (old.issuer, old.subject, now())
  on conflict (issuer, subject) do update set deleted_at = excluded.deleted_at;
  return null;
end
$$;
create or replace trigger identity_accounts_remember_deleted after delete on identity.accounts
  for each row execute function identity.remember_deleted_account();

-- Tokens of two devices may name different addresses for a while: the younger token counts.
alter table identity.users add column if not exists email_as_of timestamptz;
comment on column identity.users.email_as_of is 'When the token was issued that named the address.';

-- Remembers the id of whoever goes, by whatever way (owner's rights: the cascade may run as the platform's role), and forgets the
-- answers kept for their repeated writes (0090), which hold what they wrote.
create or replace function identity.remember_deleted() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  insert into identity.deleted_users (id) values (old.id) on conflict (id) do nothing;
  delete from identity.idempotency_keys k where k.scope = 'user ' || old.id;
  return null;
end
$$;

drop function if exists identity.resolve_user(text, text, text, uuid);
-- The user behind a verified token: found, or made. Any number of callers at once get the same id.
--   p_supabase_uuid   the subject's own id where it is kept as ours
--   p_issued_at       when the token was issued, null where it does not say
-- TR004 when that account was deleted, here or there, and the token is not newer.
create or replace function identity.resolve_user(
  p_issuer text, p_subject text, p_email text default null, p_supabase_uuid uuid default null, p_issued_at timestamptz default null
) returns uuid
  language plpgsql security definer set search_path = '' as $$
declare
  found_id uuid;
  address text := case when char_length(p_email) between 3 and 320 then p_email end;
  issued timestamptz := least(coalesce(p_issued_at, now()), now());
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
    if exists (select 1 from identity.deleted_users d where d.id = p_supabase_uuid)
      or exists (select 1 from identity.deleted_accounts d where d.issuer = p_issuer and d.subject = p_subject
        and d.deleted_at >= coalesce(p_issued_at, '-infinity')) then
      raise exception 'Authentication required: this account was deleted' using errcode = 'TR004';
    end if;
    found_id := coalesce(p_supabase_uuid, gen_random_uuid());
    insert into identity.users (id, email, email_as_of, supabase_user_id)
    values (found_id, address, case when address is not null then issued end,
      (select u.id from auth.users u where u.id = p_supabase_uuid))
    on conflict (id) do nothing;
    insert into identity.accounts (issuer, subject, user_id) values (p_issuer, p_subject, found_id);
  end if;
  update identity.users u set email = address, email_as_of = issued
  where u.id = found_id and address is not null and u.email is distinct from address
    and issued >= coalesce(u.email_as_of, '-infinity');
  return found_id;
end
$$;
revoke execute on function identity.remember_deleted_account(), identity.resolve_user(text, text, text, uuid, timestamptz)
  from public, anon, authenticated;
grant execute on function identity.remember_deleted_account(), identity.resolve_user(text, text, text, uuid, timestamptz) to service_role;
