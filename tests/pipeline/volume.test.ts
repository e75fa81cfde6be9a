import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createTrr, type Finished, type Trr } from '../helpers/trr.ts';
import {
  GENERATED_LIST,
  generatedShowId,
  generatedWorld,
  joinedWorld,
  type Simulator,
  SURVIVOR_US,
  startSimulator,
  survivorWorld,
  type World,
} from '../simulator/index.ts';

/** Generated shows beside the five of Survivor; `.ci/long` asks for 2,000. */
const GENERATED = Number(process.env['TRR_TEST_VOLUME'] ?? 40);
const [LOST, SILENT, BROKEN_SEASON] = [generatedShowId(7), generatedShowId(19), generatedShowId(23)];

let database: TestDatabase;
let simulator: Simulator;
let world: World;
let trr: Trr;

beforeAll(async () => {
  world = joinedWorld([survivorWorld(), generatedWorld({ shows: GENERATED, seasons: 2, castPerShow: 12 })]);
  simulator = await startSimulator({ world });
  database = await createTestDatabase();
  trr = createTrr(database, simulator);
});

afterAll(async () => {
  trr.close();
  await simulator.close();
  await database.drop();
});

/** What has to be stored of a world, without shows that could not be had. */
function expectedCounts(without: ReadonlySet<number>) {
  const people = new Set<number>();
  const counts = { shows: 0, seasons: 0, episodes: 0, credits: 0, season_images: 0, show_images: 0 };
  for (const id of world.showIds()) {
    const show = world.show(id);
    if (show === undefined || without.has(id)) continue;
    const cast = new Set(show.seasons.flatMap((season) => season.cast.map((credit) => credit.person_id)));
    for (const person of cast) people.add(person);
    counts.shows += 1;
    counts.seasons += show.seasons.length;
    counts.episodes += show.seasons.reduce((sum, season) => sum + season.episodes.length, 0);
    counts.credits += cast.size;
    counts.season_images += show.seasons.reduce((sum, season) => sum + season.posters.length, 0);
    // TMDb is asked for English pictures and those without words.
    const pictures = Object.values(show.images).flat();
    counts.show_images += pictures.filter((image) => image.iso_639_1 === null || image.iso_639_1 === 'en').length;
  }
  return { ...counts, people: people.size };
}

async function storedCounts(): Promise<Record<string, number> | undefined> {
  const [row] = await database.owner<Record<string, number>>(`select
    (select count(*)::int from core.shows) as shows, (select count(*)::int from core.seasons) as seasons,
    (select count(*)::int from core.episodes) as episodes, (select count(*)::int from core.show_cast) as credits,
    (select count(*)::int from core.season_images) as season_images, (select count(*)::int from core.show_images) as show_images,
    (select count(*)::int from core.people) as people`);
  return row;
}

interface Shown {
  readonly run: { id: string; status: string; requests: Record<string, number> };
  readonly units: readonly { stage: string; status: string; units: number }[];
  readonly troubled: readonly {
    stage: string;
    status: string;
    show_name: string | null;
    reason: string | null;
    error_kind: string | null;
  }[];
}

async function shown(): Promise<Shown> {
  const told = await trr.run('runs', 'show', '--json');
  expect(told.code).toBe(0);
  return JSON.parse(told.stdout) as Shown;
}

const summaryOf = ({ stdout }: Finished) =>
  JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>;
const SHOWS = GENERATED + 5;

