import { type JobAttempt, PgBoss } from 'pg-boss';
import type { Scope } from '../platform/db/types.ts';
import type { OwnerLink } from './link.ts';

/** The queue's own schema; created and owned by the database's owner, never a schema of the hosted platform. */
const SCHEMA = 'pgboss';
/** A job whose worker has not been heard of for this long may be taken over. */
const HEARTBEAT_SECONDS = 60;
const INSERT_BATCH = 500;

/** A job in hand: its data, and the attempt that fences its completion. */
export interface TakenJob<T> {
  readonly data: T;
  readonly attempt: JobAttempt;
}

/**
 * The durable queue of one run, on pg-boss. Every run has a queue of its own, so two runs never take each other's jobs with
 * options (snapshots, stages) that only the asking process has. Jobs are taken in the order they were added.
 */
export class RunQueue<T extends object> {
  readonly #boss: PgBoss;
  readonly #name: string;

  private constructor(boss: PgBoss, name: string) {
    this.#boss = boss;
    this.#name = name;
  }

  /**
   * @param runId the queue is `run-<runId>`
   */
  static async open<T extends object>(link: OwnerLink, runId: string): Promise<RunQueue<T>> {
    const boss = await startBoss(link);
    const name = `run-${runId}`;
    await boss.createQueue(name, { heartbeatSeconds: HEARTBEAT_SECONDS, retryLimit: 1, retryBackoff: true });
    return new RunQueue<T>(boss, name);
  }

  /** Adds jobs; one whose id is there already is left alone. */
  async add(jobs: readonly { readonly id: string; readonly data: T }[]): Promise<void> {
    for (let at = 0; at < jobs.length; at += INSERT_BATCH) {
      await this.#boss.insert(this.#name, jobs.slice(at, at + INSERT_BATCH) as { id: string; data: T }[]);
    }
  }

  /** Up to `count` jobs, at once; empty when none is waiting. */
  async take(count: number): Promise<TakenJob<T>[]> {
    const jobs = await this.#boss.fetch<T>(this.#name, { batchSize: count });
    return jobs.map((job) => ({ data: job.data, attempt: { id: job.id, retryCount: job.retryCount } }));
  }

  /** Marks a job done inside the caller's transaction: the work and its completion become visible together or not at all. */
  async complete(tx: Scope, job: TakenJob<T>): Promise<void> {
    await this.#boss.complete(this.#name, job.attempt, null, { db: scopeAdapter(tx) });
  }

  /** Says that the jobs are still being worked on. */
  async touch(jobs: readonly TakenJob<T>[]): Promise<void> {
    if (jobs.length > 0)
      await this.#boss.touch(
        this.#name,
        jobs.map((job) => job.attempt),
      );
  }

  /** Removes the queue with whatever is left in it. */
  async drop(): Promise<void> {
    await this.#boss.deleteQueue(this.#name);
  }

  async close(): Promise<void> {
    await this.#boss.stop({ graceful: false, close: false });
  }
}

/** Removes the queues of runs whose process is gone. */
export async function dropQueues(link: OwnerLink, runIds: readonly string[]): Promise<void> {
  if (runIds.length === 0) return;
  const boss = await startBoss(link);
  try {
    for (const queue of await boss.getQueues(runIds.map((id) => `run-${id}`))) await boss.deleteQueue(queue.name);
  } finally {
    await boss.stop({ graceful: false, close: false });
  }
}

async function startBoss(link: OwnerLink): Promise<PgBoss> {
  const boss = new PgBoss({
    schema: SCHEMA,
    db: { executeSql: (text, values) => link.query(text, values) },
    supervise: false,
    schedule: false,
    registerInstance: false,
    monitorVacuum: false,
    openTelemetry: { enabled: false },
  });
  // Errors of background work; those of our own calls reach their callers.
  boss.on('error', () => undefined);
  // Two processes that install the schema at the same moment would fail each other.
  await link.query('select pg_advisory_lock(hashtextextended($1, 0))', [INSTALL_LOCK]);
  try {
    await boss.start();
    await link.query(GRANTS);
  } catch (error) {
    await boss.stop({ graceful: false, close: false });
    throw error;
  } finally {
    await link.query('select pg_advisory_unlock(hashtextextended($1, 0))', [INSTALL_LOCK]);
  }
  return boss;
}

const INSTALL_LOCK = 'queue install';

/** Completion runs inside our own transactions, which run as the service role. */
const GRANTS = `
do $$ begin
  if not has_schema_privilege('service_role', '${SCHEMA}', 'usage') then
    grant usage on schema ${SCHEMA} to service_role;
    grant select, insert, update, delete on all tables in schema ${SCHEMA} to service_role;
    grant execute on all functions in schema ${SCHEMA} to service_role;
    alter default privileges in schema ${SCHEMA} grant select, insert, update, delete on tables to service_role;
  end if;
end $$`;

type ExecuteSql = (text: string, values?: unknown[]) => Promise<{ rows: Record<string, unknown>[] }>;

function scopeAdapter(tx: Scope): { executeSql: ExecuteSql } {
  return { executeSql: async (text, values) => ({ rows: await tx.raw(text, values) }) };
}
