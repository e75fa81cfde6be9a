import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { errorCode } from '../errors.ts';

/** True while a process of this id runs, whoever owns it. A zombie (nobody reaps orphans in many containers) is dead. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errorCode(error) !== 'EPERM') return false;
  }
  if (process.platform !== 'linux') return true;
  try {
    // "pid (command) state ...": the command may hold brackets, the state follows the last one.
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return status.slice(status.lastIndexOf(')') + 2, status.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return true;
  }
}

/** What PostgreSQL wrote into `postmaster.pid`. */
export interface PidFile {
  readonly pid: number;
  /** Null while the server has not opened its port yet. */
  readonly port: number | null;
}

/** Reads `postmaster.pid`; undefined when there is none, that is when the server was stopped in an orderly way. */
export async function readPidFile(data: string): Promise<PidFile | undefined> {
  const text = await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  });
  // Lines: pid, data directory, start time, port, socket folder, listen address, shared memory, status.
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const port = Number(lines[3]);
  return { pid, port: Number.isInteger(port) && port > 0 ? port : null };
}

/**
 * True when process `pid` is a PostgreSQL server on this data directory. After a reboot, and always in containers, a pid file
 * can name a process that has nothing to do with us, and PostgreSQL then refuses to start.
 */
export async function isServerOf(pid: number, data: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const command =
    process.platform === 'linux'
      ? await readFile(`/proc/${pid}/cmdline`, 'utf8').then(
          (text) => text.replaceAll('\0', ' '),
          () => '',
        )
      : await promisify(execFile)('ps', ['-p', String(pid), '-o', 'command=']).then(
          (done) => done.stdout,
          () => '',
        );
  return command.includes(data);
}

/** True when some process is a PostgreSQL server on this data directory, whatever its pid file says. */
export async function anyServerOf(data: string): Promise<boolean> {
  if (process.platform !== 'linux') {
    const all = await promisify(execFile)('ps', ['-axo', 'command=']);
    return all.stdout.includes(`-D ${data} `);
  }
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(`\0-D\0${data}\0`)) return true;
  }
  return false;
}

/** Waits until the process is gone; false when it still runs after `milliseconds`. */
export async function waitForExit(pid: number, milliseconds: number): Promise<boolean> {
  const end = Date.now() + milliseconds;
  while (isAlive(pid)) {
    if (Date.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}
