import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { DatabaseUnavailable, errorCode } from '../errors.ts';
import { locatePackage } from './binaries.ts';
import { type Cluster, ensureCluster, SUPERUSER } from './cluster.ts';
import { DEFAULT_SYSTEM_DIR, type Home, prepareHome } from './home.ts';
import { anyServerOf, isServerOf, readPidFile, waitForExit } from './process.ts';
import { afterFailedStart, recordPort, removePidFile, type ServerSettings, spawnServer } from './server.ts';

export interface EmbeddedOptions extends ServerSettings {
  /** Absolute path of the data folder (`.trr`). */
  readonly dataDir: string;
  /** PostgreSQL programs; default: the npm package of this platform. */
  readonly native?: string;
  /** Where root keeps what the server's user cannot reach in the project; default `/var/lib/trr`. */
  readonly systemDir?: string;
  /** How long to wait for a server that starts, recovers or stops; default 30 s. */
  readonly timeoutMs?: number;
}

/** A running embedded server and our claim on it. */
export interface EmbeddedServer {
  /** Superuser URL of the database `postgres`; contains the password. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Folder with data, password, port and log. */
  readonly folder: string;
  /** True when this call started it, false when it was running. */
  readonly started: boolean;
  /** Gives the claim back; the last one out stops the server. Idempotent. */
  close(): Promise<void>;
}

/**
 * Every process that uses the embedded server holds this advisory lock, shared, on one connection while it lives. Who leaves
 * takes it exclusively, without waiting, and stops the server if that succeeds: so nobody is cut off, a process that was
 * killed counts as gone at once, and no server stays behind on a laptop. Whoever attaches in that moment waits for the lock,
 * loses its connection and starts the server again. (Alternatives: leave it running for ever, which surprises; let the
 * starter stop it, which cuts off the others and never happens after kill -9. A start costs 30-60 ms.)
 */
const CLAIM_LOCK = 7_461_883;

/** Longest wait for a server that is started again after a crash; whoever closes meanwhile waits with it. */
const REVIVE_MS = 10_000;

/** Starts the embedded server, or attaches to it when it runs. @throws DatabaseUnavailable with one line on every failure. */
export async function ensureEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  return explained(options.dataDir, async () => {
    const home = await homeOf(options);
    const cluster = await ensureCluster(home);
    const claim = await startOrAttach(home, cluster, options);
    return handle(home, cluster, claim, options);
  });
}

function homeOf(options: EmbeddedOptions): Promise<Home> {
  return prepareHome({
    dataDir: options.dataDir,
    native: options.native ?? locatePackage(),
    systemDir: options.systemDir ?? DEFAULT_SYSTEM_DIR,
  });
}

/** A full disk, a folder where a file should be, too many open files: the system's own words, in our one line. */
async function explained<T>(dataDir: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new DatabaseUnavailable(
      'embedded',
      `the data folder ${dataDir} cannot be used (${error.message})`,
      'check what is there, its permissions and the free space, or set TRR_DATA_DIR to another folder',
      error,
    );
  }
}

interface Claim {
  readonly client: pg.Client;
  readonly port: number;
  readonly pid: number;
  readonly started: boolean;
}

async function startOrAttach(home: Home, cluster: Cluster, options: EmbeddedOptions): Promise<Claim> {
  const end = Date.now() + (options.timeoutMs ?? 30_000);
  let lastSeen = 'it does not answer';
  let startedPid: number | undefined;
  // A server that we started and cannot enter would stay for ever.
  const giveUp = (error: unknown): never => {
    if (startedPid !== undefined) process.kill(startedPid, 'SIGINT');
    throw error;
  };
  while (Date.now() < end) {
    const found = await readPidFile(cluster.data);
    if (found && (await isServerOf(found.pid, cluster.data))) {
      const attached = found.port === null ? undefined : await tryClaim(cluster, found.port).catch(giveUp);
      if (attached) {
        await recordPort(home, attached.port);
        return { ...attached, pid: found.pid, started: found.pid === startedPid };
      }
      await sleep(10);
      continue;
    }
    if (startedPid !== undefined && !found) await sleep(10);
    if (found) await removePidFile(cluster);
    const started = await spawnServer(home, cluster, options);
    startedPid = started.pid;
    // Ready, or ended because another process was faster, its port was taken, or the last server's children still live.
    const waiting = new AbortController();
    const outcome = await Promise.race([started.ended, ready(cluster, started.pid, end, waiting.signal)]);
    waiting.abort();
    if (outcome !== undefined) {
      lastSeen = outcome;
      const next = afterFailedStart(outcome, await anyServerOf(cluster.data));
      if (next === 'give up') break;
      if (next === 'remove pid file') await removePidFile(cluster);
      await sleep(20);
    }
  }
  throw new DatabaseUnavailable(
    'embedded',
    `the embedded database could not be started: ${lastSeen}`,
    `see ${path.join(home.folder, 'server.log')}; if another server holds the data, stop it`,
  );
}

