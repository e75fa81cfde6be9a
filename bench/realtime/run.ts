/** Live channels against bare `ws`, and writers with events against writers without; see README.md. `run.ts fanout idle` asks only these. */
import pg from 'pg';
import { loadConfig } from '../../src/platform/config/load.ts';
import { openDatabase } from '../../src/platform/db/open.ts';
import { type Check, report } from '../lib/numbers.ts';
import { temporaryFolder, trr } from '../lib/processes.ts';
import { fanout } from './fanout.ts';
import { held } from './held.ts';
import { idle } from './idle.ts';
import { joins } from './joins.ts';
import { resting } from './resting.ts';
import type { Question } from './setting.ts';
import { waves } from './waves.ts';
import { makeWorld } from './world.ts';
import { writers } from './writers.ts';

const QUESTIONS: Readonly<Record<string, Question>> = { fanout, idle, joins, waves, writers, held, resting };

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in QUESTIONS));
if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: ask ${Object.keys(QUESTIONS).join(', ')}`);

const folder = temporaryFolder();
const env = { TRR_DATA_DIR: folder.path, LOG_LEVEL: 'warn' };
const open = () => openDatabase(loadConfig({ env, envFolders: [] }), { applicationName: 'bench realtime' });
// The database's own times of commits: when something was numbered cannot be seen from outside without disturbing it.
const first = await open();
const owner = new pg.Client({ connectionString: first.ownerUrl });
await owner.connect();
await owner.query('alter system set track_commit_timestamp = on');
await owner.end();
await first.close();
await trr(['db', 'stop'], env);

const opened = await open();
const rounds = Number(process.env['ROUNDS'] ?? 3);
const checks: Check[] = [];
try {
  const world = await makeWorld(opened.ownerUrl, 1);
  for (const [name, question] of Object.entries(QUESTIONS)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    checks.push(...(await question({ ownerUrl: opened.ownerUrl, env, world, rounds })));
  }
  process.exitCode = report(checks) ? 0 : 1;
} finally {
  await opened.close();
  await trr(['db', 'stop'], env);
  folder.remove();
}
