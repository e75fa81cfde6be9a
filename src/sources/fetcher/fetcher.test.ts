import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { sendJson, sourceConfig, startUpstream, type Upstream } from '../../../tests/helpers/upstream.ts';
import type { SourceRequest } from '../types.ts';
import { createFetcher, type FetcherOptions } from './fetcher.ts';

const SECRET = 'bearer-secret-value';
const retry = { attempts: 3, baseMs: 5, maxWaitMs: 400, deadlineMs: 5000 };

async function withUpstream(
  handler: (request: IncomingMessage, response: ServerResponse, count: number) => void,
  use: (
    upstream: Upstream,
    open: (options?: Partial<FetcherOptions>) => ReturnType<typeof createFetcher>,
  ) => Promise<void>,
): Promise<void> {
  await using upstream = await startUpstream(handler);
  const opened: ReturnType<typeof createFetcher>[] = [];
  await use(upstream, (options = {}) => {
    const config = options.config ?? sourceConfig({ apiBaseUrl: `${upstream.url}/3` });
    const fetcher = createFetcher({ retry, ...options, config });
    opened.push(fetcher);
    return fetcher;
  });
  for (const fetcher of opened) await fetcher.close();
}

function get(upstream: Upstream, extra: Partial<SourceRequest> = {}): SourceRequest {
  const credentials = { kind: 'header', name: 'authorization', value: `Bearer ${SECRET}` } as const;
  return { source: 'tmdb', method: 'GET', url: `${upstream.url}/3/tv/1?language=en-US`, credentials, ...extra };
}

describe('what an answer means', () => {
  it.each([
    [200, {}, 'ok', 1],
    [304, {}, 'not_modified', 1],
    [404, {}, 'not_found', 1],
    [410, {}, 'gone', 1],
    [401, {}, 'forbidden', 1],
    [403, {}, 'forbidden', 1],
    [202, {}, 'challenged', 1],
    [200, { 'x-amzn-waf-action': 'challenge' }, 'challenged', 1],
    [405, { 'x-amzn-waf-action': 'captcha' }, 'challenged', 1],
    [503, { 'cf-mitigated': 'challenge' }, 'challenged', 1],
    [422, {}, 'transport', 1],
    [400, {}, 'transport', 1],
    [204, {}, 'transport', 1],
    [429, {}, 'rate_limited', 3],
    [408, {}, 'transport', 3],
    [425, {}, 'transport', 3],
    [500, {}, 'transport', 3],
    [503, {}, 'transport', 3],
  ])('HTTP %s %o is %s after %s requests', async (status, headers, kind, requests) => {
    const answer = (_: unknown, response: ServerResponse) => response.writeHead(status, headers).end();
    await withUpstream(answer, async (upstream, open) => {
      const fetcher = open();
      expect(await fetcher.fetch(get(upstream))).toMatchObject({ kind });
      expect(fetcher.counts()).toEqual({ [upstream.host]: requests });
    });
  });

  it("carries TMDb's own code and message", async () => {
    const body = {
      success: false,
      status_code: 7,
      status_message: 'Invalid API key: You must be granted a valid key.',
    };
    await withUpstream(
      (_, response) => sendJson(response, body, 401),
      async (upstream, open) => {
        const outcome = await open().fetch(get(upstream));
        expect(outcome).toMatchObject({ kind: 'forbidden', status: 401, sourceCode: 7 });
        expect('detail' in outcome && outcome.detail).toContain('/3/tv/1: HTTP 401: (7) Invalid API key');
      },
    );
  });

  it('never repeats a secret, however the source phrases it', async () => {
    const status_message = `bad ${SECRET}\n(Bearer ${SECRET}) at /3/tv/1?api_key=other-key&x=1\u001b[31m`;
    await withUpstream(
      (_, response) => sendJson(response, { status_code: 7, status_message }, 401),
      async (upstream, open) => {
        const outcome = await open().fetch(get(upstream));
        const detail = 'detail' in outcome ? outcome.detail : '';
        expect(detail).toContain('[redacted]');
        expect(detail).not.toMatch(/bearer-secret|other-key|[\n\u001b]/);
      },
    );
  });

  it('a server that goes away is transport, and is asked again', async () => {
    await withUpstream(
      (request, response, count) => (count < 3 ? request.socket.resetAndDestroy() : sendJson(response, { id: 1 })),
      async (upstream, open) => {
        expect(await open().fetch(get(upstream))).toMatchObject({ kind: 'ok', via: 'live' });
        expect(upstream.requests).toHaveLength(3);
      },
    );
  });

  it('an answer over the cap is not asked for again', async () => {
    await withUpstream(
      (_, response) => response.end(Buffer.alloc(5000)),
      async (upstream, open) => {
        const fetcher = open();
        expect(await fetcher.fetch(get(upstream, { maxBytes: 1000 }))).toMatchObject({ kind: 'transport' });
        expect(upstream.requests).toHaveLength(1);
      },
    );
  });
});

