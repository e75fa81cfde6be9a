-- Events of a run are numbered together, a moment after they were written. A number taken in the unit's own transaction kept the run's row
-- locked until its commit was on disk, so that all workers of a run together did no more units than one disk does commits.

-- Events without a number yet, in the order in which they were written. Rows are added with what they speak of, and taken by number_events.
create table if not exists pipeline.pending_events (
  run_id  uuid not null,
  id      bigint generated always as identity,
  at      timestamptz not null default clock_timestamp(),
  kind    text not null,
  payload jsonb not null default '{}',
  constraint pending_events_pkey primary key (run_id, id),
  constraint pending_events_run_id_fkey foreign key (run_id) references pipeline.runs (id) on delete cascade
);
comment on table pipeline.pending_events is 'Events of runs that have no number yet; pipeline.number_events moves them to run_events';
alter table pipeline.pending_events enable row level security;
revoke all on pipeline.pending_events from public, anon, authenticated;
grant select, insert, delete on pipeline.pending_events to service_role;
revoke update on pipeline.pending_events from service_role;
grant select on pipeline.pending_events to trr_reader;
drop policy if exists trr_reader_read on pipeline.pending_events;
create policy trr_reader_read on pipeline.pending_events for select to trr_reader using (true);

-- Gives numbers to all events of the run that are committed and have none. Returns the run's highest number; null when there is no such run.
-- Locks the run's row until commit, so that numbers have no gaps and become visible in their order.
create or replace function pipeline.number_events(run uuid) returns bigint
  language plpgsql set search_path = '' as $$
declare
  highest bigint;
  added bigint;
begin
  select r.event_count into highest from pipeline.runs r where r.id = run for no key update;
  if not found then return null; end if;
  with taken as (
    delete from pipeline.pending_events p where p.run_id = run returning p.id, p.at, p.kind, p.payload
  ), numbered as (
    insert into pipeline.run_events (run_id, seq, at, kind, payload)
    select run, highest + row_number() over (order by t.id), t.at, t.kind, t.payload from taken t
    returning 1
  )
  select count(*) into added from numbered;
  if added > 0 then update pipeline.runs r set event_count = highest + added where r.id = run; end if;
  return highest + added;
end
$$;

-- Appends an event with its number, after all that were written before it. Locks the run's row until commit: make it the last statement of
-- a transaction.
create or replace function pipeline.append_event(run uuid, kind text, payload jsonb default '{}') returns bigint
  language plpgsql set search_path = '' as $$
declare
  highest constant bigint := pipeline.number_events(run);
begin
  if highest is null then return null; end if;
  insert into pipeline.run_events (run_id, seq, kind, payload) values (run, highest + 1, append_event.kind, append_event.payload);
  update pipeline.runs r set event_count = highest + 1 where r.id = run;
  return highest + 1;
end
$$;
revoke execute on all functions in schema pipeline from public, anon, authenticated;
