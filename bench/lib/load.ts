import { Pool } from 'undici';
import { quantile } from './numbers.ts';

export interface LoadResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly bytes: number;
}

export interface LoadRequest {
  readonly path: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Keeps `connections` requests in flight against `origin` for `seconds`, taking the paths (or requests) in turn. Every answer must be 200.
 * Runs in the caller's process: give it one of its own when the server under test shares the machine (bench/read does).
 */
export async function load(
  origin: string,
  paths: readonly (string | LoadRequest)[],
  options: { connections: number; seconds: number },
): Promise<LoadResult> {
  const pool = new Pool(origin, { connections: options.connections, pipelining: 1 });
  const times: number[] = [];
  const end = performance.now() + options.seconds * 1000;
  let next = 0;
  let bytes = 0;
  const worker = async () => {
    while (performance.now() < end) {
      const given = paths[next++ % paths.length] ?? '/';
      const { path, method = 'GET', headers = {}, body: sent } = typeof given === 'string' ? { path: given } : given;
      const started = performance.now();
      const { statusCode, body } = await pool.request({ path, method, headers, body: sent ?? null });
      bytes += (await body.arrayBuffer()).byteLength;
      if (statusCode !== 200) throw new Error(`${method} ${path} answered ${statusCode}`);
      times.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: options.connections }, worker));
  await pool.close();
  return {
    perSecond: times.length / options.seconds,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    bytes,
  };
}
