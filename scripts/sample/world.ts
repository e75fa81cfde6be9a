import { SURVIVOR_US, survivorBase } from '../../tests/simulator/world/survivor.ts';
import { REDUCED_SURVIVOR_DIR, readSurvivorData } from '../../tests/simulator/world/survivor-data.ts';
import type { WorldBase, WorldProvider } from '../../tests/simulator/world/types.ts';
import { createWorld, type World } from '../../tests/simulator/world/world.ts';
import { LANTERN_PEOPLE } from './made-up-people.ts';
import { LANTERN_ID, LANTERN_IMDB, LANTERN_PROVIDERS, lanternShow } from './made-up-show.ts';
import { cutToFacts } from './survivor.ts';

/** The day the sample describes; `last_episode_to_air` is relative to it. */
export const SAMPLE_DAY = '2026-06-01';
export const SAMPLE_LIST = '1';
export const SAMPLE_SHOWS = [SURVIVOR_US.tmdbId, LANTERN_ID] as const;
export const SAMPLE_IMDB_IDS = [SURVIVOR_US.imdbId, LANTERN_IMDB] as const;

/** Two shows and nothing else. Built from the data that is committed, so every clone builds the same. */
export function sampleWorld(): World {
  const survivor = survivorBase(readSurvivorData(REDUCED_SURVIVOR_DIR));
  const lantern = lanternShow();
  const people = new Map(LANTERN_PEOPLE.map((person) => [person.id, person]));
  const base: WorldBase = {
    showIds: () => SAMPLE_SHOWS,
    show: (id) => (id === LANTERN_ID ? lantern : id === SURVIVOR_US.tmdbId ? survivor.show(id) : undefined),
    person: (id) => people.get(id) ?? survivor.person(id),
    find: (imdbId) => (imdbId === LANTERN_IMDB ? [{ kind: 'show', showId: LANTERN_ID }] : survivor.find(imdbId)),
    list: (id) =>
      id !== SAMPLE_LIST
        ? undefined
        : {
            name: 'The Reality Report sample',
            description: 'What a first start imports.',
            created_by: 'trr',
            size: SAMPLE_SHOWS.length,
            items: (from, to) =>
              SAMPLE_SHOWS.slice(from, to).map((showId) => ({ media_type: 'tv' as const, id: showId })),
          },
    providers,
  };
  const world = createWorld(base, SAMPLE_DAY);
  cutToFacts(world);
  return world;
}

function providers(): WorldProvider[] {
  return Object.values(LANTERN_PROVIDERS).map((offer, i) => {
    const { display_priority: _, ...provider } = offer(0);
    return { display_priorities: { DE: i + 1, IE: i + 1, US: i + 1 }, display_priority: i + 1, ...provider };
  });
}
