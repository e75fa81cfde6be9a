import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseUnavailable, errorCode } from '../errors.ts';
import { copyBinaries, ensureLibraryLinks } from './binaries.ts';

/** uid and gid of `nobody` on Linux; the server's user when we are root, because PostgreSQL refuses to run as root. */
const NOBODY = 65534;

/** Who the server runs as: another user when we are root, ourselves otherwise. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** Where one embedded server lives. */
export interface Home {
  /** Holds `cluster/` (data and password), `port` and `server.log`. */
  readonly folder: string;
  /** `bin/postgres` and its libraries. */
  readonly native: string;
  /** Null: the server runs as the user we are. */
  readonly identity: Identity | null;
}

export interface HomeOptions {
  /** Absolute path of `.trr`. */
  readonly dataDir: string;
  /** Programs as npm installed them. */
  readonly native: string;
  /** Where things go that the server's user cannot reach inside the project; default `/var/lib/trr`. */
  readonly systemDir?: string;
}

export const DEFAULT_SYSTEM_DIR = '/var/lib/trr';

/**
 * Decides where data and programs live and who runs the server, and makes the folders.
 *
 * - Not root: data in `<dataDir>/postgres`, programs where npm put them (copied beside the data only when their library
 *   links are missing and cannot be made there).
 * - Root: the server runs as the owner of existing data, else as `nobody`. When that user cannot reach the project (a home of
 *   mode 0700), both go to `<systemDir>/<hash of the data folder's path>`, and `<dataDir>/postgres/location` points there.
 *
 * The place is decided once: a later change of permissions must not make an empty second database.
 */
export async function prepareHome(options: HomeOptions): Promise<Home> {
  const local = path.join(options.dataDir, 'postgres');
  await makeFolder(options.dataDir);
  await makeFolder(local);
  const pointer = path.join(local, 'location');
  const pointed = (await readFile(pointer, 'utf8').catch(() => '')).trim();
  if (process.getuid?.() !== 0) {
    if (pointed !== '') {
      throw new DatabaseUnavailable(
        'embedded',
        `the embedded database of this project was made by root (${pointed})`,
        'run as root, or remove the file postgres/location in the data folder to begin an empty database',
      );
    }
    const native = (await ensureLibraryLinks(options.native))
      ? options.native
      : await copyBinaries(options.native, local);
    return { folder: local, native, identity: null };
  }
  if (pointed !== '' && !(path.isAbsolute(pointed) && (await exists(pointed)))) {
    throw new DatabaseUnavailable(
      'embedded',
      `the embedded database should be in ${JSON.stringify(pointed)}, as ${pointer} says, and there is no such folder`,
      'bring the folder back, or remove that file to begin an empty database',
    );
  }
  const folder = pointed === '' ? local : pointed;
  const identity = await ownerOf(path.join(folder, 'cluster', 'data'));
  const blocked = await firstClosed(local, identity);
  if (pointed === '' && blocked !== undefined && (await exists(path.join(local, 'cluster')))) {
    throw new DatabaseUnavailable(
      'embedded',
      `the embedded database's user (uid ${identity.uid}) can no longer enter ${blocked}`,
      `chmod o+x ${blocked}`,
    );
  }
  if (pointed === '' && blocked === undefined && (await firstClosed(options.native, identity)) === undefined) {
    const native = (await ensureLibraryLinks(options.native))
      ? options.native
      : await copyBinaries(options.native, local);
    return { folder: local, native, identity };
  }
  const moved = pointed === '' && blocked !== undefined ? systemFolder(options) : folder;
  await makeSystemFolder(moved);
  if (moved !== local && pointed === '') await writeFile(pointer, `${moved}\n`);
  return { folder: moved, native: await copyBinaries(options.native, moved), identity };
}

function systemFolder(options: HomeOptions): string {
  const hash = createHash('sha256').update(path.resolve(options.dataDir)).digest('hex').slice(0, 16);
  return path.join(options.systemDir ?? DEFAULT_SYSTEM_DIR, hash);
}

async function makeSystemFolder(folder: string): Promise<void> {
  try {
    await makeFolder(path.dirname(folder));
    await makeFolder(folder);
  } catch (error) {
    throw new DatabaseUnavailable(
      'embedded',
      `the embedded database cannot run as root from a closed folder, and ${folder} cannot be made (${errorCode(error) ?? 'error'})`,
      'run as an ordinary user, or set TRR_DATA_DIR to a folder other users can enter',
      error,
    );
  }
}

/** Makes a folder others may pass through but not list; leaves an existing one as it is. */
async function makeFolder(folder: string): Promise<void> {
  if (await exists(folder)) return;
  try {
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o711);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    throw new DatabaseUnavailable(
      'embedded',
      `the data folder ${folder} cannot be made (${errorCode(error) ?? String(error)})`,
      'make it writable, or set TRR_DATA_DIR to a writable folder',
      error,
    );
  }
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}

async function ownerOf(data: string): Promise<Identity> {
  const found = await stat(data).catch(() => undefined);
  if (found === undefined) return { uid: NOBODY, gid: NOBODY };
  if (found.uid === 0) {
    throw new DatabaseUnavailable(
      'embedded',
      `the embedded database's files in ${data} belong to root, and PostgreSQL refuses to run as root`,
      `chown -R ${NOBODY}:${NOBODY} ${data}`,
    );
  }
  return { uid: found.uid, gid: found.gid };
}

/** The first folder on the way to `target` (itself included) that `identity` may not enter. */
export async function firstClosed(target: string, identity: Identity): Promise<string | undefined> {
  const steps: string[] = [];
  for (let at = path.resolve(target); ; at = path.dirname(at)) {
    steps.unshift(at);
    if (at === path.dirname(at)) break;
  }
  for (const step of steps) {
    const found = await stat(step).catch(() => undefined);
    if (found === undefined) return undefined;
    const bit = found.uid === identity.uid ? 0o100 : found.gid === identity.gid ? 0o010 : 0o001;
    if (found.isDirectory() && (found.mode & bit) === 0) return step;
  }
  return undefined;
}
