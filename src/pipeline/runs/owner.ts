import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who runs a run: enough to tell later whether that process is still there. */
export interface RunOwner {
  readonly host: string;
  readonly pid: number;
  /** Boot id of the machine, where it tells one. */
  readonly boot: string | null;
}

export function thisProcess(): RunOwner {
  return { host: hostname(), pid: process.pid, boot: bootId() };
}

/**
 * True when the owner cannot be working any more: on this machine its process is gone (or the machine was restarted since),
 * elsewhere it has been silent for 30 s.
 */
export function isDead(
  owner: { readonly host: string | null; readonly pid: number | null; readonly boot: string | null },
  silent: boolean,
  here: RunOwner,
): boolean {
  if (silent) return true;
  if (owner.host !== here.host || owner.pid === null) return false;
  if (owner.boot !== null && here.boot !== null && owner.boot !== here.boot) return true;
  return !processExists(owner.pid);
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal is there all the same.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function bootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return null;
  }
}
