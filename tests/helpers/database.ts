import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { connectDatabase } from '../../src/platform/db/connect.ts';
import { parsers } from '../../src/platform/db/parsers.ts';
import type { Database } from '../../src/platform/db/types.ts';
import { withDatabase } from '../../src/platform/db/url.ts';

export interface TestDatabase {
  /** Owner's URL of this database. */
  readonly url: string;
  /** URL the pools use (user `authenticator`), for pools of a test's own. */
  readonly poolUrl: string;
  /** As the program sees it: scopes, roles, row security. */
  readonly db: Database;
  /** Runs SQL as the owner, for arranging and inspecting. */
  owner<R extends Record<string, unknown> = Record<string, unknown>>(text: string, values?: unknown[]): Promise<R[]>;
  /** Closes everything and drops the database. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** False: an empty database without any of our schemas (for tests of migrating itself). Default true. */
  readonly migrated?: boolean;
  readonly poolMax?: number;
}

/**
 * A database of its own for one test file, cloned from the migrated template (about 10 ms). Call it in `beforeAll`, `drop()`
 * in `afterAll`.
 */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { adminUrl, poolUrl, template, prefix } = inject('trrTestCluster');
  const name = `${prefix}${randomBytes(6).toString('hex')}`;
  const source = options.migrated === false ? 'template0' : template;
  await admin(adminUrl, `create database "${name}" template "${source}" strategy file_copy`);
  const url = withDatabase(adminUrl, name);
  const ownerPool = new pg.Pool({ connectionString: url, max: 2, application_name: 'test owner', types: parsers });
  ownerPool.on('error', () => undefined);
  const db = connectDatabase({
    url: withDatabase(poolUrl, name),
    poolMax: options.poolMax ?? 4,
    applicationName: 'test',
  });
  return {
    url,
    poolUrl: withDatabase(poolUrl, name),
    db,
    owner: async <R extends Record<string, unknown>>(text: string, values?: unknown[]) =>
      (await ownerPool.query<R>(text, values)).rows,
    async drop() {
      await Promise.all([db.close(), ownerPool.end()]);
      await admin(adminUrl, `drop database if exists "${name}" with (force)`);
    },
  };
}

async function admin(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
