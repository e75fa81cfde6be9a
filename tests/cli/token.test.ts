import { randomUUID } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, type Json } from '../acceptance/http.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createTrr, type Trr } from '../helpers/trr.ts';

describe('trr token', () => {
  const program: Trr = createTrr(null, null, { LOG_LEVEL: 'warn' });
  let server: ReturnType<Trr['start']>;
  let url: string;
  beforeAll(async () => {
    server = program.start('serve', '--port', '0');
    url = await new Promise<string>((resolve) => {
      server.child.stdout?.on('data', (chunk: string) => {
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(chunk)?.[0];
        if (found !== undefined) resolve(found);
      });
    });
  }, 60_000);
  afterAll(async () => {
    server.child.kill('SIGTERM');
    await server.finished;
    await program.run('db', 'stop');
    program.close();
  });

  const me = async (token: string) =>
    (await ask(url, '/api/v1/me', { headers: { authorization: `Bearer ${token.trim()}` } })).json as Json;

  it('signs for an address, the same person each time, and for an id', async () => {
    const [one, two] = [
      await program.run('token', '--user', 'ann@example.test'),
      await program.run('token', '--user', 'ANN@example.test', '--minutes', '5', '--json'),
    ];
    expect([one.code, two.code], one.stderr + two.stderr).toEqual([0, 0]);
    const said = JSON.parse(two.stdout) as { token: string; user_id: string; expires_in: number };
    const ann = await me(one.stdout);
    expect(ann).toMatchObject({ email: expect.stringMatching(/^ann@example.test$/i), is_admin: false });
    expect([said.user_id, said.expires_in]).toEqual([ann['id'], 300]);
    const { exp = 0, iat = 0 } = decodeJwt(said.token);
    expect(exp - iat).toBe(300);
    const id = randomUUID();
    expect(await me((await program.run('token', '--user', id)).stdout)).toMatchObject({ id, email: null });
  }, 60_000);

  it('makes administrators, on the record', async () => {
    const { stdout } = await program.run('token', '--user', 'root@example.test', '--admin');
    expect(await me(stdout)).toMatchObject({ is_admin: true });
    const headers = { authorization: `Bearer ${stdout.trim()}` };
    const log = (await ask(url, '/api/v1/admin/audit', { headers })).json as Json[];
    expect(log[0]).toMatchObject({ action: 'admin.grant', actor: 'service_role: trr token', reason: 'trr token' });
  });

  it('keeps its secrets to the owner', () => {
    const folder = join(program.env['TRR_DATA_DIR'] ?? '', 'secrets');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  });

  it.each([
    [['token'], '--user'],
    [['token', '--user', 'nobody'], '--user'],
    [['token', '--user', 'a@b', '--minutes', '0'], '--minutes'],
  ])('%j is misuse, in one line', async (args, named) => {
    const { code, stderr } = await program.run(...args);
    expect([code, stderr.trim().split('\n').length]).toEqual([2, 1]);
    expect(stderr).toContain(named);
  });
});

describe('where tokens of this machine are not believed', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it.each([
    ['an external database', {}, 'DATABASE_URL'],
    ['an issuer', { SUPABASE_URL: 'https://x.supabase.co' }, 'issuer'],
    ['another address', { HOST: '0.0.0.0' }, '0.0.0.0'],
  ] as const)('with %s the command says so', async (name, extra, why) => {
    const own = createTrr(name === 'an external database' ? database : null, null, extra);
    const { code, stderr } = await own.run('token', '--user', 'a@b.test');
    own.close();
    expect(code).toBe(2);
    expect(stderr).toContain(why);
  });
});
