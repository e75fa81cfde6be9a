import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Config } from '../../src/platform/config/types.ts';
import { createFetcher } from '../../src/sources/fetcher/fetcher.ts';
import { createTmdbSource } from '../../src/sources/tmdb/client.ts';
import type { TmdbClient } from '../../src/sources/tmdb/source.ts';
import type { Fetcher } from '../../src/sources/types.ts';
import {
  addEpisode,
  REDUCED_SURVIVOR_DIR,
  SIMULATOR_BEARER,
  type Simulator,
  SURVIVOR_LIST,
  SURVIVOR_US,
  startSimulator,
  survivorWorld,
} from './index.ts';

/** The project's own client against the simulator: both must mean the same by TMDb's shapes. */
let simulator: Simulator;
let fetcher: Fetcher;
let tmdb: TmdbClient;
beforeAll(async () => {
  simulator = await startSimulator({ world: survivorWorld(REDUCED_SURVIVOR_DIR), auth: { bearer: SIMULATOR_BEARER } });
  const config: Pick<Config, 'tmdb' | 'sources'> = {
    tmdb: {
      bearer: SIMULATOR_BEARER,
      apiKey: null,
      rate: 2_000,
      apiBaseUrl: simulator.apiBaseUrl,
      imageBaseUrl: 'https://image.tmdb.org/t/p/original',
      listIds: [],
    },
    sources: { live: new Set(['tmdb']), publishLicences: new Set(['tmdb']), contactUrl: null },
  };
  fetcher = createFetcher({ config, retry: { baseMs: 5 } });
  tmdb = createTmdbSource(fetcher, config.tmdb);
});
afterAll(async () => {
  await fetcher.close();
  await simulator.close();
});

test('reads the whole franchise: one request per show and season, counts equal to the data', async () => {
  const list = await tmdb.list(SURVIVOR_LIST);
  if (list.kind !== 'ok') throw new Error(list.detail);
  expect(list.value).toHaveLength(5);
  simulator.reset();
  const people = new Set<number | undefined>();
  let [seasons, episodes] = [0, 0];
  for (const { tmdbId } of list.value) {
    const show = await tmdb.show(tmdbId);
    if (show.kind !== 'ok') throw new Error(show.detail);
    expect(show.missing).toEqual([]);
    for (const credit of show.value.credits ?? []) people.add(credit.person.tmdbId);
    const numbers = show.value.show.seasonNumbers ?? [];
    const answers = await Promise.all(numbers.map((number) => tmdb.season(tmdbId, number)));
    for (const season of answers) {
      if (season.kind !== 'ok') throw new Error(season.detail);
      expect(season.missing).toEqual([]);
      seasons += 1;
      episodes += season.value.episodes?.length ?? 0;
    }
  }
  expect([seasons, episodes, people.size]).toEqual([76, 1_233, 1_198]);
  expect(simulator.counts().byTemplate).toEqual({ '/tv/{id}': 5, '/tv/{id}/season/{n}': 76 });
});

test('asks again conditionally, and finds what changed', async () => {
  const before = await tmdb.show(SURVIVOR_US.tmdbId);
  if (before.kind !== 'ok') throw new Error(before.detail);
  const { validators } = before.value;
  expect(await tmdb.show(SURVIVOR_US.tmdbId, { validators })).toMatchObject({ kind: 'not_modified' });
  addEpisode(simulator.state, SURVIVOR_US.tmdbId, 50);
  expect(await tmdb.show(SURVIVOR_US.tmdbId, { validators })).toMatchObject({ kind: 'ok' });
  const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
  expect(await tmdb.changedShows(day(-1), day(0))).toMatchObject({ kind: 'ok', value: [SURVIVOR_US.tmdbId] });
});

test('gets over a passing fault, and names a lasting one', async () => {
  simulator.setFaults([
    { times: 1, fault: { kind: 'status', status: 502 } },
    { times: 1, fault: { kind: 'truncated' } },
  ]);
  expect(await tmdb.externalIds(SURVIVOR_US.tmdbId)).toMatchObject({ kind: 'ok', value: { imdb: SURVIVOR_US.imdbId } });
  simulator.setFaults([{ fault: { kind: 'missing-blocks', blocks: ['images'] } }]);
  expect(await tmdb.show(SURVIVOR_US.tmdbId)).toMatchObject({ kind: 'ok', missing: ['images'] });
  simulator.setFaults([{ fault: { kind: 'wrong-id' } }]);
  expect(await tmdb.show(SURVIVOR_US.tmdbId)).toMatchObject({ kind: 'schema_changed' });
  simulator.setFaults([{ fault: { kind: 'not-json' } }]);
  expect(await tmdb.show(SURVIVOR_US.tmdbId)).toMatchObject({ kind: 'schema_changed' });
  simulator.setFaults([]);
});
