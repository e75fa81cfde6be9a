import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { MigrationRefused } from './refused.ts';

/** One migration file, `NNNN_name.sql`. */
export interface MigrationFile {
  /** Four digits, as the hosted platform's tools read them; string order is their order. */
  readonly version: string;
  readonly name: string;
  readonly file: string;
  readonly text: string;
  /** SHA-256 of the text with line ends normalised, hex. */
  readonly hash: string;
}

/** Not matched: plpgsql's bare `begin`, and `end;`, which closes a CASE far more often than a transaction. */
const TRANSACTION_COMMAND = /(^|;)\s*(begin|commit|rollback|start\s+transaction|abort)(\s+(work|transaction))?\s*;/im;

/** True when a text begins or ends a transaction itself, outside function bodies; the runners of texts do that. */
export function hasTransactionCommand(text: string): boolean {
  return TRANSACTION_COMMAND.test(withoutDollarQuotes(text));
}

/**
 * Reads all migrations of a folder, in order.
 * @throws MigrationRefused on a file name that is no migration, a version that occurs twice or a transaction command.
 */
export async function readMigrations(folder: string): Promise<MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const files: MigrationFile[] = [];
  for (const file of names) {
    const match = /^(\d{4})_([a-z0-9_]+)\.sql$/.exec(file);
    const [, version, name] = match ?? [];
    if (version === undefined || name === undefined) {
      throw new MigrationRefused('bad_file', `migration file ${file} must be called NNNN_name.sql`);
    }
    if (files.at(-1)?.version === version) {
      throw new MigrationRefused(
        'bad_file',
        `two migrations have the number ${version}: ${files.at(-1)?.file}, ${file}`,
      );
    }
    const text = (await readFile(path.join(folder, file), 'utf8')).replaceAll('\r\n', '\n');
    if (hasTransactionCommand(text)) {
      throw new MigrationRefused('bad_file', `migration ${file} begins or ends a transaction; the runner does that`);
    }
    files.push({ version, name, file, text, hash: createHash('sha256').update(text).digest('hex') });
  }
  return files;
}

/** Function bodies may hold `end;` lines of their own. */
function withoutDollarQuotes(text: string): string {
  return text.replaceAll(/(\$[A-Za-z_]*\$)[\s\S]*?\1/g, "''");
}
