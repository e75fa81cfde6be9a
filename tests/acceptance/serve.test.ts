import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { addressOf, createTrr, type Trr } from '../helpers/trr.ts';
import { ask, type Json } from './http.ts';

const quiet = { LOG_LEVEL: 'warn', PORT: '0' };

const oneLine = (text: string) => text.trim().split('\n').length === 1;

describe('trr serve on nothing', () => {
  let trr: Trr;
  beforeAll(() => {
    trr = createTrr(null, null, quiet);
  });
  afterAll(async () => {
    await trr.run('db', 'stop');
    trr.close();
  });

  it('makes a database, imports the sample and serves it; the second start imports nothing; SIGTERM ends it with 0', async () => {
    const first = trr.start('serve');
    const url = await addressOf(first);
    const shows = await ask(url, '/api/v1/shows');
    const names = (shows.json as Json[]).map((show) => show['name']);
    expect(names).toEqual(['Last Lantern Standing', 'Survivor', 'TRR Sample Show']);
    expect((await ask(url, '/api/v1/shows/survivor/cast')).json).not.toEqual([]);
    expect((await ask(url, '/health/ready')).status).toBe(200);
    first.child.kill('SIGTERM');
    expect(await first.finished).toMatchObject({ code: 0, stderr: expect.stringContaining('first start') });

    const second = trr.start('serve');
    const again = await addressOf(second);
    expect((await ask(again, '/api/v1/shows')).headers.get('etag')).toBe(shows.headers.get('etag'));
    second.child.kill('SIGINT');
    expect(await second.finished).toMatchObject({ code: 0, stderr: '' });
    const runs = await trr.run('runs', 'list', '--json');
    expect(runs.stdout.match(/first start/g)).toHaveLength(1);
  });
});

describe('trr serve with a database of somebody else', () => {
  let database: TestDatabase;
  let empty: TestDatabase;
  let taken: Server;
  beforeAll(async () => {
    [database, empty] = await Promise.all([createTestDatabase(), createTestDatabase({ migrated: false })]);
    taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    taken.close();
    await Promise.all([database.drop(), empty.drop()]);
  });

  it('serves it as it is, without seed or sample', async () => {
    const trr = createTrr(database, null, quiet);
    const running = trr.start('serve');
    expect((await ask(await addressOf(running), '/api/v1/shows')).json).toEqual([]);
    running.child.kill('SIGTERM');
    expect((await running.finished).code).toBe(0);
    trr.close();
  });

  it('refuses pending migrations in one line, unless told to apply them', async () => {
    const trr = createTrr(empty, null, quiet);
    const refused = await trr.run('serve');
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('migrat') });
    expect(oneLine(refused.stderr)).toBe(true);
    const running = trr.start('serve', '--migrate');
    expect((await ask(await addressOf(running), '/health/ready')).status).toBe(200);
    running.child.kill('SIGTERM');
    expect((await running.finished).code).toBe(0);
    trr.close();
  });

  it('says in one line what is wrong with the address', async () => {
    const trr = createTrr(database, null, quiet);
    const address = taken.address();
    const port = String(typeof address === 'object' ? address?.port : '');
    const cases: [args: string[], code: number, text: string][] = [
      [['--port', port], 1, `port ${port} on 127.0.0.1 is in use`],
      [['--host', '203.0.113.1'], 1, 'not an address of this machine'],
      [['--host', ''], 2, '--host needs a value'],
      [['--port', 'http'], 2, '--port must be a whole number'],
      [['--port', '70000'], 2, '--port must be a whole number'],
      [['--prot', '1'], 2, '--prot'],
    ];
    for (const [args, code, text] of cases) {
      const ended = await trr.run('serve', ...args);
      expect(ended, args.join(' ')).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(text) });
      expect(oneLine(ended.stderr), ended.stderr).toBe(true);
    }
    trr.close();
  });
});
