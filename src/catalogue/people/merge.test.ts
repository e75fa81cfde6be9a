import { describe, expect, it } from 'vitest';
import { findPerson, matchPeople, personIds, personValues } from './merge.ts';

const STORED = [
  { id: 'one', external_ids: { imdb: 'nm1' } },
  { id: 'two', external_ids: { tmdb: '2', imdb: 'nm2' } },
];

describe('people', () => {
  it('are found by id and never by name, one match each in id order', () => {
    const { matches, warnings } = matchPeople(
      [
        { name: 'Same', tmdbId: 9 },
        { name: 'Same', tmdbId: 2 },
        { name: 'Again', tmdbId: 2 },
        { name: 'No id' },
        { name: 'By IMDb', tmdbId: 7, imdbId: 'nm1' },
      ],
      STORED,
    );
    expect(matches.map(({ facts, stored }) => [facts.tmdbId, stored?.id ?? null])).toEqual([
      [2, 'two'],
      [7, 'one'],
      [9, null],
    ]);
    expect(warnings).toEqual([]);
  });

  it('report a person whose two ids are two rows and take the one with the TMDb id', () => {
    const person = { name: 'P', tmdbId: 2, imdbId: 'nm1' };
    const { matches, warnings } = matchPeople([person], STORED);
    expect(matches[0]?.stored?.id).toBe('two');
    expect(warnings).toHaveLength(1);
    expect(findPerson(person, STORED)?.id).toBe('two');
  });

  it('get missing ids filled in and keep stored ones', () => {
    expect(personIds({ imdb: 'nm1', other: 5 }, { name: 'P', tmdbId: 3, imdbId: 'nm9' })).toEqual({
      imdb: 'nm1',
      other: 5,
      tmdb: '3',
    });
    expect(personIds(null, { name: 'P', tmdbId: 3 })).toEqual({ tmdb: '3' });
    expect(personValues({ name: '  ' })).toEqual({ full_name: undefined, known_for: undefined });
  });
});
