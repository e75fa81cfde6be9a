import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, uniteCandidates } from './union.ts';

const candidate = (over: Partial<Candidate>): Candidate => ({
  imdbId: null,
  tmdbId: null,
  name: null,
  year: null,
  firstAirDate: null,
  originCountries: null,
  tags: [],
  ...over,
});

describe('uniteCandidates', () => {
  it('unites by IMDb id and keeps the first values (pipeline.md 6.3)', () => {
    const united = uniteCandidates([
      candidate({ imdbId: 'tt1111111', tags: ['imdb-list:ls1'] }),
      candidate({ imdbId: 'tt1111111', tmdbId: 999, firstAirDate: '2020-01-01', tags: ['tmdb-list:8'] }),
    ]);
    expect(united).toEqual([
      candidate({
        imdbId: 'tt1111111',
        tmdbId: 999,
        firstAirDate: '2020-01-01',
        tags: ['imdb-list:ls1', 'tmdb-list:8'],
      }),
    ]);
  });

  it('unites by TMDb id and learns the IMDb id', () => {
    const united = uniteCandidates([candidate({ tmdbId: 123 }), candidate({ imdbId: 'tt2222222', tmdbId: 123 })]);
    expect(united).toEqual([candidate({ imdbId: 'tt2222222', tmdbId: 123 })]);
  });

  it('unites id-less titles of one year only', () => {
    const united = uniteCandidates([
      candidate({ name: 'Straße', year: 2021, tags: ['a'] }),
      candidate({ name: 'Other', year: 2021 }),
      candidate({ name: ' STRASSE ', firstAirDate: '2021-05-01', tags: ['b'] }),
      candidate({ name: 'Other' }),
    ]);
    expect(united.map((c) => c.tags)).toEqual([['a', 'b'], [], []]);
  });

  it('lets a later candidate bridge two earlier ones', () => {
    const united = uniteCandidates([
      candidate({ imdbId: 'tt1' }),
      candidate({ tmdbId: 5 }),
      candidate({ imdbId: 'tt1', tmdbId: 5 }),
    ]);
    expect(united).toEqual([candidate({ imdbId: 'tt1', tmdbId: 5 })]);
  });

  it('gives the same shows for every order of the same items', () => {
    // Each item tells a part of a fixed truth about one of ten shows.
    const item = fc.record({
      show: fc.integer({ min: 1, max: 10 }),
      imdb: fc.boolean(),
      tmdb: fc.boolean(),
      date: fc.boolean(),
    });
    const toCandidate = (i: { show: number; imdb: boolean; tmdb: boolean; date: boolean }): Candidate =>
      candidate({
        imdbId: i.imdb || !i.tmdb ? `tt${i.show}` : null,
        tmdbId: i.tmdb ? i.show : null,
        name: `Show ${i.show}`,
        firstAirDate: i.date ? `20${10 + i.show}-01-01` : null,
        tags: [`list:${i.show}`],
      });
    const rows = (items: readonly Candidate[]): string[] =>
      uniteCandidates(items)
        .map((c) => JSON.stringify(c))
        .toSorted();
    const shuffled = fc.array(item, { maxLength: 30 }).chain((items) => {
      const all = items.map(toCandidate);
      return fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }));
    });
    fc.assert(
      fc.property(shuffled, ([items, other]) => {
        expect(rows(other)).toEqual(rows(items));
      }),
    );
  });
});
