import { afterEach, describe, expect, test } from 'vitest';
import {
  type FaultRule,
  generatedShowId,
  generatedWorld,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from './index.ts';
import { ask } from './testing.ts';

let simulator: Simulator;
afterEach(() => simulator.close());

const SHOW = `/tv/${generatedShowId(1)}`;

async function start(options: Partial<SimulatorOptions> = {}): Promise<void> {
  simulator = await startSimulator({ world: generatedWorld({ shows: 30, seasons: 2 }), ...options });
}

const spoiledBy = (fault: FaultRule['fault'], rest: Partial<FaultRule> = {}) =>
  simulator.setFaults([{ fault, ...rest }]);

describe('conditional requests', () => {
  test('the same answer has the same weak tag and is then 304; an edit makes a new one', async () => {
    await start();
    const before = await ask(simulator, SHOW);
    const tag = before.headers.get('etag') ?? '';
    expect(tag).toMatch(/^W\/"[0-9a-f]{32}"$/);
    expect(before.headers.get('cache-control')).toMatch(/^public, max-age=\d+$/);
    const again = await ask(simulator, SHOW, { 'if-none-match': tag });
    expect([again.status, again.headers.get('etag'), again.body]).toEqual([304, tag, {}]);
    simulator.state.edit(generatedShowId(1), (show) => {
      show.overview = 'Rewritten.';
    });
    const after = await ask(simulator, SHOW, { 'if-none-match': tag });
    expect([after.status, after.body.overview]).toEqual([200, 'Rewritten.']);
    expect(simulator.counts()).toMatchObject({
      total: 3,
      conditional: 2,
      notModified: 1,
      byStatus: { 200: 2, 304: 1 },
    });
  });

  test('errors carry no tag', async () => {
    await start();
    expect((await ask(simulator, '/tv/5')).headers.get('etag')).toBeNull();
  });

  test('gzip only for who accepts it', async () => {
    await start();
    expect((await ask(simulator, SHOW)).headers.get('content-encoding')).toBe('gzip');
    expect((await ask(simulator, SHOW, { 'accept-encoding': 'identity' })).headers.get('content-encoding')).toBeNull();
  });
});

describe('who may ask', () => {
  test('nobody without credentials; a key works as a bearer does', async () => {
    await start();
    const nobody = await fetch(`${simulator.apiBaseUrl}${SHOW}`);
    expect([nobody.status, await nobody.json()]).toMatchObject([401, { status_code: 7, success: false }]);
    const keyed = await fetch(`${simulator.apiBaseUrl}${SHOW}?api_key=secret`);
    expect(keyed.status).toBe(200);
    await keyed.arrayBuffer();
    expect(simulator.requests().map((request) => [request.auth, request.status, request.query])).toEqual([
      ['none', 401, ''],
      ['api_key', 200, ''],
    ]);
  });

  test('with named credentials only those', async () => {
    await start({ auth: { bearer: 'right' } });
    expect((await ask(simulator, SHOW)).status).toBe(401);
    expect((await ask(simulator, SHOW, { authorization: 'Bearer right' })).status).toBe(200);
  });
});

describe('faults', () => {
  test('a status for the first calls of a template, others untouched', async () => {
    await start();
    spoiledBy({ kind: 'status', status: 503 }, { on: '/tv/{id}/season/{n}', times: 2 });
    const statuses = [];
    for (const path of [`${SHOW}/season/1`, SHOW, `${SHOW}/season/2`, `${SHOW}/season/1`])
      statuses.push((await ask(simulator, path)).status);
    expect(statuses).toEqual([503, 200, 503, 200]);
  });

  test('rules can let some through first and can name a path or a pattern', async () => {
    await start();
    simulator.setFaults([
      { on: SHOW, skip: 1, times: 1, fault: { kind: 'status', status: 500 } },
      { on: /page=2/, fault: { kind: 'status', status: 404 } },
    ]);
    const statuses = [];
    for (const path of [SHOW, SHOW, SHOW, '/list/1?page=1', '/list/1?page=2'])
      statuses.push((await ask(simulator, path)).status);
    expect(statuses).toEqual([200, 500, 200, 200, 404]);
  });

  test.each(['seconds', 'date'] as const)('429 says when to come back in %s', async (form) => {
    await start();
    spoiledBy({ kind: 'status', status: 429, retryAfter: 3, retryAfterForm: form }, { times: 1 });
    const { status, headers, body } = await ask(simulator, SHOW);
    expect([status, body.status_code]).toEqual([429, 25]);
    const value = headers.get('retry-after') ?? '';
    if (form === 'seconds') expect(value).toBe('3');
    else expect(Date.parse(value) - Date.now()).toBeGreaterThan(1_000);
  });

  test('the upstream’s own limit lets a burst through, then refuses, then recovers', async () => {
    await start({ rateLimit: { perSecond: 50, burst: 5 } });
    const burst = await Promise.all(Array.from({ length: 12 }, () => ask(simulator, SHOW)));
    const refused = burst.filter((asked) => asked.status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(4);
    expect(refused.length).toBeLessThanOrEqual(7);
    expect(refused[0]?.headers.get('retry-after')).toBe('1');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await ask(simulator, SHOW)).status).toBe(200);
  });

  test('latency is kept, for all or for a template', async () => {
    await start({ latencyMs: 60 });
    simulator.setFaults([{ on: '/tv/{id}', fault: { kind: 'latency', ms: 100, jitterMs: 20 } }]);
    const took = async (path: string) => {
      const begin = performance.now();
      await ask(simulator, path);
      return performance.now() - begin;
    };
    expect(await took(`${SHOW}/season/1`)).toBeGreaterThanOrEqual(59);
    expect(await took(SHOW)).toBeGreaterThanOrEqual(159);
  });

  test('a reset, a body cut short and silence break the connection', async () => {
    await start();
    spoiledBy({ kind: 'reset' });
    await expect(ask(simulator, SHOW)).rejects.toThrow();
    spoiledBy({ kind: 'truncated' });
    await expect(ask(simulator, SHOW)).rejects.toThrow();
    spoiledBy({ kind: 'silence' });
    await expect(fetch(`${simulator.apiBaseUrl}${SHOW}`, { signal: AbortSignal.timeout(150) })).rejects.toThrow();
    expect(simulator.counts().byStatus).toEqual({ 0: 1, 200: 1 });
  });

  test('a slow body arrives whole, late', async () => {
    await start();
    const whole = await ask(simulator, '/watch/providers/tv');
    spoiledBy({ kind: 'slow-body', bytesPerSecond: 2_000 });
    const begin = performance.now();
    expect((await ask(simulator, '/watch/providers/tv')).body).toEqual(whole.body);
    expect(performance.now() - begin).toBeGreaterThan(100);
  });

  test('answers that are not what they say', async () => {
    await start();
    const text = async (fault: FaultRule['fault']) => {
      spoiledBy(fault);
      const response = await fetch(`${simulator.apiBaseUrl}${SHOW}`, { headers: { authorization: 'Bearer x' } });
      return { type: response.headers.get('content-type') ?? '', text: await response.text() };
    };
    for (const kind of ['cut-json', 'not-json'] as const) {
      const answer = await text({ kind });
      expect(answer.type).toContain('json');
      expect(() => JSON.parse(answer.text)).toThrow();
    }
    expect(JSON.parse((await text({ kind: 'not-object' })).text)).toEqual([null]);
    const page = await text({ kind: 'html' });
    expect([page.type, page.text.slice(0, 9)]).toEqual(['text/html; charset=utf-8', '<!doctype']);
    const big = await text({ kind: 'oversize', bytes: 3_000_000 });
    expect([Buffer.byteLength(big.text), typeof JSON.parse(big.text)]).toEqual([3_000_000, 'object']);
  });

  test('blocks left out, another id, changed fields', async () => {
    await start();
    spoiledBy({ kind: 'missing-blocks', blocks: ['images'] });
    const missing = await ask(simulator, `${SHOW}?append_to_response=images,external_ids`);
    expect([missing.body.images, typeof missing.body.external_ids]).toEqual([undefined, 'object']);
    spoiledBy({ kind: 'wrong-id' });
    expect((await ask(simulator, SHOW)).body.id).toBe(999_999_999);
    spoiledBy({ kind: 'replace-fields', fields: { seasons: 'none' } });
    expect((await ask(simulator, SHOW)).body.seasons).toBe('none');
  });
});

describe('what was asked', () => {
  test('counts by template, and the most in any second', async () => {
    await start();
    await Promise.all([1, 2, 3].map((n) => ask(simulator, `/tv/${generatedShowId(n)}`)));
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    await ask(simulator, `${SHOW}/season/1`);
    await ask(simulator, '/nowhere');
    expect(simulator.counts()).toMatchObject({
      total: 5,
      byTemplate: { '/tv/{id}': 3, '/tv/{id}/season/{n}': 1, '(unknown)': 1 },
      perSecondHighWater: 3,
      inFlight: 0,
    });
    expect(simulator.counts().bodyBytes).toBeGreaterThan(1_000);
    expect(simulator.requests()).toHaveLength(5);
    simulator.reset();
    expect(simulator.counts()).toMatchObject({ total: 0, byTemplate: {}, perSecondHighWater: 0 });
  });

  test('requests in flight at once', async () => {
    await start({ latencyMs: 80 });
    await Promise.all(Array.from({ length: 6 }, () => ask(simulator, SHOW)));
    expect(simulator.counts().inFlightHighWater).toBe(6);
  });
});
