import { createServer, type Server } from 'node:http';
import { statement } from '../platform/db/statement.ts';
import type { Database } from '../platform/db/types.ts';
import { createWorkMetrics, type WorkMetrics } from '../platform/metrics/work.ts';

const BY_STATUS = statement(
  'worker.metrics.runs',
  `select status as label, count(*)::int4 as n from pipeline.runs
   where status in ('queued', 'running') or finished_at > now() - interval '1 day' group by status`,
  { label: 'text', n: 'int4' },
);
const SHOWS_LEFT = statement(
  'worker.metrics.shows',
  `select r.command as label, sum(greatest(0, r.shows_total - (select count(*) from pipeline.run_shows s where s.run_id = r.id)))::int4 as n
   from pipeline.runs r where r.status = 'running' group by r.command`,
  { label: 'text', n: 'int4' },
);
const WAITING = statement(
  'worker.metrics.pending',
  `select u.stage as label, count(*)::int4 as n from pipeline.run_units u join pipeline.runs r on r.id = u.run_id
   where u.status = 'pending' and r.status = 'running' group by u.stage`,
  { label: 'text', n: 'int4' },
);
const DEAD = statement(
  'worker.metrics.dead',
  `select error_kind as label, count(*)::int4 as n from pipeline.run_units
   where stage = 'job' and status = 'failed' and finished_at > now() - interval '1 day' group by error_kind`,
  { label: 'text?', n: 'int4' },
);
const WORKERS = statement(
  'worker.metrics.workers',
  `select case when run_id is null then 'idle' else 'busy' end as label, count(*)::int4 as n
   from pipeline.workers where heartbeat_at > now() - interval '30 seconds' group by 1`,
  { label: 'text', n: 'int4' },
);
const STALE = statement(
  'worker.metrics.stale',
  `select table_name as label, extract(epoch from now() - min(last_success_at))::int4 as n from core.sync_state y
   join core.shows s on s.id = y.show_id and s.retired_at is null
   where last_success_at is not null group by table_name`,
  { label: 'text', n: 'int4' },
);

const GAUGES = [
  ['trr_runs', 'Open runs, and those that ended within a day, by status', 'status', BY_STATUS],
  ['trr_shows_left', 'Shows that running runs are not through with', 'command', SHOWS_LEFT],
  ['trr_units_waiting', 'Units that wait for a source that asked for patience', 'stage', WAITING],
  ['trr_dead_letters', 'Shows given up within a day', 'kind', DEAD],
  ['trr_workers', 'Workers that live', 'state', WORKERS],
  ['trr_oldest_success_seconds', 'Age of the oldest last success of a stage over all shows', 'stage', STALE],
] as const;

/** Metrics with gauges over the database that is open now; null while it is away. */
export function workerMetrics(database: () => Database | null): WorkMetrics {
  const metrics = createWorkMetrics();
  for (const [name, help, label, query] of GAUGES) {
    metrics.gauge(name, help, label, async () => {
      const rows = (await database()?.asService('worker metrics', (tx) => tx.query(query))) ?? [];
      return Object.fromEntries(rows.map((row) => [row.label ?? 'unknown', row.n]));
    });
  }
  return metrics;
}

/** Serves them to this machine: `http://127.0.0.1:<port>/metrics`. */
export async function serveMetrics(metrics: WorkMetrics, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    metrics.text().then(
      (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server.unref();
}
