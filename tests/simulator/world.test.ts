import { afterEach, describe, expect, test } from 'vitest';
import {
  addEpisode,
  dropSeason,
  generatedImdbId,
  generatedShowId,
  generatedWorld,
  REDUCED_SURVIVOR_DIR,
  renameShow,
  type Simulator,
  SURVIVOR_US,
  spawnSimulator,
  startSimulator,
  survivorWorld,
  withdrawProvider,
} from './index.ts';
import { ask } from './testing.ts';
import { readSurvivorData } from './world/survivor-data.ts';

let simulator: Simulator | undefined;
afterEach(async () => {
  await simulator?.close();
  simulator = undefined;
});

const US = SURVIVOR_US.tmdbId;

describe('the Survivor world', () => {
  const world = survivorWorld(REDUCED_SURVIVOR_DIR);

  test('is as large as the data', () => {
    expect(world.totals()).toEqual({ shows: 5, seasons: 76, episodes: 1_233, people: 1_198 });
    const data = readSurvivorData(REDUCED_SURVIVOR_DIR);
    expect([data.seasons.length, data.episodes.length, data.castaways.length, data.people.length]).toEqual([
      76, 1_233, 1_441, 1_200,
    ]);
  });

  test('gives out every id once', () => {
    const shows = [...world.showIds()].flatMap((id) => world.show(id) ?? []);
    const seasons = shows.flatMap((show) => show.seasons);
    const episodes = seasons.flatMap((season) => season.episodes);
    const credits = seasons.flatMap((season) => season.cast);
    const distinct = (values: unknown[]) => new Set(values).size;
    expect(distinct(seasons.map((season) => season.id))).toBe(76);
    expect(distinct(seasons.map((season) => season.object_id))).toBe(76);
    expect(distinct(episodes.map((episode) => episode.id))).toBe(1_233);
    expect(distinct(episodes.map((episode) => episode.imdb_id))).toBe(1_233);
    expect(distinct(credits.map((credit) => credit.credit_id))).toBe(1_441);
  });

  test('keeps what is odd: missing dates, people under two names, people of two countries', () => {
    const uk = [...world.showIds()].map((id) => world.show(id)).find((show) => show?.name === 'Survivor UK');
    expect(uk?.seasons[0]?.episodes.every((episode) => episode.air_date === null)).toBe(true);
    const people = [...world.showIds()].flatMap(
      (id) => world.show(id)?.seasons.flatMap((s) => s.cast.map((c) => c.person_id)) ?? [],
    );
    const known = [...new Set(people)].flatMap((id) => world.person(id) ?? []);
    expect(known.filter((person) => person.also_known_as.length > 0).map((person) => person.name)).toContain(
      'Amber Mariano',
    );
    expect(known.some((person) => person.birthday === null)).toBe(true);
  });
});

describe('a generated world', () => {
  const world = generatedWorld({ shows: 40, seasons: 3, episodesPerSeason: 6, castPerShow: 10, seed: 7 });

  test('is the same for the same seed, another for another', () => {
    const again = generatedWorld({ shows: 40, seasons: 3, episodesPerSeason: 6, castPerShow: 10, seed: 7 });
    const other = generatedWorld({ shows: 40, seasons: 3, episodesPerSeason: 6, castPerShow: 10, seed: 8 });
    expect(again.show(generatedShowId(5))).toEqual(world.show(generatedShowId(5)));
    expect(other.show(generatedShowId(5))).not.toEqual(world.show(generatedShowId(5)));
  });

  test('has the size asked for, distinct ids, and knows everybody it credits', () => {
    expect(world.totals()).toMatchObject({ shows: 40, seasons: 120, episodes: 720 });
    const shows = [...world.showIds()].flatMap((id) => world.show(id) ?? []);
    const seasons = shows.flatMap((show) => show.seasons);
    expect(new Set(seasons.flatMap((season) => season.episodes.map((episode) => episode.id))).size).toBe(720);
    const credits = seasons.flatMap((season) => [...season.cast, ...season.crew]);
    expect(new Set(credits.map((credit) => credit.credit_id)).size).toBe(credits.length);
    expect(credits.filter((credit) => world.person(credit.person_id) === undefined)).toEqual([]);
    expect(world.find(generatedImdbId(3))).toEqual([{ kind: 'show', showId: generatedShowId(3) }]);
    expect([world.show(generatedShowId(41)), world.show(generatedShowId(0))]).toEqual([undefined, undefined]);
  });

  test('shares people between shows and has namesakes', () => {
    const castOf = (n: number) =>
      new Set(world.show(generatedShowId(n))?.seasons.flatMap((s) => s.cast.map((c) => c.person_id)));
    expect([...castOf(1)].some((id) => castOf(2).has(id))).toBe(true);
    const everybody = [...Array(40).keys()].flatMap((n) => [...castOf(n + 1)]);
    const names = [...new Set(everybody)].map((id) => world.person(id)?.name);
    expect(new Set(names).size).toBeLessThan(names.length);
  });

  test('sizes that would collide are refused', () => {
    expect(() => generatedWorld({ shows: 0 })).toThrow('1 to 100,000 shows');
    expect(() => generatedWorld({ shows: 5, seasons: 91 })).toThrow('at most 90 seasons');
  });
});

