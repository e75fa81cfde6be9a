import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Where the recorded pages and payloads lie: `TRR_CAPTURES_DIR`, else `../shared/captures` beside the project. */
export function capturesFolder(source: string): string {
  const base = process.env['TRR_CAPTURES_DIR'] ?? join(root, '../shared/captures');
  const folder = resolve(base, source);
  if (existsSync(folder)) return folder;
  throw new Error(`no captures at ${folder}: set TRR_CAPTURES_DIR to the folder that has "${source}" in it`);
}
