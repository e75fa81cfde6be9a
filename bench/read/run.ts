/** `GET /shows` (50 rows) and `GET /shows/{id}` against a bare node:http + pg handler running the same statement. */
import { join } from 'node:path';
import { LIST } from '../../src/catalogue/shows/queries.ts';
import { loadConfig, PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { openDatabase } from '../../src/platform/db/open.ts';
import { withOwner } from '../../src/platform/db/owner.ts';
import { type LoadResult, load } from '../lib/load.ts';
import { median, report } from '../lib/numbers.ts';
import { background, LIMITS_OFF, temporaryFolder, trr } from '../lib/processes.ts';
import { SHOWN_LICENCES } from './licences.ts';

const SHOWS = 2_000;
const ROUNDS = 3;
const SETTING = { connections: 16, seconds: 4 };

const folder = temporaryFolder();
const env = { TRR_DATA_DIR: folder.path, LOG_LEVEL: 'warn', ...LIMITS_OFF };
const opened = await openDatabase(loadConfig({ env, envFolders: [] }), { applicationName: 'bench read' });
await withOwner(opened.ownerUrl, async (client) => {
  await client.query(
    `insert into core.shows (name, description, premiere_date, tmdb_id, imdb_id, genres, networks, tmdb_network_ids)
     select 'Show ' || md5(n::text), repeat('A sentence about it. ', 12), date '2000-01-01' + n, 900000 + n, 'tt' || (8000000 + n),
       array['Reality', 'Competition'], array['Network ' || n % 20], array[n % 20]
     from generate_series(1, $1::int) as n`,
    [SHOWS],
  );
  await client.query('analyze core.shows');
});
const [row] = await opened.db.public.query(LIST.plain.first, [50, 0, SHOWN_LICENCES]);
const ids = (JSON.parse(row?.body ?? '[]') as { id: string }[]).map(({ id }) => id);

// pino's request log stays on: it is part of what we serve.
const ours = await background(
  [process.execPath, join(PROJECT_ROOT, 'bin/trr.mjs'), 'serve', '--port', '0'],
  /(http:\/\/127\.0\.0\.1:\d+)/,
  env,
);
const bare = await background(
  [process.execPath, join(PROJECT_ROOT, 'bench/read/bare.ts'), opened.ownerUrl],
  /(http:\/\/127\.0\.0\.1:\d+)/,
);
const origins = { ours: ours.match[1] ?? '', bare: bare.match[1] ?? '' };

/** Interleaved rounds after one uncounted round each; ratios pair by pair. */
async function compare(name: string, paths: readonly string[]): Promise<number> {
  const rounds: { ours: LoadResult; bare: LoadResult }[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const pair = { bare: await load(origins.bare, paths, SETTING), ours: await load(origins.ours, paths, SETTING) };
    if (round >= 0) rounds.push(pair);
  }
  const ratios = rounds.map((pair) => pair.ours.perSecond / pair.bare.perSecond);
  for (const side of ['bare', 'ours'] as const) {
    const results = rounds.map((pair) => pair[side]);
    console.log(
      `${name} ${side}: ${results.map((r) => r.perSecond.toFixed(0)).join(' ')} /s, p50 ${median(results.map((r) => r.p50Ms)).toFixed(2)} ms, p99 ${median(results.map((r) => r.p99Ms)).toFixed(2)} ms`,
    );
  }
  console.log(`${name} ratios: ${ratios.map((r) => r.toFixed(2)).join(' ')}`);
  return median(ratios);
}

try {
  const list = await compare('GET /shows', ['/api/v1/shows']);
  const detail = await compare(
    'GET /shows/{id}',
    ids.map((id) => `/api/v1/shows/${id}`),
  );
  const good = report([
    { name: 'GET /shows: ours / bare, requests per second', value: list, unit: 'x', bound: { atLeast: 0.8 } },
    { name: 'GET /shows/{id}: ours / bare, requests per second', value: detail, unit: 'x', bound: { atLeast: 0.8 } },
  ]);
  process.exitCode = good ? 0 : 1;
} finally {
  await ours.stop();
  await bare.stop();
  await opened.close();
  await trr(['db', 'stop'], env);
  folder.remove();
}
