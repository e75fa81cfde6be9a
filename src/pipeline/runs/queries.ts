import { statement } from '../../platform/db/statement.ts';

/** A run of this process, running at once. */
export const INSERT_RUN = statement(
  'pipeline.runs.insert',
  `with run as (
     insert into pipeline.runs (id, who, command, params, code_version, status, owner_host, owner_pid, owner_boot,
       heartbeat_at, started_at)
     values ($1, $2, $3, $4::jsonb, $5, 'running', $6, $7, $8, clock_timestamp(), clock_timestamp())
     returning id
   )
   select id from run`,
  { id: 'uuid' },
);

/** A run for the workers. */
export const QUEUE_RUN = statement(
  'pipeline.runs.queue',
  `insert into pipeline.runs (id, who, command, params, code_version, mode, priority, after_run_id, schedule)
   values ($1, $2, $3, $4::jsonb, $5, 'workers', $6, $7, $8)
   returning id`,
  { id: 'uuid' },
);

/** The first worker to touch a run begins it. */
export const START_RUN = statement(
  'pipeline.runs.start',
  `update pipeline.runs set status = 'running', started_at = coalesce(started_at, clock_timestamp()), heartbeat_at = clock_timestamp()
   where id = $1 and status = 'queued' and cancel_requested_at is null returning id`,
  { id: 'uuid' },
);

/** All its shows are in the queue. */
export const PLANNED = statement(
  'pipeline.runs.planned',
  `update pipeline.runs set planned_at = clock_timestamp(), shows_total = $2, warnings = $3::text[]
   where id = $1 and status = 'running' returning id`,
  { id: 'uuid' },
);

export const HEARTBEAT = statement(
  'pipeline.runs.heartbeat',
  `update pipeline.runs set heartbeat_at = clock_timestamp() where id = $1 and status = 'running'
   returning cancel_requested_at`,
  { cancel_requested_at: 'timestamptz?' },
);

/** Requests of one process since it last said so, on top of what is counted already. */
export const ADD_REQUESTS = statement(
  'pipeline.runs.add_requests',
  `update pipeline.runs r set requests = (
     select jsonb_object_agg(host, n) from (
       select host, sum(n::int8) as n from (
         select * from jsonb_each_text(r.requests) union all select * from jsonb_each_text($2::jsonb)
       ) both_counts (host, n) group by host
     ) sums)
   where id = $1 returning id`,
  { id: 'uuid' },
);

/** Only one process can end a run; one that was declared interrupted meanwhile stays so. */
export const FINISH_RUN = statement(
  'pipeline.runs.finish',
  `update pipeline.runs set status = $2, counts = $3::jsonb, error = $4,
     finished_at = clock_timestamp(), heartbeat_at = clock_timestamp()
   where id = $1 and status in ('queued', 'running') returning id`,
  { id: 'uuid' },
);

/** With its number; make it the last statement of a transaction: it locks the run's row. */
export const APPEND_EVENT = statement(
  'pipeline.run_events.append',
  `select pipeline.append_event($1, $2, $3::jsonb) as seq`,
  { seq: 'int8?' },
);

/** Events that were written without a number get theirs. */
export const NUMBER_EVENTS = statement('pipeline.run_events.number', 'select pipeline.number_events($1) as highest', {
  highest: 'int8?',
});

/** The same for whatever run has events that have waited for too long. */
export const NUMBER_LEFT_EVENTS = statement(
  'pipeline.run_events.number_left',
  `select pipeline.number_events(left_over.run_id) as highest
   from (select distinct run_id from pipeline.pending_events where at < clock_timestamp() - interval '10 seconds' order by run_id) left_over`,
  { highest: 'int8?' },
);

/** Rows written by a run, by table and kind of change. */
export const COUNT_CHANGES = statement(
  'pipeline.run_units.changes',
  `select t.key as table_name, k.key as kind, sum(k.value::int8)::int8 as n
   from pipeline.run_units u, jsonb_each(u.changes) t, jsonb_each(t.value) k
   where u.run_id = $1 and u.status <> 'failed' and jsonb_typeof(k.value) = 'number'
   group by t.key, k.key order by t.key, k.key`,
  { table_name: 'text', kind: 'text', n: 'int8' },
);

