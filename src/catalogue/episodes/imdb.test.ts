import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EpisodeFacts } from '../../platform/facts.ts';
import { type PlacedRow, placeImdbEpisodes } from './imdb.ts';

const row = (season: number, number: number, over: Partial<PlacedRow> = {}): PlacedRow => ({
  id: `row-${season}-${number}`,
  season_number: season,
  episode_number: number,
  title: null,
  tmdb_episode_id: season * 100 + number,
  imdb_episode_id: null,
  retired_at: null,
  ...over,
});
const item = (id: string, season: number, number: number, title: string | null = null): EpisodeFacts => ({
  imdbEpisodeId: id,
  seasonNumber: season,
  episodeNumber: number,
  title,
});
const places = (items: readonly EpisodeFacts[]) =>
  items.map((one) => [one.imdbEpisodeId, one.seasonNumber, one.episodeNumber]);

describe("placing IMDb's episodes among TMDb's", () => {
  it('goes by number where nothing else is known', () => {
    const { items, warnings } = placeImdbEpisodes([item('tt1', 1, 1), item('tt2', 1, 2)], [row(1, 1)]);
    expect(places(items)).toEqual([
      ['tt1', 1, 1],
      ['tt2', 1, 2],
    ]);
    expect(warnings).toEqual([]);
  });

  it("goes by the very title where the numbers differ, and keeps TMDb's number", () => {
    const stored = [row(1, 1, { title: 'Landfall' }), row(1, 2, { title: 'Oil & Water' })];
    const { items } = placeImdbEpisodes([item('tt1', 1, 2, 'Landfall'), item('tt2', 1, 3, 'oil and WATER')], stored);
    expect(places(items)).toEqual([
      ['tt1', 1, 1],
      ['tt2', 1, 3],
    ]);
    const accents = placeImdbEpisodes([item('tt2', 1, 3, 'Òil & Water!')], stored);
    expect(places(accents.items)).toEqual([['tt2', 1, 2]]);
  });

  it('believes no title that many could have, or that two have', () => {
    const stored = [row(1, 1, { title: 'Episode 2' }), row(1, 2, { title: 'Twice' }), row(1, 3, { title: 'Twice' })];
    const { items } = placeImdbEpisodes([item('tt1', 1, 2, 'Episode 2'), item('tt2', 1, 4, 'Twice')], stored);
    expect(places(items)).toEqual([
      ['tt1', 1, 2],
      ['tt2', 1, 4],
    ]);
  });

  it('stays with the row that has the id already', () => {
    const stored = [row(1, 5, { imdb_episode_id: 'tt1' }), row(1, 1)];
    expect(places(placeImdbEpisodes([item('tt1', 1, 1)], stored).items)).toEqual([['tt1', 1, 5]]);
  });

  it('leaves out and tells what has no place', () => {
    const stored = [row(1, 1, { title: 'Landfall' })];
    const { items, warnings } = placeImdbEpisodes([item('tt1', 1, 7, 'Landfall'), item('tt2', 1, 1, 'Other')], stored);
    expect(places(items)).toEqual([['tt1', 1, 1]]);
    expect(warnings).toEqual([expect.stringContaining('tt2 is season 1 episode 1 at IMDb')]);
  });

  it('never gives one place or row to two', () => {
    const titles = fc.option(fc.constantFrom('Landfall', 'Storm', 'Ebb', 'Episode 1'));
    const rows = fc.uniqueArray(
      fc.record({
        s: fc.nat(1),
        n: fc.nat(4),
        title: titles,
        tmdb: fc.boolean(),
        imdb: fc.option(fc.constantFrom('tt1', 'tt2', 'tt3')),
      }),
      { selector: ({ s, n }) => `${s}/${n}` },
    );
    const items = fc.uniqueArray(
      fc.record({ id: fc.constantFrom('tt1', 'tt2', 'tt3', 'tt4'), s: fc.nat(1), n: fc.nat(4), title: titles }),
      {
        selector: ({ id }) => id,
      },
    );
    fc.assert(
      fc.property(rows, items, (stored, said) => {
        const ids = new Set<string>();
        const placedRows = stored.map(({ s, n, title, tmdb, imdb }) => {
          const id = imdb !== null && !ids.has(imdb) ? imdb : null;
          if (id !== null) ids.add(id);
          return row(s, n, { title, imdb_episode_id: id, ...(tmdb ? {} : { tmdb_episode_id: null }) });
        });
        const facts = said.map(({ id, s, n, title }) => item(id, s, n, title));
        const result = placeImdbEpisodes(facts, placedRows);
        const taken = result.items.filter((one) => {
          const holder = placedRows.find(
            (r) => r.season_number === one.seasonNumber && r.episode_number === one.episodeNumber,
          );
          return holder?.tmdb_episode_id != null;
        });
        // Two of IMDb's own may claim one free place; a row that TMDb numbers belongs to one of them at most... unless both say the number.
        const byTitleOrId = taken.filter((one) => {
          const source = facts.find((fact) => fact.imdbEpisodeId === one.imdbEpisodeId);
          return source?.seasonNumber !== one.seasonNumber || source.episodeNumber !== one.episodeNumber;
        });
        const slots = byTitleOrId.map((one) => `${one.seasonNumber}/${one.episodeNumber}`);
        expect(new Set(slots).size).toBe(slots.length);
        for (const slot of slots) {
          expect(result.items.filter((one) => `${one.seasonNumber}/${one.episodeNumber}` === slot)).toHaveLength(1);
        }
      }),
    );
  });
});
