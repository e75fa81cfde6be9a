-- What the hosted platform provides and a plain PostgreSQL lacks: its roles and the `auth` schema our migrations build on.
-- Runs before the first migration when any of it is missing. Where the platform's own `auth` schema exists, it is left alone.
-- Roles belong to the whole server, so two databases may come here at once; the runner tries again when they collide.

do $roles$
declare
  wanted record;
begin
  for wanted in
    select * from (values
      ('anon', 'nologin noinherit'),
      ('authenticated', 'nologin noinherit'),
      ('service_role', 'nologin noinherit bypassrls'),
      ('authenticator', 'nologin noinherit')
    ) as role_list(name, attributes)
  loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted.name) then
      execute format('create role %I %s', wanted.name, wanted.attributes);
    end if;
  end loop;

  for wanted in
    select grp.name as granted, member.name as member
    from unnest(array['anon', 'authenticated', 'service_role']) as grp(name)
    -- A superuser may take any role; an ordinary owner must be a member to run scopes.
    cross join unnest(array['authenticator', current_user::text]) as member(name)
    where not (member.name = current_user and (select rolsuper from pg_catalog.pg_roles where rolname = current_user))
      and not exists (
        select from pg_catalog.pg_auth_members m
        join pg_catalog.pg_roles g on g.oid = m.roleid
        join pg_catalog.pg_roles u on u.oid = m.member
        where g.rolname = grp.name and u.rolname = member.name
          -- Creating a role makes its creator an administrator of it without the right to become it (16 and later).
          and coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)
      )
  loop
    execute format('grant %I to %I', wanted.granted, wanted.member);
  end loop;
end
$roles$;

do $auth$
begin
  if to_regnamespace('auth') is not null then
    return;
  end if;

  create schema auth;
  grant usage on schema auth to anon, authenticated, service_role;

  -- The columns of the platform's table that anything here reads. No grants: clients never see it.
  create table auth.users (
    id uuid primary key default gen_random_uuid(),
    email text,
    raw_app_meta_data jsonb,
    raw_user_meta_data jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
  alter table auth.users enable row level security;

  -- nullif: after a transaction with local claims the setting is empty, not null, and ''::jsonb is an error.
  create function auth.jwt() returns jsonb
    language sql stable set search_path = ''
    as $fn$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $fn$;

  create function auth.uid() returns uuid
    language sql stable set search_path = ''
    as $fn$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $fn$;

  create function auth.role() returns text
    language sql stable set search_path = ''
    as $fn$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role' $fn$;
end
$auth$;
