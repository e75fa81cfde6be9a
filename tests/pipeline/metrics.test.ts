import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { addShows } from '../helpers/pipeline.ts';
import { freePort } from '../helpers/redis.ts';
import { createTrr } from '../helpers/trr.ts';
import { generatedShowId, generatedWorld, startSimulator } from '../simulator/index.ts';

const DASHBOARD = new URL('../../docs/dashboards/pipeline.json', import.meta.url);

/** No worker can finish this show, so that it becomes a dead letter: the database refuses to be told that it is done. */
async function breakShow(database: TestDatabase, name: string): Promise<void> {
  await database.owner(`create function public.refuse_show() returns trigger language plpgsql as
    $$ begin raise exception 'refused by the test'; end $$`);
  const [show] = await database.owner<{ id: string }>('select id from core.shows where name = $1', [name]);
  await database.owner(`create trigger refuse_show before insert on pipeline.run_shows for each row
    when (new.outcome <> 'abandoned' and new.show_id = '${show?.id}') execute function public.refuse_show()`);
}

it('a worker serves counts and times by source and stage, and the dashboard asks for nothing else (O4)', async () => {
  const simulator = await startSimulator({ world: generatedWorld({ shows: 3, seasons: 1 }) });
  const database = await createTestDatabase();
  await addShows(database, [
    { tmdbId: generatedShowId(1), name: 'One' },
    { tmdbId: generatedShowId(2), name: 'Broken' },
    { tmdbId: 999_999, name: 'Unknown' },
  ]);
  await breakShow(database, 'Broken');
  const trr = createTrr(database, simulator, { TRR_NIGHTLY: 'off', LOG_LEVEL: 'error' });
  const port = await freePort();
  const worker = trr.start('worker', '--metrics-port', String(port));
  await trr.run('sync', '--queue');
  // The unknown show fails and the broken one is given up: their run is partial.
  expect(await trr.run('runs', 'follow')).toMatchObject({ code: 3 });

  // A run that stays under way: its only show has to wait for a source that says "too many", however often it is asked.
  simulator.setFaults([{ fault: { kind: 'status', status: 429 } }]);
  await addShows(database, [{ tmdbId: generatedShowId(3), name: 'Waiting' }]);
  await trr.run('sync', 'details', '--queue', '--tmdb-id', String(generatedShowId(3)));
  let text = '';
  while (!/^trr_units_waiting\{stage="details"\} 1$/m.test(text)) {
    await sleep(200);
    text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  }
  worker.child.kill('SIGTERM');
  await worker.finished;
  expect(text).toMatch(/^trr_source_answers_total\{source="tmdb",outcome="ok"\} [1-9]/m);
  expect(text).toMatch(/^trr_source_answers_total\{source="tmdb",outcome="not_found"\} [1-9]/m);
  expect(text).toMatch(/^trr_units_total\{stage="details",status="succeeded"\} [1-9]/m);
  expect(text).toMatch(/^trr_units_total\{stage="details",status="failed"\} 1$/m);
  expect(text).toMatch(/^trr_unit_duration_seconds_count\{stage="episodes"\} [1-9]/m);
  expect(text).toMatch(/^trr_shows_left\{command="sync"\} 1$/m);
  expect(text).toMatch(/^trr_dead_letters\{kind="given_up"\} 1$/m);
  const served = new Set([...text.matchAll(/^(trr_\w+)/gm)].map(([, name]) => name));
  const asked = [...readFileSync(DASHBOARD, 'utf8').matchAll(/\btrr_\w+/g)].map(([name]) => name);
  expect(asked.length).toBeGreaterThan(8);
  expect(asked.filter((name) => !served.has(name))).toEqual([]);
  trr.close();
  await simulator.close();
  await database.drop();
}, 60_000);