describe(`Survivor at full size and ${GENERATED} generated shows`, () => {
  it('are imported with exact counts; what failed and why is told, and the exit code says partial (B8)', async () => {
    simulator.setFaults([
      { on: `/tv/${LOST}`, fault: { kind: 'status', status: 404 } },
      { on: `/tv/${SILENT}`, fault: { kind: 'not-json' } },
      { on: `/tv/${BROKEN_SEASON}/season/2`, fault: { kind: 'not-json' } },
    ]);
    const run = await trr.run('import', '--tmdb-list', GENERATED_LIST, '--json');
    expect(run, run.stderr).toMatchObject({ code: 3 });
    const shows = { total: SHOWS, done: SHOWS, failed: 2, partial: 1, unchanged: 0 };
    expect(summaryOf(run)).toMatchObject({ type: 'summary', exit: 3, status: 'partial', shows });
    const missing = world.show(BROKEN_SEASON)?.seasons[1]?.episodes.length ?? 0;
    const expected = { ...expectedCounts(new Set([LOST, SILENT])), shows: SHOWS };
    const posters = world.show(BROKEN_SEASON)?.seasons[1]?.posters.length ?? 0;
    expect(await storedCounts()).toEqual({
      ...expected,
      episodes: expected.episodes - missing,
      season_images: expected.season_images - posters,
    });
    const { run: record, units, troubled } = await shown();
    expect(record).toMatchObject({ status: 'partial', counts: { shows } });
    expect(Object.values(record.requests)).toEqual([simulator.counts().total]);
    const of = (stage: string, status: string) =>
      units.find((unit) => unit.stage === stage && unit.status === status)?.units ?? 0;
    // The list names them, so that they are known; more is not to be had.
    expect([of('lists', 'succeeded'), of('lists', 'partial')]).toEqual([SHOWS - 2, 2]);
    expect([of('details', 'failed'), of('totals', 'skipped')]).toEqual([2, 2]);
    expect([of('details', 'succeeded'), of('totals', 'succeeded')]).toEqual([SHOWS - 2, SHOWS - 2]);
    expect([of('episodes', 'succeeded'), of('episodes', 'partial')]).toEqual([SHOWS - 3, 1]);
    const failed = troubled.filter(({ stage, status }) => stage === 'details' && status === 'failed');
    expect(failed.toSorted((one, two) => String(one.error_kind).localeCompare(String(two.error_kind)))).toMatchObject([
      {
        show_name: world.show(LOST)?.name,
        error_kind: 'not_found',
        error_upstream: 'tmdb',
        http_status: 404,
        attempt: 1,
      },
      { show_name: world.show(SILENT)?.name, error_kind: 'schema_changed', error_upstream: 'tmdb', attempt: 1 },
    ]);
    const named = [LOST, SILENT, BROKEN_SEASON].map((id) => world.show(id)?.name ?? `tmdb:${id}`);
    expect(new Set(troubled.map((unit) => unit.show_name))).toEqual(new Set(named));
    expect(troubled.filter((unit) => unit.show_name === named[2])).toMatchObject(
      ['seasons', 'episodes', 'appearances', 'season-images'].map((stage) => ({
        stage,
        status: 'partial',
        reason: expect.stringContaining('season 2'),
      })),
    );
  }, 900_000);

  it('are completed by resuming: only what failed is asked for, and the exit code says good', async () => {
    simulator.setFaults([]);
    simulator.reset();
    const { run } = await shown();
    const resumed = await trr.run('runs', 'resume', run.id, '--json');
    expect(resumed, resumed.stderr).toMatchObject({ code: 0 });
    expect(await storedCounts()).toEqual(expectedCounts(new Set()));
    const { run: record, units, troubled } = await shown();
    expect(record).toMatchObject({
      status: 'succeeded',
      counts: { shows: { total: SHOWS, done: SHOWS, failed: 0, partial: 0 } },
    });
    expect(troubled).toEqual([]);
    expect(units.find(({ stage, status }) => stage === 'totals' && status === 'succeeded')?.units).toBe(SHOWS);
    const asked = new Set(simulator.requests().flatMap(({ path }) => /\/tv\/(\d+)/.exec(path)?.[1] ?? []));
    expect(asked).toEqual(new Set([LOST, SILENT, BROKEN_SEASON].map(String)));
  }, 600_000);

  it('cost nothing but the change feed when nothing has changed, and tell when a stage last succeeded (O2)', async () => {
    simulator.reset();
    const again = await trr.run('sync', '--json');
    expect(again, again.stderr).toMatchObject({ code: 0 });
    expect(summaryOf(again)).toMatchObject({ status: 'succeeded', tables: {} });
    expect(simulator.requests().filter(({ path }) => !path.endsWith('/changes'))).toEqual([]);
    const told = await trr.run('runs', 'show', '--show', SURVIVOR_US.imdbId, '--stage', 'episodes', '--json');
    expect(JSON.parse(told.stdout)).toMatchObject({
      name: 'Survivor',
      stages: [{ stage: 'episodes', status: 'success', success_run_id: expect.any(String), last_error: null }],
    });
    simulator.setFaults([{ fault: { kind: 'status', status: 404 } }]);
    expect(await trr.run('sync', '--force', '--tmdb-id', String(LOST))).toMatchObject({ code: 1 });
    simulator.setFaults([]);
  }, 600_000);
});
