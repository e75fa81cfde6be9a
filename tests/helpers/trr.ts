import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The variables a test passes on: never the developer's own database or credentials. */
const BARE = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', LANG: 'C.UTF-8', NO_COLOR: '1' };

/** Runs the real command line in a process of its own. `env` is added to a bare environment. */
export function trr(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  runtime = process.execPath,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    execFile(
      runtime,
      [join(PROJECT_ROOT, 'bin/trr.mjs'), ...args],
      { env: { ...BARE, ...env }, maxBuffer: 64 << 20, timeout: 120_000 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        if (typeof code !== 'number')
          reject(new Error(`trr ${args.join(' ')} did not end by itself: ${error?.message}`));
        else resolve({ code, stdout, stderr });
      },
    );
  });
}
