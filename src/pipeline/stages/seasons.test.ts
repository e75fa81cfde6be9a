import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carryOut, type ModelRow, planContext, SHOW } from '../../../tests/helpers/plan-model.ts';
import { sourceOf, tmdbWorld } from '../../../tests/helpers/stage-world.ts';
import type { SeasonFacts } from '../../platform/facts.ts';
import { notOk } from '../../platform/outcome.ts';
import { createShowSources } from '../show-sources.ts';
import { episodesStage } from './episodes.ts';
import { missingSeasons, type SeasonSetFacts } from './season-facts.ts';
import { type StoredSeasons, seasonsStage } from './seasons.ts';

const UNIQUE = [
  ['show_id', 'season_number'],
  ['tmdb_series_id', 'season_number'],
];
const SEASON: SeasonFacts = {
  seasonNumber: 1,
  tmdbSeasonId: 101,
  tmdbSeasonObjectId: '656fe5d8',
  name: 'Season 1',
  overview: 'Season 1 overview from TMDb.',
  airDate: '2024-01-01',
  posterPath: '/season1.jpg',
  tvdbId: 98_765,
  wikidataId: 'Q123',
  language: 'en-US',
};

function plan(facts: Partial<SeasonSetFacts>, rows: readonly ModelRow[], at?: string) {
  const set: SeasonSetFacts = { tmdbId: 12345, listed: [], seasons: [], complete: true, ...facts };
  const stored: StoredSeasons = {
    rows: rows as unknown as StoredSeasons['rows'],
    overrides: new Map(),
    elsewhere: undefined,
  };
  return seasonsStage.plan(set, stored, SHOW, planContext(at === undefined ? {} : { at, prefix: at }));
}
const apply = (facts: Partial<SeasonSetFacts>, rows: readonly ModelRow[], at?: string): ModelRow[] =>
  carryOut('core.seasons', rows, plan(facts, rows, at), UNIQUE).map((row) => ({ imdb_series_id: null, ...row }));

describe('seasons', () => {
  it("has the columns of the predecessor's fixture", () => {
    expect(apply({ listed: [1], seasons: [SEASON] }, [])[0]).toMatchObject({
      show_id: SHOW.id,
      season_number: 1,
      tmdb_series_id: 12345,
      tmdb_season_id: 101,
      tmdb_season_object_id: '656fe5d8',
      name: 'Season 1',
      title: 'Season 1',
      overview: 'Season 1 overview from TMDb.',
      air_date: '2024-01-01',
      premiere_date: '2024-01-01',
      poster_path: '/season1.jpg',
      external_tvdb_id: 98_765,
      external_wikidata_id: 'Q123',
      language: 'en-US',
      fetched_at: '2025-12-18T00:00:00Z',
    });
  });

  it('adds stubs for seasons that are listed but not answered, and keeps what is stored of them', () => {
    const first = apply({ listed: [1, 60], seasons: [SEASON], complete: false }, []);
    expect(first.map((row) => [row['season_number'], row['name'], row['language']])).toEqual([
      [1, 'Season 1', 'en-US'],
      [60, null, 'en-US'],
    ]);
    expect(plan({ listed: [1, 60], seasons: [], complete: false }, first).changes).toEqual([]);
  });

  it('retires a season at the second complete fetch without it, unless IMDb knows it', () => {
    const first = apply({ listed: [1, 2, 3], seasons: [] }, []).map((row) =>
      row['season_number'] === 3 ? { ...row, imdb_series_id: 'tt1' } : row,
    );
    expect(plan({ listed: [1], complete: false }, first).changes).toEqual([]);
    const once = apply({ listed: [1] }, first);
    expect(once.map((row) => [row['missing_count'], row['retired_at']])).toEqual([
      [0, null],
      [1, null],
      [0, null],
    ]);
    const twice = apply({ listed: [1] }, once);
    expect(twice.map((row) => [row['missing_count'], row['retired_at']])).toEqual([
      [0, null],
      [2, '2025-12-18T00:00:00Z'],
      [0, null],
    ]);
    expect(plan({ listed: [1] }, twice).changes).toEqual([]);
    expect(apply({ listed: [1, 2] }, twice).map((row) => row['retired_at'])).toEqual([null, null, null]);
  });

  it('writes nothing the second time and merges each row as if it came alone', () => {
    const text = fc.option(fc.constantFrom('x', 'y', '', null), { nil: undefined });
    const season = fc.record({
      number: fc.nat(4),
      name: text,
      overview: text,
      airDate: fc.option(fc.constantFrom('2024-01-01', null), { nil: undefined }),
      id: fc.option(fc.nat(3), { nil: undefined }),
    });
    const batch = fc.uniqueArray(season, { selector: (item) => item.number });
    const toFacts = (
      items: readonly (typeof season extends fc.Arbitrary<infer T> ? T : never)[],
    ): Partial<SeasonSetFacts> => ({
      listed: items.map((item) => item.number),
      complete: false,
      seasons: items.map(({ number, name, overview, airDate, id }) => ({
        seasonNumber: number,
        ...(name === undefined ? {} : { name }),
        ...(overview === undefined ? {} : { overview }),
        ...(airDate === undefined ? {} : { airDate }),
        ...(id === undefined ? {} : { tmdbSeasonId: id }),
      })),
    });
    fc.assert(
      fc.property(batch, batch, (before, items) => {
        const stored = apply(toFacts(before), []);
        const together = apply(toFacts(items), stored, '2026-01-01T00:00:00Z');
        expect(plan(toFacts(items), together, '2026-01-02T00:00:00Z').changes).toEqual([]);
        const reversed = apply(toFacts(items.toReversed()), stored, '2026-01-01T00:00:00Z');
        const of = (rows: readonly ModelRow[], number: number) => {
          const { id: _, ...row } = rows.find((one) => one['season_number'] === number) ?? {};
          return row;
        };
        for (const item of items) {
          expect(of(together, item.number)).toEqual(
            of(apply(toFacts([item]), stored, '2026-01-01T00:00:00Z'), item.number),
          );
          expect(of(reversed, item.number)).toEqual(of(together, item.number));
        }
      }),
    );
  });
});

