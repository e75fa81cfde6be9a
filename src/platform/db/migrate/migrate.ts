import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { errorCode } from '../errors.ts';
import { withOwner } from '../owner.ts';
import { type MigrationFile, readMigrations } from './files.ts';
import {
  compare,
  ensureHistory,
  type MigrationState,
  readHistory,
  recordApplied,
  recordHash,
  refuseMismatch,
} from './history.ts';
import { MigrationRefused } from './refused.ts';
import { OWNED_SCHEMAS } from './schemas.ts';

const PROJECT = fileURLToPath(new URL('../../../../', import.meta.url));

/** The project's own migrations. */
export const MIGRATIONS_FOLDER = path.join(PROJECT, 'supabase', 'migrations');
export const SEED_FILE = path.join(PROJECT, 'supabase', 'seed.sql');
const BOOTSTRAP_FILE = fileURLToPath(new URL('../bootstrap.sql', import.meta.url));

/** Advisory lock of whoever migrates this database. */
const MIGRATE_LOCK = 7_461_882;

export interface MigrateOptions {
  /** Owner's URL. */
  readonly url: string;
  /** Default: the project's `supabase/migrations`. */
  readonly folder?: string;
  /** How long to wait for another migrator; default 2 minutes. */
  readonly waitMs?: number;
  /** Runs first, under the lock that keeps other migrators away: what `trr db reset` drops. */
  readonly beforehand?: (client: pg.ClientBase) => Promise<void>;
  /** Runs last, under the same lock. */
  readonly afterwards?: (client: pg.ClientBase) => Promise<void>;
  /** Called before each file. */
  readonly onFile?: (file: MigrationFile) => void;
}

/**
 * Brings the database to the newest version: forward only, one transaction per file, one migrator at a time.
 * @returns the versions applied now; empty when there was nothing to do.
 * @throws MigrationRefused when history and files do not belong together, or a file fails (which leaves nothing of it).
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const files = await readMigrations(options.folder ?? MIGRATIONS_FOLDER);
  return withOwner(
    options.url,
    async (client) => {
      await takeMigrationLock(client, options.waitMs ?? 120_000);
      await options.beforehand?.(client);
      // All refusals come before the first write.
      const state = compare(files, await readHistory(client));
      refuseMismatch(state);
      if (state.applied.length === 0) await refuseForeign(client);
      await bootstrap(client);
      if (state.pending.length > 0) await refuseUnprivileged(client);
      await ensureHistory(client);
      for (const { version, hash } of state.applied) {
        const file = files.find((candidate) => candidate.version === version);
        if (hash === null && file) await recordHash(client, file);
      }
      for (const file of state.pending) {
        options.onFile?.(file);
        await applyFile(client, file);
      }
      // A REST server in front of the database (hosted platform) keeps the schema in memory.
      if (state.pending.length > 0) await client.query("select pg_notify('pgrst', 'reload schema')");
      await options.afterwards?.(client);
      return state.pending.map((file) => file.version);
    },
    { applicationName: 'trr migrate' },
  );
}

/** Compares the database with the files; changes nothing. */
export async function migrationState(url: string, folder = MIGRATIONS_FOLDER): Promise<MigrationState> {
  const files = await readMigrations(folder);
  return withOwner(url, async (client) => compare(files, await readHistory(client)), { applicationName: 'trr status' });
}

/**
 * Makes this session the only one that migrates or adopts; held until the connection ends.
 * @throws MigrationRefused `busy` when another one holds it for longer than `waitMs`.
 */
export async function takeMigrationLock(client: pg.ClientBase, waitMs: number): Promise<void> {
  const end = Date.now() + waitMs;
  for (;;) {
    const got = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [MIGRATE_LOCK]);
    if (got.rows[0]?.got) return;
    if (Date.now() > end) {
      throw new MigrationRefused(
        'busy',
        `another process has been migrating this database for ${waitMs} ms: wait for it`,
      );
    }
    await sleep(50);
  }
}

