import { randomUUID } from 'node:crypto';
import { connect as connectTcp } from 'node:net';
import { describe, expect, it } from 'vitest';
import { DEFAULT_REALTIME } from '../../src/platform/config/realtime.ts';
import { createLogger } from '../../src/platform/log/logger.ts';
import { type AppParts, buildApp } from '../../src/server/app.ts';
import { EPISODES, FIXTURE } from '../acceptance/fixture.ts';
import { ask } from '../acceptance/http.ts';
import { makeThread } from '../acceptance/people.ts';
import { startOwnServer, TEST_CONFIG } from '../acceptance/server.ts';
import { createTestDatabase } from '../helpers/database.ts';
import { LOCAL_SECRET, localToken, testAuthenticator } from '../helpers/tokens.ts';
import { connect, type HandshakeRefused, withoutBeats } from './socket.ts';

const PATH = `/api/v1/ws/discussions/episodes/${EPISODES.first}`;

async function withServer(
  config: Partial<AppParts['config']>,
  fn: (target: Awaited<ReturnType<typeof startOwnServer>>) => Promise<void>,
): Promise<void> {
  const target = await startOwnServer({ config: { ...TEST_CONFIG, ...config } });
  try {
    await fn(target);
  } finally {
    await target.close();
  }
}

async function statusOf(baseUrl: string, path: string, headers: Record<string, string>): Promise<number> {
  return connect(baseUrl, path, { headers }).then(
    async (socket) => {
      await socket.close();
      return 101;
    },
    (error: unknown) => (error as HandshakeRefused).status,
  );
}

describe('who may open a socket', () => {
  it('pages of this server and of CORS_ALLOW_ORIGINS, and programs', async () => {
    const server = {
      ...TEST_CONFIG.server,
      publicUrl: 'https://api.example.org',
      corsAllowOrigins: ['https://app.example.org'],
    };
    await withServer({ server }, async ({ baseUrl }) => {
      const status = (origin?: string) => statusOf(baseUrl, PATH, origin === undefined ? {} : { origin });
      expect(await status()).toBe(101);
      expect(await status(baseUrl)).toBe(101);
      expect(await status('https://api.example.org')).toBe(101);
      expect(await status('https://app.example.org')).toBe(101);
      for (const origin of [
        'https://evil.example.org',
        'null',
        'https://app.example.org.evil.org',
        'http://app.example.org',
      ]) {
        expect(await status(origin), origin).toBe(403);
      }
    });
  });

  it('any page where no list is set, as for HTTP; never under a foreign host name', async () => {
    await withServer({}, async ({ baseUrl }) => {
      expect(await statusOf(baseUrl, PATH, { origin: 'https://anywhere.example.org' })).toBe(101);
      expect(await statusOf(baseUrl, PATH, { host: 'rebound.example.org' })).toBe(421);
    });
  });

  it('so many of one address, so many at all; places become free', async () => {
    const realtime = { ...DEFAULT_REALTIME, connectionsPerAddress: 2, maxConnections: 3 };
    await withServer({ realtime }, async ({ baseUrl }) => {
      const [one, two] = [await connect(baseUrl, PATH), await connect(baseUrl, PATH)];
      const third = await connect(baseUrl, PATH);
      expect(await third.closed).toMatchObject({ code: 4429 });
      await one.close();
      await expect
        .poll(() => connect(baseUrl, PATH).then((socket) => socket.next('subscribed').then(() => 101)))
        .toBe(101);
      await two.close();
      const streams = `${baseUrl}/api/v1/events?channel=discussions:episode:${EPISODES.first}`;
      await expect.poll(() => fetch(streams).then(({ status }) => status)).toBe(200);
      expect(await fetch(streams).then(({ status }) => status)).toBe(429);
    });
    await withServer({ realtime: { ...realtime, connectionsPerAddress: 0 } }, async ({ baseUrl }) => {
      for (let n = 0; n < 3; n += 1) await connect(baseUrl, PATH);
      expect(await statusOf(baseUrl, PATH, {})).toBe(503);
    });
  });
});

