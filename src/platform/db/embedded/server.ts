import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { DatabaseUnavailable } from '../errors.ts';
import { type Cluster, cannotRun, lastLine, SERVER_ENVIRONMENT } from './cluster.ts';
import type { Home } from './home.ts';

export interface ServerSettings {
  /** False only for throw-away clusters: no fsync, so a power cut may destroy the data. Default true. */
  readonly durable?: boolean;
  readonly maxConnections?: number;
}

/** Shared memory in files of the data folder, so that removing the folder after kill -9 leaves nothing in /dev/shm. */
const THROW_AWAY = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  dynamic_shared_memory_type: 'mmap',
};

function flags(cluster: Cluster, port: number, settings: ServerSettings): string[] {
  const values: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    // No socket file: the usual folder for it is writable by everybody.
    unix_socket_directories: '',
    max_connections: String(settings.maxConnections ?? 100),
    shared_buffers: '64MB',
    // The program is the only client and counts its connections; what little gets logged must not fill a disk, and statements
    // can hold personal data: server events only.
    log_min_messages: 'log',
    log_checkpoints: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    jit: 'off',
    ...(settings.durable === false ? THROW_AWAY : {}),
  };
  return ['-D', cluster.data, ...Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

const LOG_LIMIT_BYTES = 1_000_000;

/** The outcome of one attempt to start: the process, and what it said if it has ended. */
export interface Started {
  readonly pid: number;
  readonly port: number;
  /** Resolves when the process ends; the last telling line of its log. */
  readonly ended: Promise<string>;
}

/**
 * Starts the server in a session of its own, so that it outlives us whatever kills us. Two starters at once are settled by
 * PostgreSQL's own lock on the data directory: the second one's process ends at once.
 */
export async function spawnServer(home: Home, cluster: Cluster, settings: ServerSettings): Promise<Started> {
  const port = await choosePort(path.join(home.folder, 'port'));
  const log = path.join(home.folder, 'server.log');
  const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_LIMIT_BYTES) await truncate(log);
  const from = size > LOG_LIMIT_BYTES ? 0 : size;
  const descriptor = openSync(log, 'a', 0o600);
  const binary = path.join(home.native, 'bin', 'postgres');
  try {
    const child = spawn(binary, flags(cluster, port, settings), {
      cwd: '/',
      env: SERVER_ENVIRONMENT,
      detached: true,
      stdio: ['ignore', descriptor, descriptor],
      ...(home.identity ?? {}),
    });
    const ended = new Promise<string>((resolve) => {
      child.once('exit', () => resolve(lastLine(tailOf(log, from))));
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => reject(cannotRun(binary, error)));
    });
    child.unref();
    if (child.pid === undefined) throw cannotRun(binary, new Error('no process id'));
    return { pid: child.pid, port, ended };
  } finally {
    closeSync(descriptor);
  }
}

/** Another process was faster, the port was taken, or the last server's children still live: that passes. */
const PASSING =
  /already exists|already running|could not bind|Address already in use|still in use|could not create any TCP|is (starting up|shutting down)/i;

/** What a full disk or a power cut leaves of a pid file; PostgreSQL cannot know whether its writer is still at it. */
const BROKEN_PID_FILE = /bogus data in lock file|lock file "postmaster\.pid" is empty/;

/**
 * What to do after a server of ours has ended at its start. All servers of a data folder write to one log: while another one
 * lives, the line may be about that one and proves nothing.
 * @param line the last telling line of the log
 */
export function afterFailedStart(line: string, anotherLives: boolean): 'try again' | 'remove pid file' | 'give up' {
  if (anotherLives || PASSING.test(line)) return 'try again';
  return BROKEN_PID_FILE.test(line) ? 'remove pid file' : 'give up';
}

/** The port of last time when it is still free (addresses people noted stay right), else any free one. */
async function choosePort(file: string): Promise<number> {
  const recorded = Number((await readFile(file, 'utf8').catch(() => '')).trim());
  if (Number.isInteger(recorded) && recorded > 1023 && recorded < 65536 && (await freePort(recorded))) return recorded;
  const port = await freePort(0);
  if (port === undefined) {
    throw new DatabaseUnavailable('embedded', 'no free port on 127.0.0.1', 'end programs that hold very many ports');
  }
  return port;
}

function freePort(wanted: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(wanted, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : undefined;
      probe.close(() => resolve(port));
    });
  });
}

/** Notes the port for the next start. A convenience: a full disk or a read-only folder must not stop a server that runs. */
export async function recordPort(home: Home, port: number): Promise<void> {
  const file = path.join(home.folder, 'port');
  const known = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (known !== String(port)) await writeFile(file, `${port}\n`).catch(() => undefined);
}

/** Removes a pid file that names a foreign process; only after making sure that no server runs on this data. */
export async function removePidFile(cluster: Cluster): Promise<void> {
  await rm(path.join(cluster.data, 'postmaster.pid'), { force: true });
}

/** What a log says from a place on; nothing when it has been removed with its folder. */
function tailOf(log: string, from: number): string {
  if (!existsSync(log)) return '';
  return readFileSync(log).subarray(from).toString('utf8');
}
