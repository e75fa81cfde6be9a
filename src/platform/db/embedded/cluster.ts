import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseUnavailable, errorCode } from '../errors.ts';
import type { Home } from './home.ts';
import { isAlive } from './process.ts';

/** Superuser of embedded clusters; also owner of everything the migrations make, as on the hosted platform. */
export const SUPERUSER = 'postgres';

/** A prepared data directory with its password. */
export interface Cluster {
  readonly data: string;
  readonly password: string;
}

/**
 * Returns the cluster of this home and makes it first when there is none. Data and password are made in a folder of their own
 * that is renamed to `cluster` at the end: killed half-way it leaves nothing that looks finished, and of two processes that do
 * it at once one wins the rename and the other uses the winner's.
 */
export async function ensureCluster(home: Home): Promise<Cluster> {
  const final = path.join(home.folder, 'cluster');
  const existing = await readCluster(home, final);
  if (existing) return existing;
  await removeLeftovers(home.folder);
  const draft = path.join(home.folder, `cluster.${process.pid}.new`);
  await rm(draft, { recursive: true, force: true });
  try {
    await initialise(home, draft);
    await rename(draft, final);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    const code = errorCode(error);
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
  const made = await readCluster(home, final);
  if (made) return made;
  throw new DatabaseUnavailable('embedded', `no database appeared in ${final}`, 'check free space and permissions');
}

async function readCluster(home: Home, folder: string): Promise<Cluster | undefined> {
  const data = path.join(folder, 'data');
  try {
    const version = (await readFile(path.join(data, 'PG_VERSION'), 'utf8')).trim();
    const wanted = await binariesMajor(home.native);
    if (version !== wanted) {
      throw new DatabaseUnavailable(
        'embedded',
        `the embedded database in ${data} is of PostgreSQL ${version}, the bundled programs are ${wanted}`,
        'with the release that made it: trr export --all --out backup.jsonl.gz; then with this one, TRR_DATA_DIR set to a new folder: trr db migrate and trr import --all backup.jsonl.gz',
      );
    }
    const password = (await readFile(path.join(folder, 'password'), 'utf8')).trim();
    if (password === '') throw incomplete(folder, 'its password file is empty');
    return { data, password };
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') {
      if (await stat(folder).catch(() => undefined)) throw incomplete(folder, 'a file is missing', error);
      return undefined;
    }
    if (code === 'EACCES') {
      throw new DatabaseUnavailable(
        'embedded',
        `the embedded database in ${folder} belongs to another user`,
        'run as the user who made it, or set TRR_DATA_DIR to a folder of your own',
        error,
      );
    }
    throw error;
  }
}

function incomplete(folder: string, why: string, cause?: unknown): DatabaseUnavailable {
  return new DatabaseUnavailable(
    'embedded',
    `the embedded database folder ${folder} is incomplete (${why})`,
    'restore it from a backup, or move it away to begin an empty database',
    cause,
  );
}

/** Major version of the programs, as their share folder states it. */
async function binariesMajor(native: string): Promise<string> {
  const control = await readFile(path.join(native, 'share', 'postgresql', 'postgres.bki'), 'utf8');
  return /^# PostgreSQL (\d+)/.exec(control)?.[1] ?? 'unknown';
}

async function initialise(home: Home, draft: string): Promise<void> {
  const password = randomBytes(24).toString('base64url');
  const data = path.join(draft, 'data');
  await mkdir(data, { recursive: true, mode: 0o700 });
  await chmod(draft, 0o711);
  await chmod(data, 0o700);
  await writeFile(path.join(draft, 'password'), `${password}\n`, { mode: 0o600 });
  // initdb reads the password as the server's user, who may not read ours: it gets a copy that lives for one second.
  const copy = path.join(data, '..', 'initial-password');
  await writeFile(copy, `${password}\n`, { mode: 0o600 });
  if (home.identity) {
    await chown(data, home.identity.uid, home.identity.gid);
    await chown(copy, home.identity.uid, home.identity.gid);
  }
  await run(home, 'initdb', [
    `--pgdata=${data}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${copy}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--no-instructions',
  ]);
  await rm(copy);
}

/** Nothing of our environment reaches the server: PGDATA, PGPORT and the like would change what it does. */
export const SERVER_ENVIRONMENT = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

async function run(home: Home, program: string, args: string[]): Promise<void> {
  const binary = path.join(home.native, 'bin', program);
  const child = spawn(binary, args, {
    cwd: '/',
    env: SERVER_ENVIRONMENT,
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(home.identity ?? {}),
  });
  let errors = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (chunk: string) => {
    errors = (errors + chunk).slice(-4000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(cannotRun(binary, error)));
    child.once('close', resolve);
  });
  if (/could not look up effective user/.test(errors)) {
    throw new DatabaseUnavailable(
      'embedded',
      `PostgreSQL does not run as user id ${home.identity?.uid ?? process.getuid?.()}, which has no name on this system`,
      'run as a user that /etc/passwd lists, or set DATABASE_URL',
    );
  }
  if (code !== 0) {
    throw new DatabaseUnavailable(
      'embedded',
      `making the embedded database failed: ${lastLine(errors)}`,
      'check free space and permissions of the data folder, or set DATABASE_URL',
    );
  }
}

/** A program of the package that the system would not start at all. */
export function cannotRun(binary: string, error: unknown): DatabaseUnavailable {
  return new DatabaseUnavailable(
    'embedded',
    `the bundled PostgreSQL program ${binary} cannot be started (${errorCode(error) ?? String(error)})`,
    'install again with npm ci (the programs need glibc, not musl), or set DATABASE_URL',
    error,
  );
}

/** The most telling line of a server's output: the last error, else the last line. */
export function lastLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.findLast((line) => /FATAL|PANIC|error|cannot|could not/i.test(line));
  return (telling ?? lines.at(-1) ?? 'no output').trim();
}

/** Drafts of processes that were killed while they made a cluster. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = /^cluster\.(\d+)\.new$/.exec(name)?.[1];
    if (pid !== undefined && Number(pid) !== process.pid && !isAlive(Number(pid))) {
      await rm(path.join(folder, name), { recursive: true, force: true });
    }
  }
}
