import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type pg from 'pg';
import { withIds } from './ids.ts';

const FOLDER = path.join(import.meta.dirname, 'seed');

/**
 * Fills a migrated database with one row of every kind the matrix speaks of: users Ada and Bob, the admin Grace, and what
 * they own. Run as the owner; the files run in the order of their names (`community` builds on `core`).
 */
export async function seed(client: pg.ClientBase): Promise<void> {
  for (const file of readdirSync(FOLDER).sort()) {
    await client.query(withIds(readFileSync(path.join(FOLDER, file), 'utf8')));
  }
}
