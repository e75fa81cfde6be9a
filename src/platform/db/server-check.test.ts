import { createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../tests/helpers/database.ts';
import { connectDatabase } from './connect.ts';
import { DatabaseUnavailable } from './errors.ts';
import { checkServer, refuseOld } from './server-check.ts';
import { maskUrl, withDatabase } from './url.ts';

let base: TestDatabase;
beforeAll(async () => {
  base = await createTestDatabase({ migrated: false });
});
afterAll(() => base.drop());

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** The typed error of a URL, from the check and from the pools; both must agree and print no secret. */
async function refusal(url: string): Promise<DatabaseUnavailable> {
  const checked: unknown = await checkServer(url).catch((error: unknown) => error);
  const db = connectDatabase({ url, poolMax: 2, applicationName: 'trr test' });
  const used: unknown = await db.public.raw('select 1').catch((error: unknown) => error);
  await db.close();
  if (!(checked instanceof DatabaseUnavailable) || !(used instanceof DatabaseUnavailable)) {
    throw new Error(`not refused: ${String(checked)}, ${String(used)}`);
  }
  expect(used.reason).toBe(checked.reason);
  for (const line of [checked.line, used.line]) {
    expect(line).not.toMatch(/\n|s3cret/);
    expect(line).not.toContain(new URL(base.url).password);
  }
  return checked;
}

function withPassword(url: string, password: string): string {
  const parsed = new URL(url);
  parsed.password = password;
  return parsed.toString();
}

/** A server that answers each connection with these bytes, as soon as the client has sent something. */
async function answering(...answers: Buffer[]): Promise<string> {
  const server = createServer((socket) => {
    const left = [...answers];
    socket.on('data', () => {
      const next = left.shift();
      if (next) socket.write(next);
    });
    socket.on('error', () => undefined);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return `postgresql://someone:s3cret@127.0.0.1:${address.port}/app`;
}

function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}

function errorAnswer(code: string, text: string): Buffer {
  return message('E', Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${text}\0\0`));
}

test('a database that does not store UTF-8 is refused before anything is made in it', async () => {
  const name = `latin_${process.pid}`;
  await base.owner(`create database ${name} encoding 'LATIN1' locale_provider 'libc' locale 'C' template template0`);
  try {
    const error: unknown = await checkServer(withDatabase(base.url, name)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ reason: 'encoding', message: expect.stringContaining('LATIN1') });
  } finally {
    await base.owner(`drop database ${name}`);
  }
});

describe('a server that can be used', () => {
  test('is described', async () => {
    const facts = await checkServer(base.url);
    expect(facts.major).toBeGreaterThanOrEqual(15);
    expect(facts.version).toMatch(new RegExp(`^${facts.major}\\.\\d+$`));
    expect(facts).toMatchObject({ user: 'postgres', privileged: true });
    expect(base.url).toContain(facts.database);
  });

  test('but was never migrated is named as such when the pools meet it', async () => {
    // Roles belong to the whole server, so the template's are there; the tables are not.
    const db = connectDatabase({ url: base.url, poolMax: 2, applicationName: 'trr test' });
    await expect(db.public.raw('select 1 from core.shows')).rejects.toMatchObject({ code: '42P01' });
    await db.close();
    const roleless = await answering(errorAnswer('22023', 'role "anon" does not exist'));
    await expect(
      connectDatabase({ url: roleless, poolMax: 2, applicationName: 'trr test' }).public.raw('select 1'),
    ).rejects.toMatchObject({ reason: 'not_migrated', fix: 'run trr db migrate' });
  });
});

describe('a server that cannot be used is refused in one line', () => {
  test('wrong password', async () => {
    const error = await refusal(withPassword(base.url, 's3cret'));
    expect(error.reason).toBe('authentication');
  });

  test('no password', async () => {
    const error = await refusal(withPassword(base.url, ''));
    expect(error.message).toMatch(/wants a password and got none$/);
  });

  test('no such database', async () => {
    const error = await refusal(withDatabase(base.url, 'nowhere'));
    expect(error.reason).toBe('no_database');
    expect(error.line).toContain('/nowhere');
  });

  test('nothing listens', async () => {
    const url = await answering();
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const error = await refusal(url);
    expect(error.reason).toBe('refused');
    expect(error.message).toMatch(/^nothing listens at database 127\.0\.0\.1:\d+\/app$/);
  });

  test('unknown host', async () => {
    expect((await refusal('postgresql://u:s3cret@no-such-host.invalid/app')).reason).toBe('unreachable');
  });

  test('something that hangs up', async () => {
    const url = await answering();
    servers.at(-1)?.on('connection', (socket) => socket.destroy());
    expect((await refusal(url)).reason).toBe('unreachable');
  });

  test('a server without encryption when the URL demands it', async () => {
    const url = await answering(Buffer.from('N'));
    expect((await refusal(`${url}?sslmode=require`)).reason).toBe('tls');
  });

  test('a pooler that refuses the start-up options', async () => {
    const error = await refusal(await answering(errorAnswer('08P01', 'unsupported startup parameter: options')));
    expect(error.reason).toBe('transaction_pooler');
    expect(error.line).toMatch(/transaction pooler.*session mode/);
  });

  test('a pooler that gives one session to two connections', async () => {
    const ready = message('Z', Buffer.from('I'));
    const field = Buffer.concat([
      Buffer.from('pid\0'),
      Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 23, 0, 4, 255, 255, 255, 255, 0, 0]),
    ]);
    const answer = Buffer.concat([
      message('T', Buffer.concat([Buffer.from([0, 1]), field])),
      message('D', Buffer.concat([Buffer.from([0, 1, 0, 0, 0, 4]), Buffer.from('4711')])),
      message('C', Buffer.from('SELECT 1\0')),
      ready,
    ]);
    const welcome = Buffer.concat([message('R', Buffer.from([0, 0, 0, 0])), ready]);
    const url = await answering(welcome, ...Array.from({ length: 10 }, () => answer));
    await expect(checkServer(url)).rejects.toMatchObject({ reason: 'transaction_pooler' });
  });

  test('a server that is too old', () => {
    expect(() => refuseOld(14, '14.11 (Debian)', base.url)).toThrow(/is PostgreSQL 14\.11 .* needs 15 or newer/);
    expect(() => refuseOld(15, '15.0', base.url)).not.toThrow();
  });

  test('not a URL at all', async () => {
    for (const url of ['', 'localhost:5432', 'mysql://u:s3cret@localhost/app', 'postgresql://u:s3#cret@:99999/x']) {
      const error: unknown = await checkServer(url).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ reason: 'bad_url' });
      expect(() => connectDatabase({ url, poolMax: 2, applicationName: 'x' })).toThrow(/not a valid postgresql/);
    }
  });
});

test('a masked URL keeps what helps and drops what is secret', () => {
  expect(maskUrl('postgres://ann:s3cret@db.example.org:6543/app?sslpassword=x&password=y')).toBe(
    'postgres://ann:***@db.example.org:6543/app',
  );
  expect(maskUrl('postgresql://db.example.org/app')).toBe('postgresql://db.example.org/app');
  expect(maskUrl('nonsense s3cret')).toBe('(not a valid URL)');
});