/** What became of a run's shows. */
export const COUNT_SHOWS = statement(
  'pipeline.run_shows.count',
  `with troubled as (
     select coalesce(show_id::text, subject) as show, bool_or(status = 'failed') as failed,
       bool_or(status in ('partial', 'skipped')) as partial
     from pipeline.run_units where run_id = $1 group by 1
   )
   select count(*)::int4 as done, count(*) filter (where s.outcome = 'unchanged')::int4 as unchanged,
     count(*) filter (where s.outcome = 'abandoned' or t.failed)::int4 as failed,
     count(*) filter (where s.outcome <> 'abandoned' and t.partial and not t.failed)::int4 as partial
   from pipeline.run_shows s left join troubled t on t.show = coalesce(s.show_id::text, s.subject)
   where s.run_id = $1`,
  { done: 'int4', unchanged: 'int4', failed: 'int4', partial: 'int4' },
);

/** The beginning of what a person is told at the end. */
export const RUN_TOTALS = statement(
  'pipeline.runs.totals',
  `select status, mode, shows_total, warnings, requests, planned_at, cancel_requested_at from pipeline.runs where id = $1`,
  {
    status: 'text',
    mode: 'text',
    shows_total: 'int4',
    warnings: '_text',
    requests: 'jsonb',
    planned_at: 'timestamptz?',
    cancel_requested_at: 'timestamptz?',
  },
);

/** Adds the show to those the run is through with. */
export const RECORD_SHOW = statement(
  'pipeline.run_shows.record',
  `insert into pipeline.run_shows (run_id, subject, show_id, outcome) values ($1, $2, $3, $4)
   on conflict (run_id, subject) do update set
     show_id = excluded.show_id, outcome = excluded.outcome, finished_at = clock_timestamp()
   returning 1 as done`,
  { done: 'int4' },
);

export const OPEN_RUNS = statement(
  'pipeline.runs.open',
  `select id, owner_host, owner_pid, owner_boot, heartbeat_at < clock_timestamp() - interval '30 seconds' as silent
   from pipeline.runs where status in ('queued', 'running') and mode = 'process'`,
  { id: 'uuid', owner_host: 'text?', owner_pid: 'int4?', owner_boot: 'text?', silent: 'bool?' },
);

export const INTERRUPT_RUNS = statement(
  'pipeline.runs.interrupt',
  `update pipeline.runs set status = 'interrupted', finished_at = clock_timestamp(), error = 'the process that ran it is gone'
   where id = any($1::uuid[]) and status in ('queued', 'running') returning id`,
  { id: 'uuid' },
);

export const LIST_RUNS = statement(
  'pipeline.runs.list',
  `select id, who, command, params, mode, priority, schedule, status, counts, requests, created_at, started_at, finished_at,
     cancel_requested_at, error
   from pipeline.runs
   where ($2::timestamptz is null or (created_at, id) < ($2, $3::uuid)) and ($4::text is null or status = $4)
   order by created_at desc, id desc limit $1`,
  {
    id: 'uuid',
    mode: 'text',
    priority: 'int4',
    schedule: 'text?',
    created_at: 'timestamptz',
    cancel_requested_at: 'timestamptz?',
    who: 'text',
    command: 'text',
    params: 'jsonb',
    status: 'text',
    counts: 'jsonb',
    requests: 'jsonb',
    started_at: 'timestamptz?',
    finished_at: 'timestamptz?',
    error: 'text?',
  },
);

/** `$1` begins the run's id; at most two are returned, so that an ambiguous beginning can be told. */
export const FIND_RUN = statement(
  'pipeline.runs.find',
  `select id, who, command, params, mode, priority, schedule, code_version, status, counts, requests, created_at, started_at,
     planned_at, finished_at, cancel_requested_at, error, event_count, shows_total, warnings
   from pipeline.runs where $1 = '' or starts_with(id::text, $1) order by created_at desc, id desc limit 2`,
  {
    id: 'uuid',
    who: 'text',
    command: 'text',
    params: 'jsonb',
    code_version: 'text?',
    status: 'text',
    counts: 'jsonb',
    requests: 'jsonb',
    started_at: 'timestamptz?',
    finished_at: 'timestamptz?',
    error: 'text?',
    event_count: 'int8',
    mode: 'text',
    priority: 'int4',
    schedule: 'text?',
    created_at: 'timestamptz',
    planned_at: 'timestamptz?',
    cancel_requested_at: 'timestamptz?',
    shows_total: 'int4',
    warnings: '_text',
  },
);

export const COUNT_UNITS = statement(
  'pipeline.run_units.count',
  `select stage, status, count(*)::int4 as units from pipeline.run_units where run_id = $1
   group by stage, status order by min(started_at), stage, status`,
  { stage: 'text', status: 'text', units: 'int4' },
);

