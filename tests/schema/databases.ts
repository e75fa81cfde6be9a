import { cp, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { MIGRATIONS_FOLDER, migrate } from '../../src/platform/db/migrate/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';

/** Files below this number are the predecessor's final state; from it on they are ours and may run twice. */
export const FIRST_OWN_VERSION = '0052';

/** A database with the baseline alone: tables and views without any function, trigger, policy or grant. */
export async function createBaselineDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase({ migrated: false });
  const folder = await mkdtemp(path.join(os.tmpdir(), 'trr-baseline-'));
  try {
    await cp(MIGRATIONS_FOLDER, folder, {
      recursive: true,
      filter: (source) => !source.endsWith('.sql') || path.basename(source) < FIRST_OWN_VERSION,
    });
    await migrate({ url: database.url, folder });
  } finally {
    await rm(folder, { recursive: true });
  }
  return database;
}
