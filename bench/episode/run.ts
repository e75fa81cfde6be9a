/** 200 people, ten actions a minute each, for a minute, on a server of its own with its limits on. Exit 1 when anything is not as it should be. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { localToken } from '../../src/identity/tokens/local.ts';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { background, temporaryFolder, trr } from '../lib/processes.ts';
import { playEpisode } from './play.ts';

const PEOPLE = Number(process.env['PEOPLE'] ?? 200);
const SECONDS = Number(process.env['SECONDS'] ?? 60);

const folder = temporaryFolder();
const env = { TRR_DATA_DIR: folder.path, LOG_LEVEL: 'warn' };
const server = await background(
  [process.execPath, join(PROJECT_ROOT, 'bin/trr.mjs'), 'serve', '--port', '0'],
  /(http:\/\/127\.0\.0\.1:\d+)/,
  env,
);
try {
  const admin = await trr(['token', '--user', 'admin@example.test', '--admin'], env);
  const secret = readFileSync(join(folder.path, 'secrets/local-tokens'));
  const tokens = Array.from({ length: PEOPLE }, () => localToken(secret, { id: randomUUID(), email: null }, 3600));
  const report = await playEpisode({
    baseUrl: server.match[1] ?? '',
    adminToken: admin.stdout.trim(),
    tokens: await Promise.all(tokens),
    seconds: SECONDS,
    actionsPerMinute: 10,
  });
  console.log(JSON.stringify(report, null, 2));
  const share = report.ok / report.actions;
  console.log(`${report.actions} actions, ${(100 * share).toFixed(1)} % as asked, at least 95 %`);
  const good = share >= 0.95 && Object.keys(report.unexpected).length === 0 && report.differences.length === 0;
  process.exitCode = good ? 0 : 1;
} finally {
  await server.stop();
  await trr(['db', 'stop'], env);
  folder.remove();
}
