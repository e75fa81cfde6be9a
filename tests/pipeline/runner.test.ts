import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { addShows, createHarness, type Harness } from '../helpers/pipeline.ts';
import { type Simulator, startSimulator, survivorWorld } from '../simulator/index.ts';

let database: TestDatabase;
let simulator: Simulator;
let harness: Harness;

beforeAll(async () => {
  database = await createTestDatabase({ poolMax: 8 });
  simulator = await startSimulator({ world: survivorWorld() });
  harness = createHarness(database, simulator);
  await addShows(
    database,
    [...simulator.state.showIds()].map((tmdbId) => ({ tmdbId, name: simulator.state.show(tmdbId)?.name ?? '?' })),
  );
});

afterAll(async () => {
  await harness.close();
  await simulator.close();
  await database.drop();
});

describe('sync of the Survivor franchise', () => {
  it('fills the catalogue completely', async () => {
    const summary = await harness.sync();
    expect(summary.failures).toEqual([]);
    expect(summary.status).toBe('succeeded');
    const totals = simulator.state.totals();
    const [counts] = await database.owner(`select
      (select count(*)::int from core.shows) as shows,
      (select count(*)::int from core.seasons) as seasons,
      (select count(*)::int from core.episodes) as episodes`);
    expect(counts).toEqual({ shows: totals.shows, seasons: totals.seasons, episodes: totals.episodes });
  });
});
