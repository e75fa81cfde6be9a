/** From `npm start` to the first answer: on an empty data folder, and again. Medians of three. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { median, report } from '../lib/numbers.ts';
import { temporaryFolder, trr } from '../lib/processes.ts';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Seconds from spawning `npm start` until GET /api/v1/shows answers 200. */
async function startOnce(dataDir: string): Promise<number> {
  const port = await freePort();
  const started = performance.now();
  const child = spawn('npm', ['start'], {
    cwd: PROJECT_ROOT,
    env: { ...process.env, TRR_DATA_DIR: dataDir, PORT: String(port) },
    stdio: 'ignore',
    detached: true,
  });
  try {
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/shows`).catch(() => null);
      if (answer?.status === 200) return (performance.now() - started) / 1000;
      if (performance.now() - started > 60_000) throw new Error('no answer within 60 s');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    await ended;
  }
}

const first: number[] = [];
const later: number[] = [];
for (let round = 0; round < 3; round++) {
  const folder = temporaryFolder();
  first.push(await startOnce(folder.path));
  later.push(await startOnce(folder.path));
  await trr(['db', 'stop'], { TRR_DATA_DIR: folder.path });
  folder.remove();
}
console.log(
  `first: ${first.map((s) => s.toFixed(2)).join(' ')} s; later: ${later.map((s) => s.toFixed(2)).join(' ')} s`,
);
const good = report([
  {
    name: 'npm start to first answer, empty folder (median of 3)',
    value: median(first),
    unit: 's',
    bound: { atMost: 6 },
  },
  { name: 'npm start to first answer, later (median of 3)', value: median(later), unit: 's', bound: { atMost: 1.5 } },
]);
process.exitCode = good ? 0 : 1;
