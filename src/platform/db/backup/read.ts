import type pg from 'pg';
import { withOwner } from '../owner.ts';
import { BackupRefused, type BackupTable, backupTables, newestMigration } from './tables.ts';

const BATCH = 500;
/** Rows that are there in a database nobody has used yet come from migrations and seeds; they make way. */
const MUST_BE_EMPTY = ['core.shows', 'core.people', 'identity.users', 'surveys.surveys', 'social.threads'];

/**
 * Fills an empty, migrated database with a backup: all of it or nothing. Triggers and foreign keys rest meanwhile, so that rows arrive as
 * they were, whatever their order.
 * @param lines of the backup, without their line ends
 * @returns rows by table
 * @throws BackupRefused, DatabaseUnavailable
 */
export async function readBackup(url: string, lines: AsyncIterable<string>): Promise<Map<string, number>> {
  return withOwner(
    url,
    async (client) => {
      await client.query('begin');
      await client.query('set local session_replication_role = replica').catch(() => {
        throw new BackupRefused(
          'this database user may not put triggers to rest: import as a superuser, or as the owner on the hosted platform',
        );
      });
      const tables = new Map((await backupTables(client)).map((table) => [table.name, table] as const));
      await assertEmpty(client);
      const counts = await readLines(client, lines, tables);
      await settle(client, [...tables.values()]);
      await client.query('commit');
      await client.query('analyze');
      return counts;
    },
    { applicationName: 'trr import', statementTimeoutMs: 0 },
  );
}

async function assertEmpty(client: pg.ClientBase): Promise<void> {
  for (const table of MUST_BE_EMPTY) {
    const { rowCount } = await client.query(`select 1 from ${table} limit 1`);
    if (rowCount !== 0) {
      throw new BackupRefused(`${table} is not empty: a backup is read into a new, migrated database (trr db migrate)`);
    }
  }
}

async function readLines(
  client: pg.ClientBase,
  lines: AsyncIterable<string>,
  tables: ReadonlyMap<string, BackupTable>,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  let number = 0;
  let total = 0;
  let table: { readonly name: string; readonly columns: readonly string[] } | undefined;
  let batch: string[] = [];
  let ended = false;
  const flush = async (): Promise<void> => {
    if (table === undefined || batch.length === 0) return;
    await insertRows(client, table, batch);
    counts.set(table.name, (counts.get(table.name) ?? 0) + batch.length);
    total += batch.length;
    batch = [];
  };
  for await (const line of lines) {
    number += 1;
    if (number === 1) await assertHeader(client, line);
    else if (ended) throw new BackupRefused(`line ${number}: something follows the end`);
    else if (line.startsWith('{"table":')) {
      await flush();
      table = await beginTable(client, line, tables, number);
    } else if (line.startsWith('{"end":')) {
      await flush();
      const said = (JSON.parse(line) as { rows: number }).rows;
      if (said !== total) throw new BackupRefused(`the backup has ${total} rows and says that it has ${said}`);
      ended = true;
    } else {
      batch.push(line);
      if (batch.length >= BATCH) await flush();
    }
  }
  if (!ended) throw new BackupRefused('the backup has no end: the file was cut off');
  return counts;
}

async function assertHeader(client: pg.ClientBase, line: string): Promise<void> {
  const header = parsed(line) as { format?: unknown; version?: unknown; migration?: unknown } | undefined;
  if (header?.format !== 'trr-backup') throw new BackupRefused('this is no backup made by trr export --all');
  if (header.version !== 1) throw new BackupRefused('this backup was made by a newer version of trr');
  const here = await newestMigration(client);
  if (header.migration !== here) {
    throw new BackupRefused(
      `the backup stands at migration ${String(header.migration)}, this database at ${here}: read it with the version that wrote it, then upgrade`,
    );
  }
}

async function beginTable(
  client: pg.ClientBase,
  line: string,
  tables: ReadonlyMap<string, BackupTable>,
  number: number,
): Promise<{ name: string; columns: readonly string[] }> {
  const said = parsed(line) as { table?: unknown; columns?: unknown } | undefined;
  const table = tables.get(String(said?.table));
  const columns = Array.isArray(said?.columns) ? said.columns.map(String) : [];
  const unknown = columns.filter((column) => !table?.columns.includes(column));
  if (table === undefined || unknown.length > 0) {
    throw new BackupRefused(`line ${number}: this database has no ${String(said?.table)} ${unknown.join(', ')}`);
  }
  // What migrations put there is in the backup, too.
  await client.query(`delete from ${table.name}`);
  return { name: table.name, columns };
}

async function insertRows(
  client: pg.ClientBase,
  table: { readonly name: string; readonly columns: readonly string[] },
  rows: readonly string[],
): Promise<void> {
  const columns = table.columns.join(', ');
  await client
    .query(
      `insert into ${table.name} (${columns}) overriding system value
       select ${columns} from json_populate_recordset(null::${table.name}, $1::json)`,
      [`[${rows.join(',')}]`],
    )
    .catch((error: unknown) => {
      throw new BackupRefused(
        `rows of ${table.name} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
}

/** What cannot go on as it was: runs nobody works on, places in another server's history, accounts of another platform, counters. */
async function settle(client: pg.ClientBase, tables: readonly BackupTable[]): Promise<void> {
  await client.query(
    `update pipeline.runs set status = 'interrupted', finished_at = clock_timestamp(), error = 'moved to another database'
     where status in ('queued', 'running')`,
  );
  await client.query('update pipeline.changes set txid = 0');
  await client.query(
    'update identity.users u set supabase_user_id = null where not exists (select from auth.users a where a.id = u.supabase_user_id)',
  );
  const { rows } = await client.query<{ sequence: string; table_name: string; column_name: string }>(
    `select pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname) as sequence,
       format('%I.%I', n.nspname, c.relname) as table_name, quote_ident(a.attname) as column_name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
     where c.relkind = 'r' and format('%I.%I', n.nspname, c.relname) = any($1)
       and pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname) is not null`,
    [tables.map(({ name }) => name)],
  );
  for (const { sequence, table_name: table, column_name: column } of rows) {
    await client.query(`select setval($1, coalesce((select max(${column}) from ${table}), 0) + 1, false)`, [sequence]);
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
