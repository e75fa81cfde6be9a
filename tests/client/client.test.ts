import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createClient, TrrProblem } from '../../client/src/index.ts';
import { IDS } from '../acceptance/fixture.ts';
import { startOwnServer, type Target } from '../acceptance/server.ts';
import { json, scripted } from './upstream.ts';

const SHOW = { id: IDS.full, name: 'x' };
const busy = (retryAfterMs?: number) =>
  json(503, { detail: 'busy', code: 'database_busy', retryable: true, retry_after_ms: retryAfterMs });

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

describe('against a running server', () => {
  let target: Target;
  beforeAll(async () => {
    target = await startOwnServer();
  });
  afterAll(() => target.close());

  it('answers with typed bodies', async () => {
    const trr = createClient({ baseUrl: target.baseUrl });
    const show = await trr.getShow({ id: IDS.full, include: ['provenance'] });
    expect(show.name).toBe('The Full Show');
    expect(show.attributions).toBeDefined();
  });

  it('reads a list to its end, page by page', async () => {
    const trr = createClient({ baseUrl: target.baseUrl });
    const pages = await collect(trr.pages('listShows', { limit: 2 }));
    const names = (await collect(trr.all('listShows', { limit: 2 }))).map((show) => show.name);
    expect(pages.map((page) => page.length)).toEqual([2, 1]);
    expect(names).toEqual(pages.flat().map((show) => show.name));
    expect(new Set(names).size).toBe(3);
  });

  it('rejects with the problem the server named', async () => {
    const trr = createClient({ baseUrl: target.baseUrl });
    const missing = await trr.getShow({ id: IDS.unknown }).catch((error: unknown) => error);
    expect(missing).toBeInstanceOf(TrrProblem);
    expect(missing).toMatchObject({ status: 404, code: 'show_not_found', message: 'Show not found', retryable: false });
    const wrong = await trr.listShows({ limit: 101 }).catch((error: unknown) => error);
    expect(wrong).toMatchObject({ status: 422, errors: [{ type: 'less_than_equal', loc: ['query', 'limit'] }] });
    expect((wrong as TrrProblem).requestId).toMatch(/.{8,}/);
  });

  it('signs in with a token, and says so when it lacks one', async () => {
    const person = await target.user();
    expect(await createClient({ baseUrl: target.baseUrl, token: person.token }).getMe()).toMatchObject({
      id: person.id,
    });
    await expect(createClient({ baseUrl: target.baseUrl }).getMe()).rejects.toMatchObject({ status: 401 });
  });

  it('asks for a fresh token once when the old one is refused', async () => {
    const person = await target.user();
    const asked: boolean[] = [];
    const trr = createClient({
      baseUrl: target.baseUrl,
      token: ({ refresh }) => {
        asked.push(refresh);
        return refresh ? person.token : 'stale';
      },
    });
    expect((await trr.getMe()).id).toBe(person.id);
    expect(asked).toEqual([false, true]);
  });
});

describe('when the server is in trouble', () => {
  let upstream: Awaited<ReturnType<typeof scripted>>;
  afterEach(() => upstream.close());
  const client = (options = {}) => createClient({ baseUrl: upstream.baseUrl, retry: { baseMs: 1 }, ...options });

  it('tries again, waiting as long as the server asks', async () => {
    upstream = await scripted([busy(60), json(429, {}, { 'retry-after': '0' }), json(200, SHOW)]);
    const started = performance.now();
    expect((await client().getShow({ id: 'a' })).name).toBe('x');
    expect(performance.now() - started).toBeGreaterThanOrEqual(59);
    expect(upstream.seen).toHaveLength(3);
  });

  it('gives up after the last attempt with the last problem', async () => {
    upstream = await scripted([busy()]);
    await expect(client({ retry: { baseMs: 1, attempts: 3 } }).getShow({ id: 'a' })).rejects.toMatchObject({
      code: 'database_busy',
    });
    expect(upstream.seen).toHaveLength(3);
  });

  it('does not wait longer than it was told to', async () => {
    upstream = await scripted([busy(60_000)]);
    await expect(client().getShow({ id: 'a' })).rejects.toMatchObject({ retryAfterMs: 60_000 });
    expect(upstream.seen).toHaveLength(1);
  });

  it('does not repeat what cannot succeed', async () => {
    upstream = await scripted([json(400, { detail: 'no', code: 'bad' })]);
    await expect(client().getShow({ id: 'a' })).rejects.toMatchObject({ status: 400, code: 'bad', message: 'no' });
    expect(upstream.seen).toHaveLength(1);
  });

  it('repeats a read whose connection broke, and says so when it always breaks', async () => {
    upstream = await scripted([(response) => response.destroy(), json(200, SHOW)]);
    expect((await client().getShow({ id: 'a' })).name).toBe('x');
    await upstream.close();
    await expect(client({ retry: { attempts: 2, baseMs: 1 } }).getShow({ id: 'a' })).rejects.toMatchObject({
      status: 0,
      code: 'network_error',
    });
  });

  it('gives up on an answer that takes too long', async () => {
    upstream = await scripted([() => undefined]);
    const slow = client({ timeoutMs: 40, retry: { attempts: 1 } }).getShow({ id: 'a' });
    await expect(slow).rejects.toMatchObject({ code: 'network_error' });
  });

  it("passes the caller's abort on as it is", async () => {
    upstream = await scripted([busy(20_000)]);
    const abort = new AbortController();
    const asked = client().getShow({ id: 'a' }, { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('enough')), 30);
    await expect(asked).rejects.toThrow('enough');
  });

  it('turns a page of a proxy into a problem', async () => {
    upstream = await scripted([(response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad')]);
    await expect(client({ retry: { attempts: 1 } }).getShow({ id: 'a' })).rejects.toMatchObject({
      status: 502,
      code: 'http_502',
      retryable: true,
    });
  });

  it('writes arguments into path and query, nothing else', async () => {
    upstream = await scripted([json(200, [])]);
    await client().listShows({ q: 'a b&c', limit: 3 });
    await client().getShow({ id: 'a/../b' });
    expect(upstream.seen.map((seen) => seen.url)).toEqual([
      '/api/v1/shows?limit=3&q=a+b%26c',
      '/api/v1/shows/a%2F..%2Fb',
    ]);
    expect(upstream.seen[0]?.headers['idempotency-key']).toBeUndefined();
  });
});
