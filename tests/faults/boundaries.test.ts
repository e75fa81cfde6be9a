import pg from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { StageName } from '../../src/pipeline/stage.ts';
import { canonicalDump } from '../helpers/canonical-dump.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { addShows, createHarness } from '../helpers/pipeline.ts';
import { generatedShowId, generatedWorld, type Simulator, startSimulator } from '../simulator/index.ts';

const SEASONS = 3;
const EPISODES = 4;
const STAGES: readonly StageName[] = ['details', 'seasons', 'episodes', 'season-images', 'totals'];

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({
    world: generatedWorld({ shows: 1, seasons: SEASONS, episodesPerSeason: EPISODES }),
  });
});

afterAll(() => simulator.close());

/**
 * The server's side of a kill: from the n-th statement of the units' transactions on, the connection is gone and the open transaction
 * with it. Returns how many statements there were.
 */
async function cutAt(n: number, work: () => Promise<unknown>): Promise<number> {
  let seen = 0;
  const original = pg.Client.prototype.query;
  const units = new WeakSet<pg.Client>();
  const spy = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...args: unknown[]) {
    const [config] = args as [string | { text: string }];
    const text = typeof config === 'string' ? config : config.text;
    if (/^begin;/.test(text) && text.includes("'unit ")) units.add(this);
    const counted = units.has(this) && text !== 'rollback';
    if (counted) seen += 1;
    if (text === 'commit' || text === 'rollback') units.delete(this);
    if (counted && seen >= n) {
      const lost = Object.assign(new Error('the connection was cut'), { code: 'ECONNRESET' });
      units.delete(this);
      return Reflect.apply(original, this, ['rollback']).then(() => Promise.reject(lost)) as ReturnType<
        typeof original
      >;
    }
    return Reflect.apply(original, this, args) as ReturnType<typeof original>;
  });
  await work().finally(() => spy.mockRestore());
  return seen;
}

/** What a success of a stage promises about rows. */
const PROMISED: Readonly<Record<string, string>> = {
  seasons: `(select count(*) from core.seasons where tmdb_season_id is not null) = ${SEASONS}`,
  episodes: `(select count(*) from core.episodes) = ${SEASONS * EPISODES}`,
  totals: `(select show_total_seasons = ${SEASONS} and show_total_episodes = ${SEASONS * EPISODES} from core.shows)`,
  details: '(select tmdb_meta is not null from core.shows)',
};
/** Tables that only their stage fills: rows in them without its state would be half a unit. */
const FILLED_BY: Readonly<Record<string, string>> = {
  'core.seasons': 'seasons',
  'core.episodes': 'episodes',
  'core.season_images': 'season-images',
};

async function brokenPromises(database: TestDatabase): Promise<string[]> {
  const broken: string[] = [];
  for (const [stage, condition] of Object.entries(PROMISED)) {
    const [row] = await database.owner(
      `select not exists (select from core.sync_state where table_name = $1 and status = 'success') or ${condition} as kept`,
      [stage],
    );
    if (row?.['kept'] !== true) broken.push(`${stage} is a success without its rows`);
  }
  for (const [table, stage] of Object.entries(FILLED_BY)) {
    const [row] = await database.owner(
      `select not exists (select from ${table}) or exists (select from core.sync_state where table_name = $1) as kept`,
      [stage],
    );
    if (row?.['kept'] !== true) broken.push(`${table} has rows without the state of ${stage}`);
  }
  return broken;
}

async function fresh(work: (database: TestDatabase, sync: () => Promise<unknown>) => Promise<void>): Promise<void> {
  const database = await createTestDatabase({ poolMax: 4 });
  const harness = createHarness(database, simulator);
  try {
    await addShows(database, [{ tmdbId: generatedShowId(1), name: 'Cut' }]);
    await work(database, () => harness.sync({ stages: STAGES, concurrency: 1 }));
  } finally {
    await harness.close();
    await database.drop();
  }
}

it('a unit is whole or absent, at whatever statement the connection goes, and the next run completes the work (R2)', async () => {
  let expected = '';
  let statements = 0;
  await fresh(async (database, sync) => {
    statements = await cutAt(Number.POSITIVE_INFINITY, sync);
    expect(await brokenPromises(database)).toEqual([]);
    expected = await canonicalDump(database.url);
  });
  expect(statements).toBeGreaterThan(4 * STAGES.length);
  for (let n = 1; n <= statements; n++) {
    await fresh(async (database, sync) => {
      await expect(cutAt(n, sync), `cut at ${n}`).rejects.toThrow();
      expect(await brokenPromises(database), `cut at ${n} of ${statements}`).toEqual([]);
      await sync();
      expect(await canonicalDump(database.url), `cut at ${n} of ${statements}`).toBe(expected);
    });
  }
}, 120_000);
