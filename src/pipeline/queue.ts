import { randomUUID } from 'node:crypto';
import { type JobAttempt, PgBoss } from 'pg-boss';
import type { Scope } from '../platform/db/types.ts';
import type { OwnerLink } from './link.ts';

/** The queue's own schema; created and owned by the database's owner, never a schema of the hosted platform. */
const SCHEMA = 'pgboss';
/** A job whose worker has not been heard of for this long is taken over. Workers say something every 5 s. */
export const SILENCE_SECONDS = 15;
/** So many workers may be lost over one job; then it is left, or it would end them all. */
const MAX_TAKEOVERS = 8;
const INSERT_BATCH = 500;

/** A job in hand: its data, and the attempt that fences its completion. */
export interface TakenJob<T> {
  readonly data: T;
  readonly attempt: JobAttempt;
  readonly priority: number;
}

/** A job was taken over by another worker while this one held it: whatever it was about to write must not be written. */
export class JobTakenOver extends Error {
  override readonly name = 'JobTakenOver';
}

/** What is left in a run's queue. */
export interface QueueState {
  /** To be taken now. */
  readonly ready: number;
  /** Put back until later. */
  readonly later: number;
  /** In some worker's hands. */
  readonly active: number;
  /** Given up after too many lost workers. */
  readonly failed: number;
}

/** The queues of a process, on one pg-boss over one connection. */
export class JobQueues {
  readonly #boss: PgBoss;
  readonly #link: OwnerLink;

  private constructor(boss: PgBoss, link: OwnerLink) {
    this.#boss = boss;
    this.#link = link;
  }

  static async open(link: OwnerLink): Promise<JobQueues> {
    return new JobQueues(await startBoss(link), link);
  }

