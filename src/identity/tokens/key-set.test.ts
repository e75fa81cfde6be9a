import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errors, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createKeySet, type KeySet, KeySetUnavailable } from './key-set.ts';

const MINUTE = 60_000;
type Pair = Awaited<ReturnType<typeof generateKeyPair>>;

const pairs = new Map<string, Pair>();
let published: string[] = [];
let answer: ((response: ServerResponse) => void) | null = null;
let asked = 0;
const server = createServer((_request, response) => {
  asked += 1;
  if (answer !== null) return answer(response);
  void Promise.all(
    published.map(async (kid) => ({ ...(await exportJWK((pairs.get(kid) as Pair).publicKey)), kid, alg: 'ES256' })),
  ).then((keys) => response.end(JSON.stringify({ keys })));
});

let url: string;
let now = 0;
let problems: unknown[] = [];
const open: KeySet[] = [];
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  for (const kid of ['one', 'two', 'three']) pairs.set(kid, await generateKeyPair('ES256'));
});
afterAll(async () => {
  await Promise.all(open.map((set) => set.close()));
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  [published, answer, asked, now, problems] = [['one'], null, 0, 1_000_000, []];
});

const keySet = (at = url) => {
  const set = createKeySet(at, { clock: () => now, onProblem: (_url, error) => problems.push(error) });
  open.push(set);
  return set;
};
const signed = (kid: string) =>
  new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid }).sign((pairs.get(kid) as Pair).privateKey);
/** `ok`, or the name of what was thrown. */
const verify = async (set: KeySet, kid: string): Promise<string> =>
  jwtVerify(await signed(kid), set.key).then(
    () => 'ok',
    (error: Error) => error.name,
  );
const UNKNOWN = errors.JWKSNoMatchingKey.name;
/** Until the question in the background has its answer. */
const settled = () => expect.poll(() => asked, { interval: 5 }).toBe(2);

describe('published keys', () => {
  it('are asked for once, however many tokens come first', async () => {
    const set = keySet();
    expect(new Set(await Promise.all(Array.from({ length: 20 }, () => verify(set, 'one'))))).toEqual(new Set(['ok']));
    expect(asked).toBe(1);
  });

  it('that are new are found at once after half a minute, and nobody makes us ask more often', async () => {
    const set = keySet();
    expect(await verify(set, 'one')).toBe('ok');
    published = ['one', 'two'];
    now += 29_000;
    expect([await verify(set, 'two'), asked]).toEqual([UNKNOWN, 1]);
    now += 2_000;
    expect([await verify(set, 'two'), asked]).toEqual(['ok', 2]);
    for (let i = 0; i < 50; i++) await verify(set, 'three');
    expect([asked, problems]).toEqual([2, []]);
  });

  it('are refreshed in the background after ten minutes, so that one withdrawn is refused soon', async () => {
    const set = keySet();
    await verify(set, 'one');
    published = ['two'];
    now += 11 * MINUTE;
    expect(await verify(set, 'one')).toBe('ok');
    await settled();
    await expect.poll(() => verify(set, 'one'), { interval: 5 }).toBe(UNKNOWN);
  });

  it('are asked for first after an hour without use', async () => {
    const set = keySet();
    await verify(set, 'one');
    published = ['two'];
    now += 61 * MINUTE;
    expect(await verify(set, 'one')).toBe(UNKNOWN);
  });

  it('serve on while their issuer is away, and each failed question is told', async () => {
    const set = keySet();
    await verify(set, 'one');
    answer = (response) => response.writeHead(500).end();
    for (const [failed, wait] of [11 * MINUTE, 61 * MINUTE].entries()) {
      now += wait;
      expect(await verify(set, 'one')).toBe('ok');
      await expect.poll(() => problems.length, { interval: 5 }).toBe(failed + 1);
    }
    expect(await verify(set, 'two')).toBe(UNKNOWN);
  });

  const BROKEN: [string, (response: ServerResponse) => void][] = [
    ['an error', (response) => void response.writeHead(404).end()],
    ['no JSON', (response) => void response.end('<html>')],
    ['no key set', (response) => void response.end('{"keys": 1}')],
    ['null', (response) => void response.end('null')],
    ['a megabyte', (response) => void response.end(`{"keys": [], "x": "${'x'.repeat(1_000_000)}"}`)],
    ['a cut connection', (response) => void response.destroy()],
    ['a redirect elsewhere', (response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
  ];
  it.each(BROKEN)('that come as %s are none, until they come', async (_name, broken) => {
    const set = keySet();
    answer = broken;
    expect(await verify(set, 'one')).toBe(KeySetUnavailable.name);
    expect(problems).toHaveLength(1);
    // Within a second nobody makes us ask again.
    answer = null;
    expect([await verify(set, 'one'), asked]).toEqual([KeySetUnavailable.name, 1]);
    now += 1_001;
    expect(await verify(set, 'one')).toBe('ok');
  });

  it('are never fetched from a private address that is not this machine', async () => {
    const set = keySet('http://169.254.169.254/keys');
    expect(await verify(set, 'one')).toBe(KeySetUnavailable.name);
    expect(String(problems[0])).toContain('not a public address');
  });

  it('that are secrets are no keys', async () => {
    answer = (response) => response.end(JSON.stringify({ keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'one' }] }));
    expect(await verify(keySet(), 'one')).toBe(UNKNOWN);
  });
});
