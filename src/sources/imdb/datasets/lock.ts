import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A lock without a living owner is believed for this long: the owner may sit on another machine with the same folder. */
const FOREIGN_MS = 60 * 60 * 1000;
const POLL_MS = 250;

/**
 * Runs `work` while no other process works in the folder: a gigabyte is downloaded and read once, by whoever comes first.
 * The lock is a file with the owner's process id; one whose owner is gone is taken over.
 */
export async function withFolderLock<T>(
  path: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  for (;;) {
    signal?.throwIfAborted();
    if (await taken(path)) break;
    if (await isAbandoned(path)) await rm(path, { force: true });
    else await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal });
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function taken(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  const [text, stats] = await Promise.all([readFile(path, 'utf8').catch(() => ''), stat(path).catch(() => null)]);
  if (stats === null) return false;
  const pid = Number(text);
  const age = Date.now() - stats.mtimeMs;
  if (!Number.isInteger(pid) || pid <= 0) return age > 1000;
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return age > FOREIGN_MS * 24;
  } catch (error) {
    const gone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    return gone || age > FOREIGN_MS;
  }
}
