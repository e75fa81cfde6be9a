import { spawn } from 'node:child_process';
import path from 'node:path';
import type { FaultRule } from './faults.ts';
import type { Counts, LoggedRequest } from './meter.ts';
import type { WorldTotals } from './world/world.ts';

/** A simulator in a process of its own, so that a measured process holds none of its memory or time. */
export interface SimulatorChild {
  readonly url: string;
  readonly apiBaseUrl: string;
  counts(): Promise<Counts>;
  /** The last requests (`--log N`), oldest first. */
  requests(): Promise<readonly LoggedRequest[]>;
  totals(): Promise<WorldTotals>;
  reset(): Promise<void>;
  setFaults(rules: readonly (FaultRule & { on?: string })[]): Promise<void>;
  touch(ids: readonly number[]): Promise<void>;
  close(): Promise<void>;
}

/** Starts `main.ts` with the given flags (`['--world', 'generated', '--shows', '200']`). Rejects when it does not come up. */
export async function spawnSimulator(flags: readonly string[]): Promise<SimulatorChild> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'main.ts'), ...flags], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const { url, apiBaseUrl } = await new Promise<{ url: string; apiBaseUrl: string }>((resolve, reject) => {
    let seen = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      seen += chunk;
      const end = seen.indexOf('\n');
      if (end >= 0) resolve(JSON.parse(seen.slice(0, end)) as { url: string; apiBaseUrl: string });
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the simulator ended with code ${String(code)} before it listened`)));
  });
  const get = async <T>(what: string): Promise<T> => (await (await fetch(`${url}/_simulator/${what}`)).json()) as T;
  const post = async (what: string, body: unknown): Promise<void> => {
    const response = await fetch(`${url}/_simulator/${what}`, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`simulator refused ${what}: ${await response.text()}`);
    await response.arrayBuffer();
  };
  return {
    url,
    apiBaseUrl,
    counts: () => get<Counts>('counts'),
    requests: () => get<readonly LoggedRequest[]>('requests'),
    totals: () => get<WorldTotals>('totals'),
    reset: () => post('reset', {}),
    setFaults: (rules) => post('faults', rules),
    touch: (ids) => post('touch', { ids }),
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
