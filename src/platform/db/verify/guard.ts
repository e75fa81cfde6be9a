import type pg from 'pg';
import { readMigrations } from '../migrate/files.ts';
import { hasOurHistory } from '../migrate/history.ts';
import { MIGRATIONS_FOLDER } from '../migrate/migrate.ts';
import { MigrationRefused } from '../migrate/refused.ts';
import { withOwner } from '../owner.ts';
import type { Check } from './check.ts';

/** Whether a database is one of this program: its main schema, its main table, and the record of our migrations. */
export async function rightDatabase(client: pg.ClientBase): Promise<Check> {
  const { rows } = await client.query<{ database: string; core: boolean; shows: boolean }>(
    "select current_database() as database, to_regnamespace('core') is not null as core, to_regclass('core.shows') is not null as shows",
  );
  const { database = '', core = false, shows = false } = rows[0] ?? {};
  const fail = (text: string): Check => ({ status: 'FAIL', name: 'database', text: `${database}: ${text}` });
  if (!core) return fail('has no schema core: a wrong database, or one to migrate first (trr db migrate)');
  if (!shows) return fail('has a schema core without shows: a wrong database');
  if (!(await hasOurHistory(client, await readMigrations(MIGRATIONS_FOLDER)))) {
    return fail('was never migrated by this program: adopt it first (trr db adopt)');
  }
  return { status: 'PASS', name: 'database', text: `${database} is one of this program` };
}

/** Looks whether a database is one of this program; changes nothing. @throws DatabaseUnavailable */
export function guardDatabase(ownerUrl: string): Promise<Check> {
  return withOwner(ownerUrl, rightDatabase, { applicationName: 'trr db guard', statementTimeoutMs: 10_000 });
}

/**
 * Stops before something dangerous is done to somebody else's database.
 * @throws MigrationRefused `foreign`; DatabaseUnavailable
 */
export async function refuseWrongDatabase(ownerUrl: string): Promise<void> {
  const { status, text } = await guardDatabase(ownerUrl);
  if (status === 'FAIL') throw new MigrationRefused('foreign', `nothing was changed: ${text}`);
}
