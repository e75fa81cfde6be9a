import { statement } from '../../platform/db/statement.ts';

export const INSERT_RUN = statement(
  'pipeline.runs.insert',
  `insert into pipeline.runs (id, who, command, params, code_version, status, owner_host, owner_pid, owner_boot,
     heartbeat_at, started_at)
   values ($1, $2, $3, $4::jsonb, $5, 'running', $6, $7, $8, clock_timestamp(), clock_timestamp())
   returning id`,
  { id: 'uuid' },
);

export const HEARTBEAT = statement(
  'pipeline.runs.heartbeat',
  `update pipeline.runs set heartbeat_at = clock_timestamp() where id = $1 and status = 'running'
   returning cancel_requested_at`,
  { cancel_requested_at: 'timestamptz?' },
);

/** A run that was declared interrupted meanwhile stays so. */
export const FINISH_RUN = statement(
  'pipeline.runs.finish',
  `update pipeline.runs set status = $2, counts = $3::jsonb, requests = $4::jsonb, error = $5,
     finished_at = clock_timestamp(), heartbeat_at = clock_timestamp()
   where id = $1 and status = 'running' returning id`,
  { id: 'uuid' },
);

export const OPEN_RUNS = statement(
  'pipeline.runs.open',
  `select id, owner_host, owner_pid, owner_boot, heartbeat_at < clock_timestamp() - interval '30 seconds' as silent
   from pipeline.runs where status in ('queued', 'running')`,
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
  `select id, who, command, params, status, counts, requests, started_at, finished_at, error
   from pipeline.runs order by created_at desc, id desc limit $1`,
  {
    id: 'uuid',
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
  `select id, who, command, params, code_version, status, counts, requests, started_at, finished_at, error, event_count
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
   order by array_position(array['failed', 'partial', 'skipped'], u.status), u.finished_at, u.stage, u.subject
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
