import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_LIMITS } from '../../src/platform/config/limits.ts';
import { EPISODES, IDS } from './fixture.ts';
import { ask, errorsOf, expectProblem, type Json } from './http.ts';
import { done, makeSurvey, makeThread, send } from './people.ts';
import { type Person, startOwnServer, startTarget, type Target, TEST_CONFIG } from './server.ts';

let target: Target;
let ann: Person;
beforeAll(async () => {
  target = await startTarget();
  ann = await target.user();
});
afterAll(() => target.close());

const THREADS = `/api/v1/discussions/episodes/${EPISODES.first}/threads`;
const BODY = { title: 'Once', type: 'general' };

describe('Idempotency-Key', () => {
  const write = (key: string, who: Person = ann, body: Json = BODY) =>
    send(target, 'POST', THREADS, who, body, { 'idempotency-key': key });

  it('answers the same write the same way, and says so', async () => {
    const key = randomUUID();
    const [first, again] = [await write(key), await write(key)];
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.text).toBe(first.text);
    expect([first.headers.get('idempotency-replayed'), again.headers.get('idempotency-replayed')]).toEqual([
      null,
      'true',
    ]);
  });

  it('is one write, however many come at once', async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 12 }, () => write(key)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1);
  });

  it('with another request is 422', async () => {
    const key = randomUUID();
    await write(key);
    const reused = await write(key, ann, { ...BODY, title: 'Twice' });
    expect(expectProblem(reused, 422)).toMatchObject({ code: 'idempotency_key_reused' });
  });

  it('is one’s own: another person’s is another key', async () => {
    const key = randomUUID();
    const bob = await target.user();
    const [mine, theirs] = [(await write(key)).json as Json, (await write(key, bob)).json as Json];
    expect([mine['created_by'], theirs['created_by']]).toEqual([ann.id, bob.id]);
  });

  it('remembers no failure', async () => {
    const key = randomUUID();
    expectProblem(await write(key, ann, { title: 'x', type: 'rant' }), 400);
    expect((await write(key)).status).toBe(200);
  });

  it('brings back the headers, too', async () => {
    const admin = await target.admin();
    const survey = await makeSurvey(target, admin);
    const answer = () =>
      send(
        target,
        'POST',
        `/api/v1/surveys/${survey.id}/submit`,
        null,
        { answers: [{ question_id: survey.choice, answer: 'ana' }] },
        { 'idempotency-key': 'one' },
      );
    const [first, again] = [await answer(), await answer()];
    expect(again.headers.get('x-anonymous-key')).toBe(first.headers.get('x-anonymous-key'));
    expect(again.text).toBe(first.text);
  });

  it('that is none is 422', async () => {
    for (const key of ['', 'a b', 'x'.repeat(256)]) {
      expect(errorsOf(await write(key))).toEqual(['string_pattern_mismatch@header.idempotency-key']);
    }
  });
});

describe('caching', () => {
  it('is public for strangers and private for whoever is signed in', async () => {
    const thread = await makeThread(target, ann);
    const path = `/api/v1/discussions/threads/${thread}/posts`;
    const stranger = await ask(target.baseUrl, path);
    expect(stranger.headers.get('cache-control')).toMatch(/^public/);
    expect(stranger.headers.get('etag')).not.toBeNull();
    const mine = await send(target, 'GET', path, ann);
    expect(mine.headers.get('cache-control')).toBe('private, no-store');
    for (const { headers } of [stranger, mine]) {
      for (const name of ['Authorization', 'Accept', 'Origin']) expect(headers.get('vary')).toContain(name);
    }
    const held = await ask(target.baseUrl, path, { headers: { 'if-none-match': stranger.headers.get('etag') ?? '' } });
    expect(held.status).toBe(304);
  });
});

