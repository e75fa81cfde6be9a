import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, errorsOf, expectProblem, type Json } from './http.ts';
import { startTarget, type Target } from './server.ts';

const UNKNOWN = 'f0000000-0000-4000-8000-00000000000f';
const SHOWS = '/api/v1/shows';

let target: Target;
beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.close());

const request = (path: string, init?: RequestInit) => ask(target.baseUrl, path, init);

describe('common rules (spec/api.md 0)', () => {
  it('C1: an error is a problem object in application/json with a readable detail', async () => {
    const answer = await request(`${SHOWS}/${UNKNOWN}`);
    const body = expectProblem(answer, 404, 'Show not found');
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(body).toMatchObject({ code: 'show_not_found', retryable: false, title: 'Not Found' });
  });

  it('C1: application/problem+json only when Accept names it; a 422 then has a string and errors[]', async () => {
    const problem = { headers: { accept: 'text/html, application/problem+json;q=0.9' } };
    const answer = await request(`${SHOWS}?limit=101`, problem);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const body = expectProblem(answer, 422);
    expect(typeof body['detail']).toBe('string');
    expect(body['errors']).toMatchObject([{ type: 'less_than_equal', loc: ['query', 'limit'] }]);
    for (const accept of ['*/*', 'application/json', 'application/problem+json;q=0']) {
      const plain = await request(`${SHOWS}?limit=101`, { headers: { accept } });
      expect(plain.headers.get('content-type')).toMatch(/^application\/json/);
    }
  });

  it('C2: a 422 lists all errors of all parts', async () => {
    const answer = await request(`${SHOWS}/No%20Such!/images?kind=selfie`);
    expectProblem(answer, 422);
    expect(errorsOf(answer)).toEqual(['literal_error@query.kind', 'uuid_parsing@path.id']);
    const both = await request(`${SHOWS}?limit=101&offset=-1`);
    expect(errorsOf(both)).toEqual(['greater_than_equal@query.offset', 'less_than_equal@query.limit']);
  });

  it('C5: a path id that is neither uuid nor slug is 422', async () => {
    for (const id of ['Not-A-Slug', 'a--b', '-a', 'a%00b', '%ED%95%9C', 'a.b']) {
      const answer = await request(`${SHOWS}/${id}`);
      expectProblem(answer, 422);
      expect(errorsOf(answer)).toContain('uuid_parsing@path.id');
    }
    expectProblem(await request(`${SHOWS}/people/abc`), 422);
    expect((await request(`${SHOWS}/${UNKNOWN.toUpperCase()}/seasons`)).json).toEqual([]);
  });

  it('C6: an unknown path is 404 "Not Found"', async () => {
    for (const path of ['/nope', '/api/v1', '/api/v2/shows', `${SHOWS}/a/b/c/d/e`]) {
      expectProblem(await request(path), 404, 'Not Found');
    }
  });

  it('C7: a wrong method is 405 with Allow; HEAD works wherever GET does', async () => {
    for (const [path, method] of [
      [SHOWS, 'POST'],
      ['/', 'DELETE'],
      [`${SHOWS}/x`, 'PATCH'],
      ['/health', 'OPTIONS'],
      [SHOWS, 'PROPFIND'],
    ] as const) {
      const answer = await request(path, { method });
      expectProblem(answer, 405, 'Method Not Allowed');
      expect(answer.headers.get('allow')).toBe('GET, HEAD');
    }
    for (const path of ['/', '/health', SHOWS, '/openapi.json']) {
      const [head, full] = [await request(path, { method: 'HEAD' }), await request(path)];
      expect([head.status, head.text]).toEqual([200, '']);
      expect(head.headers.get('etag')).toBe(full.headers.get('etag'));
      expect(head.headers.get('content-type')).toBe(full.headers.get('content-type'));
    }
    expect((await request(`${SHOWS}/${UNKNOWN}`, { method: 'HEAD' })).status).toBe(404);
  });

  it('C8: both spellings of a collection answer 200', async () => {
    const [plain, slashed] = [await request(`${SHOWS}?limit=1`), await request(`${SHOWS}/?limit=1`)];
    expect([plain.status, slashed.status]).toEqual([200, 200]);
    expect(slashed.text).toBe(plain.text);
  });

  it('C14, C16: limit 0..100, offset from 0, whole numbers only', async () => {
    const cases: [string, string][] = [
      ['limit=101', 'less_than_equal@query.limit'],
      ['limit=-1', 'greater_than_equal@query.limit'],
      ['offset=-1', 'greater_than_equal@query.offset'],
      ['offset=99999999999999999999', 'less_than_equal@query.offset'],
      ['limit=ten', 'int_parsing@query.limit'],
      ['limit=5.0', 'int_parsing@query.limit'],
      ['limit=', 'int_parsing@query.limit'],
      ['limit=0x5', 'int_parsing@query.limit'],
      ['limit=1&limit=2', 'value_error@query.limit'],
      ['cursor=nonsense', 'value_error@query.cursor'],
      ['q=%00', 'string_unicode@query.q'],
    ];
    for (const [query, error] of cases) {
      const answer = await request(`${SHOWS}?${query}`);
      expectProblem(answer, 422);
      expect(errorsOf(answer), query).toEqual([error]);
    }
  });

  it('C15: limit=0 is 200 []', async () => {
    expect((await request(`${SHOWS}?limit=0`)).json).toEqual([]);
  });

  it('C17: bare arrays; following Link: rel="next" meets every show once, in the order of the whole list', async () => {
    for (const filter of ['', '&q=e', '&genre=Reality']) {
      const whole = (await request(`${SHOWS}?limit=100${filter}`)).json as Json[];
      const walked: unknown[] = [];
      let next: string | undefined = `${SHOWS}?limit=1${filter}`;
      for (let page = 0; next !== undefined && page <= whole.length; page++) {
        const answer = await request(next);
        expect(answer.status, answer.text).toBe(200);
        walked.push(...(answer.json as Json[]).map((show) => show['id']));
        next = /^<([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
      }
      expect(walked).toEqual(whole.map((show) => show['id']));
      expect(next).toBeUndefined();
    }
  });

  it('C14: offset skips rows', async () => {
    const whole = (await request(SHOWS)).json as Json[];
    expect((await request(`${SHOWS}?offset=1&limit=1`)).json).toEqual(whole.slice(1, 2));
  });

  it('C19: dates and timestamps have one form', async () => {
    const [show] = (await request(`${SHOWS}?limit=1`)).json as Json[];
    const detail = (await request(`${SHOWS}/${show?.['id']}`)).json as Json;
    expect(detail['updated_at']).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?\+00:00$/);
  });

  it('bad percent-encoding, over-long parts and broken HTTP are problems too', async () => {
    expectProblem(await raw('GET /api/v1/shows/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'), 400);
    expectProblem(
      await raw(`GET /api/v1/shows/${'a'.repeat(600)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
      414,
    );
    expectProblem(await raw('NONSENSE\r\n\r\n'), 400);
    expectProblem(await raw(`GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'a'.repeat(20_000)}\r\n\r\n`), 431);
  });
});

describe('meta (M5-M7)', () => {
  it('M5, M6: root and health', async () => {
    expect((await request('/')).json).toEqual({ status: 'ok', service: 'trr-backend' });
    expect((await request('/health')).json).toEqual({ status: 'healthy' });
    expect((await request('/health/live')).json).toEqual({ status: 'healthy' });
    expect((await request('/health/ready')).json).toEqual({ status: 'ready', database: 'ok', migrations: 'current' });
  });

  it('M7: the document at both addresses, and a page whose policy allows exactly what it loads', async () => {
    const document = (await request('/openapi.json')).json as Json & { info: Json };
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'The Reality Report API', version: '0.1.0' } });
    expect((await request('/api/v1/openapi.json')).json).toEqual(document);
    const page = await request('/docs');
    expect(page.status).toBe(200);
    const inline = /<script>(.+?)<\/script>/.exec(page.text)?.[1] ?? '';
    const hash = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(inline))).toString('base64');
    expect(page.headers.get('content-security-policy')).toContain(`'sha256-${hash}'`);
    for (const [, file] of page.text.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect((await request(file ?? '')).status, file).toBe(200);
    }
    expectProblem(await request('/docs/..%2f..%2fpackage.json'), 404);
  });

  it('echoes a well-formed request id and replaces any other', async () => {
    const echo = async (id: string) =>
      (await request('/', { headers: { 'x-request-id': id } })).headers.get('x-request-id');
    expect(await echo('abc-123_X.y')).toBe('abc-123_X.y');
    expect(await echo('bad id!')).not.toBe('bad id!');
    expect(await echo('a'.repeat(129))).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('gives public answers an ETag, 304 on a match, and says what an answer depends on', async () => {
    const answer = await request(SHOWS);
    const etag = answer.headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/".+"$/);
    expect(answer.headers.get('cache-control')).toMatch(/^public/);
    expect(answer.headers.get('vary')).toBe('Authorization, Accept, Origin, Accept-Encoding');
    for (const match of [etag, `"other", ${etag}`, etag.slice(2), '*']) {
      const again = await request(SHOWS, { headers: { 'if-none-match': match } });
      expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
    }
    expect((await request(SHOWS, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
    expect((await request('/nope')).headers.get('cache-control')).toBe('no-store');
  });

  it('sends security headers with every answer', async () => {
    for (const path of [SHOWS, '/nope', `${SHOWS}?limit=x`]) {
      const { headers } = await request(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('server')).toBeNull();
    }
  });

  it('answers to known host names only', async () => {
    const host = (name: string) => raw(`GET / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`);
    for (const name of ['localhost', 'localhost:8000', '127.0.0.1:1', '[::1]:8000', 'LocalHost.', 'api.localhost']) {
      expect((await host(name)).status, name).toBe(200);
    }
    for (const name of ['evil.example', 'localhost.evil.example', '127.0.0.1.nip.io', '']) {
      expectProblem(await host(name), 421);
    }
  });

  it('answers 400 to no Host and to two of them', async () => {
    const two = `GET ${SHOWS} HTTP/1.1\r\nHost: localhost\r\nhost: evil.example\r\nConnection: close\r\n\r\n`;
    expectProblem(await raw(two), 400, 'The request has more than one Host header');
    expectProblem(await raw(`GET ${SHOWS} HTTP/1.1\r\nConnection: close\r\n\r\n`), 400);
    expect((await raw('GET /health HTTP/1.0\r\n\r\n')).status).toBe(200);
  });
});

/** Sends bytes as they are; what `fetch` would never send. */
function raw(text: string): Promise<Awaited<ReturnType<typeof ask>>> {
  const { hostname, port } = new URL(target.baseUrl);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      const [head = '', body = ''] = received.split('\r\n\r\n');
      const [first = '', ...lines] = head.split('\r\n');
      const headers = new Headers(lines.map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]));
      resolve({
        status: Number(first.split(' ')[1]),
        headers,
        text: body,
        json: body.startsWith('{') ? JSON.parse(body) : undefined,
      });
    });
  });
}
