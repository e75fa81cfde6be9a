/**
 * How fast images are mirrored, with how much memory, and what making smaller versions adds to bare `sharp`. Against an image host and a
 * bucket that both take 100 ms to answer, in a process of their own:
 * - N images of 200 kB, compared with one after another: download, HEAD, PUT, one row;
 * - smaller versions of some of them, compared with the same six encodings by bare `sharp` on as many threads.
 */
import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import sharp from 'sharp';
import { objectKey } from '../../src/media/keys.ts';
import { createS3Store } from '../../src/media/stores/s3.ts';
import { AVIF, SIZES, WEBP } from '../../src/media/variants/make.ts';
import { ensureEmbedded } from '../../src/platform/db/embedded/index.ts';
import { migrate } from '../../src/platform/db/migrate/migrate.ts';
import { withDatabase } from '../../src/platform/db/url.ts';
import { S3_CREDENTIALS } from '../../tests/s3/server.ts';
import { median, report } from '../lib/numbers.ts';
import { background, temporaryFolder } from '../lib/processes.ts';

const IMAGES = Number(process.env['BENCH_IMAGES'] ?? 2000);
const SEQUENTIAL = 40;
const VARIANTS = Number(process.env['BENCH_VARIANTS'] ?? 24);
const RUNS = Number(process.env['BENCH_RUNS'] ?? 3);

interface World {
  readonly images: string;
  readonly store: string;
  readonly bucket: string;
  readonly bytes: number;
  readonly pid: number;
}

async function withWorld<T>(latency: number, body: (world: World) => Promise<T>): Promise<T> {
  const { match, stop } = await background(
    [process.execPath, join(import.meta.dirname, 'upstream.ts'), String(latency)],
    /ready (\{.*\})/,
  );
  try {
    return await body(JSON.parse(match[1] ?? '{}') as World);
  } finally {
    await stop();
  }
}

function storeOf(world: World) {
  const { accessKeyId: id, secretAccessKey: secret, region } = S3_CREDENTIALS;
  return createS3Store({
    bucket: world.bucket,
    region,
    endpoint: world.store,
    profile: null,
    keys: { id, secret, session: null },
    metadataService: false,
  });
}

async function fill(url: string, images: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`insert into core.shows (name, tmdb_id) values ('Bench', 1)`);
  await client.query(
    `insert into core.show_images (show_id, tmdb_id, source, kind, source_image_id, url, file_path)
     select s.id, 1, 'tmdb', 'poster', p, 'https://image.tmdb.org/t/p/original' || p, p
     from core.shows s, generate_series(1, $1) n, lateral (select '/' || n || '.jpg' as p) x`,
    [images],
  );
  await client.end();
}

/** Processor seconds of the world so far (Linux). It shares the machine with what is measured, and so has to be cheap. */
function cpuOf({ pid }: World): number {
  const [user = 0, system = 0] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ').slice(13, 15).map(Number);
  return (user + system) / 100;
}

/** Seconds per image when one is done after the other, as the predecessor did. */
async function oneAfterAnother(world: World, url: string): Promise<number> {
  const store = storeOf(world);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const began = performance.now();
  for (let n = 1; n <= SEQUENTIAL; n++) {
    const bytes = Buffer.from(await (await fetch(`${world.images}/${50_000 + n}.jpg`)).arrayBuffer());
    const sha256 = hash('sha256', bytes, 'hex');
    const key = objectKey(sha256, '.jpg');
    if ((await store.head(key)) === undefined) await store.put(key, bytes, { contentType: 'image/jpeg', sha256 });
    await client.query('update core.show_images set hosted_sha256 = hosted_sha256 where source_image_id = $1', [
      `/${n}.jpg`,
    ]);
  }
  const seconds = (performance.now() - began) / 1000 / SEQUENTIAL;
  await client.end();
  store.close();
  return seconds;
}

interface Measured {
  readonly seconds: number;
  /** Processor seconds of the process. */
  readonly cpu: number;
  readonly peak: number;
  readonly summary: Record<string, number>;
}

async function ours(world: World, url: string, what: 'mirror' | 'variants'): Promise<Measured> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(import.meta.dirname, 'mirror.ts'),
    url,
    world.images,
    world.store,
    world.bucket,
    what,
  ]);
  return JSON.parse(stdout) as Measured;
}

/** Seconds of bare encodings of the same picture, the same number of times, two at once. */
async function bare(world: World): Promise<number> {
  const bytes = Buffer.from(await (await fetch(`${world.images}/1.jpg`)).arrayBuffer());
  const one = async () => {
    for (const width of SIZES) {
      await sharp(bytes).resize({ width, withoutEnlargement: true }).webp(WEBP).toBuffer();
      await sharp(bytes).resize({ width, withoutEnlargement: true }).avif(AVIF).toBuffer();
    }
  };
  await one();
  let left = VARIANTS;
  const worker = async () => {
    while (left-- > 0) await one();
  };
  const began = performance.now();
  await Promise.all([worker(), worker()]);
  return (performance.now() - began) / 1000;
}

const folder = temporaryFolder();
const cluster = await ensureEmbedded({ dataDir: folder.path });
let databases = 0;
async function freshDatabase(images: number): Promise<string> {
  databases += 1;
  const name = `bench_${databases}`;
  const admin = new pg.Client({ connectionString: cluster.url });
  await admin.connect();
  await admin.query(`create database ${name} template template0`);
  await admin.end();
  const url = withDatabase(cluster.url, name);
  await migrate({ url });
  await fill(url, images);
  return url;
}

sharp.concurrency(1);
const [ratios, peaks, shares]: [number[], number[], number[]] = [[], [], []];
for (let run = 1; run <= RUNS; run++) {
  await withWorld(100, async (world) => {
    const url = await freshDatabase(IMAGES);
    const sequential = await oneAfterAnother(world, url);
    const before = cpuOf(world);
    const mirrored = await ours(world, url, 'mirror');
    const upstream = cpuOf(world) - before;
    if (mirrored.summary['mirrored'] !== IMAGES)
      throw new Error(`not all was mirrored: ${JSON.stringify(mirrored.summary)}`);
    ratios.push((sequential * IMAGES) / mirrored.seconds);
    peaks.push(mirrored.peak);
    console.log(
      `mirror: ${IMAGES} images of ${Math.round(world.bytes / 1000)} kB in ${mirrored.seconds.toFixed(1)} s (${mirrored.cpu.toFixed(1)} s of processor, host and bucket ${upstream.toFixed(1)} s), peak ${mirrored.peak.toFixed(0)} MB; one after another: ${(sequential * 1000).toFixed(0)} ms each`,
    );
  });
  await withWorld(0, async (world) => {
    const url = await freshDatabase(VARIANTS);
    await ours(world, url, 'mirror');
    const seconds = await bare(world);
    const made = await ours(world, url, 'variants');
    if (made.summary['files'] !== VARIANTS) throw new Error(`not all was made: ${JSON.stringify(made.summary)}`);
    shares.push(seconds / made.seconds);
    console.log(
      `smaller versions: ${VARIANTS} files in ${made.seconds.toFixed(1)} s; bare sharp: ${seconds.toFixed(1)} s`,
    );
  });
}
await cluster.close();
folder.remove();
const good = report([
  { name: 'mirror / one after another', value: median(ratios), unit: 'x', bound: { atLeast: 10 } },
  { name: 'peak memory of mirroring', value: Math.max(...peaks), unit: 'MB', bound: { atMost: 400 } },
  { name: 'smaller versions / bare sharp', value: median(shares), unit: 'x', bound: { atLeast: 0.8 } },
]);
process.exitCode = good ? 0 : 1;
