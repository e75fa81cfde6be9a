import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, expectProblem } from '../../tests/acceptance/http.ts';
import { startOwnServer, TEST_CONFIG } from '../../tests/acceptance/server.ts';
import { LOCAL_SECRET, testAuthenticator } from '../../tests/helpers/tokens.ts';
import { connectDatabase } from '../platform/db/connect.ts';
import { createLogger } from '../platform/log/logger.ts';
import { buildApp } from './app.ts';

const SHOWS = '/api/v1/shows';

describe('when the database fails (C10)', () => {
  let target: Awaited<ReturnType<typeof startOwnServer>>;
  const lines: string[] = [];
  beforeAll(async () => {
    target = await startOwnServer({
      log: createLogger({ level: 'info', stream: { write: (line) => void lines.push(line) } }),
      limits: { requestMs: 700 },
    });
  });
  afterAll(() => target.close());

  it('a failing query is 500 with a code; its text is in the log and nowhere else', async () => {
    await target.own.owner('revoke select on core.seasons from anon');
    const answer = await ask(target.baseUrl, `${SHOWS}/the-full-show/seasons`);
    const body = expectProblem(answer, 500, 'Database error during listSeasons');
    expect(body['code']).toBe('database_error');
    expect(answer.text).not.toMatch(/permission|core\.|select/);
    expect(lines.some((line) => line.includes('permission denied') && line.includes(String(body['request_id'])))).toBe(
      true,
    );
    await target.own.owner('grant select on core.seasons to anon');
  });

  it('a request that waits too long is 504, and the next ones are served', async () => {
    const locked = target.own.owner('begin; lock table core.people; select pg_sleep(1.5); commit');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const answer = await ask(target.baseUrl, `${SHOWS}/the-full-show/cast`);
    expect(expectProblem(answer, 504)).toMatchObject({
      code: 'request_timeout',
      retryable: true,
      retry_after_ms: 2000,
    });
    expect(answer.headers.get('retry-after')).toBe('2');
    await locked;
    expect((await ask(target.baseUrl, `${SHOWS}/the-full-show/cast`)).status).toBe(200);
  });

  it('labels each request line with its operation, and never logs a token', async () => {
    await ask(target.baseUrl, `${SHOWS}?token=hunter2&limit=1`, { headers: { authorization: 'Bearer hunter3' } });
    const line = lines.map((text) => JSON.parse(text)).findLast((entry) => entry.operation === 'listShows');
    expect(line).toMatchObject({ method: 'GET', status: 200, url: `${SHOWS}?token=[removed]&limit=1` });
    expect(lines.join('')).not.toMatch(/hunter/);
  });
});

describe('when asked to stop', () => {
  it('answers what is running and what still arrives on its connection, then closes', async () => {
    const target = await startOwnServer();
    const { hostname, port } = new URL(target.baseUrl);
    const socket = connect(Number(port), hostname);
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString();
    });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const locked = target.own.owner('begin; lock table core.people; select pg_sleep(0.6); commit');
    await sleep(100);
    socket.write(`GET ${SHOWS}/the-full-show/cast HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await sleep(100);
    const closing = target.close();
    await sleep(100);
    socket.write(`GET ${SHOWS}/the-full-show HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await Promise.all([closed, closing, locked]);
    expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200']);
  });
});

describe('without a database', () => {
  it('is 503 with Retry-After, live but not ready', async () => {
    const db = connectDatabase({
      url: 'postgresql://nobody:secret@127.0.0.1:9/none',
      poolMax: 2,
      applicationName: 'test',
    });
    const app = await buildApp({
      config: TEST_CONFIG,
      db,
      authenticator: testAuthenticator(db),
      secret: LOCAL_SECRET,
      log: createLogger({ level: 'silent' }),
    });
    const baseUrl = await app.listen({ host: '127.0.0.1', port: 0 });
    for (const path of [SHOWS, '/health/ready']) {
      const answer = await ask(baseUrl, path);
      expect(expectProblem(answer, 503)).toMatchObject({ code: 'database_unavailable', retryable: true });
      expect(answer.headers.get('retry-after')).toBe('2');
      expect(answer.text).not.toMatch(/secret|127\.0\.0\.1|nobody/);
    }
    expect((await ask(baseUrl, '/health')).status).toBe(200);
    await app.close();
    await db.close();
  });

  it('is not ready while migrations are pending', async () => {
    const db = connectDatabase({ url: 'postgresql://127.0.0.1:9/none', poolMax: 2, applicationName: 'test' });
    const readiness = { pendingMigrations: async () => ['0099'] };
    const app = await buildApp({
      config: TEST_CONFIG,
      db,
      authenticator: testAuthenticator(db),
      secret: LOCAL_SECRET,
      log: createLogger({ level: 'silent' }),
      readiness,
    });
    const answer = await app.inject('/health/ready');
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'migrations_pending']);
    await app.close();
    await db.close();
  });
});
