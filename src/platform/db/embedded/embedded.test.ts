import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DatabaseUnavailable } from '../errors.ts';
import { migrate } from '../migrate/migrate.ts';
import { withDatabase } from '../url.ts';
import { ensureLibraryLinks, locatePackage } from './binaries.ts';
import { type EmbeddedOptions, ensureEmbedded, stopEmbedded } from './index.ts';
import { isAlive, isServerOf, readPidFile, waitForExit } from './process.ts';
import { afterFailedStart } from './server.ts';

const STARTER = fileURLToPath(new URL('../../../../tests/helpers/embedded-starter.ts', import.meta.url));
const ROOT = process.getuid?.() === 0;

let base: string;
let options: EmbeddedOptions;
const children: ChildProcess[] = [];

beforeEach(async () => {
  base = await mkdtemp(path.join(existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir(), 'trr-embedded-'));
  await chmod(base, 0o755);
  options = {
    dataDir: path.join(base, '.trr'),
    durable: false,
    systemDir: path.join(base, 'system'),
    timeoutMs: 15_000,
  };
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await stopEmbedded(options).catch(() => undefined);
  await rm(base, { recursive: true, force: true });
});

const home = () => path.join(base, '.trr', 'postgres');
const data = () => path.join(home(), 'cluster', 'data');

async function ask<R>(url: string, text: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows as R[];
  } finally {
    await client.end();
  }
}

interface Report {
  readonly pid: number;
  readonly port: number;
  readonly started: boolean;
  readonly error?: string;
}

