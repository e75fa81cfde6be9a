import type pg from 'pg';
import { withOwner } from '../platform/db/owner.ts';

type Rows = { rows: Record<string, unknown>[] };

/**
 * A run's own connection with the owner's rights: it drives the queue and holds leases. A lease is a session lock, so it ends
 * with the process that holds it, however that ends, and nobody has to wait for an expiry.
 */
export class OwnerLink {
  readonly #client: pg.Client;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  /**
   * Opens the connection for as long as `work` runs.
   * @throws DatabaseUnavailable
   */
  static async with<T>(ownerUrl: string, work: (link: OwnerLink) => Promise<T>): Promise<T> {
    return withOwner(ownerUrl, (client) => work(new OwnerLink(client)), { applicationName: 'trr run' });
  }

  /** One statement at a time, in the order of the calls. A text of several statements answers with its last rows. */
  async query(text: string, values?: readonly unknown[]): Promise<Rows> {
    const next = this.#last.then(() => this.#client.query<Record<string, unknown>>(text, values && [...values]));
    this.#last = next.catch(() => undefined);
    const answered = await next.catch(async (error: unknown) => {
      // A text with its own BEGIN that failed would leave the connection inside a broken transaction.
      await this.#client.query('rollback').catch(() => undefined);
      throw error;
    });
    const all: Rows[] = Array.isArray(answered) ? answered : [answered];
    return all.findLast((result) => result.rows.length > 0) ?? { rows: [] };
  }

  /** Takes the lease on a show for this process; false when another process has it. */
  async lease(showId: string): Promise<boolean> {
    const { rows } = await this.query('select pg_try_advisory_lock(hashtextextended($1, 0)) as taken', [
      `lease:${showId}`,
    ]);
    return rows[0]?.taken === true;
  }

  async release(showId: string): Promise<void> {
    await this.query('select pg_advisory_unlock(hashtextextended($1, 0))', [`lease:${showId}`]);
  }
}
