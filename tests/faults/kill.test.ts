import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalDump } from '../helpers/canonical-dump.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createTrr } from '../helpers/trr.ts';
import { type Simulator, SURVIVOR_LIST, startSimulator, survivorWorld } from '../simulator/index.ts';

/** Kills per run of this file; `.ci/long` asks for more. */
const KILLS = Number(process.env.TRR_TEST_KILLS ?? 3);

let simulator: Simulator;
let expected: string;
/** Requests of an undisturbed import: the moments of the kills are spread over them. */
let requests: number;

beforeAll(async () => {
  simulator = await startSimulator({ world: survivorWorld(), latencyMs: 10 });
  await withDatabase(async (database) => {
    const trr = createTrr(database, simulator);
    expect(await trr.run('import', '--tmdb-list', SURVIVOR_LIST)).toMatchObject({ code: 0 });
    requests = simulator.counts().total;
    expected = await canonicalDump(database.url);
    trr.close();
  });
}, 120_000);

afterAll(() => simulator.close());

async function withDatabase(work: (database: TestDatabase) => Promise<void>): Promise<void> {
  const database = await createTestDatabase();
  try {
    await work(database);
  } finally {
    await database.drop();
  }
}

describe('kill -9 in the middle of an import (R1)', () => {
  it.each(Array.from({ length: KILLS }, (_, index) => index))(
    'and again gives the same database (kill %i)',
    async (index) => {
      await withDatabase(async (database) => {
        const trr = createTrr(database, simulator);
        simulator.reset();
        const running = trr.start('import', '--tmdb-list', SURVIVOR_LIST, '--concurrency', '3');
        // From the first request to the last, with a little chance in it.
        const at = Math.min(requests - 1, Math.ceil((requests * (index + Math.random())) / KILLS));
        while (simulator.counts().total < at && running.child.exitCode === null) await sleep(2);
        await sleep(Math.random() * 30);
        running.child.kill('SIGKILL');
        await running.finished;
        const finished = await database.owner(
          `select stage, show_id from pipeline.run_units where status = 'succeeded' and stage not in ('lists', 'totals')`,
        );
        const again = await trr.run('import', '--tmdb-list', SURVIVOR_LIST);
        expect(again, `killed at request ${at}: ${again.stderr}`).toMatchObject({ code: 0 });
        expect(await canonicalDump(database.url)).toBe(expected);
        const repeated = await database.owner(
          `select stage, show_id from pipeline.run_units where status = 'succeeded' and stage not in ('lists', 'totals')
         group by 1, 2 having count(*) > 1`,
        );
        expect(repeated, `${finished.length} units were finished`).toEqual([]);
        const runs = await database.owner(`select status from pipeline.runs order by created_at`);
        expect(runs.map(({ status }) => status)).toEqual(
          runs.length === 1 ? ['succeeded'] : ['interrupted', 'succeeded'],
        );
        const [queues] = await database.owner(`select count(*)::int as n from pgboss.queue where name like 'run-%'`);
        expect(queues).toEqual({ n: 0 });
        trr.close();
      });
    },
    120_000,
  );
});
