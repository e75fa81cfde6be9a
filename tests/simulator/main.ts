/**
 * The simulator by hand and for benches that want it in a process of its own:
 * `node tests/simulator/main.ts --world survivor|generated [--shows N] [--seasons S] [--episodes E] [--cast C] [--seed X]
 * [--latency MS] [--jitter MS] [--rate R] [--burst B] [--port P] [--log N] [--keep]`.
 *
 * Prints one JSON line with its addresses when it listens. `GET /_simulator/counts` tells what was asked, `POST /_simulator/reset`
 * forgets it, `POST /_simulator/faults` with a JSON array sets fault rules, `POST /_simulator/touch` with `{"ids":[...]}` puts shows
 * into the changes feed. Ends on SIGTERM, SIGINT, or when its standard input closes (so it dies with its
 * parent); `--keep` ignores the latter, for a simulator in the background of a shell.
 */
import { parseArgs } from 'node:util';
import { startSimulator } from './server.ts';
import { generatedWorld } from './world/generated.ts';
import { survivorWorld } from './world/survivor.ts';

const { values } = parseArgs({
  options: {
    world: { type: 'string', default: 'survivor' },
    shows: { type: 'string', default: '50' },
    seasons: { type: 'string', default: '5' },
    episodes: { type: 'string', default: '12' },
    cast: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    latency: { type: 'string', default: '0' },
    jitter: { type: 'string', default: '0' },
    rate: { type: 'string' },
    burst: { type: 'string' },
    port: { type: 'string', default: '0' },
    log: { type: 'string', default: '0' },
    keep: { type: 'boolean', default: false },
  },
});

function refuse(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

const NUMBERS = [
  'shows',
  'seasons',
  'episodes',
  'cast',
  'seed',
  'latency',
  'jitter',
  'rate',
  'burst',
  'port',
  'log',
] as const;
for (const name of NUMBERS) {
  if (values[name] !== undefined && !/^\d+$/.test(values[name]))
    refuse(`--${name} must be a whole number, not ${values[name]}`);
}
const count = (name: (typeof NUMBERS)[number]): number => Number(values[name]);

if (values.world !== 'survivor' && values.world !== 'generated') {
  refuse(`--world must be survivor or generated, not ${values.world}`);
}

const world =
  values.world === 'survivor'
    ? survivorWorld()
    : generatedWorld({
        shows: count('shows'),
        seasons: count('seasons'),
        episodesPerSeason: count('episodes'),
        castPerShow: count('cast'),
        seed: count('seed'),
      });

const simulator = await startSimulator({
  world,
  port: count('port'),
  latencyMs: count('latency'),
  jitterMs: count('jitter'),
  logSize: count('log'),
  control: true,
  ...(values.rate === undefined
    ? {}
    : { rateLimit: { perSecond: count('rate'), ...(values.burst === undefined ? {} : { burst: count('burst') }) } }),
});
process.stdout.write(`${JSON.stringify({ url: simulator.url, apiBaseUrl: simulator.apiBaseUrl, pid: process.pid })}\n`);

const stop = () => {
  void simulator.close().then(() => process.exit(0));
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
if (!process.stdin.isTTY && !values.keep) {
  process.stdin.once('end', stop).once('error', stop);
  process.stdin.resume();
}
