-- Answers to writes that may be sent twice (design 11). A key is claimed in the transaction of its write, so that the answer is here
-- exactly when the write is; a second claim waits for the first by the primary key.
create table if not exists identity.idempotency_keys (
  scope       text not null,
  operation   text not null,
  key         text not null,
  fingerprint text not null,
  body        text,
  headers     jsonb,
  created_at  timestamptz not null default now(),
  constraint idempotency_keys_pkey primary key (scope, operation, key),
  constraint idempotency_keys_key_check check (char_length(key) between 1 and 255)
);
comment on table identity.idempotency_keys is 'Answers to writes by Idempotency-Key, for a day. Clients reach them through functions only.';
create index if not exists idempotency_keys_created_at_idx on identity.idempotency_keys (created_at);
alter table identity.idempotency_keys enable row level security;
revoke all on identity.idempotency_keys from public, anon, authenticated;
grant select, insert, update, delete on identity.idempotency_keys to service_role;

-- Whose keys these are: a signed-in caller's own, whatever the program says.
create or replace function identity.idempotency_scope(p_scope text) returns text
  language sql stable set search_path = '' as $$
  select case when identity.caller_role() in ('anon', 'authenticated') then 'user ' || identity.uid() else p_scope end
$$;

-- Claims a key for the caller: `mine` when it was free (or older than a day), else whether the request was the same, and its answer.
create or replace function identity.claim_idempotency_key(
  p_scope text, p_operation text, p_key text, p_fingerprint text,
  out mine boolean, out same boolean, out body text, out headers jsonb
)
  language plpgsql security definer set search_path = '' as $$
declare
  whose text := identity.idempotency_scope(p_scope);
  known record;
begin
  if whose is null then
    raise exception 'Authentication required' using errcode = 'TR001';
  end if;
  delete from identity.idempotency_keys k
  where k.scope = whose and k.operation = p_operation and k.key = p_key and k.created_at < now() - interval '1 day';
  insert into identity.idempotency_keys (scope, operation, key, fingerprint) values (whose, p_operation, p_key, p_fingerprint)
  on conflict do nothing;
  mine := found;
  if mine then
    return;
  end if;
  select k.* into known from identity.idempotency_keys k where k.scope = whose and k.operation = p_operation and k.key = p_key;
  same := known.fingerprint = p_fingerprint;
  if same then
    body := known.body;
    headers := known.headers;
  end if;
end
$$;

create or replace function identity.keep_idempotent_answer(
  p_scope text, p_operation text, p_key text, p_body text, p_headers jsonb
) returns void
  language sql security definer set search_path = '' as $$
  update identity.idempotency_keys k set body = p_body, headers = p_headers
  where k.scope = identity.idempotency_scope(p_scope) and k.operation = p_operation and k.key = p_key and k.body is null
$$;

-- Forgets what is older than its time: keys after a day, counts of anonymous answers per address after two. At most
-- `p_limit` rows each, so that no caller holds many locks. Answers how many rows went.
create or replace function identity.purge_expired(p_limit integer default 5000) returns bigint
  language plpgsql security definer set search_path = '' as $$
declare
  gone bigint;
  more bigint;
begin
  delete from identity.idempotency_keys k where k.ctid = any (array(
    select o.ctid from identity.idempotency_keys o where o.created_at < now() - interval '1 day' limit p_limit));
  get diagnostics gone = row_count;
  delete from surveys.address_counts c where c.ctid = any (array(
    select o.ctid from surveys.address_counts o where o.day < current_date - 2 limit p_limit));
  get diagnostics more = row_count;
  return gone + more;
end
$$;

revoke execute on function
  identity.idempotency_scope(text), identity.claim_idempotency_key(text, text, text, text),
  identity.keep_idempotent_answer(text, text, text, text, jsonb), identity.purge_expired(integer)
from public, anon, authenticated;
grant execute on function
  identity.claim_idempotency_key(text, text, text, text), identity.keep_idempotent_answer(text, text, text, text, jsonb),
  identity.idempotency_scope(text), identity.purge_expired(integer)
to service_role;
grant execute on function
  identity.claim_idempotency_key(text, text, text, text), identity.keep_idempotent_answer(text, text, text, text, jsonb)
to authenticated;

-- Administrators grant and take back rights themselves, and what they do through the program is recorded in their name.
create or replace function identity.set_admin(p_user uuid, p_admin boolean, p_reason text default null) returns boolean
  language plpgsql security definer set search_path = '' as $$
declare
  changed boolean;
begin
  perform identity.require_admin();
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
grant execute on function identity.set_admin(uuid, boolean, text) to authenticated;
