-- core.sync_state keeps its memory (W14), gets a primary key (W32) and the states a unit can really end in.

alter table core.sync_state add column if not exists attempts integer not null default 0;
alter table core.sync_state add column if not exists reason text;
alter table core.sync_state add column if not exists last_attempt_at timestamptz;
comment on column core.sync_state.attempts is 'Tries since the last success; 0 after one';
comment on column core.sync_state.reason is 'Why the state is partial or not_applicable, as a code or the names of what is missing';

alter table core.sync_state drop constraint if exists sync_state_attempts_check;
alter table core.sync_state add constraint sync_state_attempts_check check (attempts >= 0);
alter table core.sync_state drop constraint if exists sync_state_status_check;
alter table core.sync_state add constraint sync_state_status_check
  check (status in ('in_progress', 'success', 'failed', 'partial', 'not_applicable'));

do $$
begin
  if not exists (select 1 from pg_catalog.pg_constraint where conrelid = 'core.sync_state'::regclass and contype = 'p') then
    alter table core.sync_state add constraint sync_state_pkey primary key (table_name, show_id);
  end if;
end
$$;
alter table core.sync_state drop constraint if exists sync_state_table_name_show_id_key;

-- Whoever writes a start or a failure cannot erase the last success or its marker, even by sending nulls for them.
create or replace function core.keep_last_success() returns trigger
  language plpgsql set search_path = '' as $$
begin
  if new.status <> 'success' then
    new.last_success_at := coalesce(new.last_success_at, old.last_success_at);
    new.last_seen_most_recent_episode := coalesce(new.last_seen_most_recent_episode, old.last_seen_most_recent_episode);
  end if;
  return new;
end
$$;
create or replace trigger core_sync_state_keep_last_success before update on core.sync_state
  for each row execute function core.keep_last_success();