describe('fetching seasons', () => {
  const show = { ...SHOW, tmdbId: 5 };
  const world = (seasons: [number, SeasonFacts | 'transport'][]) =>
    tmdbWorld({ show: { show: { seasonNumbers: [1, 2, 3, 4, 5] }, validators: {} }, seasons: new Map(seasons) });
  const all = [1, 2, 3, 4, 5].map((number): [number, SeasonFacts | 'transport'] => [
    number,
    number === 3 ? 'transport' : { seasonNumber: number },
  ]);

  it('names the one of five seasons that failed, and asks only for it the next time', async () => {
    const first = await seasonsStage.fetch(show, createShowSources({ tmdb: sourceOf(world(all)) }));
    expect(first).toMatchObject({ kind: 'facts', missing: ['season 3: transport'], facts: { complete: false } });
    const only = missingSeasons(first.kind === 'facts' ? first.missing : []);
    expect(only).toEqual([3]);
    const next = world([[3, { seasonNumber: 3 }]]);
    const second = await seasonsStage.fetch(
      show,
      createShowSources({ tmdb: sourceOf(next), onlySeasons: { seasons: only ?? [] } }),
    );
    expect(next.requests).toEqual(['show 5', 'season 5/3']);
    expect(second).toMatchObject({ kind: 'facts', missing: [], facts: { complete: false, listed: [1, 2, 3, 4, 5] } });
  });

  it('fails when every season fails and nothing else is known of them', async () => {
    const fetched = await seasonsStage.fetch(
      show,
      createShowSources({ tmdb: sourceOf(world(all.map(([number]) => [number, 'transport']))) }),
    );
    expect(fetched).toMatchObject({ kind: 'failed', reason: { kind: 'transport' } });
  });

  it('names every season that a recording lacks instead of failing', async () => {
    const source = { ...sourceOf(world([])), season: async () => notOk('not_recorded', 'not among the snapshots') };
    const fetched = await episodesStage.fetch(show, createShowSources({ tmdb: source }));
    const missing = [1, 2, 3, 4, 5].map((number) => `season ${number}: not_recorded`);
    expect(fetched).toMatchObject({ kind: 'facts', missing, facts: { seasons: [], complete: false } });
  });

  it("stores what the show's own answer says of seasons that fail, and names each as missing", async () => {
    const listedSeasons = [{ seasonNumber: 1, name: 'Borneo', airDate: '2000-05-31', tmdbSeasonId: 7 }];
    const source = sourceOf(
      tmdbWorld({
        show: { show: { seasonNumbers: [1], listedSeasons }, validators: {} },
        seasons: new Map([[1, 'transport']]),
      }),
    );
    const fetched = await seasonsStage.fetch(show, createShowSources({ tmdb: source }));
    expect(fetched).toMatchObject({ kind: 'facts', missing: ['season 1: transport'], facts: { complete: false } });
    const rows = fetched.kind === 'facts' ? apply(fetched.facts, []) : [];
    expect(rows).toMatchObject([{ season_number: 1, name: 'Borneo', air_date: '2000-05-31', tmdb_season_id: 7 }]);
  });

  it('asks for everything when something else is missing too', () => {
    expect(missingSeasons(['season 3: transport', 'season 10: images', 'season 3: images'])).toEqual([3, 10]);
    expect(missingSeasons(['season 3: transport', 'seasons'])).toBeUndefined();
    expect(missingSeasons([])).toBeUndefined();
  });

  it('says why a show without a TMDb id is no case for it', () => {
    expect(seasonsStage.applies({ ...SHOW, tmdbId: null })).toBe('the show has no TMDb id');
  });
});
