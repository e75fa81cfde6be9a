import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Check } from './table.ts';

export interface Verdict {
  readonly check: Check;
  readonly ok: boolean;
  readonly seconds: number;
  /** What the command said, both streams, in its order. */
  readonly output: string;
}

/** How many checks run at the same time; two is what a small machine has. */
const AT_ONCE = 2;

/**
 * Runs the checks, suites one after the other at the end, and tells each verdict when it is there. A check whose script is
 * missing failed: a guard that cannot run is not a guard.
 * @param env further variables for the commands
 */
export async function runChecks(
  root: string,
  checks: readonly Check[],
  env: Readonly<Record<string, string>>,
  onVerdict: (verdict: Verdict) => void,
): Promise<readonly Verdict[]> {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Readonly<Record<string, string>>;
  };
  const verdicts: Verdict[] = [];
  const one = async (check: Check): Promise<void> => {
    const started = performance.now();
    const result =
      scripts[check.script] === undefined
        ? { ok: false, output: `package.json has no script "${check.script}"\n` }
        : await runScript(root, check.script, env);
    const verdict = { check, ...result, seconds: (performance.now() - started) / 1000 };
    verdicts.push(verdict);
    onVerdict(verdict);
  };
  const quick = checks.filter(({ suite }) => suite === undefined);
  const worker = async (): Promise<void> => {
    for (let check = quick.shift(); check !== undefined; check = quick.shift()) await one(check);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  for (const check of checks.filter(({ suite }) => suite !== undefined)) await one(check);
  return verdicts;
}

function runScript(
  root: string,
  script: string,
  env: Readonly<Record<string, string>>,
): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve) => {
    const child = spawn('npm', ['run', '--silent', script], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    child.stderr.on('data', (part: Buffer) => parts.push(part));
    child.on('error', (error) => resolve({ ok: false, output: `npm cannot be started: ${error.message}\n` }));
    child.on('close', (code) => resolve({ ok: code === 0, output: Buffer.concat(parts).toString('utf8') }));
  });
}
