import { readFile } from 'node:fs/promises';
import type pg from 'pg';
import { errorCode } from '../errors.ts';
import { withOwner } from '../owner.ts';
import { readMigrations } from './files.ts';
import { hasOurHistory } from './history.ts';
import { MIGRATIONS_FOLDER, migrate, SEED_FILE } from './migrate.ts';
import { MigrationRefused } from './refused.ts';
import { OWNED_SCHEMAS } from './schemas.ts';

export interface ResetOptions {
  readonly url: string;
  readonly folder?: string;
  readonly seedFile?: string;
  /** The database is our embedded one. Any other needs `confirmed`. */
  readonly embedded: boolean;
  /** The person said `--yes`. */
  readonly confirmed: boolean;
  /** Never in production, whatever was said. */
  readonly production: boolean;
}

/**
 * Drops everything we own, migrates from the start and seeds. The `auth` schema, roles and other people's schemas stay.
 * @returns the versions applied. @throws MigrationRefused when it is not allowed.
 */
export async function resetDatabase(options: ResetOptions): Promise<string[]> {
  if (options.production) {
    throw new MigrationRefused('not_allowed', 'a production database is never reset');
  }
  if (!options.embedded && !options.confirmed) {
    throw new MigrationRefused(
      'not_allowed',
      `resetting drops the schemas ${OWNED_SCHEMAS.join(', ')} of a database that is not the embedded one: say --yes`,
    );
  }
  const seed = await readSeed(options.seedFile ?? SEED_FILE);
  const folder = options.folder ?? MIGRATIONS_FOLDER;
  return migrate({
    url: options.url,
    folder,
    async beforehand(client) {
      await refuseToDropForeign(client, folder);
      // Several statements in one text are one transaction.
      await client.query(`drop schema if exists ${OWNED_SCHEMAS.join(', ')} cascade;
        drop table if exists supabase_migrations.trr_file_hashes, supabase_migrations.schema_migrations`);
    },
    async afterwards(client) {
      if (seed !== undefined) await client.query(seed);
    },
  });
}

/** Schemas of our names in a database that never recorded a migration of ours belong to somebody else. */
async function refuseToDropForeign(client: pg.ClientBase, folder: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    'select nspname::text as name from pg_namespace where nspname = any($1::text[]) order by 1',
    [[...OWNED_SCHEMAS]],
  );
  if (rows.length === 0 || (await hasOurHistory(client, await readMigrations(folder)))) return;
  throw new MigrationRefused(
    'foreign',
    `nothing was dropped: the schemas ${rows.map(({ name }) => name).join(', ')} of this database were not made by this program's migrations (a wrong database, or one to adopt: trr db adopt)`,
  );
}

/**
 * Runs the seed file in one transaction; the file is written so that a second run changes nothing.
 * @returns false when there is no seed file.
 */
export async function seedDatabase(url: string, file = SEED_FILE): Promise<boolean> {
  const text = await readSeed(file);
  if (text === undefined) return false;
  await withOwner(url, (client) => client.query(text), { applicationName: 'trr seed' });
  return true;
}

/** The seed as one text, which the server runs as one transaction; undefined when there is none. */
async function readSeed(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
}
