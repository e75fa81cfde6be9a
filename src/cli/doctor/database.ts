import type { MigrationState } from '../../platform/db/migrate/history.ts';
import { migrationState } from '../../platform/db/migrate/migrate.ts';
import type { OpenedOwner } from '../../platform/db/open.ts';
import { guardDatabase } from '../../platform/db/verify/guard.ts';
import { type Check, type Context, type Finding, fail, notOffline, ok, skipped, warn } from './check.ts';

/** Whether the server answers, what it is, and whether it has the migrations of this program. */
export const database: Check = {
  name: 'database',
  needsDatabase: true,
  async run(context) {
    const offline = databaseOffline(context);
    if (offline !== null) return [offline];
    const owner = await context.database();
    const state = await migrationState(owner.ownerUrl);
    if (state.applied.length === 0 && !owner.embedded) {
      return [...server(context, owner), fail((await guardDatabase(owner.ownerUrl)).text)];
    }
    return [...server(context, owner), migrations(state, owner.embedded)];
  },
};

/** Why the database is not asked, null when it may be. */
export function databaseOffline(context: Context): Finding | null {
  const { database } = context.config;
  return database.kind === 'url' ? notOffline(context, database.url) : null;
}

function server({ config }: Context, { facts, embedded }: OpenedOwner): Finding[] {
  const { poolMax } = config.database;
  const findings = [
    ok(`PostgreSQL ${facts.version} (${embedded ? 'embedded' : 'external'}), database ${facts.database}`),
  ];
  if (poolMax > facts.maxConnections / 2) {
    const share = `DB_POOL_MAX ${poolMax} is over half of the server's ${facts.maxConnections} connections`;
    findings.push(warn(`${share}: lower it, or raise max_connections`));
  }
  return findings;
}

function migrations(state: MigrationState, embedded: boolean): Finding {
  if (state.unknown.length > 0) {
    return fail(`versions this program does not know: ${state.unknown.join(', ')}: update it, or run trr db adopt`);
  }
  if (state.changed.length > 0) {
    return fail(`edited after they were applied: ${state.changed.join(', ')}: restore the files`);
  }
  if (state.gaps.length > 0) {
    return fail(`numbered before the last applied one: ${state.gaps.join(', ')}: give them a higher number`);
  }
  if (state.pending.length > 0) {
    const pending = `${state.pending.length} migrations pending: run trr db migrate`;
    return embedded ? warn(`${pending} (serve does it for the embedded database)`) : fail(pending);
  }
  return ok(`${state.applied.length} migrations applied, newest ${state.applied.at(-1)?.version}`);
}

/** Whether later checks find anything to look at. */
export async function migratedDatabase(context: Context): Promise<OpenedOwner | Finding> {
  const offline = databaseOffline(context);
  if (offline !== null) return offline;
  const owner = await context.database().catch(() => null);
  if (owner === null) return skipped('the database cannot be used, see database');
  const { applied } = await migrationState(owner.ownerUrl);
  return applied.length === 0 ? skipped('the database is not migrated') : owner;
}