  /** The queue of a run; made when it is not there. */
  async of<T extends object>(runId: string): Promise<RunQueue<T>> {
    const name = queueName(runId);
    await this.#boss.createQueue(name, { heartbeatSeconds: SILENCE_SECONDS, retryLimit: MAX_TAKEOVERS, retryDelay: 0 });
    return new RunQueue<T>(this.#boss, this.#link, name);
  }

  /** Removes the queues of runs that are over or whose process is gone, with whatever is left in them. */
  async drop(runIds: readonly string[]): Promise<void> {
    if (runIds.length === 0) return;
    for (const { name } of await this.#boss.getQueues(runIds.map(queueName))) await this.#boss.deleteQueue(name);
  }

  async close(): Promise<void> {
    await this.#boss.stop({ graceful: false, close: false });
  }
}

function queueName(runId: string): string {
  return `run-${runId}`;
}

/**
 * The durable queue of one run, on pg-boss. Every run has a queue of its own, so two runs never take each other's jobs with
 * options (snapshots, stages) that only the asking process has. Jobs are taken by priority, then in the order they were added.
 */
export class RunQueue<T extends object> {
  readonly #boss: PgBoss;
  readonly #link: OwnerLink;
  readonly #name: string;

  constructor(boss: PgBoss, link: OwnerLink, name: string) {
    this.#boss = boss;
    this.#link = link;
    this.#name = name;
  }

  /** Adds jobs; one whose id is there already is left alone. */
  async add(jobs: readonly NewJob<T>[]): Promise<void> {
    for (let at = 0; at < jobs.length; at += INSERT_BATCH) {
      await this.#boss.insert(this.#name, jobs.slice(at, at + INSERT_BATCH) as { id: string; data: T }[]);
    }
  }

  /** Up to `count` jobs, at once; empty when none is waiting. */
  async take(count: number): Promise<TakenJob<T>[]> {
    const jobs = await this.#boss.fetch<T>(this.#name, { batchSize: count, includeMetadata: true });
    return jobs.map((job) => ({
      data: job.data,
      priority: job.priority,
      attempt: { id: job.id, retryCount: job.retryCount },
    }));
  }

  /**
   * Marks a job done inside the caller's transaction: the work and its completion become visible together or not at all.
   * @throws JobTakenOver
   */
  async complete(tx: Scope, job: TakenJob<T>): Promise<void> {
    const answer = await this.#boss.complete(this.#name, job.attempt, null, { db: scopeAdapter(tx) });
    if ((answer as { affected?: number }).affected === 0) {
      throw new JobTakenOver(`job ${job.attempt.id} was taken over by another worker`);
    }
  }

  /** Puts a job back, with new data, to be taken after `seconds`. As `complete`, and it does not count as a lost worker. */
  async putBack(tx: Scope, job: TakenJob<T>, data: T, seconds: number): Promise<void> {
    await this.complete(tx, job);
    const again = { id: randomUUID(), data, priority: job.priority, startAfter: seconds };
    await this.#boss.insert(this.#name, [again], { db: scopeAdapter(tx) });
  }

  /** Says that the jobs are still being worked on. */
  async touch(jobs: readonly TakenJob<T>[]): Promise<void> {
    if (jobs.length > 0)
      await this.#boss.touch(
        this.#name,
        jobs.map((job) => job.attempt),
      );
  }

  /** Gives up a job that broke the code working on it: another attempt, or the dead ones when there were too many. */
  async fail(job: TakenJob<T>, message: string): Promise<void> {
    await this.#boss.fail(this.#name, job.attempt, { message });
  }

  /** Frees the jobs of workers that have fallen silent. Answers how many. */
  async takeBack(): Promise<number> {
    const { rows } = await this.#link.query(
      `select id, retry_count from ${SCHEMA}.job
       where name = $1 and state = 'active' and heartbeat_on < clock_timestamp() - make_interval(secs => $2)`,
      [this.#name, SILENCE_SECONDS],
    );
    const silent = rows.map((row) => ({ id: String(row.id), retryCount: Number(row.retry_count) }));
    if (silent.length > 0) await this.#boss.fail(this.#name, silent, { message: 'its worker fell silent' });
    return silent.length;
  }

  async state(): Promise<QueueState> {
    const { rows } = await this.#link.query(
      `select count(*) filter (where state in ('created', 'retry') and start_after <= clock_timestamp())::int4 as ready,
         count(*) filter (where state in ('created', 'retry') and start_after > clock_timestamp())::int4 as later,
         count(*) filter (where state = 'active')::int4 as active,
         count(*) filter (where state = 'failed')::int4 as failed
       from ${SCHEMA}.job where name = $1`,
      [this.#name],
    );
    const { ready = 0, later = 0, active = 0, failed = 0 } = rows[0] as Partial<Record<keyof QueueState, number>>;
    return { ready, later, active, failed };
  }

  /** All shows of the run: those it is through with and those that are still here. One look, so that none is counted twice. */
  async shows(runId: string): Promise<number> {
    const { rows } = await this.#link.query(
      `select (select count(*) from pipeline.run_shows where run_id = $2)::int4
         + (select count(*) from ${SCHEMA}.job where name = $1 and state in ('created', 'retry', 'active', 'failed'))::int4 as n`,
      [this.#name, runId],
    );
    return Number(rows[0]?.n ?? 0);
  }

  /** Data of the jobs that were given up. */
  async dead(): Promise<T[]> {
    const { rows } = await this.#link.query(
      `select data from ${SCHEMA}.job where name = $1 and state = 'failed' order by created_on, id`,
      [this.#name],
    );
    return rows.map((row) => row.data as T);
  }

  /** Removes what nobody has taken yet. */
  async clear(): Promise<void> {
    await this.#boss.deleteQueuedJobs(this.#name);
  }
}

export interface NewJob<T> {
  readonly id: string;
  readonly data: T;
  readonly priority?: number;
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
  return {
    executeSql: async (text, values) => ({
      rows: values === undefined ? await tx.raw(text) : await tx.recurring(text, values),
    }),
  };
}
