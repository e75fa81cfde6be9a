import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { ALL_SHOWS, addShows, createHarness, type Harness, INCREMENTAL } from '../helpers/pipeline.ts';
import { type Simulator, SURVIVOR_US, startSimulator, survivorWorld } from '../simulator/index.ts';

let database: TestDatabase;
let simulator: Simulator;
let harness: Harness;

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ world: survivorWorld() });
  harness = createHarness(database, simulator);
  await addShows(database, [{ tmdbId: SURVIVOR_US.tmdbId, name: 'Survivor' }]);
  await harness.sync({ stages: ['resolve', 'details'] });
});

afterAll(async () => {
  vi.restoreAllMocks();
  await harness.close();
  await simulator.close();
  await database.drop();
});

interface Sent {
  readonly client: pg.Client;
  readonly text: string;
}

/** Every text the driver sent while `work` ran; the one that begins a transaction also sets its role and takes its lock. */
async function sent(work: () => Promise<unknown>): Promise<Sent[]> {
  const texts: Sent[] = [];
  const original = pg.Client.prototype.query;
  const spy = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...args: unknown[]) {
    const [config] = args as [string | { text: string }];
    const text = typeof config === 'string' ? config : config.text;
    texts.push({ client: this, text });
    return Reflect.apply(original, this, args) as ReturnType<pg.Client['query']>;
  });
  await work();
  spy.mockRestore();
  return texts;
}

/** The statements of the transactions of these units, begin and commit included. */
function ofUnits(texts: readonly Sent[], stages: readonly string[]): string[] {
  const found: string[] = [];
  // Heartbeats go over other connections at the same time.
  const inside = new Set<pg.Client>();
  for (const { client, text } of texts) {
    if (stages.some((stage) => text.startsWith('begin;') && text.includes(`'unit ${stage}'`))) inside.add(client);
    if (inside.has(client)) found.push(text);
    if (text === 'commit') inside.delete(client);
  }
  return found;
}

describe('statements of one show with 50 seasons', () => {
  const only = { ...ALL_SHOWS, all: false, tmdbIds: [SURVIVOR_US.tmdbId] };

  it('are at most ten for seasons and episodes together, whatever the number of seasons (S3)', async () => {
    const texts = await sent(() =>
      harness.sync({ filter: only, stages: ['seasons', 'episodes', 'totals'], concurrency: 1 }),
    );
    const [counts] = await database.owner('select count(*)::int as seasons from core.seasons');
    expect(counts).toEqual({ seasons: 50 });
    const units = ofUnits(texts, ['seasons', 'episodes']);
    expect(units.filter((text) => text === 'commit')).toHaveLength(2);
    expect(units.length, units.map((text) => text.slice(0, 90)).join('\n')).toBeLessThanOrEqual(10);
  });

  it('are no more when the episodes change', async () => {
    simulator.state.edit(SURVIVOR_US.tmdbId, (show) => {
      for (const season of show.seasons) {
        season.name = `${season.name} again`;
        for (const episode of season.episodes) episode.vote_count += 1;
      }
    });
    const texts = await sent(() =>
      harness.sync({
        filter: only,
        stages: ['seasons', 'episodes', 'totals'],
        concurrency: 1,
        decision: { ...INCREMENTAL, force: true },
      }),
    );
    const units = ofUnits(texts, ['seasons', 'episodes']);
    expect(units.filter((text) => text === 'commit')).toHaveLength(2);
    expect(units.length, units.map((text) => text.slice(0, 90)).join('\n')).toBeLessThanOrEqual(10);
  });
});
