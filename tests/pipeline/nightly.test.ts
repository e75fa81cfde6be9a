import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { writeMark } from '../helpers/pipeline.ts';
import { createTrr, type Trr } from '../helpers/trr.ts';
import { GENERATED_LIST, generatedWorld, type Simulator, startSimulator } from '../simulator/index.ts';

const SHOWS = 8;
let simulator: Simulator;
let database: TestDatabase;
let trr: Trr;

beforeAll(async () => {
  simulator = await startSimulator({ world: generatedWorld({ shows: SHOWS, seasons: 2 }) });
  database = await createTestDatabase();
  trr = createTrr(database, simulator, { TRR_NIGHTLY: '0 3 * * *', TMDB_LIST_ID: GENERATED_LIST, LOG_LEVEL: 'warn' });
});

afterAll(async () => {
  trr.close();
  await simulator.close();
  await database.drop();
});

/** A night: the timetable was last served two days ago, a worker comes and goes when nothing is left. */
async function night(): Promise<void> {
  await database.owner(`insert into pipeline.schedules (name, cron, served_to) values ('nightly', '0 3 * * *', now() - interval '2 days')
    on conflict (name) do update set served_to = excluded.served_to`);
  simulator.reset();
  const worker = await trr.run('worker', '--once');
  expect(worker, worker.stderr).toMatchObject({ code: 0 });
}

it('the nightly sequence fills the catalogue, and the next night over unchanged sources only asks what changed (I1)', async () => {
  await night();
  const [filled] = await database.owner(`select (select count(*)::int from core.shows) as shows,
    (select count(*)::int from core.seasons) as seasons`);
  expect(filled).toEqual({ shows: SHOWS, seasons: SHOWS * 2 });
  const before = await writeMark(database);
  await night();
  expect(await writeMark(database)).toBe(before);
  // The list and the feed of changes; not one request about a show.
  expect(Object.keys(simulator.counts().byTemplate).toSorted()).toEqual(['/list/{id}', '/tv/changes']);
  const runs = await database.owner(`select command, status, schedule from pipeline.runs order by created_at, command`);
  const night1 = [
    { command: 'import', status: 'succeeded', schedule: 'nightly' },
    { command: 'sync', status: 'succeeded', schedule: 'nightly' },
  ];
  expect(runs).toEqual([...night1, ...night1]);
}, 60_000);
