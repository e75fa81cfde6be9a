import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from './http.ts';
import { startOwnServer, startTarget, type Target, TEST_CONFIG } from './server.ts';

const SHOWS = '/api/v1/shows';
const origin = 'https://app.example';
const METHODS = 'GET, POST, PUT, DELETE, OPTIONS';

describe('CORS for any origin (M1-M3)', () => {
  let target: Target;
  beforeAll(async () => {
    target = await startTarget();
  });
  afterAll(() => target.close());

  const preflight = (method: string, headers: Record<string, string> = {}, path = SHOWS) =>
    ask(target.baseUrl, path, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': method, ...headers },
    });

  it('M1: a preflight is 200 "OK" with methods, headers and max-age', async () => {
    for (const path of [SHOWS, `${SHOWS}/abc`, '/health', '/']) {
      const { status, text, headers } = await preflight('GET', {}, path);
      expect([status, text]).toEqual([200, 'OK']);
      expect(headers.get('content-type')).toMatch(/^text\/plain/);
      expect(headers.get('access-control-allow-methods')).toBe(METHODS);
      expect(headers.get('access-control-max-age')).toBe('600');
      expect(headers.get('access-control-allow-origin')).toBe('*');
    }
    const asked = await preflight('PUT', {
      'access-control-request-headers': 'Authorization, content-type,x-anonymous-key,Last-Event-ID',
    });
    expect(asked.status).toBe(200);
    expect(asked.headers.get('access-control-allow-headers')?.split(', ')).toEqual([
      'authorization',
      'content-type',
      'idempotency-key',
      'if-none-match',
      'last-event-id',
      'x-request-id',
      'x-anonymous-key',
    ]);
  });

  it('M2: a method the API does not use is 400', async () => {
    for (const method of ['PATCH', 'TRACE', 'PROPFIND', 'get']) {
      const { status, text } = await preflight(method);
      expect([status, text]).toEqual([400, 'Disallowed CORS method']);
    }
    expect((await preflight('GET', { 'access-control-request-headers': 'x-secret' })).text).toBe(
      'Disallowed CORS headers',
    );
  });

  it('M3: any origin without credentials; the headers a client may read are named', async () => {
    const { headers } = await ask(target.baseUrl, SHOWS, { headers: { origin } });
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    expect(headers.get('vary')).toContain('Origin');
    expect(headers.get('access-control-expose-headers')?.split(', ')).toEqual([
      'ETag',
      'Link',
      'RateLimit',
      'RateLimit-Policy',
      'Retry-After',
      'X-Request-Id',
      'X-Anonymous-Key',
      'Idempotency-Replayed',
    ]);
    const failed = await ask(target.baseUrl, `${SHOWS}?limit=x`, { headers: { origin } });
    expect(failed.headers.get('access-control-allow-origin')).toBe('*');
  });
});

describe('CORS for listed origins (M4)', () => {
  let target: Target;
  beforeAll(async () => {
    const server = { ...TEST_CONFIG.server, corsAllowOrigins: [origin] };
    target = await startOwnServer({ config: { ...TEST_CONFIG, server } });
  });
  afterAll(() => target.close());

  it('M4: only those, with credentials', async () => {
    const from = (name: string) => ask(target.baseUrl, SHOWS, { headers: { origin: name } });
    const known = await from(origin);
    expect(known.headers.get('access-control-allow-origin')).toBe(origin);
    expect(known.headers.get('access-control-allow-credentials')).toBe('true');
    const other = await from('https://evil.example');
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
    expect(other.headers.get('access-control-allow-credentials')).toBeNull();
    const refused = await ask(target.baseUrl, SHOWS, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'GET' },
    });
    expect([refused.status, refused.text]).toEqual([400, 'Disallowed CORS origin']);
  });
});
