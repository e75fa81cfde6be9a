import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../helpers/database.ts';
import { addShows } from '../helpers/pipeline.ts';
import { freePort } from '../helpers/redis.ts';
import { createTrr } from '../helpers/trr.ts';
import { generatedShowId, generatedWorld, startSimulator } from '../simulator/index.ts';

const DASHBOARD = new URL('../../docs/dashboards/pipeline.json', import.meta.url);

it('a worker serves counts and times by source and stage, and the dashboard asks for nothing else (O4)', async () => {
  const simulator = await startSimulator({ world: generatedWorld({ shows: 2, seasons: 1 }) });
  const database = await createTestDatabase();
  await addShows(database, [
    { tmdbId: generatedShowId(1), name: 'One' },
    { tmdbId: 999_999, name: 'Unknown' },
  ]);
  const trr = createTrr(database, simulator, { TRR_NIGHTLY: 'off', LOG_LEVEL: 'error' });
  const port = await freePort();
  const worker = trr.start('worker', '--metrics-port', String(port));
  await trr.run('sync', '--queue');
  // The unknown show fails: its run is partial.
  expect(await trr.run('runs', 'follow')).toMatchObject({ code: 3 });
  // A dead letter, as an operator would find it.
  await database.owner(`insert into pipeline.run_units (run_id, stage, subject, status, error_kind, finished_at)
    select id, 'job', 'x', 'failed', 'given_up', now() from pipeline.runs`);
  await database.owner(`update pipeline.runs set status = 'running', finished_at = null`);
  await database.owner(
    `update pipeline.run_units set status = 'pending' where stage = 'details' and status = 'failed'`,
  );
  await sleep(100);
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  worker.child.kill('SIGTERM');
  await worker.finished;
  expect(text).toMatch(/^trr_source_answers_total\{source="tmdb",outcome="ok"\} [1-9]/m);
  expect(text).toMatch(/^trr_source_answers_total\{source="tmdb",outcome="not_found"\} [1-9]/m);
  expect(text).toMatch(/^trr_units_total\{stage="details",status="succeeded"\} 1$/m);
  expect(text).toMatch(/^trr_unit_duration_seconds_count\{stage="episodes"\} [1-9]/m);
  expect(text).toMatch(/^trr_dead_letters\{kind="given_up"\} 1$/m);
  const served = new Set([...text.matchAll(/^(trr_\w+)/gm)].map(([, name]) => name));
  const asked = [...readFileSync(DASHBOARD, 'utf8').matchAll(/\btrr_\w+/g)].map(([name]) => name);
  expect(asked.length).toBeGreaterThan(8);
  expect(asked.filter((name) => !served.has(name))).toEqual([]);
  trr.close();
  await simulator.close();
  await database.drop();
}, 60_000);
