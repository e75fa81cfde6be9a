import { statement } from '../platform/db/statement.ts';

/** Runs whose stages this worker has (`$1`; `lists` stands for imports), not waiting for another run. */
const MINE = (stages: string) => `
  r.mode = 'workers' and r.status in ('queued', 'running')
  and r.params -> 'stages' <@ to_jsonb(${stages}::text[])
  and (r.command <> 'import' or 'lists' = any(${stages}::text[]))
  and not exists (select from pipeline.runs a where a.id = r.after_run_id and a.finished_at is null)`;

/** Most urgent first. */
export const OPEN_FOR_WORKERS = statement(
  'pipeline.worker.open_runs',
  `select r.id, r.command, r.params, r.priority, r.status, r.planned_at, r.cancel_requested_at
   from pipeline.runs r where ${MINE('$1')}
   order by r.priority desc, r.created_at, r.id limit 50`,
  {
    id: 'uuid',
    command: 'text',
    params: 'jsonb',
    priority: 'int4',
    status: 'text',
    planned_at: 'timestamptz?',
    cancel_requested_at: 'timestamptz?',
  },
);

/** Whether a run of a higher priority has something to do now. Read by the owner, whose queue it looks into. */
export const MORE_URGENT = `
select 1 from pipeline.runs r
where ${MINE('$2')} and r.priority > $1 and r.cancel_requested_at is null
  and (r.planned_at is null or exists (
    select from pgboss.job j where j.name = 'run-' || r.id and j.state in ('created', 'retry') and j.start_after <= clock_timestamp()))
limit 1`;

export const REGISTER_WORKER = statement(
  'pipeline.worker.register',
  `insert into pipeline.workers (id, host, pid, code_version, stages, concurrency, run_id)
   values ($1, $2, $3, $4, $5::text[], $6, $7)
   on conflict (id) do update set run_id = excluded.run_id, heartbeat_at = clock_timestamp()
   returning 1 as done`,
  { done: 'int4' },
);

/** With it go those that fell silent a day ago. */
export const REMOVE_WORKER = statement(
  'pipeline.worker.remove',
  `delete from pipeline.workers where id = $1 or heartbeat_at < clock_timestamp() - interval '1 day' returning 1 as done`,
  { done: 'int4' },
);

/** Workers that live and have these stages. */
export const LIVE_WORKERS = statement(
  'pipeline.worker.live',
  `select id, host, pid, code_version, stages, concurrency, run_id, started_at, heartbeat_at
   from pipeline.workers where heartbeat_at > clock_timestamp() - interval '30 seconds' and stages @> $1::text[]
   order by started_at, id`,
  {
    id: 'uuid',
    host: 'text',
    pid: 'int4',
    code_version: 'text',
    stages: '_text',
    concurrency: 'int4',
    run_id: 'uuid?',
    started_at: 'timestamptz',
    heartbeat_at: 'timestamptz',
  },
);