describe('compression', () => {
  it.each([
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const)('as %s, of what is long enough', async (encoding, unpack) => {
    const packed = await raw(`/api/v1/shows/${IDS.full}`, { 'accept-encoding': encoding });
    expect(packed.headers['content-encoding']).toBe(encoding);
    expect(packed.headers['vary']).toMatch(/accept-encoding/i);
    expect(JSON.parse(unpack(packed.body).toString())).toMatchObject({ id: IDS.full });
    const short = await raw('/health', { 'accept-encoding': encoding });
    expect(short.headers['content-encoding']).toBeUndefined();
    const plain = await raw(`/api/v1/shows/${IDS.full}`, {});
    expect(plain.headers['content-encoding']).toBeUndefined();
  });

  function raw(path: string, headers: Record<string, string>) {
    return new Promise<{ headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
      request(target.baseUrl + path, { headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
      })
        .on('error', reject)
        .end();
    });
  }
});

describe('rate limits', () => {
  let limited: Awaited<ReturnType<typeof startOwnServer>>;
  beforeAll(async () => {
    limited = await startOwnServer({
      config: {
        ...TEST_CONFIG,
        limits: { userReads: 6, userWrites: 3, addressReads: 4, addressWrites: 2, exempt: ['10.1.2.3'] },
        server: { ...TEST_CONFIG.server, trustProxy: ['127.0.0.1'] },
      },
    });
  });
  afterAll(() => limited.close());
  const from = (address: string, path = '/api/v1/shows', init: RequestInit = {}) =>
    ask(limited.baseUrl, path, { ...init, headers: { 'x-forwarded-for': address, ...init.headers } });
  const times = async (count: number, once: () => Promise<{ status: number }>) => {
    const statuses = [];
    for (let n = 0; n < count; n++) statuses.push((await once()).status);
    return statuses;
  };

  it('count strangers by address, and say how much is left', async () => {
    const first = await from('192.0.2.1');
    expect(first.headers.get('ratelimit-policy')).toBe('"minute";q=4;w=60');
    expect(first.headers.get('ratelimit')).toMatch(/^"minute";r=3;t=\d+$/);
    expect(await times(4, () => from('192.0.2.1'))).toEqual([200, 200, 200, 429]);
    const refused = await from('192.0.2.1');
    const problem = expectProblem(refused, 429);
    expect(problem).toMatchObject({ code: 'rate_limited', retryable: true });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(problem['retry_after_ms'])).toBeLessThanOrEqual(60_000);
    expect((await from('192.0.2.2')).status).toBe(200);
  });

  it('take an IPv6 household as one', async () => {
    expect(await times(4, () => from('2001:db8::1'))).toEqual([200, 200, 200, 200]);
    expect((await from('2001:db8::ffff:1')).status).toBe(429);
    expect((await from('2001:db8:0:1::1')).status).toBe(200);
  });

  it('count the signed-in by person, wherever they are; reads and writes apart', async () => {
    const person = await limited.user();
    const as = { headers: person.headers };
    const read = (address: string) => from(address, '/api/v1/me', as);
    // One read was the first sight.
    expect(await times(5, () => read(`192.0.2.${10 + Math.floor(Math.random() * 200)}`))).not.toContain(429);
    expect((await read('192.0.2.9')).status).toBe(429);
    const write = () =>
      from('192.0.2.9', THREADS, {
        method: 'POST',
        body: JSON.stringify(BODY),
        headers: { ...person.headers, 'content-type': 'application/json' },
      });
    expect(await times(4, write)).toEqual([200, 200, 200, 429]);
  });

  it('count invented tokens for their address', async () => {
    let n = 0;
    const guess = () => from('198.51.100.1', '/api/v1/me', { headers: { authorization: `Bearer a.b.${n++}` } });
    expect(await times(5, guess)).toEqual([401, 401, 401, 401, 429]);
  });

  it('spare listed addresses and health', async () => {
    expect(await times(8, () => from('10.1.2.3'))).not.toContain(429);
    expect(await times(8, () => from('192.0.2.1', '/health'))).not.toContain(429);
  });

  it('are off where they are 0', async () => {
    const off = await startOwnServer({ config: { ...TEST_CONFIG, limits: NO_LIMITS } });
    const answer = await ask(off.baseUrl, '/api/v1/shows');
    expect(answer.headers.get('ratelimit')).toBeNull();
    await off.close();
  });
});