/** Units that did not simply succeed, worst first. */
export const TROUBLED_UNITS = statement(
  'pipeline.run_units.troubled',
  `select u.stage, u.subject, s.name as show_name, u.status, u.reason, u.attempt, u.error_kind, u.error_detail,
     u.error_upstream, u.http_status, u.finished_at
   from pipeline.run_units u left join core.shows s on s.id = u.show_id
   where u.run_id = $1 and u.status not in ('succeeded', 'not_applicable')
   order by array_position(array['failed', 'partial', 'skipped', 'pending'], u.status), u.finished_at, u.stage, u.subject
   limit $2`,
  {
    stage: 'text',
    subject: 'text',
    show_name: 'text?',
    status: 'text',
    reason: 'text?',
    attempt: 'int4',
    error_kind: 'text?',
    error_detail: 'text?',
    error_upstream: 'text?',
    http_status: 'int4?',
    finished_at: 'timestamptz?',
  },
);

/** Values: runs. One row each, in their order: how many events it has (0 where there is no such run). */
export const RUN_POSITIONS = statement(
  'pipeline.runs.positions',
  `with here as materialized (select live.epoch() as epoch)
select coalesce(r.event_count, 0)::int8 as "offset", here.epoch, r.id is not null as known
from unnest($1::uuid[]) with ordinality n (id, place) cross join here left join pipeline.runs r on r.id = n.id
order by n.place`,
  { offset: 'int8', epoch: 'text', known: 'bool' },
);

/** Values: run, after which number, how many. */
export const RUN_EVENTS_AFTER = statement(
  'pipeline.runs.eventsAfter',
  `select e.seq::int8 as "offset", to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') as at,
  json_build_object('run_id', e.run_id, 'seq', e.seq, 'kind', e.kind, 'data', e.payload)::text as payload
from pipeline.run_events e where e.run_id = $1::uuid and e.seq > $2::int8 order by e.seq limit $3::int`,
  { offset: 'int8', at: 'text', payload: 'text' },
);

/** A unit that waits for its source, and the event that says so. */
export const POSTPONE_UNIT = statement(
  'pipeline.run_units.postpone',
  `with unit as (
     insert into pipeline.run_units as u (run_id, stage, subject, show_id, status, reason, attempt, error_kind, error_detail,
       error_upstream, http_status, started_at)
     values ($1, $2, $3::uuid::text, $3, 'pending', $4, 1, $5, $6, $7, $8, clock_timestamp())
     on conflict (run_id, stage, subject) do update set status = 'pending', reason = excluded.reason, attempt = u.attempt + 1,
       error_kind = excluded.error_kind, error_detail = excluded.error_detail, error_upstream = excluded.error_upstream,
       http_status = excluded.http_status, finished_at = null
     returning attempt
   )
   insert into pipeline.pending_events (run_id, kind, payload) select $1, 'postponed', $9::jsonb from unit returning 1 as done`,
  { done: 'int4' },
);

/** Opens a run that has ended before it was through. */
export const RESUME_RUN = statement(
  'pipeline.runs.resume',
  `update pipeline.runs set mode = $2, status = $3, owner_host = $4, owner_pid = $5, owner_boot = $6,
     heartbeat_at = case when $3 = 'running' then clock_timestamp() end, started_at = coalesce(started_at, clock_timestamp()),
     finished_at = null, cancel_requested_at = null, planned_at = null, error = null
   where id = $1 and status in ('partial', 'failed', 'cancelled', 'interrupted') returning id`,
  { id: 'uuid' },
);

/** What was not done well in a run waits to be done again, and its shows are not finished any more. */
export const WAIT_AGAIN = statement(
  'pipeline.run_units.wait_again',
  `with units as (
     update pipeline.run_units set status = 'pending', finished_at = null
     where run_id = $1 and status in ('partial', 'failed', 'skipped', 'running', 'cancelled', 'interrupted')
     returning show_id, subject
   ), shows as (
     delete from pipeline.run_shows s where s.run_id = $1
       and (s.outcome = 'abandoned' or coalesce(s.show_id::text, s.subject) in (select coalesce(show_id::text, subject) from units))
     returning 1
   )
   select (select count(*)::int4 from units) as units, (select count(*)::int4 from shows) as shows`,
  { units: 'int4', shows: 'int4' },
);

/** `asked`: this request is the first; `ended`: nobody had begun the run. */
export const REQUEST_CANCEL = statement(
  'pipeline.runs.request_cancel',
  `with before as (
     select id, status, cancel_requested_at from pipeline.runs where id = $1 for update
   ), after as (
     update pipeline.runs r set cancel_requested_at = coalesce(r.cancel_requested_at, clock_timestamp()),
       status = case when r.status = 'queued' then 'cancelled' else r.status end,
       finished_at = case when r.status = 'queued' then clock_timestamp() end
     from before b where r.id = b.id and b.status in ('queued', 'running')
     returning r.status
   )
   select coalesce((select status from after), b.status) as status,
     b.status in ('queued', 'running') and b.cancel_requested_at is null as asked, b.status = 'queued' as ended
   from before b`,
  { status: 'text', asked: 'bool', ended: 'bool' },
);

