import { createHmac, generateKeyPairSync, KeyObject, randomUUID, sign, type webcrypto } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuthConfig } from '../../src/platform/config/auth.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { LOCAL_SECRET, localToken, testAuthenticator } from '../helpers/tokens.ts';
import { type Answer, ask, expectProblem, type Json } from './http.ts';
import { startOwnServer, type Target } from './server.ts';

const bytes = (text: string) => new TextEncoder().encode(text.padEnd(32, '.'));
const SUPABASE_SECRET = bytes('supabase');
const INTERNAL = [bytes('internal new'), bytes('internal old')] as const;
const SUPABASE = 'https://project.example/auth/v1';

/** Publishes keys as an issuer does, and counts who asks. */
class Issuer {
  readonly keys: Record<string, Awaited<ReturnType<typeof generateKeyPair>>> = {};
  readonly #algorithms: Record<string, string> = {};
  asked = 0;
  broken = false;
  readonly #server: Server = createServer((_request, response) => {
    this.asked += 1;
    if (this.broken) return void response.writeHead(503).end();
    void this.#published().then((text) => response.writeHead(200, { 'content-type': 'application/json' }).end(text));
  });

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    await this.add('one');
    return this;
  }

  async add(kid: string, alg = 'RS256'): Promise<void> {
    this.keys[kid] = await generateKeyPair(alg, { extractable: true });
    this.#algorithms[kid] = alg;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/keys`;
  }

  async sign(claims: JWTPayload, kid = 'one'): Promise<string> {
    const pair = this.keys[kid];
    if (pair === undefined) throw new Error(`no key ${kid}`);
    return new SignJWT(claims).setProtectedHeader({ alg: this.#algorithms[kid] ?? '', kid }).sign(pair.privateKey);
  }

  async #published(): Promise<string> {
    const keys = await Promise.all(
      Object.entries(this.keys).map(async ([kid, { publicKey }]) => ({
        ...(await exportJWK(publicKey)),
        kid,
        alg: this.#algorithms[kid],
      })),
    );
    return JSON.stringify({ keys });
  }

  close(): Promise<unknown> {
    return new Promise((resolve) => this.#server.close(resolve));
  }
}

const now = () => Math.floor(Date.now() / 1000);
const claims = (more: JWTPayload = {}): JWTPayload => ({ sub: 'oidc|1', iat: now(), exp: now() + 600, ...more });

let firebase: Issuer;
let other: Issuer;
let own: TestDatabase;
let target: Target;
beforeAll(async () => {
  [firebase, other] = [await new Issuer().start(), await new Issuer().start()];
  const auth: AuthConfig = {
    supabase: { issuer: SUPABASE, jwksUrl: other.url, jwtSecret: SUPABASE_SECRET },
    issuers: [{ issuer: 'https://firebase.example/app', jwksUrl: firebase.url, audience: ['app'] }],
    internalSecrets: INTERNAL,
    secret: null,
  };
  own = await createTestDatabase();
  target = await startOwnServer({ db: own.db, authenticator: testAuthenticator(own.db, auth) });
});
afterAll(async () => {
  await target.close();
  await Promise.all([own.drop(), firebase.close(), other.close()]);
});

const FIREBASE = { iss: 'https://firebase.example/app', aud: 'app' };
const me = (token: string, path = '/api/v1/me'): Promise<Answer> =>
  ask(target.baseUrl, path, { headers: { authorization: `Bearer ${token}` } });
const supabaseToken = (more: JWTPayload = {}, secret = SUPABASE_SECRET) =>
  new SignJWT(claims({ sub: randomUUID(), iss: SUPABASE, aud: 'authenticated', role: 'authenticated', ...more }))
    .setProtectedHeader({ alg: 'HS256' })
    .sign(secret);
const internalToken = (more: JWTPayload = {}, secret: Uint8Array = INTERNAL[0]) =>
  new SignJWT({ iss: 'trr-internal', aud: 'trr', iat: now(), exp: now() + 60, ...more })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(secret);

describe('tokens that are believed', () => {
  it('of the hosted platform, by secret and by key; the subject keeps its uuid', async () => {
    const sub = randomUUID();
    const bySecret = await me(await supabaseToken({ sub, email: 'ann@example.test' }));
    expect([bySecret.status, (bySecret.json as Json)['id'], (bySecret.json as Json)['email']], bySecret.text).toEqual([
      200,
      sub,
      'ann@example.test',
    ]);
    const byKey = await me(
      await other.sign(claims({ sub, iss: SUPABASE, aud: 'authenticated', role: 'authenticated' })),
    );
    expect((byKey.json as Json)['id']).toBe(sub);
  });

  it('of an OIDC issuer: the same person each time, another one at another issuer', async () => {
    const first = await me(await firebase.sign(claims(FIREBASE)));
    const again = await me(await firebase.sign(claims({ ...FIREBASE, aud: ['x', 'app'] })));
    expect(first.status, first.text).toBe(200);
    expect((again.json as Json)['id']).toBe((first.json as Json)['id']);
    const elsewhere = await me(await supabaseToken());
    expect((elsewhere.json as Json)['id']).not.toBe((first.json as Json)['id']);
  });

  it.each(['ES256', 'EdDSA', 'PS256'])('signed by %s', async (alg) => {
    await other.add(alg, alg);
    const server = await startOwnServer({
      db: own.db,
      authenticator: testAuthenticator(own.db, {
        supabase: { issuer: SUPABASE, jwksUrl: other.url, jwtSecret: null },
        issuers: [],
        internalSecrets: [],
        secret: null,
      }),
    });
    const asked = (token: string) =>
      ask(server.baseUrl, '/api/v1/me', { headers: { authorization: `Bearer ${token}` } });
    const id = randomUUID();
    const person = claims({ sub: id, iss: SUPABASE, aud: 'authenticated', role: 'authenticated' });
    expect((await asked(await other.sign(person, alg))).json).toMatchObject({ id });
    // Without a secret of the platform nothing signed by a secret is believed.
    expect(expectProblem(await asked(await supabaseToken({ sub: id })), 401)['code']).toBe('token_invalid');
    await server.close();
  });

  it('make one user, however many requests come first', async () => {
    const token = () => firebase.sign(claims({ ...FIREBASE, sub: 'oidc|many', jti: randomUUID() }));
    const answers = await Promise.all(Array.from({ length: 20 }, async () => me(await token())));
    expect(new Set(answers.map(({ json }) => (json as Json)['id'])).size).toBe(1);
  });

  it('signed with a key that is new since we last asked, after the pause between questions', async () => {
    await firebase.add('two');
    const asked = firebase.asked;
    const rotated = await me(await firebase.sign(claims({ ...FIREBASE, sub: 'oidc|2' }), 'two'));
    // Within half a minute of the last question nobody makes us ask again: refused now, believed later.
    expect([rotated.status, firebase.asked - asked]).toEqual([401, 0]);
    expect(expectProblem(rotated, 401)['code']).toBe('unknown_key');
    const fresh = await startOwnServer({
      db: own.db,
      authenticator: testAuthenticator(own.db, {
        supabase: null,
        issuers: [{ issuer: FIREBASE.iss, jwksUrl: firebase.url, audience: ['app'] }],
        internalSecrets: [],
        secret: null,
      }),
    });
    const token = await firebase.sign(claims({ ...FIREBASE, sub: 'oidc|2' }), 'two');
    const believed = await ask(fresh.baseUrl, '/api/v1/me', { headers: { authorization: `Bearer ${token}` } });
    expect(believed.status, believed.text).toBe(200);
    await fresh.close();
  });

  it('of our own services, by the new secret and the old: administrators, and no person', async () => {
    for (const secret of INTERNAL) {
      const token = await internalToken({}, secret);
      expect((await me(token, '/api/v1/admin/audit')).status).toBe(200);
      expect(expectProblem(await me(token), 403)['code']).toBe('user_required');
    }
    const service = await supabaseToken({ role: 'service_role' });
    expect((await me(service, '/api/v1/admin/audit')).status).toBe(200);
    expectProblem(await me(service), 403);
    const key = await new SignJWT({ iss: 'supabase', role: 'service_role', exp: now() + 60 })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(SUPABASE_SECRET);
    expect((await me(key, '/api/v1/admin/audit')).status).toBe(200);
  });

  it('of this machine, made by trr token', async () => {
    const id = randomUUID();
    expect((await me(await localToken(id))).json).toMatchObject({ id, is_admin: false });
  });
});

describe('tokens that are not', () => {
  const unsigned = (header: object, payload: object, signature = ''): string =>
    [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') +
    `.${signature}`;

  const REFUSED: [name: string, make: () => Promise<string>, code: string][] = [
    ['no token at all', async () => '', 'token_invalid'],
    ['rubbish', async () => 'rubbish', 'token_invalid'],
    ['alg none', async () => unsigned({ alg: 'none' }, claims(FIREBASE)), 'token_invalid'],
    [
      'alg none for our own issuer',
      async () => unsigned({ alg: 'none' }, claims({ iss: 'trr-local', aud: 'trr' })),
      'token_invalid',
    ],
    [
      'algorithm confusion: HS256 with the public key as secret',
      async () => {
        const pem = await exportSPKI((firebase.keys['one'] as { publicKey: webcrypto.CryptoKey }).publicKey);
        const head = unsigned({ alg: 'HS256', kid: 'one' }, claims(FIREBASE)).slice(0, -1);
        return `${head}.${createHmac('sha256', pem).update(head).digest('base64url')}`;
      },
      'token_invalid',
    ],
    [
      'a critical header nobody knows',
      async () => {
        const head = unsigned({ alg: 'RS256', kid: 'one', crit: ['x'], x: 1 }, claims(FIREBASE)).slice(0, -1);
        const key = KeyObject.from((firebase.keys['one'] as { privateKey: webcrypto.CryptoKey }).privateKey);
        return `${head}.${sign('sha256', Buffer.from(head), key).toString('base64url')}`;
      },
      'token_invalid',
    ],
    [
      'another algorithm than the key is published for',
      async () => {
        const { privateKey } = firebase.keys['one'] as { privateKey: webcrypto.CryptoKey };
        const head = unsigned({ alg: 'RS384', kid: 'one' }, claims(FIREBASE)).slice(0, -1);
        return `${head}.${sign('sha384', Buffer.from(head), KeyObject.from(privateKey)).toString('base64url')}`;
      },
      'unknown_key',
    ],
    [
      'an unknown kid',
      async () => {
        const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
        return new SignJWT(claims(FIREBASE)).setProtectedHeader({ alg: 'RS256', kid: 'nobody' }).sign(privateKey);
      },
      'unknown_key',
    ],
    [
      'a known kid, another key',
      async () => {
        const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
        return new SignJWT(claims(FIREBASE)).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(privateKey);
      },
      'token_invalid',
    ],
    ['a wrong audience', async () => firebase.sign(claims({ ...FIREBASE, aud: 'other' })), 'wrong_audience'],
    ['no audience', async () => firebase.sign(claims({ iss: FIREBASE.iss })), 'wrong_audience'],
    [
      'a wrong issuer',
      async () => firebase.sign(claims({ ...FIREBASE, iss: 'https://evil.example' })),
      'unknown_issuer',
    ],
    [
      "another issuer's name on our key",
      async () =>
        firebase.sign(claims({ sub: randomUUID(), iss: SUPABASE, aud: 'authenticated', role: 'service_role' })),
      'token_invalid',
    ],
    ['expired', async () => firebase.sign(claims({ ...FIREBASE, exp: now() - 61 })), 'token_expired'],
    ['without expiry', async () => firebase.sign({ sub: 'x', ...FIREBASE }), 'token_invalid'],
    ['not yet valid', async () => firebase.sign(claims({ ...FIREBASE, nbf: now() + 120 })), 'token_not_yet_valid'],
    ['without subject', async () => firebase.sign({ ...FIREBASE, exp: now() + 60 }), 'token_invalid'],
    ['the anonymous key of the hosted platform', async () => supabaseToken({ role: 'anon' }), 'token_without_user'],
    ['a platform subject that is no uuid', async () => supabaseToken({ sub: 'me' }), 'token_without_user'],
    ['the platform, signed with another secret', async () => supabaseToken({}, bytes('guess')), 'token_invalid'],
    ['an internal token that lives too long', async () => internalToken({ exp: now() + 3600 }), 'token_lives_too_long'],
    [
      'an internal token issued in the future, which would live until then',
      async () => internalToken({ iat: now() + 86_400, exp: now() + 86_460 }),
      'token_not_yet_valid',
    ],
    ['an internal token for another audience', async () => internalToken({ aud: 'other' }), 'wrong_audience'],
    [
      'a local token with the internal secret',
      async () => localToken(randomUUID(), { secret: INTERNAL[0] }),
      'token_invalid',
    ],
    [
      'a subject that is no text the database can hold',
      async () => firebase.sign(claims({ ...FIREBASE, sub: 'oidc|\ud800' })),
      'token_without_user',
    ],
    ['an empty subject', async () => firebase.sign(claims({ ...FIREBASE, sub: '' })), 'token_without_user'],
    [
      'a subject of 501 letters',
      async () => firebase.sign(claims({ ...FIREBASE, sub: 's'.repeat(501) })),
      'token_without_user',
    ],
    ['a payload that is no object', async () => unsigned({ alg: 'RS256', kid: 'one' }, [], 'AAAA'), 'token_invalid'],
    ['an internal token without iat', async () => internalToken({ iat: undefined as never }), 'token_invalid'],
    ['an internal token of an old secret', async () => internalToken({}, bytes('older still')), 'token_invalid'],
    ['10 kB', async () => 'x'.repeat(10_000), 'token_invalid'],
  ];

  it.each(REFUSED)('C11: %s', async (_name, make, code) => {
    const refused = await me(await make());
    const problem = expectProblem(refused, 401);
    expect(problem['code']).toBe(code);
    expect(String(problem['detail'])).toContain('Authentication required');
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('sixty seconds of difference between clocks are forgiven', async () => {
    expect((await me(await firebase.sign(claims({ ...FIREBASE, exp: now() - 50 })))).status).toBe(200);
    expect((await me(await firebase.sign(claims({ ...FIREBASE, nbf: now() + 50 })))).status).toBe(200);
  });

  it('a service role claimed by another issuer is a plain person', async () => {
    const token = await firebase.sign(claims({ ...FIREBASE, role: 'service_role', sub: 'oidc|boss' }));
    expect((await me(token)).status).toBe(200);
    expectProblem(await me(token, '/api/v1/admin/audit'), 403);
  });

  it('C13: on a public route a bad token is nobody', async () => {
    expect((await me('x.y.z', '/api/v1/surveys')).status).toBe(200);
    expectProblem(await me('x.y.z', '/api/v1/surveys?status=draft'), 403);
  });

  it('C12: without a token 401 comes before what is wrong with the body; malformed JSON before both (C4)', async () => {
    const post = (body: string) =>
      ask(target.baseUrl, '/api/v1/dms', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expectProblem(await post('{}'), 401);
    expectProblem(await post('{'), 422);
  });

  it.each([
    ['a secret', () => localToken(randomUUID(), { secret: LOCAL_SECRET })],
    ['a published key', () => firebase.sign(claims({ ...FIREBASE, sub: 'oidc|changed' }))],
  ])('any change to a token signed by %s makes it invalid', async (_name, make) => {
    const token = await make();
    expect((await me(token)).status).toBe(200);
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.constantFrom(...'AZaz09-_.'), async (at, letter) => {
        fc.pre(token[at] !== letter);
        const changed = token.slice(0, at) + letter + token.slice(at + 1);
        // The last letter of base64url carries spare bits: the same bytes may be written in two ways.
        fc.pre(!sameBytes(token, changed));
        expect((await me(changed)).status).toBe(401);
      }),
      { numRuns: 60 },
    );
  });

  it('keys that cannot be had are 503 where a user is needed, and nobody elsewhere', async () => {
    const down = await new Issuer().start();
    down.broken = true;
    const server = await startOwnServer({
      db: own.db,
      authenticator: testAuthenticator(own.db, {
        supabase: null,
        issuers: [{ issuer: 'https://down.example', jwksUrl: down.url, audience: ['app'] }],
        internalSecrets: [],
        secret: null,
      }),
    });
    const token = await down.sign(claims({ iss: 'https://down.example', aud: 'app' }));
    const asked = (path: string) => ask(server.baseUrl, path, { headers: { authorization: `Bearer ${token}` } });
    expect(expectProblem(await asked('/api/v1/me'), 503)['code']).toBe('key_set_unavailable');
    expect((await asked('/api/v1/surveys')).status).toBe(200);
    await server.close();
    await down.close();
  });
});

function sameBytes(one: string, two: string): boolean {
  const decode = (token: string) =>
    token
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString('hex'))
      .join('.');
  return decode(one) === decode(two);
}
