import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AppearanceFacts } from '../../platform/facts.ts';
import { type KnownEpisode, rollUp } from './appearances.ts';

function credit(episodeId: string, over: Partial<AppearanceFacts> = {}): AppearanceFacts {
  const nothing = {
    seasonNumber: null,
    episodeNumber: null,
    title: null,
    year: null,
    airDate: null,
    job: null,
    category: null,
  };
  return { ...nothing, characters: [], attributes: [], archiveFootage: false, ...over, episodeId };
}

const known = (id: string, season: number, number: number, date: string | null, tmdb: number | null): KnownEpisode => ({
  imdb_episode_id: id,
  season_number: season,
  episode_number: number,
  air_date: date,
  tmdb_episode_id: tmdb,
});

describe('rollUp', () => {
  it('is the worked example of spec/pipeline.md 8.5', () => {
    const stored = [
      known('tt10', 1, 2, '2020-01-08', 110),
      known('tt11', 1, 1, '2020-01-01', null),
      known('tt20', 2, 1, null, 120),
    ];
    const credits = [
      credit('tt99', { year: 2019 }),
      credit('tt20', { seasonNumber: 9, episodeNumber: 9 }),
      credit('tt10'),
      credit('tt11'),
      credit('tt10', { seasonNumber: 7, episodeNumber: 7 }),
      credit('tt12', { seasonNumber: 1, year: 2021 }),
      credit('tt13', { seasonNumber: 3, episodeNumber: 1, archiveFootage: true }),
    ];
    expect(rollUp(credits, stored)).toEqual({
      titleIds: ['tt11', 'tt10', 'tt12', 'tt20', 'tt99'],
      seasons: [1, 2],
      tmdbEpisodeIds: [110, 120],
    });
  });

  it('is nothing when only archive footage is left', () => {
    expect(rollUp([credit('tt1', { archiveFootage: true })], [])).toBeNull();
  });

  it('names each episode once, whatever order the credits come in', () => {
    const some = fc.record({
      episodeId: fc.constantFrom('tt1', 'tt2', 'tt3', 'tt4', 'tt5'),
      seasonNumber: fc.option(fc.nat(2)),
      episodeNumber: fc.option(fc.nat(3)),
      year: fc.option(fc.constantFrom(2000, 2001)),
    });
    const one = fc.uniqueArray(some, { selector: ({ episodeId }) => episodeId, minLength: 1 });
    fc.assert(
      fc.property(
        one.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([list, shuffled]) => {
          const read = (items: typeof list) =>
            rollUp(
              items.map(({ episodeId, ...over }) => credit(episodeId, over)),
              [],
            );
          const rolled = read(list);
          expect(read(shuffled)).toEqual(rolled);
          expect([...(rolled?.titleIds ?? [])].sort()).toEqual(list.map(({ episodeId }) => episodeId).sort());
          expect(rolled?.seasons).toEqual([...new Set(rolled?.seasons)].sort((a, b) => a - b));
        },
      ),
    );
  });
});
