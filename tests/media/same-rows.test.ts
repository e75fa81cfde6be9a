import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { canonicalDump } from '../helpers/canonical-dump.ts';
import { createTestDatabase } from '../helpers/database.ts';
import { s3Environment } from '../helpers/media.ts';
import { createTrr } from '../helpers/trr.ts';
import { startS3Server } from '../s3/server.ts';
import { type Simulator, SURVIVOR_LIST, startSimulator, survivorWorld } from '../simulator/index.ts';
import { brokenRows } from './catalogue.ts';

const SAMPLE = path.resolve(import.meta.dirname, '../../sample/snapshots');

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ world: survivorWorld() });
});
afterAll(() => simulator.close());

/** The catalogue mirrored; its dump without the name of the store, and the store's keys. */
async function mirrored(
  source: readonly string[],
  bucket: boolean,
): Promise<{ dump: string; images: number; keys: string[] }> {
  const [database, server] = await Promise.all([createTestDatabase(), startS3Server()]);
  const cdn = { AWS_CDN_BASE_URL: 'https://cdn.example.test' };
  const trr = createTrr(database, simulator, bucket ? s3Environment(server) : cdn);
  try {
    expect((await trr.run('import', ...source)).code).toBe(0);
    const done = await trr.run('media', 'mirror', '--limit', '0', '--no-variants', '--json');
    expect([done.code, done.stderr]).toEqual([0, '']);
    const [{ n: images } = { n: 0 }] = await database.owner<{ n: number }>(
      'select count(*)::int as n from media.images where hosted_key is not null',
    );
    const keys = await database.owner<{ key: string }>('select key from media.objects order by key collate "C"');
    if (bucket) {
      expect([...server.objects.keys()].sort()).toEqual(keys.map(({ key }) => key));
      expect(await brokenRows(database, [...server.objects.keys()])).toEqual([]);
    }
    return {
      dump: (await canonicalDump(database.url)).replaceAll(
        `"hosted_bucket":"${server.bucket}"`,
        '"hosted_bucket":null',
      ),
      images,
      keys: keys.map(({ key }) => key),
    };
  } finally {
    trr.close();
    await server.close();
    await database.drop();
  }
}

it.each([
  ['sample', ['--tmdb-list', '1', '--snapshots', SAMPLE, '--offline'], 20],
  ['Survivor', ['--tmdb-list', SURVIVOR_LIST], 100],
] as const)(
  'the %s catalogue mirrored into a folder and into a bucket gives the same rows and files',
  async (_name, source, least) => {
    const folder = await mirrored(source, false);
    const bucket = await mirrored(source, true);
    expect(folder.images).toBeGreaterThan(least);
    expect(bucket.keys).toEqual(folder.keys);
    expect(bucket.dump).toBe(folder.dump);
  },
  300_000,
);