/** @throws MigrationRefused when a database without our history holds schemas that we would have to make. */
async function refuseForeign(client: pg.ClientBase): Promise<void> {
  const found = await client.query<{ name: string }>(
    'select nspname as name from pg_namespace where nspname = any($1::text[]) order by 1',
    [[...OWNED_SCHEMAS]],
  );
  if (found.rows.length === 0) return;
  const names = found.rows.map((row) => row.name).join(', ');
  throw new MigrationRefused(
    'foreign',
    `the database already has schemas of these names, made by something else: ${names}. Give the program a database of its own`,
  );
}

/**
 * A user without superuser's rights needs some in the platform's schema, which others own, and its roles.
 * @throws MigrationRefused with the statements that give them, before the first file instead of in the middle
 */
async function refuseUnprivileged(client: pg.ClientBase): Promise<void> {
  const found = await client.query<{ grants: string[] }>(
    `select array_remove(array[
        (select format('grant %s to %I', string_agg(quote_ident(rolname), ', ' order by rolname), current_user)
           from pg_roles where rolname in ('anon', 'authenticated', 'service_role')
            and not pg_has_role(current_user, oid, 'member') having count(*) > 0),
        case when not has_schema_privilege('auth', 'usage')
          then format('grant usage on schema auth to %I', current_user) end,
        (select format('grant select, references, trigger on auth.users to %I', current_user)
           from pg_class c where relnamespace = to_regnamespace('auth') and relname = 'users'
            and not (has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'references')
                     and has_table_privilege(c.oid, 'trigger')))
      ], null) as grants`,
  );
  const grants = found.rows[0]?.grants ?? [];
  if (grants.length === 0) return;
  throw new MigrationRefused(
    'failed',
    `the database user lacks rights that migrations need: let an administrator run ${grants.join('; ')}`,
  );
}

const PLATFORM_ROLES = ['anon', 'authenticated', 'service_role', 'authenticator'];

/** Two databases of one server making the same roles at once: exists already (twice over), or tuple concurrently updated. */
const COLLISIONS = new Set(['23505', '42710', 'XX000']);

async function bootstrap(client: pg.ClientBase): Promise<void> {
  const text = await readFile(BOOTSTRAP_FILE, 'utf8');
  for (let attempt = 1; ; attempt += 1) {
    const found = await client.query<{ complete: boolean }>(
      `select to_regnamespace('auth') is not null
          and (select count(*) = cardinality($1::text[]) from pg_roles where rolname = any($1::text[])) as complete`,
      [PLATFORM_ROLES],
    );
    if (found.rows[0]?.complete) return;
    try {
      await client.query('begin');
      await client.query(text);
      await client.query('commit');
      return;
    } catch (error) {
      await client.query('rollback');
      const code = errorCode(error) ?? '';
      if (code === '42501') {
        throw new MigrationRefused(
          'failed',
          `the database user may not create the roles ${PLATFORM_ROLES.join(', ')}: let an administrator run src/platform/db/bootstrap.sql once`,
          [],
          error,
        );
      }
      if (attempt >= 10 || !COLLISIONS.has(code)) throw error;
      await sleep(20 * attempt);
    }
  }
}

async function applyFile(client: pg.ClientBase, file: MigrationFile): Promise<void> {
  try {
    await client.query('begin');
    await client.query(file.text);
    // What a file set for itself must not reach our bookkeeping or the next file.
    await client.query('reset all; reset session authorization');
    await recordApplied(client, file);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw new MigrationRefused(
      'failed',
      `migration ${file.file} failed${where(error, file.text)}`,
      [file.version],
      error,
    );
  }
}

/** ` at line 12: message`, from what the server says about the error. */
function where(error: unknown, text: string): string {
  if (!(error instanceof Error)) return `: ${String(error)}`;
  const position = 'position' in error ? Number(error.position) : Number.NaN;
  const line = Number.isInteger(position) ? ` at line ${text.slice(0, position).split('\n').length}` : '';
  const code = errorCode(error);
  return `${line}: ${error.message}${code === undefined ? '' : ` (${code})`}`;
}
