/**
 * Reading IMDb's largest dataset against `gzip -dc | wc -l` over the same file, and what memory it takes:
 * `npm run bench:parse:datasets`. `--child FILE` is the process that is measured.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { DATASETS } from '../../../src/sources/imdb/datasets/files.ts';
import { IdMap } from '../../../src/sources/imdb/datasets/id-map.ts';
import { readDataset } from '../../../src/sources/imdb/datasets/read-file.ts';
import { median, report } from '../../lib/numbers.ts';
import { temporaryFolder } from '../../lib/processes.ts';

/** Titles, ten people each: a seventh of the real file. */
const TITLES = 1_200_000;
/** Episodes of some hundred series, spread over the file. */
const WANTED = 50_000;
const ROUNDS = 3;

/** Rows like those of `title.principals`, the same in every run. */
async function* rows(): AsyncGenerator<string> {
  let state = 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const categories = [
    'actor',
    'actress',
    'self',
    'director',
    'writer',
    'producer',
    'editor',
    'cinematographer',
    'composer',
  ];
  yield `${DATASETS['title.principals'].join('\t')}\n`;
  for (let title = 1; title <= TITLES; title++) {
    let text = '';
    for (let ordering = 1; ordering <= 10; ordering++) {
      const category = categories[random(categories.length)] ?? 'self';
      const job = random(5) === 0 ? 'producer' : '\\N';
      const characters = category === 'self' ? '["Self - Host"]' : '\\N';
      text += `tt${String(title * 3).padStart(7, '0')}\t${ordering}\tnm${String(random(13_000_000)).padStart(7, '0')}\t${category}\t${job}\t${characters}\n`;
    }
    yield text;
  }
}

interface Measured {
  readonly seconds: number;
  readonly peakMb: number;
  readonly rows: number;
}

async function child(path: string): Promise<void> {
  const wanted = new IdMap(WANTED);
  for (let i = 1; i <= WANTED; i++) wanted.set(Math.floor((i * TITLES) / WANTED) * 3, i);
  let found = 0;
  const started = performance.now();
  await readDataset('title.principals', path, {
    column: 'tconst',
    wanted,
    onRow: () => {
      found += 1;
    },
  });
  const seconds = (performance.now() - started) / 1000;
  console.log(
    JSON.stringify({ seconds, peakMb: process.resourceUsage().maxRSS / 1024, rows: found } satisfies Measured),
  );
}

async function main(): Promise<void> {
  const folder = temporaryFolder();
  const path = join(folder.path, 'title.principals.tsv.gz');
  await pipeline(rows(), createGzip(), createWriteStream(path));
  const ours: Measured[] = [];
  const theirs: number[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const started = performance.now();
    const lines = execFileSync('sh', ['-c', 'gzip -dc "$1" | wc -l', 'sh', path], { encoding: 'utf8' });
    const seconds = (performance.now() - started) / 1000;
    const run = spawnSync(process.execPath, [import.meta.filename, '--child', path], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`the reading process failed: ${run.stderr}`);
    const measured = JSON.parse(run.stdout) as Measured;
    if (Number(lines) !== TITLES * 10 + 1 || measured.rows !== WANTED * 10)
      throw new Error('the file was not read whole');
    if (round < 0) continue;
    theirs.push(seconds);
    ours.push(measured);
  }
  const ratios = ours.map(({ seconds }, i) => (theirs[i] ?? Number.NaN) / seconds);
  console.log(
    `gzip -dc | wc -l: ${theirs.map((s) => s.toFixed(2)).join(' ')} s; ours: ${ours.map((o) => o.seconds.toFixed(2)).join(' ')} s`,
  );
  console.log(
    `ratios: ${ratios.map((r) => r.toFixed(2)).join(' ')}; peak: ${ours.map((o) => o.peakMb.toFixed(0)).join(' ')} MB`,
  );
  const good = report([
    { name: 'principals, speed of gzip -dc | wc -l', value: median(ratios), unit: 'x', bound: { atLeast: 0.6 } },
    {
      name: 'principals, peak memory',
      value: Math.max(...ours.map((o) => o.peakMb)),
      unit: 'MB',
      bound: { atMost: 300 },
    },
  ]);
  process.exitCode = good ? 0 : 1;
}

const at = process.argv.indexOf('--child');
if (at > 0) await child(process.argv[at + 1] ?? '');
else await main();
