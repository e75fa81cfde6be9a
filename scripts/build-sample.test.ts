import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Config } from '../src/platform/config/types.ts';
import { createFetcher } from '../src/sources/fetcher/fetcher.ts';
import { createTmdbSource } from '../src/sources/tmdb/client.ts';
import { REDUCED_SURVIVOR_DIR } from '../tests/simulator/world/survivor-data.ts';
import { buildSample, SAMPLE_DIR, staleSampleFiles } from './build-sample.ts';
import { reduceSurvivor } from './reduce-survivor.ts';
import { LANTERN_ID } from './sample/made-up-show.ts';
import { SAMPLE_IMDB_IDS, SAMPLE_LIST, SAMPLE_SHOWS } from './sample/world.ts';

test('the sample on disk is what the script builds, byte for byte, and is small', () => {
  const files = buildSample();
  expect([...files]).toEqual([...buildSample()]);
  expect(staleSampleFiles(files)).toEqual([]);
  const size = [...files.values()].reduce((sum, content) => sum + Buffer.byteLength(content), 0);
  expect(size).toBeLessThan(1_000_000);
});

test('the reduced data is what its script makes of itself', () => {
  for (const [name, content] of Object.entries(reduceSurvivor(REDUCED_SURVIVOR_DIR))) {
    expect(readFileSync(path.join(REDUCED_SURVIVOR_DIR, name), 'utf8')).toBe(content);
  }
});

const CONFIG: Pick<Config, 'tmdb' | 'sources'> = {
  tmdb: {
    bearer: null,
    apiKey: null,
    rate: 25,
    apiBaseUrl: 'https://api.themoviedb.org/3',
    imageBaseUrl: 'https://image.tmdb.org/t/p/original',
    listIds: [],
  },
  sources: { live: new Set(['tmdb']), publishLicences: new Set(['tmdb']), contactUrl: null },
};

test('the TMDb client gets everything it asks for from the sample, offline', async () => {
  const fetcher = createFetcher({ config: CONFIG, snapshots: SAMPLE_DIR, offline: true });
  const tmdb = createTmdbSource(fetcher, CONFIG.tmdb);
  try {
    const list = await tmdb.list(SAMPLE_LIST);
    expect(list).toMatchObject({ kind: 'ok', missing: [], value: SAMPLE_SHOWS.map((tmdbId) => ({ tmdbId })) });
    for (const [i, id] of SAMPLE_SHOWS.entries()) {
      expect(await tmdb.find(SAMPLE_IMDB_IDS[i] ?? '')).toMatchObject({ kind: 'ok', value: [{ tmdbId: id }] });
      expect(await tmdb.externalIds(id)).toMatchObject({ kind: 'ok', value: { imdb: SAMPLE_IMDB_IDS[i] } });
      const show = await tmdb.show(id);
      expect(show).toMatchObject({ kind: 'ok', missing: [], via: 'snapshot' });
      const numbers = show.kind === 'ok' ? (show.value.show.seasonNumbers ?? []) : [];
      expect(numbers).toEqual(id === LANTERN_ID ? [0, 1, 2, 3] : [48, 49, 50]);
      for (const number of numbers) expect(await tmdb.season(id, number)).toMatchObject({ kind: 'ok', missing: [] });
    }
  } finally {
    await fetcher.close();
  }
});

test('the made-up show leaves no field without a value', async () => {
  const fetcher = createFetcher({ config: CONFIG, snapshots: SAMPLE_DIR, offline: true });
  try {
    const outcome = await createTmdbSource(fetcher, CONFIG.tmdb).show(LANTERN_ID);
    if (outcome.kind !== 'ok') throw new Error(outcome.detail);
    const { show, credits, images, offers } = outcome.value;
    const empty = Object.entries({ ...show, ...show.externalIds }).filter(
      ([, value]) =>
        value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0),
    );
    expect(empty).toEqual([]);
    expect(new Set(images?.map((image) => image.kind))).toEqual(new Set(['poster', 'backdrop', 'logo']));
    expect(new Set(offers?.map((offer) => offer.region))).toEqual(new Set(['DE', 'IE', 'US']));
    expect(new Set(offers?.map((offer) => offer.offerType))).toEqual(
      new Set(['flatrate', 'rent', 'buy', 'free', 'ads']),
    );
    expect(new Set(credits?.map((credit) => credit.category)).size).toBeGreaterThan(1);
  } finally {
    await fetcher.close();
  }
});

test('nothing about the real show is made up: no pictures, votes, offers or foreign ids', () => {
  for (const [name, content] of buildSample()) {
    if (!name.startsWith('bodies/tv-14658')) continue;
    expect(content).not.toMatch(/\.(jpg|png|svg)"/);
    expect(content).not.toMatch(/"(tt|nm)9\d+"/);
    expect(content).not.toMatch(/"vote_(average|count)": [1-9]/);
  }
});