describe('a server that stops', () => {
  it('sends its clients elsewhere with 1001; what was written last is there on the next one', async () => {
    const own = await createTestDatabase();
    await own.owner(FIXTURE);
    const start = async () => {
      const app = await buildApp({
        config: TEST_CONFIG,
        db: own.db,
        authenticator: testAuthenticator(own.db),
        secret: LOCAL_SECRET,
        log: createLogger({ level: 'silent' }),
      });
      return { app, baseUrl: await app.listen({ host: '127.0.0.1', port: 0 }) };
    };
    const [first, second] = [await start(), await start()];
    const socket = await connect(first.baseUrl, PATH);
    const { epoch, offset } = (await socket.next('subscribed')).payload;
    const stream = await fetch(`${first.baseUrl}/api/v1/events?channel=discussions:episode:${EPISODES.first}`);
    const headers = { authorization: `Bearer ${await localToken()}`, 'content-type': 'application/json' };
    const answer = await ask(first.baseUrl, `/api/v1/discussions/episodes/${EPISODES.first}/threads`, {
      method: 'POST',
      headers,
      body: '{"title": "Last words", "type": "general"}',
    });
    const stopping = first.app.close();
    expect(await socket.closed).toEqual({ code: 1001, reason: 'server going away: reconnect' });
    expect(await stream.text()).toContain('"type":"subscribed"');
    await stopping;
    const seen = socket.frames.filter(({ type }) => type === 'thread_created').length;
    const elsewhere = await connect(second.baseUrl, `${PATH}?offset=${Number(offset) + seen}&epoch=${epoch}`);
    expect((await elsewhere.next('subscribed')).payload).toMatchObject({ recovered: true });
    const told = seen === 1 ? withoutBeats(socket.frames).at(-1) : await elsewhere.next('thread_created');
    expect(told?.payload['thread_id']).toBe((answer.json as { id: string }).id);
    await elsewhere.close();
    await second.app.close();
    await own.drop();
  });
});

describe('a socket', () => {
  it('answers an Upgrade to something else as an ordinary request', async () => {
    await withServer({}, async ({ baseUrl }) => {
      const answer = await raw(
        baseUrl,
        'GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n',
      );
      expect(answer).toMatch(/^HTTP\/1\.1 200/);
    });
  });

  it('survives rubbish in the handshake and after it; others do not notice', async () => {
    await withServer({}, async (target) => {
      const { baseUrl } = target;
      const healthy = await connect(baseUrl, PATH);
      await healthy.next('subscribed');
      const handshake = (extra: string) =>
        raw(
          baseUrl,
          `GET ${PATH} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${extra}\r\n`,
        );
      expect(await handshake('')).toMatch(/^HTTP\/1\.1 400/);
      expect(await handshake('Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n')).toMatch(/^HTTP\/1\.1 400/);
      expect(await handshake('Sec-WebSocket-Version: 99\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n')).toMatch(
        /^HTTP\/1\.1 (400|426)/,
      );
      // Bytes that are no frame: an unmasked one, reserved bits, a fragment that continues nothing.
      for (const bytes of [
        [0x81, 0x02, 0x7b, 0x7d],
        [0xf1, 0x80, 0, 0, 0, 0],
        [0x80, 0x80, 0, 0, 0, 0],
      ]) {
        const socket = await connect(baseUrl, PATH);
        (socket.ws as unknown as { _socket: { write(data: Buffer): void } })._socket.write(Buffer.from(bytes));
        expect((await socket.closed).code).toBe(1002);
      }
      const halfOpen = await connect(baseUrl, PATH);
      halfOpen.ws.terminate();
      const ann = await target.user();
      await makeThread(target, ann);
      await healthy.next('thread_created');
      await healthy.close();
    });
  });

  it('lives longer than a request may', async () => {
    const target = await startOwnServer({ limits: { requestMs: 300 } });
    const socket = await connect(target.baseUrl, PATH);
    await socket.next('subscribed');
    await new Promise((resolve) => setTimeout(resolve, 900));
    socket.send('subscribe', { channel: `discussions:episode:${randomUUID()}` });
    await socket.next('subscribed');
    await socket.close();
    await target.close();
  });
});

/** What a server answers to bytes, up to its close or half a second of silence. */
function raw(baseUrl: string, text: string): Promise<string> {
  const { hostname, port } = new URL(baseUrl);
  return new Promise((resolve, reject) => {
    const socket = connectTcp(Number(port), hostname, () => socket.write(text));
    let answer = '';
    socket.setTimeout(500, () => socket.destroy());
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}