/** Starts another process that uses the server; resolves when it is attached. */
async function startOther(): Promise<{ child: ChildProcess; report: Report }> {
  const child = spawn(process.execPath, [STARTER, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  const report = JSON.parse(text) as Report;
  expect(report.error).toBeUndefined();
  return { child, report };
}

/** The one-line refusal of a start that must fail. */
async function refusal(changed: Partial<EmbeddedOptions> = {}): Promise<string> {
  const error: unknown = await ensureEmbedded({ ...options, ...changed }).catch((thrown: unknown) => thrown);
  if (!(error instanceof DatabaseUnavailable)) throw new Error(`not refused: ${String(error)}`);
  expect(error.line).not.toContain('\n');
  return error.line;
}

describe('one process', () => {
  test('gets a server of its own on loopback, with secrets only the owner can read', async () => {
    const server = await ensureEmbedded(options);
    const [row] = await ask<Record<string, string>>(
      server.url,
      `select current_setting('listen_addresses') as listen, current_setting('unix_socket_directories') as sockets,
        (select datlocprovider::text || datlocale from pg_database where datname = 'postgres') as locale,
        current_setting('server_encoding') as encoding, current_setting('password_encryption') as hash`,
    );
    expect(row).toEqual({
      listen: '127.0.0.1',
      sockets: '',
      locale: 'bC.UTF-8',
      encoding: 'UTF8',
      hash: 'scram-sha-256',
    });
    const password = new URL(server.url);
    password.password = 'wrong';
    await expect(ask(password.toString(), 'select 1')).rejects.toMatchObject({ code: '28P01' });
    expect((await stat(path.join(home(), 'cluster', 'password'))).mode & 0o777).toBe(0o600);
    expect((await stat(data())).mode & 0o077).toBe(0);
    expect(await readdir(path.join(home(), 'cluster'))).not.toContain('initial-password');
    expect(await readFile(path.join(home(), 'port'), 'utf8')).toBe(`${server.port}\n`);
    await server.close();
    await server.close();
  });

  test('leaves no server behind, and finds data and port again', async () => {
    const first = await ensureEmbedded(options);
    await ask(first.url, 'create table kept as select 1 as id');
    await first.close();
    expect(await readPidFile(data())).toBeUndefined();
    expect(isAlive(first.pid)).toBe(false);
    const second = await ensureEmbedded(options);
    expect(second).toMatchObject({ started: true, port: first.port, url: first.url });
    expect(await ask(second.url, 'select id from kept')).toEqual([{ id: 1 }]);
    await second.close();
  });

  test('takes another port when the recorded one is taken', async () => {
    const other = await ensureEmbedded({ ...options, dataDir: path.join(base, 'other') });
    await mkdir(home(), { recursive: true });
    await writeFile(path.join(home(), 'port'), `${other.port}\n`);
    const server = await ensureEmbedded(options);
    expect(server.port).not.toBe(other.port);
    await Promise.all([server.close(), other.close()]);
  });

  test('can stop it whoever uses it', async () => {
    expect(await stopEmbedded(options)).toBe(false);
    const server = await ensureEmbedded(options);
    expect(await stopEmbedded(options)).toBe(true);
    expect(isAlive(server.pid)).toBe(false);
    await sleep(50);
    expect(await readPidFile(data())).toBeUndefined(); // not started again behind the person's back
    await server.close();
  });
});

describe('several processes', () => {
  test('share the server; the last one out stops it', async () => {
    const first = await ensureEmbedded(options);
    const other = await startOther();
    expect(other.report).toEqual({ pid: first.pid, port: first.port, started: false });
    await first.close();
    expect(isAlive(first.pid)).toBe(true);
    other.child.stdin?.end();
    expect(await waitForExit(first.pid, 5_000)).toBe(true);
  });

  test('a client that is no process of ours keeps it running too', async () => {
    const server = await ensureEmbedded(options);
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await server.close();
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await client.end();
  });

  test('starting at once on an empty folder end up with one database', async () => {
    const others = await Promise.all([1, 2, 3].map(() => startOther()));
    expect(new Set(others.map(({ report }) => report.pid)).size).toBe(1);
    expect(others.filter(({ report }) => report.started)).toHaveLength(1);
    expect((await readdir(home())).filter((name) => name.includes('.new'))).toEqual([]);
  });

  test('one leaving while another arrives never cuts the other off', async () => {
    for (let round = 0; round < 5; round += 1) {
      const first = await ensureEmbedded(options);
      const [second] = await Promise.all([ensureEmbedded(options), first.close()]);
      expect(await ask(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
      await second.close();
    }
  });

  test('new databases migrated at once do not clash over the roles they share', async () => {
    const server = await ensureEmbedded(options);
    const folder = path.join(base, 'migrations');
    await mkdir(folder);
    await writeFile(path.join(folder, '0001_first.sql'), 'create table made (id int);');
    const names = ['a', 'b', 'c', 'd'];
    for (const name of names) await ask(server.url, `create database ${name}`);
    await Promise.all(names.map((name) => migrate({ url: withDatabase(server.url, name), folder })));
    const roles =
      "select rolname from pg_roles where rolname in ('anon', 'authenticated', 'service_role', 'authenticator')";
    expect(await ask(server.url, roles)).toHaveLength(4);
    await server.close();
  });
});

describe('after kill -9', () => {
  test('of the process that started it, the server lives on and the next process attaches', async () => {
    const { child, report } = await startOther();
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    expect(isAlive(report.pid)).toBe(true);
    const server = await ensureEmbedded(options);
    expect(server).toMatchObject({ pid: report.pid, started: false });
    await server.close(); // the killed process counts as gone
    expect(isAlive(report.pid)).toBe(false);
  });

  test('of the server, the next process recovers every acknowledged row', async () => {
    options = { ...options, durable: true };
    const { child, report } = await startOther();
    const server = await ensureEmbedded(options);
    await ask(server.url, 'create table rows (id int)');
    for (let id = 0; id < 20; id += 1) await ask(server.url, `insert into rows values (${id})`);
    child.kill('SIGKILL');
    process.kill(report.pid, 'SIGKILL');
    const next = await ensureEmbedded(options);
    expect(next.pid).not.toBe(report.pid);
    expect(await ask(next.url, 'select count(*)::int as n from rows')).toEqual([{ n: 20 }]);
    await Promise.all([server.close(), next.close()]);
  });

  test('of the server, many that start it at once all get in', async () => {
    const { child, report } = await startOther();
    child.kill('SIGKILL');
    process.kill(report.pid, 'SIGKILL');
    const all = await Promise.all(Array.from({ length: 6 }, () => ensureEmbedded(options)));
    expect(new Set(all.map(({ pid }) => pid)).size).toBe(1);
    await Promise.all(all.map((one) => one.close()));
  });

  test("of the server, another one's line in the common log is no reason to give up", () => {
    const lines = [
      'FATAL:  database files are incompatible with server',
      'FATAL:  bogus data in lock file "postmaster.pid"',
    ];
    expect(lines.map((line) => afterFailedStart(line, true))).toEqual(['try again', 'try again']);
    expect(lines.map((line) => afterFailedStart(line, false))).toEqual(['give up', 'remove pid file']);
    expect(afterFailedStart('FATAL:  the database system is starting up', false)).toBe('try again');
  });

  test('of the server, a running process starts it again on the same port', async () => {
    const server = await ensureEmbedded(options);
    process.kill(server.pid, 'SIGKILL');
    let answer: unknown;
    for (let attempt = 0; attempt < 200 && answer === undefined; attempt += 1) {
      await sleep(25);
      answer = await ask(server.url, 'select 1 as one').catch(() => undefined);
    }
    expect(answer).toEqual([{ one: 1 }]);
    await server.close();
    expect(await readPidFile(data())).toBeUndefined();
  });

  test('of a process that was making the cluster, the next one begins afresh', async () => {
    const gone = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => gone.once('exit', resolve));
    await mkdir(path.join(home(), `cluster.${gone.pid}.new`, 'data'), { recursive: true });
    await chmod(path.join(base, '.trr'), 0o711);
    await chmod(home(), 0o711);
    const server = await ensureEmbedded(options);
    expect((await readdir(home())).filter((name) => name.startsWith('cluster'))).toEqual(['cluster']);
    await server.close();
  });

  test('and a reboot, a pid file that names a foreign process is seen through', async () => {
    await (await ensureEmbedded(options)).close();
    const pidFile = path.join(data(), 'postmaster.pid');
    await writeFile(pidFile, `${process.pid}\n${data()}\n1\n1\n\n127.0.0.1\n1 1\nready\n`);
    expect(await isServerOf(process.pid, data())).toBe(false);
    const server = await ensureEmbedded(options);
    expect(server.started).toBe(true);
    await server.close();
  });
});

describe('the programs', () => {
  test('get their library links when the install script did not run', async () => {
    const native = path.join(base, 'package', 'native');
    await cp(locatePackage(), native, { recursive: true, verbatimSymlinks: true });
    await cp(path.join(locatePackage(), '..', 'package.json'), path.join(base, 'package', 'package.json'));
    const library = path.join(native, 'lib');
    for (const name of await readdir(library)) {
      const file = path.join(library, name);
      if ((await lstat(file)).isSymbolicLink()) await rm(file);
    }
    const server = await ensureEmbedded({ ...options, native });
    expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await server.close();
    expect(await ensureLibraryLinks(native)).toBe(true);
  });

  test('of a system without a package are missed in one line', () => {
    expect(() => locatePackage('sunos', 's390x')).toThrow(/no bundled PostgreSQL for sunos-s390x/);
  });

  test('that cannot run are named', async () => {
    const native = path.join(base, 'broken', 'native');
    await mkdir(path.join(native, 'bin'), { recursive: true });
    expect(await refusal({ native })).toMatch(/native\/bin\/initdb cannot be started \(ENOENT\)/);
    await writeFile(
      path.join(native, 'bin', 'initdb'),
      '#!/bin/sh\necho "initdb: error: no space left" >&2\nexit 1\n',
      { mode: 0o755 },
    );
    expect(await refusal({ native })).toMatch(/failed: initdb: error: no space left/);
    expect(await readdir(home())).toEqual([]);
  });
});

describe('a data folder', () => {
  test('below a closed home works: root moves data and programs out, others use it as it is', async () => {
    const project = path.join(base, 'closed', 'project');
    await mkdir(project, { recursive: true });
    await chmod(path.join(base, 'closed'), 0o700);
    const closed = { ...options, dataDir: path.join(project, '.trr') };
    const server = await ensureEmbedded(closed);
    const [row] = await ask<{ folder: string }>(server.url, "select current_setting('data_directory') as folder");
    await server.close();
    if (ROOT) {
      expect(row?.folder.startsWith(path.join(base, 'system'))).toBe(true);
      const pointer = await readFile(path.join(project, '.trr', 'postgres', 'location'), 'utf8');
      expect(row?.folder.startsWith(pointer.trim())).toBe(true);
      // Decided once: opening the folder later must not make a second, empty database.
      await chmod(path.join(base, 'closed'), 0o755);
    } else {
      expect(row?.folder.startsWith(project)).toBe(true);
    }
    const again = await ensureEmbedded(closed);
    expect(await ask(again.url, "select current_setting('data_directory') as folder")).toEqual([row]);
    await again.close();
  });

  test('of another major version, incomplete, or a file is refused in one line', async () => {
    await (await ensureEmbedded(options)).close();
    await writeFile(path.join(data(), 'PG_VERSION'), '14\n');
    expect(await refusal()).toMatch(/is of PostgreSQL 14, the bundled programs are 18/);
    await rm(path.join(data(), 'PG_VERSION'));
    expect(await refusal()).toMatch(/is incomplete/);
    await writeFile(path.join(base, 'file'), '');
    expect(await refusal({ dataDir: path.join(base, 'file', '.trr') })).toMatch(/cannot be made \(ENOTDIR\)/);
  });

  test('with damaged data names what the server said', async () => {
    await (await ensureEmbedded(options)).close();
    await rm(path.join(data(), 'global', 'pg_control'));
    expect(await refusal()).toMatch(/could not be started: .*(pg_control|control file|database system)/);
  });

  test('with a lost password says so, and no server stays behind', async () => {
    await (await ensureEmbedded(options)).close();
    await writeFile(path.join(home(), 'cluster', 'password'), 'wrong\n');
    expect(await refusal()).toMatch(/does not accept its recorded password/);
    const left = await readPidFile(data());
    if (left) expect(await waitForExit(left.pid, 5_000)).toBe(true);
    await writeFile(path.join(home(), 'cluster', 'password'), '\n');
    expect(await refusal()).toMatch(/its password file is empty/);
  });

  test('with a broken pid file starts all the same', async () => {
    await (await ensureEmbedded(options)).close();
    for (const text of ['', 'garbage\n']) {
      await writeFile(path.join(data(), 'postmaster.pid'), text);
      const server = await ensureEmbedded(options);
      expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
      // And while it runs, nobody takes a broken file for a dead server.
      await writeFile(path.join(data(), 'postmaster.pid'), text);
      expect(await refusal({ timeoutMs: 300 })).toMatch(/could not be started/);
      expect(isAlive(server.pid)).toBe(true);
      process.kill(server.pid, 'SIGKILL');
      await server.close();
    }
  });

  test('whose pointer leads nowhere is refused, not begun afresh', async () => {
    if (!ROOT) return expect(process.getuid?.()).not.toBe(0);
    await mkdir(home(), { recursive: true });
    for (const place of [path.join(base, 'gone'), 'relative place']) {
      await writeFile(path.join(home(), 'location'), `${place}\n`);
      expect(await refusal()).toMatch(/there is no such folder/);
      expect(existsSync(path.resolve(place))).toBe(false);
    }
  });

  test('with folders where files should be works or says which', async () => {
    const server = await ensureEmbedded(options);
    await server.close();
    await rm(path.join(home(), 'port'));
    await mkdir(path.join(home(), 'port')); // only a convenience
    await (await ensureEmbedded(options)).close();
    await rm(path.join(home(), 'server.log'));
    await mkdir(path.join(home(), 'server.log'));
    expect(await refusal()).toMatch(/EISDIR.*server\.log/);
    await rm(home(), { recursive: true });
    await writeFile(home(), '');
    expect(await refusal()).toMatch(/cannot be (used|made) \(/);
  });
});