describe('waiting', () => {
  it('Retry-After stops every caller, not just the one who was told', async () => {
    const clockDate = () => new Date(Date.now() + 1500).toUTCString();
    await withUpstream(
      (_, response, count) =>
        count === 1 ? response.writeHead(429, { 'retry-after': clockDate() }).end() : sendJson(response, {}),
      async (upstream, open) => {
        const fetcher = open();
        const first = fetcher.fetch(get(upstream));
        while (upstream.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        await new Promise((resolve) => setTimeout(resolve, 60));
        const others = Array.from({ length: 5 }, () => fetcher.fetch(get(upstream)));
        expect((await Promise.all([first, ...others])).map(({ kind }) => kind)).toEqual(Array(6).fill('ok'));
        const [told = 0, ...rest] = upstream.requests.map(({ at }) => at);
        // The date has whole seconds and the cap of these tests is 400 ms.
        expect(Math.min(...rest) - told).toBeGreaterThan(300);
        expect(Math.min(...rest) - told).toBeLessThan(1400);
      },
    );
  });

  it('a deadline ends the retries', async () => {
    await withUpstream(
      (_, response) => response.writeHead(503, { 'retry-after': '9' }).end(),
      async (upstream, open) => {
        const fetcher = open({ retry: { ...retry, maxWaitMs: 60_000, deadlineMs: 1000 } });
        const before = performance.now();
        expect(await fetcher.fetch(get(upstream))).toMatchObject({ kind: 'transport', status: 503 });
        expect(performance.now() - before).toBeLessThan(900);
        expect(upstream.requests).toHaveLength(1);
      },
    );
  });

  it('a signal cancels a request under way and one that waits', async () => {
    await withUpstream(
      () => undefined,
      async (upstream, open) => {
        const fetcher = open({ config: sourceConfig({ apiBaseUrl: `${upstream.url}/3`, rate: 1 }) });
        const signal = AbortSignal.timeout(100);
        const outcomes = await Promise.all([
          fetcher.fetch(get(upstream), signal),
          fetcher.fetch(get(upstream), signal),
        ]);
        for (const outcome of outcomes) expect(outcome).toMatchObject({ kind: 'transport' });
        expect(outcomes.map((outcome) => 'detail' in outcome && outcome.detail.endsWith('cancelled'))).toEqual([
          true,
          true,
        ]);
        expect(upstream.requests).toHaveLength(1);
      },
    );
  });

  it('the breaker leaves a failing host alone, then probes', async () => {
    let broken = true;
    await withUpstream(
      (_, response) => (broken ? response.writeHead(500).end() : sendJson(response, {})),
      async (upstream, open) => {
        const fetcher = open({ breaker: { threshold: 5, coolDownMs: 300 } });
        for (let i = 0; i < 4; i++) await fetcher.fetch(get(upstream));
        expect(upstream.requests).toHaveLength(5);
        expect(await fetcher.fetch(get(upstream))).toMatchObject({ kind: 'transport' });
        expect(upstream.requests).toHaveLength(5);
        broken = false;
        await new Promise((resolve) => setTimeout(resolve, 320));
        expect(await fetcher.fetch(get(upstream))).toMatchObject({ kind: 'ok' });
        expect(await fetcher.fetch(get(upstream))).toMatchObject({ kind: 'ok' });
      },
    );
  });
});

describe('what is sent', () => {
  it('user agent, credentials and validators', async () => {
    await withUpstream(
      (_, response) => sendJson(response, {}, 200, { etag: 'W/"2"', 'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT' }),
      async (upstream, open) => {
        const outcome = await open().fetch(get(upstream, { validators: { etag: 'W/"1"' } }));
        expect(outcome).toMatchObject({
          kind: 'ok',
          value: { validators: { etag: 'W/"2"', lastModified: 'Thu, 01 Jan 2026 00:00:00 GMT' } },
        });
        const [sent] = upstream.requests;
        expect(sent?.headers).toMatchObject({ authorization: `Bearer ${SECRET}`, 'if-none-match': 'W/"1"' });
        expect(sent?.headers['user-agent']).toMatch(/^trr-backend\/.+\(\+https:\/\/example\.org\/contact\)$/);
      },
    );
  });

  it('a key goes into the query and into nothing else', async () => {
    await withUpstream(
      (_, response) => response.writeHead(404).end(),
      async (upstream, open) => {
        const credentials = { kind: 'query', name: 'api_key', value: 'key-secret' } as const;
        const outcome = await open().fetch(get(upstream, { credentials }));
        expect(upstream.requests[0]?.url.searchParams.get('api_key')).toBe('key-secret');
        expect(JSON.stringify(outcome)).not.toContain('key-secret');
      },
    );
  });

  it.each([
    ['a source that is switched off', { config: sourceConfig({}, ['fandom']) }, {}, 'forbidden', /TRR_LIVE_SOURCES/],
    ['offline', { offline: true, config: sourceConfig() }, {}, 'not_recorded', /--offline/],
    [
      'missing credentials',
      { config: sourceConfig() },
      { credentials: { kind: 'missing', detail: 'set TMDB_BEARER_TOKEN or TMDB_API_KEY' } },
      'forbidden',
      /set TMDB_BEARER_TOKEN or TMDB_API_KEY$/,
    ],
  ] as const)('nothing, with %s', async (_, options, extra, kind, detail) => {
    const fetcher = createFetcher(options);
    const outcome = await fetcher.fetch({
      source: 'tmdb',
      method: 'GET',
      url: 'https://api.themoviedb.org/3/tv/1',
      ...extra,
    });
    expect(outcome).toMatchObject({ kind, detail: expect.stringMatching(detail) });
    expect(fetcher.counts()).toEqual({});
    await fetcher.close();
  });

  it("nothing to a host that is not the source's", async () => {
    const fetcher = createFetcher({ config: sourceConfig() });
    for (const url of [
      'https://example.org/3/tv/1',
      'http://127.0.0.1:1/3/tv/1',
      'https://api.themoviedb.org.evil.example/',
    ]) {
      await expect(fetcher.fetch({ source: 'tmdb', method: 'GET', url })).rejects.toThrow(/not a host of tmdb/);
    }
    await fetcher.close();
  });
});
