import type pg from 'pg';
import { OWNED_SCHEMAS } from '../migrate/schemas.ts';

/** Not part of a backup: the queue, and what speaks of processes and connections that are not there afterwards. */
const LEFT_OUT_SCHEMAS = new Set(['pgboss', 'live']);
const LEFT_OUT_TABLES = new Set(['pipeline.workers', 'pipeline.request_pace', 'pipeline.adopted_migrations']);

export interface BackupTable {
  /** `schema.table`, safe as an identifier in SQL. */
  readonly name: string;
  /** Columns that can be written: all but generated ones. */
  readonly columns: readonly string[];
}

/** The tables of a backup, by name. */
export async function backupTables(client: pg.ClientBase): Promise<BackupTable[]> {
  const { rows } = await client.query<{ name: string; columns: string[] }>(
    `select format('%I.%I', n.nspname, c.relname) as name,
       array_agg(quote_ident(a.attname) order by a.attnum) filter (where a.attgenerated = '') as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relkind = 'r' and n.nspname = any($1)
     group by 1 order by 1`,
    [OWNED_SCHEMAS.filter((schema) => !LEFT_OUT_SCHEMAS.has(schema))],
  );
  return rows.filter(({ name }) => !LEFT_OUT_TABLES.has(name));
}

/** Version of the newest migration. */
export async function newestMigration(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ version: string }>(
    'select max(version) as version from supabase_migrations.schema_migrations',
  );
  return rows[0]?.version ?? '';
}

/** First line of a backup. */
export interface BackupHeader {
  readonly format: 'trr-backup';
  readonly version: 1;
  readonly migration: string;
  readonly at: string;
}

/** Last line: without it the file was cut off. */
export interface BackupEnd {
  readonly end: true;
  readonly rows: number;
}

/** A backup that cannot be read or written; one line for a person. */
export class BackupRefused extends Error {
  override readonly name = 'BackupRefused';
}
