import { execFile } from 'node:child_process';
import type { LookupAddress } from 'node:dns';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDownloader, type Downloaded } from '../../src/media/download/download.ts';
import { createOrigins, type Origins } from '../../src/media/download/origins.ts';
import { startUpstream, type Upstream } from '../helpers/upstream.ts';

/** Must never hear anything, not even a connection. */
let canary: Upstream;
/** An allowed upstream that sends us elsewhere. */
let origin: Upstream;
let origins: Origins;

beforeAll(async () => {
  canary = await startUpstream((_, response) => response.end('you should not be here'));
  origin = await startUpstream((request, response) => {
    const url = new URL(request.url ?? '/', 'http://origin');
    const to = url.searchParams.get('to');
    if (to !== null) return response.writeHead(302, { location: to }).end();
    const hops = url.searchParams.get('hops');
    if (hops !== null) return response.writeHead(302, { location: `?hops=${Number(hops) + 1}` }).end();
    return response.end('image bytes');
  });
  origins = {
    ...createOrigins(),
    moved: {
      hosts: ['cdn.allowed.test'],
      gate: 'moved',
      rewrite: { from: 'https://cdn.allowed.test/base', to: origin.url },
    },
  };
});
afterAll(async () => {
  await canary[Symbol.asyncDispose]();
  await origin[Symbol.asyncDispose]();
});

const port = () => new URL(canary.url).port;

async function fetched(source: string, url: string, resolve?: (host: string) => LookupAddress[]): Promise<Downloaded> {
  const downloader = createDownloader({
    origins,
    contactUrl: null,
    timeoutMs: 3000,
    ...(resolve === undefined
      ? {}
      : {
          resolve: ((host: string, _options: unknown, done: (error: null, found: LookupAddress[]) => void) =>
            done(null, resolve(host))) as never,
        }),
  });
  try {
    const answer = await downloader.fetch({ source, url, page: null });
    if (answer.kind === 'file') await answer.file.discard();
    return answer;
  } finally {
    await downloader.close();
  }
}

describe('S1: what an address may be', () => {
  /** `PORT` is the canary's. */
  const REFUSED: readonly [why: string, url: string, reason: string][] = [
    ['loopback', 'http://127.0.0.1:PORT/x.jpg', 'scheme_not_allowed'],
    ['loopback by https', 'https://127.0.0.1:PORT/x.jpg', 'host_not_allowed'],
    ['another loopback', 'https://127.8.9.10:PORT/x.jpg', 'host_not_allowed'],
    ['loopback by name', 'https://localhost:PORT/x.jpg', 'host_not_allowed'],
    ['IPv6 loopback', 'https://[::1]:PORT/x.jpg', 'host_not_allowed'],
    ['mapped', 'https://[::ffff:127.0.0.1]:PORT/x.jpg', 'host_not_allowed'],
    ['mapped in hexadecimal', 'https://[::ffff:7f00:1]:PORT/x.jpg', 'host_not_allowed'],
    ['translated', 'https://[64:ff9b::7f00:1]:PORT/x.jpg', 'host_not_allowed'],
    ['decimal', 'https://2130706433:PORT/x.jpg', 'host_not_allowed'],
    ['hexadecimal', 'https://0x7f000001:PORT/x.jpg', 'host_not_allowed'],
    ['octal', 'https://0177.0.0.1:PORT/x.jpg', 'host_not_allowed'],
    ['short', 'https://127.1:PORT/x.jpg', 'host_not_allowed'],
    ['nowhere', 'https://0.0.0.0:PORT/x.jpg', 'host_not_allowed'],
    ['full-width digits', 'https://１２７.０.０.１:PORT/x.jpg', 'host_not_allowed'],
    ['cloud metadata', 'http://169.254.169.254/latest/meta-data/', 'scheme_not_allowed'],
    ['cloud metadata by https', 'https://169.254.169.254/latest/meta-data/', 'host_not_allowed'],
    ['private network', 'https://10.0.0.1/x.jpg', 'host_not_allowed'],
    ['user before the host', 'https://image.tmdb.org@127.0.0.1:PORT/x.jpg', 'credentials_in_url'],
    ['user and password', 'https://user:pass@image.tmdb.org/x.jpg', 'credentials_in_url'],
    ['allowed host as a subdomain', 'https://image.tmdb.org.evil.example/x.jpg', 'host_not_allowed'],
    ['allowed host as a suffix', 'https://evilimage.tmdb.org/x.jpg', 'host_not_allowed'],
    ['trailing dot', 'https://image.tmdb.org./x.jpg', 'host_not_allowed'],
    ['backslash', 'https://127.0.0.1:PORT\\@image.tmdb.org/x.jpg', 'host_not_allowed'],
    ['fragment', 'https://127.0.0.1:PORT#@image.tmdb.org/x.jpg', 'host_not_allowed'],
    ['odd port of an allowed host', 'https://image.tmdb.org:8443/x.jpg', 'port_not_allowed'],
    ['plain http of an allowed host', 'http://image.tmdb.org/x.jpg', 'scheme_not_allowed'],
    ['file', 'file:///etc/passwd', 'scheme_not_allowed'],
    ['ftp', 'ftp://image.tmdb.org/x.jpg', 'scheme_not_allowed'],
    ['data', 'data:image/png;base64,AAAA', 'scheme_not_allowed'],
    ['javascript', 'javascript:alert(1)', 'scheme_not_allowed'],
    ['relative', '/x.jpg', 'bad_url'],
    ['nothing', '', 'bad_url'],
    ["another source's host", 'https://m.media-amazon.com/x.jpg', 'host_not_allowed'],
  ];

  it.each(REFUSED)('%s (%s) is refused', async (_why, url, reason) => {
    expect(await fetched('tmdb', url.replace('PORT', port()))).toMatchObject({ kind: 'not_stored', reason });
    expect(canary.connections()).toBe(0);
  });

  it('a source without hosts has no images', async () => {
    expect(await fetched('wiki', canary.url)).toMatchObject({ reason: 'host_not_allowed' });
  });
});

