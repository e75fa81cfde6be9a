import { readdir, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { whenMissing } from '../../platform/folder-files.ts';
import { type Check, type Context, type Finding, fail, ok, warn } from './check.ts';

const GIB = 1024 ** 3;
/** Below this PostgreSQL and downloads are about to fail. */
const LEAST = GIB / 10;
const COMFORTABLE = GIB;
/** IMDb's datasets under the data folder (docs/imdb.md). */
const DATASETS = 1.5 * GIB;

/** Space where data is kept, and whether others may read what is secret there. */
export const disk: Check = {
  name: 'disk',
  async run(context) {
    return [await space(context), ...(await permissions(context.config.dataDir))];
  },
};

async function space({ config }: Context): Promise<Finding> {
  const folder = await nearest(config.dataDir);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const text = `${(free / GIB).toFixed(1)} GiB free at ${folder}`;
  if (free < LEAST) return fail(`${text}: make room`);
  const datasets = config.sources.live.has('imdb-datasets') && config.imdbDatasets.folder === null;
  if (datasets && free < DATASETS) return warn(`${text}: IMDb's datasets need ${DATASETS / GIB} GiB`);
  return free < COMFORTABLE ? warn(`${text}: little for a database`) : ok(text);
}

/** The folder itself, or the one it would be made in. */
async function nearest(folder: string): Promise<string> {
  const there = await stat(folder).catch(whenMissing(null));
  return there !== null || dirname(folder) === folder ? folder : nearest(dirname(folder));
}

async function permissions(dataDir: string): Promise<Finding[]> {
  const folder = join(dataDir, 'secrets');
  const names = await readdir(folder).catch(whenMissing<string[]>([]));
  const files = names.map((name) => join(folder, name));
  const open: string[] = [];
  for (const file of files) {
    const found = await stat(file).catch(whenMissing(null));
    if (found !== null && (found.mode & 0o077) !== 0) open.push(file);
  }
  if (open.length > 0) return open.map((file) => fail(`${file} may be read by others: chmod 600 ${file}`));
  return names.length === 0 ? [] : [ok(`${names.length} secret(s) in the data folder, for their owner only`)];
}
