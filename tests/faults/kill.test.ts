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
/** How long an undisturbed import takes, milliseconds: the moments of the kills are spread over it. */
let duration: number;

beforeAll(async () => {
  simulator = await startSimulator({ world: survivorWorld(), latencyMs: 10 });
  await withDatabase(async (database) => {
    const trr = createTrr(database, simulator);
    const begun = performance.now();
    expect(await trr.run('import', '--tmdb-list', SURVIVOR_LIST)).toMatchObject({ code: 0 });
    duration = performance.now() - begun;
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

describe('kill -9 in the middle of an import', () => {
  it.each(Array.from({ length: KILLS }, (_, index) => index))(
    'and again gives the same database (kill %i)',
    async (index) => {
      await withDatabase(async (database) => {
        const trr = createTrr(database, simulator);
        const running = trr.start('import', '--tmdb-list', SURVIVOR_LIST, '--concurrency', '3');
        // From the first request to shortly before the end, with a little chance in it.
        const at = duration * (0.3 + (0.65 * (index + Math.random())) / KILLS);
        await sleep(at);
        running.child.kill('SIGKILL');
        await running.finished;
        const finished = await database.owner(
          `select stage, show_id from pipeline.run_units where status = 'succeeded' and stage not in ('lists', 'totals')`,
        );
        const again = await trr.run('import', '--tmdb-list', SURVIVOR_LIST);
        expect(again, `killed after ${Math.round(at)} ms: ${again.stderr}`).toMatchObject({ code: 0 });
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
