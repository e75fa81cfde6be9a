import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';

export interface Finished {
  readonly code: number | null;
  readonly seconds: number;
  /** Highest resident size of the process itself, bytes (Linux; 0 elsewhere). */
  readonly peakBytes: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `trr ARGS` with this environment added and waits for its end. */
export async function trr(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Finished> {
  const started = performance.now();
  const child = spawn(process.execPath, [join(PROJECT_ROOT, 'bin/trr.mjs'), ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = [collect(child, 'stdout'), collect(child, 'stderr')];
  let peakBytes = 0;
  const sampler = setInterval(() => (peakBytes = Math.max(peakBytes, residentPeak(child.pid))), 100);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(sampler);
  return { code, seconds: (performance.now() - started) / 1000, peakBytes, stdout: stdout(), stderr: stderr() };
}

/** A process that runs until stopped; `ready` resolves with the first line of its output that matches. */
export async function background(
  command: readonly string[],
  ready: RegExp,
  env: Readonly<Record<string, string>> = {},
): Promise<{ match: RegExpMatchArray; stop: () => Promise<void> }> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: PROJECT_ROOT,
  });
  const match = await new Promise<RegExpMatchArray>((resolve, reject) => {
    let seen = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      seen += chunk.toString('utf8');
      const found = seen.match(ready);
      if (found !== null) resolve(found);
    });
    child.once('exit', (code) =>
      reject(new Error(`${command.join(' ')} ended with ${code} before it was ready: ${seen}`)),
    );
  });
  const stop = async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  };
  return { match, stop };
}

/** A bench asks more than any person may. */
export const LIMITS_OFF: Readonly<Record<string, string>> = {
  RATE_LIMIT_USER_READS: '0',
  RATE_LIMIT_USER_WRITES: '0',
  RATE_LIMIT_ADDRESS_READS: '0',
  RATE_LIMIT_ADDRESS_WRITES: '0',
};

/** A folder that goes away with the bench. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'trr-bench-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

function collect(child: ChildProcess, name: 'stdout' | 'stderr'): () => string {
  const chunks: Buffer[] = [];
  child[name]?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}

function residentPeak(pid: number | undefined): number {
  try {
    const kilobytes = readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmHWM:\s+(\d+) kB/)?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
