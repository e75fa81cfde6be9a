import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { startUpstream } from '../../../tests/helpers/upstream.ts';
import {
  createOutboundAgent,
  isPublicAddress,
  loopbackAuthorities,
  type OutboundError,
  outboundRequest,
  userAgent,
} from './index.ts';

const KIB = 1024;

const upstream = await startUpstream((request, response) => {
  const path = request.url ?? '';
  const packed = (encoding: string, body: Buffer) =>
    response.writeHead(200, { 'content-encoding': encoding }).end(body);
  if (path === '/plain') return response.end('hello');
  if (path === '/gzip') return packed('gzip', gzipSync('hello'));
  if (path === '/br') return packed('br', brotliCompressSync('hello'));
  if (path === '/deflate') return packed('deflate', deflateSync('hello'));
  if (path === '/deflate-raw') return packed('deflate', deflateRawSync('hello'));
  if (path === '/twice') return packed('deflate, gzip', gzipSync(deflateSync('hello')));
  if (path === '/empty-gzip') return packed('gzip', Buffer.alloc(0));
  if (path === '/unknown') return packed('zip', Buffer.from('hello'));
  if (path === '/cut-gzip') return packed('gzip', gzipSync('hello'.repeat(1000)).subarray(0, 30));
  if (path === '/not-gzip') return packed('gzip', Buffer.from('hello, I am not packed at all'));
  if (path === '/bomb') return packed('gzip', gzipSync(Buffer.alloc(16 * KIB * KIB)));
  if (path === '/brotli-bomb') return packed('br', brotliCompressSync(Buffer.alloc(16 * KIB * KIB)));
  if (path === '/large') return response.end(Buffer.alloc(200 * KIB));
  if (path === '/near') return response.writeHead(302, { location: '/plain' }).end();
  if (path === '/far') return response.writeHead(302, { location: 'http://127.0.0.1:1/plain' }).end();
  if (path === '/elsewhere') return response.writeHead(302, { location: 'https://example.org/' }).end();
  if (path === '/loop') return response.writeHead(302, { location: '/loop' }).end();
  if (path === '/broken') {
    response.writeHead(200, { 'content-length': '1000' }).write('half');
    return setTimeout(() => response.destroy(), 20);
  }
  if (path === '/reset') return request.socket.resetAndDestroy();
  return undefined; // never answers
});
const agent = createOutboundAgent({ loopback: loopbackAuthorities([upstream.url]) });
afterAll(async () => {
  await agent.destroy();
  await upstream[Symbol.asyncDispose]();
});

const ask = (url: string, options: { signal?: AbortSignal; timeoutMs?: number; agent?: typeof agent } = {}) =>
  outboundRequest(options.agent ?? agent, {
    url: url.startsWith('/') ? `${upstream.url}${url}` : url,
    method: 'GET',
    headers: {},
    maxBytes: 100 * KIB,
    timeoutMs: options.timeoutMs ?? 5000,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
const failureOf = (url: string, options?: Parameters<typeof ask>[1]) =>
  ask(url, options).then(
    () => 'answered',
    (error: OutboundError) => error.failure,
  );

describe('bodies', () => {
  it.each(['/plain', '/gzip', '/br', '/deflate', '/deflate-raw', '/twice'])('%s is unpacked', async (path) => {
    expect((await ask(path)).body.toString()).toBe('hello');
  });

  it('an empty body needs no unpacking', async () => {
    expect((await ask('/empty-gzip')).body).toHaveLength(0);
  });

  it.each([
    ['/large', 'too_large'],
    ['/bomb', 'too_large'],
    ['/brotli-bomb', 'too_large'],
    ['/cut-gzip', 'encoding'],
    ['/not-gzip', 'encoding'],
    ['/unknown', 'encoding'],
    ['/broken', 'network'],
    ['/reset', 'network'],
  ])('%s fails as %s', async (path, failure) => {
    expect(await failureOf(path)).toBe(failure);
  });

  it('the agent is usable after failures', async () => {
    await Promise.all(['/bomb', '/broken', '/reset', '/cut-gzip'].map((path) => failureOf(path)));
    expect((await ask('/plain')).status).toBe(200);
  });
});

describe('time', () => {
  it('a silent server is a timeout', async () => {
    expect(await failureOf('/silent', { timeoutMs: 100 })).toBe('timeout');
  });

  it('our own signal is told apart', async () => {
    expect(await failureOf('/silent', { signal: AbortSignal.timeout(50) })).toBe('aborted');
  });
});

describe('redirects', () => {
  it('are followed on the same host', async () => {
    expect((await ask('/near')).body.toString()).toBe('hello');
  });

  it.each(['/far', '/elsewhere', '/loop'])('%s is refused', async (path) => {
    expect(await failureOf(path)).toBe('redirect');
  });
});

describe('address filter', () => {
  it.each([
    ['8.8.8.8', true],
    ['2606:4700::1111', true],
    ['127.0.0.1', false],
    ['10.1.2.3', false],
    ['172.16.0.1', false],
    ['192.168.1.1', false],
    ['169.254.169.254', false],
    ['100.64.0.1', false],
    ['0.0.0.0', false],
    ['224.0.0.1', false],
    ['255.255.255.255', false],
    ['::1', false],
    ['::', false],
    ['::ffff:127.0.0.1', false],
    ['::ffff:8.8.8.8', true],
    ['fe80::1', false],
    ['fe80::1%eth0', false],
    ['fd00::1', false],
    ['64:ff9b::7f00:1', false],
    ['2002:7f00:1::', false],
    ['not an address', false],
  ])('%s: %s', (address, expected) => {
    expect(isPublicAddress(address)).toBe(expected);
  });

  it('loopback is open only to base URLs that name it', () => {
    const bases = [
      'http://localhost:81/3',
      'http://[::1]:82',
      'https://127.0.0.2/',
      'http://10.0.0.1:83',
      'https://example.org',
    ];
    expect([...loopbackAuthorities(bases)]).toEqual(['localhost:81', '[::1]:82', '127.0.0.2:443']);
  });

  it('refuses loopback by literal, by other notations and by name', async () => {
    const strict = createOutboundAgent();
    const port = new URL(upstream.url).port;
    const hosts = ['127.0.0.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', 'localhost'];
    for (const host of hosts) {
      expect(await failureOf(`http://${host}:${port}/plain`, { agent: strict }), host).toBe('address');
    }
    await strict.destroy();
  });

  it('an exception for one port is none for another', async () => {
    await using other = await startUpstream((_, response) => response.end('private'));
    expect(await failureOf(`${other.url}/plain`)).toBe('address');
  });
});

it('introduces itself with product, version and contact', () => {
  expect(userAgent('https://example.org/c')).toMatch(/^trr-backend\/\d+\.\d+\.\d+ \(\+https:\/\/example\.org\/c\)$/);
});
