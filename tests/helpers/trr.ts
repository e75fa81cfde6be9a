import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SIMULATOR_BEARER, type Simulator } from '../simulator/index.ts';
import type { TestDatabase } from './database.ts';

const LAUNCHER = path.resolve(import.meta.dirname, '../../bin/trr.mjs');

export interface Finished {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningTrr {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
}

/** The program as a person starts it, with an environment of its own: nothing of ours leaks in. */
export interface Trr {
  readonly env: Record<string, string>;
  start(...args: string[]): RunningTrr;
  run(...args: string[]): Promise<Finished>;
  close(): void;
}

export function createTrr(
  database: TestDatabase | null,
  simulator: Simulator | null,
  extra: Record<string, string> = {},
): Trr {
  const home = mkdtempSync(path.join(os.tmpdir(), 'trr-cli-'));
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    TRR_DATA_DIR: path.join(home, 'data'),
    TMDB_RATE: '1000',
    ...(database === null ? {} : { DATABASE_URL: database.url }),
    ...(simulator === null ? {} : { TMDB_API_BASE_URL: simulator.apiBaseUrl, TMDB_BEARER_TOKEN: SIMULATOR_BEARER }),
    ...extra,
  };
  const start = (...args: string[]): RunningTrr => {
    const child = spawn(process.execPath, [LAUNCHER, ...args], { env, cwd: home, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    const finished = new Promise<Finished>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    });
    return { child, finished };
  };
  return {
    env,
    start,
    run: (...args) => start(...args).finished,
    close: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** The address in the one line `trr serve` prints; fails when the program ends first. */
export async function addressOf({ child, finished }: RunningTrr): Promise<string> {
  let seen = '';
  const printed = new Promise<string>((resolve) => {
    child.stdout?.on('data', (chunk: string) => {
      seen += chunk;
      const url = /(http:\/\/\S+)\/api\/v1\/shows/.exec(seen)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  const ended = finished.then(({ code, stderr }) => {
    throw new Error(`trr serve ended with ${code}: ${stderr}`);
  });
  return Promise.race([printed, ended]);
}