/** A dead letter. */
export const GIVE_UP = statement(
  'pipeline.run_units.give_up',
  `insert into pipeline.run_units as u (run_id, stage, subject, show_id, status, attempt, error_kind, error_detail, finished_at)
   values ($1, 'job', $2, $3, 'failed', 1, $4, $5, clock_timestamp())
   on conflict (run_id, stage, subject) do update set status = 'failed', attempt = u.attempt + 1, error_kind = excluded.error_kind,
     error_detail = excluded.error_detail, finished_at = excluded.finished_at
   returning attempt`,
  { attempt: 'int4' },
);

export const EVENTS_AFTER = statement(
  'pipeline.run_events.after',
  `select seq, at, kind, payload from pipeline.run_events where run_id = $1 and seq > $2 order by seq limit $3`,
  { seq: 'int8', at: 'timestamptz', kind: 'text', payload: 'jsonb' },
);

export const RUN_END = statement(
  'pipeline.runs.end',
  `select finished_at is not null as finished, event_count from pipeline.runs where id = $1`,
  { finished: 'bool', event_count: 'int8' },
);

/** Units that did not go well, over all runs, the newest first; every filter may be null. `$9`, `$10`: where the page begins. */
export const FAILURES = statement(
  'pipeline.run_units.failures',
  `select u.run_id, r.command, u.stage, u.subject, u.show_id, s.name as show_name, u.status, u.reason, u.attempt,
     u.error_kind, u.error_detail, u.error_upstream, u.http_status, coalesce(u.finished_at, u.updated_at) as at
   from pipeline.run_units u join pipeline.runs r on r.id = u.run_id left join core.shows s on s.id = u.show_id
   where u.status = any($1::text[])
     and ($2::uuid is null or u.run_id = $2)
     and ($3::text is null or u.stage = $3)
     and ($4::uuid is null or u.show_id = $4)
     and ($5::text is null or u.error_upstream = $5)
     and ($6::int4 is null or u.http_status = $6)
     and ($7::int4 is null or u.attempt >= $7)
     and ($8::text is null or u.error_kind = $8)
     and ($9::timestamptz is null
       or (coalesce(u.finished_at, u.updated_at), u.run_id::text || u.stage || u.subject) < ($9, $10::text))
   order by at desc, u.run_id::text || u.stage || u.subject desc
   limit $11`,
  {
    run_id: 'uuid',
    command: 'text',
    stage: 'text',
    subject: 'text',
    show_id: 'uuid?',
    show_name: 'text?',
    status: 'text',
    reason: 'text?',
    attempt: 'int4',
    error_kind: 'text?',
    error_detail: 'text?',
    error_upstream: 'text?',
    http_status: 'int4?',
    at: 'timestamptz',
  },
);

/** What is known of a show's stages: how the last try ended, when the last success was, and in which run each was. */
export const SHOW_STAGES = statement(
  'pipeline.shows.stages',
  `select y.table_name as stage, y.status, y.last_success_at, y.last_attempt_at, y.attempts, y.reason, y.last_error,
     (select u.run_id from pipeline.run_units u where u.show_id = y.show_id and u.stage = y.table_name
       and u.status = 'succeeded' order by u.finished_at desc nulls last limit 1) as success_run_id,
     (select u.run_id from pipeline.run_units u where u.show_id = y.show_id and u.stage = y.table_name
       order by u.finished_at desc nulls last limit 1) as last_run_id
   from core.sync_state y where y.show_id = $1 and ($2::text is null or y.table_name = $2)
   order by y.table_name`,
  {
    stage: 'text',
    status: 'text',
    last_success_at: 'timestamptz?',
    last_attempt_at: 'timestamptz?',
    attempts: 'int4',
    reason: 'text?',
    last_error: 'text?',
    success_run_id: 'uuid?',
    last_run_id: 'uuid?',
  },
);

/** A show by whatever a person knows of it: our id, a slug, an outside id, its exact name. At most two, so that doubt can be told. */
export const FIND_SHOW = statement(
  'pipeline.shows.find',
  `select distinct s.id, s.name from core.shows s
   left join core.show_slugs g on g.show_id = s.id and g.slug = lower($1)
   where s.id::text = lower($1) or s.imdb_id = $1 or s.tmdb_id::text = $1 or g.slug is not null or lower(s.name) = lower($1)
   limit 2`,
  { id: 'uuid', name: 'text' },
);
