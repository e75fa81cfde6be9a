import type pg from 'pg';
import { withOwner } from '../platform/db/owner.ts';
import { recurringNames } from '../platform/db/recurring.ts';

type Rows = { rows: Record<string, unknown>[] };

/**
 * How the server notices that this machine is gone without saying so (power, network): after 10 s of silence it asks every 3 s and gives
 * up after the third time. Leases end with the connection, so this bounds how long a lost worker keeps its shows.
 */
const KEEPALIVE = 'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 3; set tcp_keepalives_count = 3';

/**
 * What is written here need not be on disk at once: the pace of requests, who took which job. A server that breaks down forgets the last
 * moment of it, and then jobs are free again; what is durable (units, completed jobs) is written elsewhere, after it, and keeps it.
 */
const RELAXED = 'set synchronous_commit = off';

/** One for the process: the queue's statements come again for every job. */
const nameOf = recurringNames();

/**
 * A process' own connection with the owner's rights: it drives the queue, keeps the shared pace and holds leases. A lease is a session
 * lock, so it ends with the process that holds it, however that ends, and nobody has to wait for an expiry.
 */
export class OwnerLink {
  /** Aborted when the connection is gone, and every lease with it. */
  readonly lost: AbortSignal;
  readonly #client: pg.Client;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(client: pg.Client) {
    this.#client = client;
    const gone = new AbortController();
    this.lost = gone.signal;
    client.once('error', () => gone.abort());
    client.once('end', () => gone.abort());
  }

  /**
   * Opens the connection for as long as `work` runs.
   * @throws DatabaseUnavailable
   */
  static async with<T>(ownerUrl: string, work: (link: OwnerLink) => Promise<T>): Promise<T> {
    return withOwner(
      ownerUrl,
      async (client) => {
        await client.query(`${KEEPALIVE}; ${RELAXED}`);
        return work(new OwnerLink(client));
      },
      { applicationName: 'trr run' },
    );
  }

  /** One statement at a time, in the order of the calls. A text of several statements answers with its last rows. */
  async query(text: string, values?: readonly unknown[]): Promise<Rows> {
    const name = values === undefined ? undefined : nameOf(text);
    const config = {
      ...(name === undefined ? {} : { name }),
      text,
      ...(values === undefined ? {} : { values: [...values] }),
    };
    const next = this.#last.then(() => this.#client.query<Record<string, unknown>>(config));
    this.#last = next.catch(() => undefined);
    const answered = await next.catch(async (error: unknown) => {
      // A text with its own BEGIN that failed would leave the connection inside a broken transaction.
      await this.#client.query('rollback').catch(() => undefined);
      throw error;
    });
    const all: Rows[] = Array.isArray(answered) ? answered : [answered];
    return all.findLast((result) => result.rows.length > 0) ?? { rows: [] };
  }

  /** Takes a lease for this process; false when another process has it. `name`: `show:<id>`, `plan:<run id>`. */
  async lease(name: string): Promise<boolean> {
    const { rows } = await this.query('select pg_try_advisory_lock(hashtextextended($1, 0)) as taken', [
      `lease:${name}`,
    ]);
    return rows[0]?.taken === true;
  }

  /** Gives it back; a lost connection has done so already. */
  async release(name: string): Promise<void> {
    if (this.lost.aborted) return;
    await this.query('select pg_advisory_unlock(hashtextextended($1, 0))', [`lease:${name}`]);
  }
}