describe('edits', () => {
  test('appear in the answers and in the changes feeds', async () => {
    const world = survivorWorld(REDUCED_SURVIVOR_DIR);
    simulator = await startSimulator({ world });
    expect((await ask(simulator, '/tv/changes')).body).toMatchObject({ results: [], total_pages: 1, total_results: 0 });
    const added = addEpisode(world, US, 50, { name: 'One More' });
    renameShow(world, US, 'Survivor (renamed)');
    const australia = [...world.showIds()][1] ?? 0;
    dropSeason(world, australia, 12);
    withdrawProvider(world, australia, 531);
    expect((await ask(simulator, '/tv/changes')).body.results).toEqual([
      { id: australia, adult: false },
      { id: US, adult: false },
    ]);

    const us = await ask(simulator, `/tv/${US}?append_to_response=season/50`);
    expect(us.body.name).toBe('Survivor (renamed)');
    expect((us.body['season/50'] as { episodes: { name: string }[] }).episodes.at(-1)?.name).toBe(added.name);
    const there = await ask(simulator, `/tv/${australia}?append_to_response=watch/providers`);
    expect(there.body.number_of_seasons).toBe(11);
    expect(JSON.stringify(there.body['watch/providers'])).not.toContain('Paramount');
    expect((await ask(simulator, `/tv/${australia}/season/12`)).status).toBe(404);

    const { body } = await ask(simulator, `/tv/${US}/changes`);
    const changes = body.changes as { key: string; items: { action: string; value: unknown }[] }[];
    expect(changes.map((change) => change.key)).toEqual(['season', 'name']);
    expect(changes[0]?.items[0]).toMatchObject({ action: 'updated', value: { season_number: 50 } });
  });

  test('the feeds go by date, 100 a page, 14 days at most', async () => {
    const world = generatedWorld({ shows: 130 });
    simulator = await startSimulator({ world, now: () => new Date('2026-03-20T12:00:00Z') });
    for (const id of world.showIds()) world.touch(id, { at: new Date('2026-03-10T23:59:00Z') });
    world.touch(generatedShowId(1), { at: new Date('2026-03-20T06:00:00Z') });
    expect((await ask(simulator, '/tv/changes')).body.total_results).toBe(1);
    const range = '/tv/changes?start_date=2026-03-10&end_date=2026-03-12';
    const one = await ask(simulator, range);
    expect([one.body.total_results, one.body.total_pages, (one.body.results as unknown[]).length]).toEqual([
      130, 2, 100,
    ]);
    expect((await ask(simulator, `${range}&page=2`)).body.results).toHaveLength(30);
    expect((await ask(simulator, '/tv/changes?start_date=2026-03-01&end_date=2026-03-16')).body.status_code).toBe(20);
    expect((await ask(simulator, '/tv/changes?start_date=yesterday')).body.status_code).toBe(20);
  });

  test('a silent edit is not announced; a removed show is gone; a new one is found', async () => {
    const world = generatedWorld({ shows: 3 });
    simulator = await startSimulator({ world });
    const show = world.show(generatedShowId(2));
    if (show === undefined) throw new Error('no show 2');
    renameShow(world, show.id, 'Quietly', { silent: true });
    world.remove(generatedShowId(1), { silent: true });
    world.add({ ...show, id: 123, external_ids: { ...show.external_ids, imdb_id: 'tt0000123' } }, { silent: true });
    expect((await ask(simulator, '/tv/changes')).body.results).toEqual([]);
    expect((await ask(simulator, `/tv/${show.id}`)).body.name).toBe('Quietly');
    expect((await ask(simulator, `/tv/${generatedShowId(1)}`)).status).toBe(404);
    expect((await ask(simulator, `/find/${generatedImdbId(1)}?external_source=imdb_id`)).body.tv_results).toEqual([]);
    expect((await ask(simulator, '/find/tt0000123?external_source=imdb_id')).body.tv_results).toMatchObject([
      { id: 123 },
    ]);
    expect([...world.showIds()]).toEqual([generatedShowId(2), generatedShowId(3), 123]);
  });
});

test('as a process of its own it answers, is steered, and ends', async () => {
  const child = await spawnSimulator(['--world', 'generated', '--shows', '4', '--seasons', '1', '--latency', '1']);
  try {
    expect(await child.totals()).toMatchObject({ shows: 4, seasons: 4 });
    await child.setFaults([{ on: '/tv/{id}', times: 1, fault: { kind: 'status', status: 500 } }]);
    const statuses = [];
    for (let i = 0; i < 2; i += 1) {
      const response = await fetch(`${child.apiBaseUrl}/tv/${generatedShowId(1)}`, {
        headers: { authorization: 'Bearer x' },
      });
      statuses.push(response.status);
      await response.arrayBuffer();
    }
    expect(statuses).toEqual([500, 200]);
    expect(await child.counts()).toMatchObject({ total: 2, byStatus: { 200: 1, 500: 1 } });
    await child.touch([generatedShowId(3)]);
    await child.reset();
    expect((await child.counts()).total).toBe(0);
  } finally {
    await child.close();
  }
  await expect(fetch(child.url)).rejects.toThrow();
});
