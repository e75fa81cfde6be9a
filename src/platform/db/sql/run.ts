import pg from 'pg';
import { connectionError } from '../errors.ts';
import { withOwner } from '../owner.ts';
import { connectReader } from './reader.ts';

export interface SqlAnswer {
  /** `SELECT`, `UPDATE`, ... */
  readonly command: string;
  /** Rows read or changed; null for commands that have none. */
  readonly rowCount: number | null;
  readonly columns: readonly string[];
  /** Values in the order of `columns`; names may repeat. */
  readonly rows: readonly (readonly unknown[])[];
  /** There were more rows than `maxRows`; the statement was stopped. */
  readonly truncated: boolean;
}

export interface SqlOptions {
  /** Default 10,000. */
  readonly maxRows?: number;
}

export interface WriteOptions extends SqlOptions {
  /** Take everything back at the end. */
  readonly dryRun?: boolean;
}

/**
 * Runs one statement as `trr_reader`, which may only read, for at most 30 s. Several statements in one text are refused by the
 * server (extended protocol).
 * @throws the driver's DatabaseError of the statement; DatabaseUnavailable
 */
export async function readSql(ownerUrl: string, statement: string, options: SqlOptions = {}): Promise<SqlAnswer> {
  const client = await connectReader(ownerUrl);
  try {
    return await runOne(client, statement, options.maxRows ?? 10_000);
  } catch (error) {
    throw connectionError(error, ownerUrl) ?? error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Runs one statement as the owner, in a transaction of its own: it stays or leaves nothing. In a dry run the server itself refuses what could
 * not be taken back (`vacuum`, a procedure that commits).
 * @throws the driver's DatabaseError of the statement; DatabaseUnavailable
 */
export async function writeSql(ownerUrl: string, statement: string, options: WriteOptions = {}): Promise<SqlAnswer> {
  const { dryRun = false, maxRows = 10_000 } = options;
  return withOwner(
    ownerUrl,
    async (client) => {
      if (!dryRun) return runOne(client, statement, maxRows);
      await client.query('begin');
      const answer = await runOne(client, statement, maxRows);
      if (!answer.truncated) {
        // Deferred constraints speak at a commit only.
        await client.query('set constraints all immediate; rollback');
      }
      return answer;
    },
    { applicationName: 'trr db sql --write' },
  );
}

/** What `--confirm` must say before a statement runs as the owner: `host/database`. */
export function confirmationFor(ownerUrl: string): string {
  const url = new URL(ownerUrl);
  const host = url.searchParams.get('host') ?? url.hostname;
  return `${host}${host.endsWith('/') ? '' : '/'}${decodeURIComponent(url.pathname.slice(1))}`;
}

function runOne(client: pg.Client, statement: string, maxRows: number): Promise<SqlAnswer> {
  // A name makes the driver use the extended protocol, which takes one statement only.
  const config: pg.QueryArrayConfig = { text: statement, name: 'trr_sql', rowMode: 'array' };
  const query = new pg.Query<unknown[]>(config);
  const rows: unknown[][] = [];
  return new Promise((resolve, reject) => {
    const answer = (result: pg.ResultBuilder | undefined, truncated: boolean): SqlAnswer => ({
      command: result?.command ?? '',
      rowCount: result?.rowCount ?? null,
      columns: result?.fields.map(({ name }) => name) ?? [],
      rows,
      truncated,
    });
    let cut = false;
    query.on('row', (row, result) => {
      if (rows.length < maxRows) rows.push(row);
      else if (!cut) {
        cut = true;
        resolve(answer(result, true));
        void client.end().catch(() => undefined); // with a statement under way this cuts the connection, which stops it
      }
    });
    query.on('end', (result) => resolve(answer(result, false)));
    query.on('error', reject);
    client.query(query);
  });
}
