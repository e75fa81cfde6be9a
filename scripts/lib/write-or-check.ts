import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';

export interface WriteOrCheck {
  /** Write nothing; name the files that differ. */
  readonly check: boolean;
  /** The command that writes them. */
  readonly repair: string;
  /** Files that exist and are generated the same way; those not among `files` are left over. */
  readonly existing?: readonly string[];
  /** Default: this project. */
  readonly root?: string;
}

/**
 * Writes generated files, or compares them byte by byte and writes nothing.
 * @param files text by path relative to the project
 * @returns the exit code: 1 when a file is missing, differs or is left over
 */
export function writeOrCheck(files: Readonly<Record<string, string>>, options: WriteOrCheck): number {
  const { root = PROJECT_ROOT, existing = [] } = options;
  if (!options.check) {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
    return 0;
  }
  const lines = [
    ...Object.entries(files).flatMap(([name, text]) => {
      if (!existsSync(join(root, name))) return [`missing ${name}`];
      return readFileSync(join(root, name)).equals(Buffer.from(text)) ? [] : [`stale   ${name}`];
    }),
    ...existing.filter((name) => files[name] === undefined).map((name) => `extra   ${name}`),
  ];
  if (lines.length === 0) console.log(`${Object.keys(files).join(', ')}: up to date`);
  else console.error([...lines, `run ${options.repair} and commit the result`].join('\n'));
  return lines.length === 0 ? 0 : 1;
}
