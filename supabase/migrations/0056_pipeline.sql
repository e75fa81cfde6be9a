-- The pipeline's own records: runs, their units and events, stored payloads, and what was checked when. Never exposed.
create schema if not exists pipeline;

-- One row per run somebody asked for.
create table if not exists pipeline.runs (
  id                  uuid not null default gen_random_uuid(),
  who                 text not null,
  command             text not null,
  params              jsonb not null default '{}',
  code_version        text,
  status              text not null default 'queued',
  counts              jsonb not null default '{}',
  requests            jsonb not null default '{}',
  owner_host          text,
  owner_pid           integer,
  owner_boot          text,
  heartbeat_at        timestamptz,
  cancel_requested_at timestamptz,
  started_at          timestamptz,
  finished_at         timestamptz,
  error               text,
  event_count         bigint not null default 0,
  created_at          timestamptz not null default now(),
  updated_at          timestamptz not null default now(),
  constraint runs_pkey primary key (id),
  constraint runs_status_check
    check (status in ('queued', 'running', 'succeeded', 'partial', 'failed', 'cancelled', 'interrupted')),
  constraint runs_finished_check
    check ((status in ('queued', 'running')) = (finished_at is null)),
  constraint runs_finished_after_started check (started_at is null or finished_at is null or finished_at >= started_at)
);
comment on column pipeline.runs.requests is 'Requests sent, by upstream';
comment on column pipeline.runs.owner_boot is 'Boot id of the owner''s machine: a process id means nothing across a reboot';
comment on column pipeline.runs.event_count is 'Highest seq in run_events; events are appended by pipeline.append_event';
create index if not exists runs_created_at_idx on pipeline.runs (created_at desc, id desc);
create index if not exists runs_open_idx on pipeline.runs (heartbeat_at) where status in ('queued', 'running');

-- One row per unit of a run: a stage for one show (subject = the show's id) or for something else (a list, say).
create table if not exists pipeline.run_units (
  run_id         uuid not null,
  stage          text not null,
  subject        text not null,
  show_id        uuid,
  status         text not null default 'pending',
  reason         text,
  attempt        integer not null default 0,
  changes        jsonb,
  warnings       text[] not null default '{}',
  error_kind     text,
  error_detail   text,
  error_upstream text,
  http_status    integer,
  started_at     timestamptz,
  finished_at    timestamptz,
  created_at     timestamptz not null default now(),
  updated_at     timestamptz not null default now(),
  constraint run_units_pkey primary key (run_id, stage, subject),
  constraint run_units_run_id_fkey foreign key (run_id) references pipeline.runs (id) on delete cascade,
  constraint run_units_show_id_fkey foreign key (show_id) references core.shows (id) on delete set null,
  constraint run_units_status_check check (status in
    ('pending', 'running', 'succeeded', 'partial', 'failed', 'skipped', 'not_applicable', 'cancelled', 'interrupted')),
  constraint run_units_attempt_check check (attempt >= 0)
);
comment on column pipeline.run_units.changes is 'Rows written, by table and kind of change';
create index if not exists run_units_status_idx on pipeline.run_units (run_id, status);
create index if not exists run_units_show_id_idx on pipeline.run_units (show_id, stage);

-- What happened, numbered without gaps, so that a follower can ask for what comes after a number.
create table if not exists pipeline.run_events (
  run_id  uuid not null,
  seq     bigint not null,
  at      timestamptz not null default clock_timestamp(),
  kind    text not null,
  payload jsonb not null default '{}',
  constraint run_events_pkey primary key (run_id, seq),
  constraint run_events_run_id_fkey foreign key (run_id) references pipeline.runs (id) on delete cascade,
  constraint run_events_seq_check check (seq > 0)
);

-- Appends an event and returns its number. Locks the run's row until commit: make it the last statement of a transaction.
create or replace function pipeline.append_event(run uuid, kind text, payload jsonb default '{}') returns bigint
  language sql set search_path = '' as $$
  with numbered as (
    update pipeline.runs set event_count = event_count + 1 where id = run returning event_count
  )
  insert into pipeline.run_events (run_id, seq, kind, payload)
  select run, event_count, append_event.kind, append_event.payload from numbered
  returning seq
$$;

-- Payloads as they came, one row per distinct content. Rows are added and pruned, never changed.
create table if not exists pipeline.snapshots (
  upstream     text not null,
  id           text not null,
  hash         text not null,
  url          text,
  http_status  integer,
  content_type text,
  payload      jsonb not null,
  fetched_at   timestamptz not null default now(),
  constraint snapshots_pkey primary key (upstream, id, hash),
  constraint snapshots_hash_check check (hash ~ '^[0-9a-f]{64}$')
);
comment on column pipeline.snapshots.id is 'What it is about, in the upstream''s own terms: tv/1399, tv/1399/season/2';
create index if not exists snapshots_fetched_at_idx on pipeline.snapshots (fetched_at);

create or replace function pipeline.refuse_update() returns trigger
  language plpgsql set search_path = '' as $$
begin
  raise exception '% is append-only', tg_table_schema || '.' || tg_table_name using errcode = 'restrict_violation';
end
$$;
create or replace trigger pipeline_snapshots_append_only before update on pipeline.snapshots
  for each row execute function pipeline.refuse_update();
create or replace trigger pipeline_run_events_append_only before update on pipeline.run_events
  for each row execute function pipeline.refuse_update();

-- When a source was last asked about a show, and the validators for asking again. Not part of the catalogue: an
-- unchanged answer changes only this.
create table if not exists pipeline.show_checks (
  show_id       uuid not null,
  source        text not null,
  etag          text,
  last_modified text,
  body_sha256   text,
  checked_at    timestamptz not null default now(),
  constraint show_checks_pkey primary key (show_id, source),
  constraint show_checks_show_id_fkey foreign key (show_id) references core.shows (id) on delete cascade
);
create index if not exists show_checks_checked_at_idx on pipeline.show_checks (source, checked_at);

-- How far a source's feed of changes has been read.
create table if not exists pipeline.feed_cursors (
  source     text not null,
  feed       text not null,
  cursor     text,
  checked_at timestamptz not null default now(),
  constraint feed_cursors_pkey primary key (source, feed)
);

create or replace trigger pipeline_runs_set_updated_at before update on pipeline.runs
  for each row execute function core.set_updated_at();
create or replace trigger pipeline_run_units_set_updated_at before update on pipeline.run_units
  for each row execute function core.set_updated_at();
