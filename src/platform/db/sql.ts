import type pg from 'pg';
import { hasTransactionCommand } from './migrate/files.ts';
import { MigrationRefused } from './migrate/refused.ts';
import { withOwner } from './owner.ts';

export interface SqlOptions {
  /** Undo everything at the end: shows what a text would do. */
  readonly dryRun?: boolean;
  /** Refuse writes. */
  readonly readOnly?: boolean;
}

/** What one statement of a text answered. */
export interface SqlResult {
  /** `SELECT`, `UPDATE`, ... */
  readonly command: string;
  /** Rows read or changed; null for commands that have none. */
  readonly rowCount: number | null;
  readonly rows: readonly Record<string, unknown>[];
}

/**
 * Runs a text of one or more statements as the owner, in one transaction: the first error stops and undoes all of it. (The
 * predecessor's runner went on after a failing guard, `spec/schema.md` W15.)
 * @throws the driver's DatabaseError of the first failing statement; DatabaseUnavailable; MigrationRefused
 *   when the text holds a transaction command.
 */
export async function runSql(url: string, text: string, options: SqlOptions = {}): Promise<SqlResult[]> {
  if (hasTransactionCommand(text)) {
    throw new MigrationRefused('bad_file', 'the SQL text begins or ends a transaction; leave that out, it runs in one');
  }
  return withOwner(
    url,
    async (client) => {
      await client.query(`${options.readOnly ? 'begin read only' : 'begin'}; savepoint trr_text`);
      // Several statements in one text make the driver answer with a list, which its types do not say.
      const answer: pg.QueryResult | pg.QueryResult[] = await client.query(text);
      // Fails when the text got round the check above and ended the transaction; then what it did stays, and we say so.
      await client.query('release savepoint trr_text').catch((error: unknown) => {
        throw new MigrationRefused('failed', 'the SQL text ended its transaction: what it did is kept', [], error);
      });
      await client.query(options.dryRun ? 'set constraints all immediate; rollback' : 'commit');
      return [answer].flat().map(({ command, rowCount, rows }) => ({ command, rowCount, rows }));
    },
    { applicationName: 'trr sql' },
  );
}
