/**
 * How fast the pipeline fills the catalogue, and how much memory it takes. Against a simulated TMDb in a process of its own:
 * - 200 shows of 5 seasons at 100 ms latency with TMDB_RATE 200, compared with the same requests sent one at a time;
 * - resident memory of a run over 5,000 shows compared with one over 50 (no latency, TMDB_RATE 1000).
 */
import { type LoggedRequest, type SimulatorChild, spawnSimulator } from '../../tests/simulator/index.ts';
import { report } from '../lib/numbers.ts';
import { type Finished, temporaryFolder, trr } from '../lib/processes.ts';

const RATE = 200;

interface World {
  readonly shows: number;
  readonly seasons: number;
  readonly latency: number;
}

/** Runs `body` with a fresh simulator and an empty embedded database. */
async function withWorld<T>(
  world: World,
  rate: number,
  body: (simulator: SimulatorChild, env: Record<string, string>) => Promise<T>,
): Promise<T> {
  const folder = temporaryFolder();
  const simulator = await spawnSimulator([
    '--world',
    'generated',
    '--shows',
    String(world.shows),
    '--seasons',
    String(world.seasons),
    '--latency',
    String(world.latency),
    '--log',
    '20000',
  ]);
  const env = {
    TRR_DATA_DIR: folder.path,
    TMDB_API_BASE_URL: simulator.apiBaseUrl,
    TMDB_BEARER_TOKEN: 'simulated-bearer',
    TMDB_RATE: String(rate),
    LOG_LEVEL: 'warn',
  };
  try {
    expectSuccess(await trr(['db', 'migrate'], env));
    return await body(simulator, env);
  } finally {
    await simulator.close();
    await trr(['db', 'stop'], env);
    folder.remove();
  }
}

function expectSuccess(run: Finished): Finished {
  if (run.code !== 0)
    throw new Error(`trr ended with ${run.code}: ${run.stderr.slice(-2000)}${run.stdout.slice(-2000)}`);
  return run;
}

/** Sends the recorded requests again, each after the answer to the one before; seconds. */
async function oneAtATime(simulator: SimulatorChild, requests: readonly LoggedRequest[]): Promise<number> {
  const started = performance.now();
  for (const { path, query } of requests) {
    const answer = await fetch(`${simulator.apiBaseUrl}${path}?${query.replace(/^\?/, '')}`, {
      headers: { authorization: 'Bearer simulated-bearer' },
    });
    await answer.arrayBuffer();
  }
  return (performance.now() - started) / 1000;
}

async function speed(): Promise<{ ratio: number; highWater: number }> {
  return withWorld({ shows: 200, seasons: 5, latency: 100 }, RATE, async (simulator, env) => {
    expectSuccess(await trr(['import', '--tmdb-list', '1', '--no-sync'], env));
    await simulator.reset();
    const run = expectSuccess(await trr(['sync'], env));
    const counts = await simulator.counts();
    const requests = await simulator.requests();
    const sequential = await oneAtATime(simulator, requests);
    console.log(
      `sync: ${counts.total} requests in ${run.seconds.toFixed(1)} s (at most ${counts.perSecondHighWater} in any second); one at a time: ${sequential.toFixed(1)} s`,
    );
    return { ratio: sequential / run.seconds, highWater: counts.perSecondHighWater };
  });
}

async function memory(shows: number): Promise<number> {
  return withWorld({ shows, seasons: 1, latency: 0 }, 1000, async (_simulator, env) => {
    expectSuccess(await trr(['import', '--tmdb-list', '1', '--no-sync'], env));
    const run = expectSuccess(await trr(['sync'], env));
    const megabytes = run.peakBytes / (1 << 20);
    console.log(`memory: ${shows} shows in ${run.seconds.toFixed(1)} s, peak ${megabytes.toFixed(0)} MB`);
    return megabytes;
  });
}

const { ratio, highWater } = await speed();
const [small, large] = [await memory(50), await memory(5_000)];
const good = report([
  { name: 'sync / the same requests one at a time', value: ratio, unit: 'x', bound: { atLeast: 8 } },
  { name: 'requests in the busiest second', value: highWater, unit: '', bound: { atMost: RATE } },
  { name: 'peak memory, 5,000 shows minus 50 shows', value: large - small, unit: 'MB', bound: { atMost: 50 } },
]);
process.exitCode = good ? 0 : 1;
