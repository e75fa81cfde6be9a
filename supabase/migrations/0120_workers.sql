-- Runs that any number of workers carry out together: who works, on what, in which order, at which shared pace and on what timetable.

alter table pipeline.runs add column if not exists mode text not null default 'process';
alter table pipeline.runs add column if not exists priority integer not null default 0;
alter table pipeline.runs add column if not exists planned_at timestamptz;
alter table pipeline.runs add column if not exists shows_total integer not null default 0;
alter table pipeline.runs add column if not exists warnings text[] not null default '{}';
alter table pipeline.runs add column if not exists after_run_id uuid;
alter table pipeline.runs add column if not exists schedule text;
comment on column pipeline.runs.mode is 'process: carried out by the process that began it; workers: by whichever workers there are';
comment on column pipeline.runs.priority is 'Higher goes first; among equals the older run';
comment on column pipeline.runs.planned_at is 'When all its shows were in the queue; until then another worker may plan it again';
comment on column pipeline.runs.after_run_id is 'Not begun before that run has ended';
comment on column pipeline.runs.schedule is 'The timetable entry that asked for it';

alter table pipeline.runs drop constraint if exists runs_mode_check;
alter table pipeline.runs add constraint runs_mode_check check (mode in ('process', 'workers'));
alter table pipeline.runs drop constraint if exists runs_shows_total_check;
alter table pipeline.runs add constraint runs_shows_total_check check (shows_total >= 0);
alter table pipeline.runs drop constraint if exists runs_after_run_id_fkey;
alter table pipeline.runs add constraint runs_after_run_id_fkey
  foreign key (after_run_id) references pipeline.runs (id) on delete set null;
create index if not exists runs_after_run_id_idx on pipeline.runs (after_run_id) where after_run_id is not null;
create index if not exists runs_waiting_idx on pipeline.runs (priority desc, created_at, id)
  where mode = 'workers' and status in ('queued', 'running');

-- One row per show (or candidate of an import) that a run is through with, written in the transaction of its last unit.
create table if not exists pipeline.run_shows (
  run_id      uuid not null,
  subject     text not null,
  show_id     uuid,
  outcome     text not null,
  finished_at timestamptz not null default clock_timestamp(),
  constraint run_shows_pkey primary key (run_id, subject),
  constraint run_shows_run_id_fkey foreign key (run_id) references pipeline.runs (id) on delete cascade,
  constraint run_shows_show_id_fkey foreign key (show_id) references core.shows (id) on delete set null,
  constraint run_shows_outcome_check check (outcome in ('done', 'unchanged', 'abandoned'))
);
comment on column pipeline.run_shows.outcome is
  'done: its units ran, or none was due any more; unchanged: the source confirmed what is stored; abandoned: every worker that took it was lost';
create index if not exists run_shows_show_id_idx on pipeline.run_shows (show_id);

-- Who works. A row lives as long as its worker; one without a heartbeat for 30 s is of a worker that is gone.
create table if not exists pipeline.workers (
  id           uuid not null,
  host         text not null,
  pid          integer not null,
  code_version text not null,
  stages       text[] not null,
  concurrency  integer not null,
  run_id       uuid,
  started_at   timestamptz not null default clock_timestamp(),
  heartbeat_at timestamptz not null default clock_timestamp(),
  constraint workers_pkey primary key (id),
  constraint workers_run_id_fkey foreign key (run_id) references pipeline.runs (id) on delete set null,
  constraint workers_concurrency_check check (concurrency > 0)
);
create index if not exists workers_run_id_idx on pipeline.workers (run_id);

-- When the next request to a host may leave, over all processes. Lost in a crash of the server, which is as good as a pause.
create unlogged table if not exists pipeline.request_pace (
  host    text not null,
  next_at timestamptz not null,
  constraint request_pace_pkey primary key (host)
);

-- The timetable, as the workers last saw it, and up to which moment it has been served.
create table if not exists pipeline.schedules (
  name       text not null,
  cron       text not null,
  served_to  timestamptz not null,
  updated_at timestamptz not null default now(),
  constraint schedules_pkey primary key (name)
);
comment on column pipeline.schedules.served_to is 'The last moment of the timetable for which runs were made, or when the entry was first seen';

create or replace trigger pipeline_schedules_set_updated_at before update on pipeline.schedules
  for each row execute function core.set_updated_at();

-- Failures by what they have in common, and the last success of a stage for a show.
create index if not exists run_units_troubled_idx on pipeline.run_units (finished_at desc, run_id, stage, subject)
  where status in ('failed', 'partial', 'skipped');

-- The service role's alone; an operator's reader may look.
do $$
declare
  target text;
begin
  foreach target in array array['run_shows', 'workers', 'request_pace', 'schedules'] loop
    execute format('alter table pipeline.%I enable row level security', target);
    execute format('revoke all on pipeline.%I from public, anon, authenticated', target);
    execute format('grant select, insert, update, delete on pipeline.%I to service_role', target);
    execute format('grant select on pipeline.%I to trr_reader', target);
    execute format('drop policy if exists trr_reader_read on pipeline.%I', target);
    execute format('create policy trr_reader_read on pipeline.%I for select to trr_reader using (true)', target);
  end loop;
end
$$;

insert into core.merge_rules (parent, relation, column_name, rule, position)
values ('core.shows', 'pipeline.run_shows', 'show_id', 'move', 33)
on conflict do nothing;
