import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureLibraryLinks, locatePackage } from '../../platform/db/embedded/binaries.ts';
import { DatabaseUnavailable } from '../../platform/db/errors.ts';
import { type Check, type Context, type Finding, fail, ok, skipped } from './check.ts';

/** Installed packages against the lock file, and whether the parts that are not JavaScript load on this machine. */
export const dependencies: Check = {
  name: 'dependencies',
  async run({ root, config }) {
    return [compareWithLock(root), await sharpLoads(), await postgresLoads(config)];
  },
};

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
}
interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string }>>;
}

/** Direct runtime dependencies in `node_modules` against `package-lock.json`. */
export function compareWithLock(root: string): Finding {
  const read = <T>(...path: string[]): T => JSON.parse(readFileSync(join(root, ...path), 'utf8')) as T;
  if (!existsSync(join(root, 'package-lock.json'))) return skipped('there is no package-lock.json to compare with');
  const names = Object.keys(read<Manifest>('package.json').dependencies ?? {});
  const { packages } = read<Lock>('package-lock.json');
  const wrong = names.flatMap((name) => {
    const wanted = packages[`node_modules/${name}`]?.version;
    const manifest = join('node_modules', name, 'package.json');
    if (wanted === undefined) return [`${name} is not in the lock file`];
    if (!existsSync(join(root, manifest))) return [`${name} is missing`];
    const { version } = read<{ version?: string }>(manifest);
    return version === wanted ? [] : [`${name} is ${version}, locked ${wanted}`];
  });
  if (wrong.length === 0) return ok(`${names.length} direct dependencies as locked`);
  return fail(`${wrong.slice(0, 5).join(', ')}${wrong.length > 5 ? `, and ${wrong.length - 5} more` : ''}: run npm ci`);
}

async function sharpLoads(): Promise<Finding> {
  try {
    const { default: sharp } = await import('sharp');
    const { width } = await sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } })
      .webp()
      .toBuffer({ resolveWithObject: true })
      .then(({ info }) => info);
    return width === 2
      ? ok(`sharp works (libvips ${sharp.versions.vips})`)
      : fail('sharp makes broken images: run npm ci');
  } catch (error) {
    return fail(`sharp does not load (${firstLine(error)}): run npm ci on this machine, without --omit=optional`);
  }
}

async function postgresLoads({ database }: Context['config']): Promise<Finding> {
  if (database.kind === 'url') return skipped(`embedded PostgreSQL is not used: ${database.variable} is set`);
  try {
    const native = locatePackage();
    // Made at every start too; where they cannot be made, a copy of the programs is used.
    if (!(await ensureLibraryLinks(native))) return skipped('embedded PostgreSQL: used from a copy, see database');
    const { stdout } = await promisify(execFile)(join(native, 'bin', 'postgres'), ['--version'], { timeout: 10_000 });
    return ok(`embedded ${stdout.trim()}`);
  } catch (error) {
    if (error instanceof DatabaseUnavailable) return fail(error.line);
    return fail(`the embedded PostgreSQL does not start (${firstLine(error)}): run npm ci, or set DATABASE_URL`);
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 200) ?? '';
}
