/**
 * What workers make of the rate they may use, what a second one adds, and whether memory grows with the run. Against a simulated TMDb in a
 * process of its own; the queue and the catalogue are on an embedded database.
 * - 2,000 shows at TMDB_RATE 40: the part of the limit that is used until the last twentieth of the requests;
 * - 600 shows of 2 seasons without a limit that matters, 8 at once for each worker: two workers compared with one, where the source answers in
 *   300 ms, so that one worker waits for it most of the time, and where it answers in 100 ms, so that one worker keeps most of two cores busy;
 * - peak resident memory of the worker over 2,000 shows minus that over 50.
 */
import { ensureEmbedded } from '../../src/platform/db/embedded/index.ts';
import { type SimulatorChild, spawnSimulator } from '../../tests/simulator/index.ts';
import { median, report } from '../lib/numbers.ts';
import { type Finished, temporaryFolder, trr } from '../lib/processes.ts';

const LIMIT = 40;
const QUICK = process.argv.includes('--quick');
const SHOWS = QUICK ? 300 : 2_000;
const UNLIMITED_SHOWS = QUICK ? 150 : 600;
const RUNS = QUICK ? 1 : 3;

interface World {
  readonly shows: number;
  readonly seasons: number;
  readonly latency: number;
}

type Env = Record<string, string>;

/** A database with the identities of the world's shows and a queued sync of all of them. */
async function withQueue<T>(
  world: World,
  rate: number,
  body: (simulator: SimulatorChild, env: Env) => Promise<T>,
): Promise<T> {
  const folder = temporaryFolder();
  const size = ['--shows', String(world.shows), '--seasons', String(world.seasons), '--cast', '8'];
  const simulator = await spawnSimulator([
    '--world',
    'generated',
    ...size,
    '--latency',
    String(world.latency),
    '--log',
    '20000',
  ]);
  const env = {
    TRR_DATA_DIR: folder.path,
    TMDB_API_BASE_URL: simulator.apiBaseUrl,
    TMDB_BEARER_TOKEN: 'simulated-bearer',
    TRR_NIGHTLY: 'off',
    LOG_LEVEL: 'warn',
  };
  // Held, so that no measurement starts or stops a server.
  const database = await ensureEmbedded({ dataDir: folder.path });
  try {
    good(await trr(['db', 'migrate'], env));
    good(await trr(['import', '--tmdb-list', '1', '--no-sync', '--local'], { ...env, TMDB_RATE: '1000' }));
    good(await trr(['sync', '--queue'], env));
    await simulator.reset();
    return await body(simulator, { ...env, TMDB_RATE: String(rate) });
  } finally {
    await simulator.close();
    await database.close();
    folder.remove();
  }
}

function good(run: Finished): Finished {
  if (run.code !== 0)
    throw new Error(`trr ended with ${run.code}: ${run.stderr.slice(-2000)}${run.stdout.slice(-2000)}`);
  return run;
}

const worker = async (env: Env, concurrency: number) =>
  good(await trr(['worker', '--once', '--concurrency', String(concurrency)], env));

/** Part of the limit that was used, from the first request until a twentieth is left. */
async function limited(): Promise<{ used: number; busiest: number; megabytes: number }> {
  return withQueue({ shows: SHOWS, seasons: 1, latency: 0 }, LIMIT, async (simulator, env) => {
    const run = await worker(env, 16);
    const times = (await simulator.requests()).map(({ monotonic }) => monotonic).sort((a, b) => a - b);
    const until = Math.floor(times.length * 0.95);
    const seconds = ((times[until] ?? 0) - (times[0] ?? 0)) / 1000;
    const counts = await simulator.counts();
    console.log(
      `limited: ${times.length} requests, ${(until / seconds).toFixed(1)} a second, ${run.seconds.toFixed(0)} s in all`,
    );
    return { used: until / seconds / LIMIT, busiest: counts.perSecondHighWater, megabytes: run.peakBytes / (1 << 20) };
  });
}

/** Seconds from the moment the first worker took up the newest run to its end, as the run's record has them. */
async function duration(env: Env): Promise<number> {
  const { run } = JSON.parse(good(await trr(['runs', 'show', '--json'], env)).stdout) as {
    run: { started_at: string; finished_at: string };
  };
  return (Date.parse(run.finished_at) - Date.parse(run.started_at)) / 1000;
}

async function unlimited(workers: number, latency: number): Promise<number> {
  return withQueue({ shows: UNLIMITED_SHOWS, seasons: 2, latency }, 1000, async (_simulator, env) => {
    await Promise.all(Array.from({ length: workers }, () => worker(env, 8)));
    const seconds = await duration(env);
    console.log(`unlimited, ${latency} ms: ${workers} worker(s) ${seconds.toFixed(1)} s`);
    return seconds;
  });
}

async function small(): Promise<number> {
  return withQueue({ shows: 50, seasons: 1, latency: 0 }, LIMIT, async (_simulator, env) => {
    const run = await worker(env, 16);
    return run.peakBytes / (1 << 20);
  });
}

/** Time of two workers over that of one, round by round. */
async function secondWorker(latency: number): Promise<number> {
  const ratios: number[] = [];
  for (let run = 0; run < RUNS; run++) ratios.push((await unlimited(2, latency)) / (await unlimited(1, latency)));
  console.log(`two workers / one, ${latency} ms: ${ratios.map((ratio) => ratio.toFixed(2)).join(' ')}`);
  return median(ratios);
}

const waiting = await secondWorker(300);
const busy = await secondWorker(100);
const { used, busiest, megabytes } = await limited();
const fewer = await small();
console.log(`memory: ${fewer.toFixed(0)} MB over 50 shows, ${megabytes.toFixed(0)} MB over ${SHOWS}`);
const fine = report([
  { name: `part of ${LIMIT} requests a second that is used`, value: used, unit: '', bound: { atLeast: 0.95 } },
  { name: 'requests in the busiest second', value: busiest, unit: '', bound: { atMost: LIMIT } },
  { name: 'two workers / one worker, 300 ms', value: waiting, unit: '', bound: { atMost: 0.6 } },
  { name: 'two workers / one worker, 100 ms', value: busy, unit: '', bound: { atMost: 0.6 } },
  { name: `peak memory, ${SHOWS} shows minus 50 shows`, value: megabytes - fewer, unit: 'MB', bound: { atMost: 50 } },
]);
process.exitCode = fine ? 0 : 1;
