import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withoutCredentials } from '../../src/sources/redact.ts';
import { createRegistry, TMDB_API_BASE_URL } from '../../src/sources/registry.ts';
import { type IndexEntry, keptHeaders } from '../../src/sources/snapshots/format.ts';
import { type Exchange, readCassette } from './cassettes.ts';

/**
 * Converts every cassette (`.yml`, `.yaml`, in sub-folders too) of `from` into one snapshot folder `to`. Exchanges with hosts
 * of no known source are left out; credentials and cookies never arrive.
 */
export async function convertCassettes(from: string, to: string): Promise<{ converted: number; skipped: number }> {
  const registry = createRegistry({
    tmdb: { bearer: null, apiKey: null, rate: 1, apiBaseUrl: TMDB_API_BASE_URL, imageBaseUrl: '', listIds: [] },
  });
  const names = await readdir(from, { recursive: true });
  const cassettes = names.filter((name) => /\.ya?ml$/.test(name)).sort();
  const entries = new Map<string, IndexEntry>();
  let skipped = 0;
  await mkdir(join(to, 'bodies'), { recursive: true });
  for (const name of cassettes) {
    for (const exchange of readCassette(await readFile(join(from, name), 'utf8'))) {
      const known = registry.sourceOf(new URL(exchange.url)) !== null && /^(GET|POST)$/.test(exchange.method);
      if (!known || exchange.status < 200 || exchange.status > 599) skipped += 1;
      else {
        const entry = await writeEntry(exchange, to);
        entries.set(`${entry.method} ${entry.url}`, entry);
      }
    }
  }
  const index = JSON.stringify({ version: 1, entries: [...entries.values()] }, null, 2);
  await writeFile(join(to, 'index.json.tmp'), `${index}\n`);
  await rename(join(to, 'index.json.tmp'), join(to, 'index.json'));
  return { converted: entries.size, skipped };
}

async function writeEntry(exchange: Exchange, to: string): Promise<IndexEntry> {
  // Old recordings used plain http; what was answered is the same.
  const url = withoutCredentials(new URL(exchange.url.replace(/^http:/, 'https:')));
  const name = createHash('sha256').update(`${exchange.method} ${url.href}`).digest('hex').slice(0, 16);
  const body = exchange.body.length === 0 ? null : `bodies/${name}.json`;
  if (body !== null) await writeFile(join(to, body), exchange.body);
  const at = exchange.at === null ? Number.NaN : Date.parse(exchange.at);
  return {
    method: exchange.method,
    url: url.href,
    status: exchange.status,
    headers: keptHeaders(Object.entries(exchange.headers)),
    body,
    ...(Number.isNaN(at) ? {} : { at: new Date(at).toISOString() }),
  };
}

if (import.meta.main) {
  const [from, to] = process.argv.slice(2);
  if (from === undefined || to === undefined) {
    console.error('usage: node scripts/captures/cassettes-to-snapshots.ts CAPTURES_FOLDER SNAPSHOT_FOLDER');
    process.exitCode = 2;
  } else {
    const { converted, skipped } = await convertCassettes(from, to);
    console.log(`${converted} answers converted, ${skipped} left out (other hosts)`);
  }
}
