/** Plans and costs of the hottest statements on a large database; see README.md. `--small` for a tenth of it. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { loadConfig } from '../../src/platform/config/load.ts';
import { openDatabase } from '../../src/platform/db/open.ts';
import { type Check, median, report } from '../lib/numbers.ts';
import { temporaryFolder, trr } from '../lib/processes.ts';
import { deletion } from './deletes.ts';
import { FULL, load, SMALL } from './load.ts';
import { compareRoles, explain, openAs } from './measure.ts';
import { HOT, idOf } from './statements.ts';
import { setTallies, submits } from './submits.ts';

const small = process.argv.includes('--small');
const size = small ? SMALL : FULL;
const ROUNDS = 3;
const PLANS = join(import.meta.dirname, 'plans');

const folder = temporaryFolder();
const env = { TRR_DATA_DIR: folder.path, LOG_LEVEL: 'warn' };
const opened = await openDatabase(loadConfig({ env, envFolders: [] }), { applicationName: 'bench db' });
const owner = new pg.Client({ connectionString: opened.ownerUrl });
await owner.connect();
const checks: Check[] = [];
const number = (value: number, digits = 2) => value.toFixed(digits);

try {
  const started = performance.now();
  const tables = await load(owner, size);
  console.log(`loaded in ${number((performance.now() - started) / 1000, 0)} s`);
  for (const [name, rows] of [...tables].slice(0, 12)) console.log(`  ${name}: ${rows} rows`);

  if (!small) for (const file of readdirSync(PLANS)) rmSync(join(PLANS, file));
  console.log('\nstatement: ms as its role | ms as service_role | ratio per round');
  for (const statement of HOT) {
    const client = await openAs(opened.ownerUrl, statement.role);
    const plan = await explain(client, statement);
    await client.end();
    const { ratios, ours, service } = await compareRoles(opened.ownerUrl, statement, ROUNDS);
    const overhead = (median(ratios) - 1) * 100;
    console.log(
      `${statement.name}: ${number(ours, 3)} | ${number(service, 3)} | ${ratios.map((r) => number(r)).join(' ')}`,
    );
    checks.push({ name: `${statement.name}: policy overhead`, value: overhead, unit: '%', bound: { atMost: 10 } });
    checks.push({
      name: `${statement.name}: large tables read whole`,
      value: plan.scanned.length,
      unit: plan.scanned.join(' '),
      bound: { atMost: 0 },
    });
    if (!small) {
      const numbers = `${plan.rows} rows; ${plan.times.map((t) => number(t, 3)).join(', ')} ms, median ${number(median(plan.times), 3)} ms`;
      writeFileSync(
        join(PLANS, `${statement.name}.txt`),
        `-- ${statement.name}, as ${statement.role}: ${numbers} (planning and execution on the server, three runs)\n${statement.text}\n\n${plan.text}\n`,
      );
    }
  }

  console.log('\ndeletions');
  const images = Array.from(
    { length: Math.min(200, size.imagesPerShow) },
    (_, k) => `'${idOf('image', `2.${k + 1}`)}'`,
  );
  for (const { name, rows, milliseconds, scanned } of [
    await deletion(owner, `${images.length} images`, `delete from core.show_images where id in (${images.join(', ')})`),
    await deletion(owner, 'a show of 300 episodes', `delete from core.shows where id = '${idOf('show', 2)}'`),
  ]) {
    console.log(`${name}: ${rows} rows, ${number(milliseconds, 0)} ms`);
    checks.push({ name: `${name}: rows deleted`, value: rows, unit: 'rows', bound: { atLeast: 1 } });
    checks.push({
      name: `${name}: large tables read whole`,
      value: scanned.length,
      unit: scanned.join(' '),
      bound: { atMost: 0 },
    });
  }

  console.log('\nsubmits to one survey, 16 writers');
  // People who have not answered it yet: made beforehand, so that only submits are measured.
  const people = 60_000;
  await owner.query(
    `insert into identity.users (id) select md5('voter' || n)::uuid from generate_series(1, $1::integer) as n`,
    [people],
  );
  let voter = 0;
  const next = () => {
    voter += 1;
    if (voter > people) throw new Error('more submits than people: raise their number');
    return idOf('voter', voter);
  };
  const ratios: number[] = [];
  // Two surveys of one shape, each hot in its turn: what was not counted must not mix with what was.
  await submits(opened.ownerUrl, 1, 1, next);
  for (let round = 0; round < ROUNDS; round++) {
    await setTallies(owner, false);
    const without = await submits(opened.ownerUrl, 2, 3, next);
    await setTallies(owner, true);
    const withTallies = await submits(opened.ownerUrl, 1, 3, next);
    ratios.push(withTallies / without);
    console.log(
      `with ${number(withTallies, 0)} /s, without ${number(without, 0)} /s, ratio ${number(withTallies / without)}`,
    );
  }
  checks.push({ name: 'submits with tallies / without', value: median(ratios), unit: 'x', bound: { atLeast: 0.4 } });
  const { rowCount } = await owner.query('select 1 from surveys.recount($1)', [idOf('survey', 1)]);
  checks.push({ name: 'counters that differ from a recount', value: rowCount ?? 0, unit: '', bound: { atMost: 0 } });

  console.log('');
  process.exitCode = report(checks) ? 0 : 1;
} finally {
  await owner.end();
  await opened.close();
  await trr(['db', 'stop'], env);
  folder.remove();
}