describe('metrics', () => {
  it('are for this machine and our services', async () => {
    const text = (await ask(target.baseUrl, '/metrics')).text;
    expect(text).toMatch(/trr_http_requests_total\{operation="createThread",method="POST",status="200"\} \d+/);
    expect(text).toContain('trr_db_connections ');
    expect(text).not.toContain(ann.id);
    const far = await ask(target.baseUrl, '/metrics', { headers: { 'x-forwarded-for': '203.0.113.1' } });
    expect(expectProblem(far, 403)['code']).toBe('metrics_are_private');
  });
});

describe('in the database', () => {
  it('each transaction carries the name of its operation', async ({ skip }) => {
    const own = target.own;
    if (own === undefined) return skip('needs the database behind the server');
    const label = await own.db.asUser(
      { sub: ann.id, role: 'authenticated' },
      (tx) => tx.raw<{ name: string }>("select current_setting('application_name') as name"),
      'sayName',
    );
    expect(label[0]?.name).toMatch(/:sayName$/);
  });

  it('what has expired is forgotten', async ({ skip }) => {
    const own = target.own;
    if (own === undefined) return skip('needs the database behind the server');
    await send(target, 'POST', THREADS, ann, BODY, { 'idempotency-key': 'expires' });
    await own.owner("update identity.idempotency_keys set created_at = now() - interval '25 hours'");
    const again = await send(target, 'POST', THREADS, ann, BODY, { 'idempotency-key': 'expires' });
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, null]);
    const [gone] = await own.owner<{ gone: string }>('select identity.purge_expired() as gone');
    expect(Number(gone?.gone)).toBeGreaterThan(0);
    expect(await own.owner('select from identity.idempotency_keys')).toHaveLength(1);
  });
});

describe('answers', () => {
  it('C3: a missing body is 422 at body', async () => {
    const missing = await send(target, 'POST', THREADS, ann);
    expectProblem(missing, 422);
    expect(errorsOf(missing)).toEqual(['missing@body']);
  });

  it('C9: what is not there is 404 "<Entity> not found"', async () => {
    for (const [path, detail] of [
      [`/shows/${IDS.unknown}`, 'Show not found'],
      [`/people/${IDS.unknown}`, 'Person not found'],
      [`/episodes/${IDS.unknown}`, 'Episode not found'],
      [`/surveys/${IDS.unknown}`, 'Survey not found'],
      [`/discussions/threads/${IDS.unknown}`, 'Thread not found'],
      [`/discussions/posts/${IDS.unknown}`, 'Post not found'],
      ['/users/nobody_at_all', 'User not found'],
      ['/networks/999/shows', 'Network not found'],
    ] as const) {
      expectProblem(await ask(target.baseUrl, `/api/v1${path}`), 404, detail);
    }
  });

  it('C20, C21: what is created is answered with 200 and its declared members only', async () => {
    const made = await send(target, 'POST', THREADS, ann, { ...BODY, surplus: 1 });
    expect(made.status).toBe(200);
    expect(Object.keys(made.json as Json).sort()).toEqual(
      ['author', 'created_at', 'created_by', 'episode_id', 'id', 'is_locked', 'is_removed', 'title', 'type'].sort(),
    );
  });
});

describe('the old way of calling', () => {
  it('still works: bare arrays, readable detail, timestamps as cursors, 200 on creation', async () => {
    const made = await send(target, 'POST', THREADS, ann, BODY);
    expect(made.status).toBe(200);
    expect(Array.isArray((await ask(target.baseUrl, THREADS)).json)).toBe(true);
    expect(typeof ((await ask(target.baseUrl, `/api/v1/shows/${IDS.unknown}`)).json as Json)['detail']).toBe('string');
    const thread = await done(target, 'GET', `/api/v1/discussions/threads/${String((made.json as Json)['id'])}`);
    expect(thread['created_at']).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?\+00:00$/);
    expect((await ask(target.baseUrl, `${THREADS}/`)).status).toBe(200);
  });
});
