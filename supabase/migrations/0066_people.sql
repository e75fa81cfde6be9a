-- What people show of themselves (profiles) and whom they keep away (blocks).

create table if not exists social.profiles (
  user_id      uuid not null,
  handle       text not null,
  display_name text,
  avatar_url   text,
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now(),
  constraint profiles_pkey primary key (user_id),
  constraint profiles_handle_check check (handle ~ '^[A-Za-z0-9_]{3,30}$'),
  constraint profiles_display_name_check check (btrim(display_name) <> '' and char_length(display_name) <= 80),
  constraint profiles_avatar_url_check check (avatar_url ~ '^https://[^[:space:]]+$' and char_length(avatar_url) <= 2000),
  constraint profiles_user_id_fkey foreign key (user_id) references identity.users (id) on delete cascade
);
comment on column social.profiles.handle is 'Name in mentions: 3 to 30 letters, digits and underscores, unique without regard to case.';
create unique index if not exists profiles_handle_key on social.profiles (lower(handle));

create table if not exists social.blocks (
  blocker_id uuid not null,
  blocked_id uuid not null,
  created_at timestamptz not null default now(),
  constraint blocks_pkey primary key (blocker_id, blocked_id),
  constraint blocks_another_check check (blocker_id <> blocked_id),
  constraint blocks_blocker_id_fkey foreign key (blocker_id) references identity.users (id) on delete cascade,
  constraint blocks_blocked_id_fkey foreign key (blocked_id) references identity.users (id) on delete cascade
);
comment on table social.blocks is 'Neither of the two can begin a conversation with the other, write into a common one, or answer the other''s posts.';
create index if not exists blocks_blocked_id_idx on social.blocks (blocked_id);

create or replace trigger social_profiles_set_updated_at before update on social.profiles
  for each row execute function core.set_updated_at();
create or replace trigger social_profiles_know_writer before insert on social.profiles
  for each row execute function identity.know_writer();
create or replace trigger social_blocks_know_writer before insert on social.blocks
  for each row execute function identity.know_writer();

-- Whether either of two people blocks the other. For the rules below; clients learn it by being refused.
create or replace function social.is_blocked(one uuid, other uuid) returns boolean
  language sql stable set search_path = '' as $$
  select exists (select 1 from social.blocks b
    where (b.blocker_id = one and b.blocked_id = other) or (b.blocker_id = other and b.blocked_id = one))
$$;

alter table social.profiles enable row level security;
alter table social.blocks enable row level security;
revoke all on social.profiles, social.blocks from public, anon, authenticated;
grant select, insert, update, delete on social.profiles, social.blocks to service_role;
grant select on social.profiles to anon, authenticated;
grant insert (user_id, handle, display_name, avatar_url), update (handle, display_name, avatar_url), delete
  on social.profiles to authenticated;
grant select, insert (blocker_id, blocked_id), delete on social.blocks to authenticated;
revoke execute on function social.is_blocked(uuid, uuid) from public, anon, authenticated;

drop policy if exists profiles_public_read on social.profiles;
create policy profiles_public_read on social.profiles for select to anon, authenticated using (true);
drop policy if exists profiles_insert_own on social.profiles;
create policy profiles_insert_own on social.profiles for insert to authenticated with check (user_id = (select identity.uid()));
drop policy if exists profiles_update_own on social.profiles;
create policy profiles_update_own on social.profiles for update to authenticated
  using (user_id = (select identity.uid())) with check (user_id = (select identity.uid()));
drop policy if exists profiles_delete_own on social.profiles;
create policy profiles_delete_own on social.profiles for delete to authenticated using (user_id = (select identity.uid()));
drop policy if exists blocks_select_own on social.blocks;
create policy blocks_select_own on social.blocks for select to authenticated using (blocker_id = (select identity.uid()));
drop policy if exists blocks_insert_own on social.blocks;
create policy blocks_insert_own on social.blocks for insert to authenticated with check (blocker_id = (select identity.uid()));
drop policy if exists blocks_delete_own on social.blocks;
create policy blocks_delete_own on social.blocks for delete to authenticated using (blocker_id = (select identity.uid()));