describe('S1: where a name leads', () => {
  const loopback = [{ address: '127.0.0.1', family: 4 }];
  it.each([
    ['loopback', '127.0.0.1', 4],
    ['cloud metadata', '169.254.169.254', 4],
    ['a private network', '192.168.0.10', 4],
    ['carrier-grade NAT', '100.64.0.1', 4],
    ['IPv6 loopback', '::1', 6],
    ['mapped loopback', '::ffff:127.0.0.1', 6],
    ['a unique local address', 'fd00::1', 6],
  ])('an allowed name that resolves to %s is refused', async (_what, address, family) => {
    const answer = await fetched('tmdb', 'https://image.tmdb.org/x.jpg', () => [{ address, family }]);
    expect(answer).toMatchObject({ reason: 'address_not_allowed' });
    expect(canary.connections()).toBe(0);
  });

  it('a name that rebinds gains nothing: the address that was judged is the one connected to', async () => {
    let asked = 0;
    const answer = await fetched('tmdb', `https://image.tmdb.org/x.jpg`, () => {
      asked += 1;
      return asked === 1 ? [{ address: '203.0.113.1', family: 4 }] : loopback;
    });
    // Documentation addresses lead nowhere; whatever the second answer would have been, it was not used.
    expect(answer).toMatchObject({ kind: 'not_stored' });
    expect(asked).toBe(1);
    const again = await fetched('tmdb', 'https://image.tmdb.org/x.jpg', () => loopback);
    expect(again).toMatchObject({ reason: 'address_not_allowed' });
    expect(canary.connections()).toBe(0);
  });

  it('of several addresses only public ones are tried', async () => {
    const mixed = [
      { address: '127.0.0.1', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ];
    expect(await fetched('tmdb', 'https://image.tmdb.org/x.jpg', () => mixed)).toMatchObject({
      reason: 'address_not_allowed',
    });
  });
});

describe('S1: where redirects lead', () => {
  const via = (to: string) => fetched('moved', `https://cdn.allowed.test/base/x.jpg?to=${encodeURIComponent(to)}`);

  it.each([
    ['the canary', 'http://127.0.0.1:PORT/'],
    ['the canary by another notation', 'http://2130706433:PORT/'],
    ['the canary by name', 'http://localhost:PORT/'],
    ['https on the canary', 'https://127.0.0.1:PORT/'],
    ['cloud metadata', 'http://169.254.169.254/latest/'],
    ['another host', 'https://evil.example/'],
    ['a file', 'file:///etc/passwd'],
    ['a user in front', 'https://cdn.allowed.test@127.0.0.1:PORT/'],
    ['nonsense', 'https://'],
  ])('%s: refused', async (_what, to) => {
    expect(await via(to.replace('PORT', port()))).toMatchObject({ kind: 'not_stored', reason: 'redirect_not_allowed' });
    expect(canary.connections()).toBe(0);
  });

  it('a chain that ends at the canary is refused at its last step', async () => {
    const last = `${origin.url}/?to=${encodeURIComponent(canary.url)}`;
    expect(await via(`${origin.url}/?to=${encodeURIComponent(last)}`)).toMatchObject({
      reason: 'redirect_not_allowed',
    });
    expect(canary.connections()).toBe(0);
  });

  it('an endless chain ends', async () => {
    const before = origin.requests.length;
    expect(await fetched('moved', 'https://cdn.allowed.test/base/x.jpg?hops=1')).toMatchObject({
      reason: 'redirect_not_allowed',
    });
    expect(origin.requests.length - before).toBeLessThanOrEqual(4);
  });

  it('to itself is followed', async () => {
    expect(await via(`${origin.url}/other.jpg`)).toMatchObject({ kind: 'file' });
  });
});

describe('S2: size and time', () => {
  let endless: Server;
  let url: string;
  beforeAll(async () => {
    endless = createServer((request, response) => {
      if (request.url === '/announced.jpg')
        return response.writeHead(200, { 'content-length': String(1 << 30) }).write('x');
      if (request.url === '/slow.jpg') {
        response.writeHead(200);
        const timer = setInterval(() => response.write('x'), 20);
        return response.on('close', () => clearInterval(timer));
      }
      if (request.url === '/packed.jpg') return response.writeHead(200, { 'content-encoding': 'gzip' }).end('x');
      const block = Buffer.alloc(256 * 1024, 1);
      const more = () => {
        while (!response.destroyed && response.write(block));
      };
      response.on('drain', more);
      return more();
    });
    await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(endless.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    endless.closeAllConnections();
    endless.close();
  });

  const downloader = (over: { timeoutMs?: number; maxBytes?: number } = {}) =>
    createDownloader({
      origins: { tmdb: { hosts: [], gate: 'tmdb', rewrite: { from: 'https://image.tmdb.org/t/p/original', to: url } } },
      contactUrl: null,
      ...over,
    });
  const ask = (path: string) => ({ source: 'tmdb', url: `https://image.tmdb.org/t/p/original/${path}`, page: null });

  it('16 endless bodies at once are cut off at 25 MiB each, in less than 64 MB of memory', async () => {
    // In a process of its own: what the upstream needs in this one is not the downloader's.
    const child = path.join(import.meta.dirname, 'endless-child.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [child, url]);
    const { grownMegabytes, reasons } = JSON.parse(stdout) as { grownMegabytes: number; reasons: string[] };
    expect(reasons).toEqual(Array(16).fill('too_large'));
    expect(grownMegabytes).toBeLessThan(64);
  });

  it('an announced size is believed at once; a trickle ends at the deadline; compression is not taken', async () => {
    const own = downloader({ timeoutMs: 300 });
    expect(await own.fetch(ask('announced.jpg'))).toMatchObject({ reason: 'too_large' });
    expect(await own.fetch(ask('slow.jpg'))).toMatchObject({ reason: 'timeout' });
    expect(await own.fetch(ask('packed.jpg'))).toMatchObject({ reason: 'encoding' });
    await own.close();
  });
});

it('sends what the source may know: who asks, what is taken, and Fandom the page', async () => {
  const seen = await startUpstream((_, response) => response.end('x'));
  const rewrite = { from: 'https://static.wikia.nocookie.net', to: seen.url };
  const own = createDownloader({
    origins: { fandom: { hosts: [], gate: 'fandom', rewrite } },
    contactUrl: 'https://us.example/contact',
  });
  const ask = async (page: string | null) => {
    const answer = await own.fetch({
      source: 'fandom',
      url: 'https://static.wikia.nocookie.net/a.jpg',
      page,
      etag: '"e"',
      lastModified: null,
    });
    if (answer.kind === 'file') await answer.file.discard();
    return seen.requests.at(-1)?.headers ?? {};
  };
  expect(await ask('https://survivor.fandom.com/wiki/Ana')).toMatchObject({
    referer: 'https://survivor.fandom.com/wiki/Ana',
    'user-agent': expect.stringContaining('https://us.example/contact'),
    accept: expect.stringContaining('image/webp'),
    'if-none-match': '"e"',
  });
  expect(await ask(null)).toMatchObject({ referer: 'https://real-housewives.fandom.com/' });
  expect(await ask('javascript:alert(1)\r\nX: y')).toMatchObject({ referer: 'https://real-housewives.fandom.com/' });
  expect(own.counts()).toEqual({ [new URL(seen.url).host]: 3 });
  await own.close();
  await seen[Symbol.asyncDispose]();
});
