import type { Config } from '../../platform/config/types.ts';
import type { OpenedOwner } from '../../platform/db/open.ts';
import { isLocalUrl } from '../../platform/db/url.ts';

export interface Finding {
  /** `warn`: works, but not everything will. `skipped`: nothing was asked, and the text says why. */
  readonly status: 'ok' | 'warn' | 'fail' | 'skipped';
  /** One line that ends with the fix where there is one; names of variables, never their values. */
  readonly text: string;
}

export interface Context {
  readonly config: Config;
  /** The environment with what `.env` adds; values are looked at, never told. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The project's folder. */
  readonly root: string;
  /** Ask nothing beyond this machine. */
  readonly offline: boolean;
  /** Write a probe object to the object store and remove it. */
  readonly probeWrites: boolean;
  /** Aborted when the check's time is up. */
  readonly signal: AbortSignal;
  /** The database, opened once for all checks. @throws DatabaseUnavailable */
  database(): Promise<OpenedOwner>;
}

export interface Check {
  readonly name: string;
  /** It waits for the database, and the embedded one takes its time at a first start. */
  readonly needsDatabase?: boolean;
  run(context: Context): Promise<readonly Finding[]>;
}

export const ok = (text: string): Finding => ({ status: 'ok', text });
export const warn = (text: string): Finding => ({ status: 'warn', text });
export const fail = (text: string): Finding => ({ status: 'fail', text });
export const skipped = (text: string): Finding => ({ status: 'skipped', text });

/** Why an address is not asked: it lies beyond this machine and `--offline` was said; null when it may be. */
export function notOffline({ offline }: Pick<Context, 'offline'>, url: string): Finding | null {
  return offline && !isLocalUrl(url) ? skipped('--offline, and it is on another machine') : null;
}
