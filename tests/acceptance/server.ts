import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { NO_LIMITS } from '../../src/platform/config/limits.ts';
import type { Config } from '../../src/platform/config/types.ts';
import { createLogger } from '../../src/platform/log/logger.ts';
import { type AppParts, buildApp } from '../../src/server/app.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { LOCAL_SECRET, localToken, testAuthenticator } from '../helpers/tokens.ts';
import { FIXTURE } from './fixture.ts';
import { ask } from './http.ts';

export interface Target {
  readonly baseUrl: string;
  /** The database behind it, when the suite started the server itself; undefined for `TRR_BASE_URL`. */
  readonly own: TestDatabase | undefined;
  /** A new person, signed in. */
  user(): Promise<Person>;
  /** A new person who is an administrator. */
  admin(): Promise<Person>;
  close(): Promise<void>;
}

export interface Person {
  /** `identity.users.id`, once the server has seen the token. */
  readonly id: string;
  readonly token: string;
  /** `Authorization` of this person. */
  readonly headers: { readonly authorization: string };
}

export const TEST_CONFIG: Pick<Config, 'server' | 'sources' | 'limits'> = {
  limits: NO_LIMITS,
  server: { host: '127.0.0.1', port: 0, publicUrl: null, trustProxy: [], corsAllowOrigins: null },
  sources: { live: new Set(), publishLicences: new Set(['tmdb', 'cc-by-sa', 'own', 'identifiers']), contactUrl: null },
};

/** The server under test: the one at `TRR_BASE_URL`, else our own over a database holding the fixture. */
export async function startTarget(): Promise<Target> {
  const given = process.env['TRR_BASE_URL'];
  if (given !== undefined && given !== '') {
    return givenTarget(given.replace(/\/+$/, ''));
  }
  return startOwnServer();
}

/**
 * A server of our own, whatever the environment says; `parts` changes how it is built.
 * @param given a database that holds the fixture already and outlives the server
 */
export async function startOwnServer(
  parts: Partial<AppParts> = {},
  given?: TestDatabase,
): Promise<Target & { readonly own: TestDatabase }> {
  const own = given ?? (await createTestDatabase());
  if (given === undefined) await own.owner(FIXTURE);
  const app = await buildApp({
    config: TEST_CONFIG,
    db: own.db,
    authenticator: testAuthenticator(own.db),
    secret: LOCAL_SECRET,
    log: createLogger({ level: 'silent' }),
    ...parts,
  });
  const baseUrl = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    baseUrl,
    own,
    user: () => person(baseUrl, LOCAL_SECRET),
    async admin() {
      const made = await person(baseUrl, LOCAL_SECRET);
      await own.owner('select identity.set_admin($1::uuid, true)', [made.id]);
      return made;
    },
    async close() {
      await app.close();
      if (given === undefined) await own.drop();
    },
  };
}

/**
 * A server somebody else started over a database holding the fixture. `TRR_TOKEN_SECRET_FILE`: its secret for local tokens;
 * `TRR_ADMIN_TOKEN`: made by `trr token --admin`.
 */
function givenTarget(baseUrl: string): Target {
  const secret = readFileSync(process.env['TRR_TOKEN_SECRET_FILE'] ?? '');
  return {
    baseUrl,
    own: undefined,
    user: () => person(baseUrl, secret),
    admin: () => identify(baseUrl, process.env['TRR_ADMIN_TOKEN'] ?? ''),
    close: async () => undefined,
  };
}

async function person(baseUrl: string, secret: Uint8Array): Promise<Person> {
  return identify(baseUrl, await localToken(randomUUID(), { secret }));
}

async function identify(baseUrl: string, token: string): Promise<Person> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await ask(baseUrl, '/api/v1/me', { headers });
  if (answer.status !== 200) throw new Error(`GET /me: ${answer.status} ${answer.text}`);
  return { id: (answer.json as { id: string }).id, token, headers };
}
