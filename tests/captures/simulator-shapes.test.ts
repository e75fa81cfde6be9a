import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { reduceSurvivor } from '../../scripts/reduce-survivor.ts';
import {
  REDUCED_SURVIVOR_DIR,
  type Simulator,
  SURVIVOR_US,
  startSimulator,
  survivorWorld,
} from '../simulator/index.ts';
import { ask, first, keys } from '../simulator/testing.ts';

/** The recorded answers beside the project (or where `TRR_CAPTURES_DIR` says). */
const CAPTURES = process.env.TRR_CAPTURES_DIR ?? path.join(import.meta.dirname, '..', '..', '..', 'shared', 'captures');

type Json = Record<string, unknown>;

function recorded(file: string, index = 0): Json {
  const text = readFileSync(path.join(CAPTURES, 'tmdb', file), 'utf8');
  if (file.endsWith('.json')) return JSON.parse(text) as Json;
  const cassette = parse(text, { logLevel: 'silent' }) as { interactions?: Cassette[]; http_interactions?: Cassette[] };
  const body = (cassette.interactions ?? cassette.http_interactions ?? [])[index]?.response.body;
  const string = typeof body === 'object' && body !== null && 'string' in body ? body.string : body;
  const plain = String(string).trim();
  return JSON.parse(plain.startsWith('{') ? plain : Buffer.from(plain, 'base64').toString('utf8')) as Json;
}

interface Cassette {
  response: { body: string | { string: string } };
}

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ world: survivorWorld(REDUCED_SURVIVOR_DIR) });
});
afterAll(() => simulator.close());

const US = SURVIVOR_US.tmdbId;

test('details have the recorded keys, at every level', async () => {
  const real = recorded('gotmdb-tv-1399-appended.yaml');
  const ours = (
    await ask(simulator, `/tv/${US}?append_to_response=aggregate_credits,content_ratings,external_ids,keywords`)
  ).body;
  expect(keys(ours)).toEqual(keys(real).filter((key) => key !== 'credits'));
  for (const block of ['external_ids', 'aggregate_credits', 'content_ratings', 'keywords', 'last_episode_to_air']) {
    expect([block, keys(ours[block])]).toEqual([block, keys(real[block])]);
  }
  for (const list of [
    'seasons',
    'networks',
    'production_companies',
    'genres',
    'spoken_languages',
    'production_countries',
  ]) {
    expect([list, keys(first(ours[list]))]).toEqual([list, keys(first(real[list]))]);
  }
  const cast = (body: Json) => first((body.aggregate_credits as Json).cast);
  expect(keys(cast(ours))).toEqual(keys(cast(real)));
  expect(keys(first(cast(ours).roles))).toEqual(keys(first(cast(real).roles)));
});

test('images, external ids, changes, episodes and people have the recorded keys', async () => {
  const images = (await ask(simulator, `/tv/${US}/images`)).body;
  expect(keys(images)).toEqual(keys(recorded('vcr-tv-posters.yml')));
  expect(keys(first(images.posters))).toEqual(keys(first(recorded('vcr-tv-posters.yml').posters)));
  expect(keys((await ask(simulator, `/tv/${US}/season/1/images`)).body)).toEqual(
    keys(recorded('vcr-tv-season-posters.yml')),
  );
  expect(keys((await ask(simulator, `/tv/${US}/external_ids`)).body)).toEqual(
    keys(recorded('vcr-tv-external_ids.yml')),
  );
  expect(keys((await ask(simulator, '/person/changes')).body)).toEqual(keys(recorded('vcr-changes-person.yml')));
  const person = simulator.state.show(US)?.seasons[0]?.cast[0]?.person_id;
  expect(keys((await ask(simulator, `/person/${person}`)).body)).toEqual(keys(recorded('vcr-person-detail.yml')));
  expect(keys((await ask(simulator, `/person/${person}/images`)).body)).toEqual(
    keys(recorded('vcr-person-images.yml')),
  );
  // `episode_type` came to TMDb after that recording.
  const episode = keys((await ask(simulator, `/tv/${US}/season/1/episode/1`)).body).filter(
    (key) => key !== 'episode_type',
  );
  expect(episode).toEqual(keys(recorded('vcr-tv-episode-detail.yml')));
  const found = (await ask(simulator, `/find/${SURVIVOR_US.imdbId}?external_source=imdb_id`)).body;
  expect(keys(found)).toEqual(keys(recorded('vcr-find-tv.yml')));
  expect(keys(first(found.tv_results))).toEqual(keys(first(recorded('vcr-find-tv.yml').tv_results)));
  expect(keys((await ask(simulator, '/search/tv?query=survivor')).body)).toEqual(
    keys(recorded('gotmdb-search-tv.yaml')),
  );
});

test('the list has at least the recorded keys', async () => {
  const ours = keys((await ask(simulator, '/list/1')).body);
  expect(keys(recorded('phptmdb-list.json')).filter((key) => !ours.includes(key))).toEqual([]);
});

test('the committed Survivor data is the full data reduced, and describes the same world', () => {
  const full = path.join(CAPTURES, 'survivor');
  for (const [name, content] of Object.entries(reduceSurvivor(full))) {
    expect(readFileSync(path.join(REDUCED_SURVIVOR_DIR, name), 'utf8') === content, name).toBe(true);
  }
  const [a, b] = [survivorWorld(full), survivorWorld(REDUCED_SURVIVOR_DIR)];
  for (const id of a.showIds()) expect(b.show(id)).toEqual(a.show(id));
});
