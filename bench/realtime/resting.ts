import pg from 'pg';
import { type Check, median } from '../lib/numbers.ts';
import { cpuOfFamily, serve } from './peers.ts';
import { list, pause, postmaster, type Setting } from './setting.ts';

const SECONDS = 10;
/** The sequencer looks less often after half a minute. */
const QUIET_AFTER_MS = 32_000;

/** What a server costs that nobody is connected to: it still looks for events. */
export async function resting({ ownerUrl, env, rounds }: Setting): Promise<Check[]> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  const postgres = await postmaster(owner);
  const without: number[] = [];
  const [server, database]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) without.push(await spent([postgres]).then(([ms = 0]) => ms));
  const ours = await serve('ours', env);
  try {
    await pause(QUIET_AFTER_MS);
    for (let round = 0; round < rounds; round++) {
      const [ofServer = 0, ofDatabase = 0] = await spent([ours.pid, postgres]);
      server.push(ofServer);
      database.push(ofDatabase);
    }
  } finally {
    await ours.stop();
    await owner.end();
  }
  console.log(
    `resting: server ${list(server, 1)}, PostgreSQL ${list(database, 1)} (without a server ${list(without, 1)}) ms of CPU a second`,
  );
  return [
    {
      name: 'resting: CPU of server and database with nobody connected',
      value: median(server.map((ms, nth) => (ms + (database[nth] ?? 0) - (without[nth] ?? 0)) / 10)),
      unit: '% of a core',
      bound: { atMost: 3 },
    },
  ];
}

/** Milliseconds of processor time a second, of each process with its children. */
async function spent(pids: readonly number[]): Promise<number[]> {
  const before = pids.map(cpuOfFamily);
  await pause(SECONDS * 1000);
  return pids.map((pid, nth) => (cpuOfFamily(pid) - (before[nth] ?? 0)) / SECONDS);
}
