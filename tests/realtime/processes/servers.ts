import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { TestDatabase } from '../../helpers/database.ts';
import { addressOf, createTrr, type RunningTrr } from '../../helpers/trr.ts';

const ISSUER = 'http://127.0.0.1:9';
const SECRET = 'a secret of the tests, as long as it must be';

/** A server program of its own, which can be killed and started again. */
export interface ServerProcess {
  /** Undefined while it is down. */
  readonly url: string | undefined;
  start(): Promise<void>;
  /** Sends a signal; after one that ends it, resolves when it is gone. */
  signal(name: NodeJS.Signals): Promise<void>;
}

/** Programs over one database, as `trr serve` starts them. */
export interface Servers {
  readonly all: readonly ServerProcess[];
  /** Addresses of those that run. */
  urls(): string[];
  close(): Promise<void>;
}

export async function startServers(database: TestDatabase, count: number, redisUrl: string | null): Promise<Servers> {
  const trr = createTrr(database, null, {
    LOG_LEVEL: 'warn',
    PORT: '0',
    SUPABASE_URL: ISSUER,
    SUPABASE_JWT_SECRET: SECRET,
    RATE_LIMIT_EXEMPT: '127.0.0.1',
    RATE_LIMIT_USER_WRITES: '0',
    ...(redisUrl === null ? {} : { REDIS_URL: redisUrl }),
  });
  const all = Array.from({ length: count }, (): ServerProcess => {
    let running: RunningTrr | undefined;
    let url: string | undefined;
    return {
      get url() {
        return url;
      },
      async start() {
        if (running !== undefined) return;
        running = trr.start('serve');
        url = await addressOf(running);
      },
      async signal(name) {
        const signalled = running;
        if (signalled === undefined) return;
        if (name === 'SIGSTOP' || name === 'SIGCONT') {
          signalled.child.kill(name);
          return;
        }
        running = undefined;
        url = undefined;
        signalled.child.kill(name);
        await signalled.finished;
      },
    };
  });
  await Promise.all(all.map((server) => server.start()));
  return {
    all,
    urls: () => all.flatMap(({ url }) => url ?? []),
    async close() {
      await Promise.all(all.map((server) => server.signal('SIGKILL')));
      trr.close();
    },
  };
}

/** A token these servers believe, of somebody new. */
export function newToken(): Promise<string> {
  return new SignJWT({ role: 'authenticated' })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(`${ISSUER}/auth/v1`)
    .setAudience('authenticated')
    .setSubject(randomUUID())
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(SECRET));
}