/** Waits until our process has written its port into the pid file. */
async function ready(cluster: Cluster, pid: number, end: number, signal: AbortSignal): Promise<undefined> {
  while (Date.now() < end && !signal.aborted) {
    const found = await readPidFile(cluster.data);
    if (found && found.pid === pid && found.port !== null) return undefined;
    await sleep(5);
  }
  return undefined;
}

async function tryClaim(cluster: Cluster, port: number): Promise<{ client: pg.Client; port: number } | undefined> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: SUPERUSER,
    password: cluster.password,
    database: 'postgres',
    application_name: 'trr claim',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  client.on('error', () => undefined); // a lost claim shows in 'end'
  try {
    await client.connect();
    await client.query('select pg_advisory_lock_shared($1)', [CLAIM_LOCK]);
    return { client, port };
  } catch (error) {
    await client.end().catch(() => undefined);
    if (errorCode(error) === '28P01') {
      throw new DatabaseUnavailable(
        'embedded',
        'the embedded database does not accept its recorded password',
        'restore the file cluster/password beside its data, or set the password of the user postgres to what it says',
        error,
      );
    }
    return undefined; // starting, stopping, or gone again: the caller looks once more
  }
}

function handle(home: Home, cluster: Cluster, first: Claim, options: EmbeddedOptions): EmbeddedServer {
  let claim = first;
  let reviving = Promise.resolve();
  let closing: Promise<void> | undefined;
  const watch = () => {
    claim.client.once('end', () => {
      if (closing === undefined) reviving = revive();
    });
  };
  // A server that crashed (or was killed) is started again, on the recorded port, so pools recover by themselves. One that
  // somebody stopped in an orderly way leaves no pid file and stays down.
  const revive = async () => {
    try {
      await waitForExit(claim.pid, REVIVE_MS);
      if ((await readPidFile(cluster.data)) === undefined) return;
      claim = await startOrAttach(home, cluster, { ...options, timeoutMs: REVIVE_MS });
      watch();
    } catch {
      // The next statement says that nothing listens; there is no caller here to tell.
    }
  };
  watch();
  return {
    url: `postgresql://${SUPERUSER}:${encodeURIComponent(cluster.password)}@127.0.0.1:${first.port}/postgres`,
    port: first.port,
    pid: first.pid,
    folder: home.folder,
    started: first.started,
    close() {
      closing ??= reviving.then(() => leave(claim));
      return closing;
    },
  };
}

async function leave(claim: Claim): Promise<void> {
  const { client } = claim;
  try {
    await client.query('select pg_advisory_unlock_shared($1)', [CLAIM_LOCK]);
    const alone = await client.query('select pg_try_advisory_lock($1) as alone', [CLAIM_LOCK]);
    if (alone.rows[0]?.alone === true && (await quiet(client))) {
      process.kill(claim.pid, 'SIGINT'); // fast shutdown: ends sessions, writes a checkpoint
      await waitForExit(claim.pid, 10_000);
    }
  } catch {
    // The server is gone already: nothing to give back.
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** True when no other client is connected; our own pools' last connections get a moment to disappear. */
async function quiet(client: pg.Client): Promise<boolean> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const others = await client.query(
      "select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() limit 1",
    );
    if (others.rowCount === 0) return true;
    await sleep(25);
  }
  return false;
}

/**
 * Stops the embedded server of a data folder whoever uses it (`trr db stop`).
 * @returns false when it was not running.
 */
export async function stopEmbedded(options: EmbeddedOptions): Promise<boolean> {
  const found = await explained(options.dataDir, async () => {
    const data = path.join((await homeOf(options)).folder, 'cluster', 'data');
    const file = await readPidFile(data);
    return file && (await isServerOf(file.pid, data)) ? file : undefined;
  });
  if (!found) return false;
  process.kill(found.pid, 'SIGINT');
  if (await waitForExit(found.pid, options.timeoutMs ?? 30_000)) return true;
  throw new DatabaseUnavailable(
    'embedded',
    `the embedded database (process ${found.pid}) does not stop`,
    'look at its log, then end that process',
  );
}
