import { afterAll, beforeAll } from 'vitest';
import { DEFAULT_REALTIME } from '../../src/platform/config/realtime.ts';
import { redisIsHere, startRedis, type TestRedis } from '../helpers/redis.ts';
import { ask } from './http.ts';
import { type Person, startOwnServer, startTarget, type Target, TEST_CONFIG } from './server.ts';

export const BROKERS = redisIsHere() && process.env['TRR_BASE_URL'] === undefined ? ['memory', 'redis'] : ['memory'];

export interface LiveServer {
  readonly target: Target;
  readonly baseUrl: string;
  user(): Promise<Person>;
  admin(): Promise<Person>;
}

export interface LiveServer {
  readonly target: Target;
  readonly baseUrl: string;
  user(): Promise<Person>;
  admin(): Promise<Person>;
}

/** A server with this broker for the tests of a `describe`; of somebody else's server (`TRR_BASE_URL`) its own. */
export function serverWith(broker: string): LiveServer {
  let target: Target | undefined;
  let redis: TestRedis | undefined;
  const running = (): Target => {
    if (target === undefined) throw new Error('the server is started before the tests');
    return target;
  };
  beforeAll(async () => {
    redis = broker === 'redis' ? await startRedis() : undefined;
    const realtime = { ...DEFAULT_REALTIME, redisUrl: redis?.url ?? null };
    target = redis === undefined ? await startTarget() : await startOwnServer({ config: { ...TEST_CONFIG, realtime } });
  });
  afterAll(async () => {
    await target?.close();
    await redis?.stop();
  });
  return {
    get target() {
      return running();
    },
    get baseUrl() {
      return running().baseUrl;
    },
    user: () => running().user(),
    admin: () => running().admin(),
  };
}

/** A write that must succeed; answers its body. */
export async function write<T = Record<string, unknown>>(
  baseUrl: string,
  person: Person,
  path: string,
  body: object,
  method = 'POST',
): Promise<T> {
  const answer = await ask(baseUrl, `/api/v1${path}`, {
    method,
    headers: { ...person.headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.json as T;
}
