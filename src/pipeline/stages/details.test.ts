import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carryOut, type ModelRow, planContext, SHOW } from '../../../tests/helpers/plan-model.ts';
import type { ShowFacts } from '../../platform/facts.ts';
import { detailsStage, type StoredDetails } from './details.ts';

const BLANK: ModelRow = {
  id: SHOW.id,
  name: 'Show',
  description: null,
  premiere_date: null,
  imdb_id: null,
  tmdb_id: 12345,
  tvdb_id: null,
  tvrage_id: null,
  wikidata_id: null,
  facebook_id: null,
  instagram_id: null,
  twitter_id: null,
  genres: null,
  keywords: null,
  networks: null,
  tmdb_network_ids: null,
  tmdb_production_company_ids: null,
  tmdb_name: null,
  tmdb_status: null,
  tmdb_type: null,
  tmdb_first_air_date: null,
  tmdb_last_air_date: null,
  tmdb_vote_average: null,
  tmdb_vote_count: null,
  tmdb_popularity: null,
  tmdb_meta: null,
  tmdb_fetched_at: null,
  needs_imdb_resolution: true,
  needs_tmdb_resolution: false,
  provenance: {},
};

// The predecessor's details fixture and what it made of it.
const FULL: ShowFacts = {
  tmdbId: 12345,
  name: "RuPaul's Drag Race",
  overview: 'Text',
  status: 'Returning Series',
  type: 'Reality',
  firstAirDate: '2009-02-02',
  lastAirDate: '2024-04-19',
  voteAverage: 8.5,
  voteCount: 123_456,
  popularity: 100,
  genres: ['Reality'],
  networks: [{ id: 1, name: 'VH1', originCountry: 'US', logoPath: '/vh1.png', raw: {} }],
  companies: [{ id: 20, name: 'Sample Production Co', originCountry: 'US', logoPath: '/prod.png', raw: {} }],
  raw: { id: 12345, name: "RuPaul's Drag Race", number_of_seasons: 16, number_of_episodes: 250 },
};

interface World {
  show: ModelRow;
  ids: ModelRow[];
  names: ModelRow[];
}

function plan(facts: ShowFacts, world: World, over: Partial<StoredDetails> = {}, missing: string[] = [], at?: string) {
  const stored = {
    show: world.show,
    externalIds: world.ids,
    alternativeNames: world.names,
    overrides: new Map(),
    holder: undefined,
    idsElsewhere: [],
    ...over,
  } as unknown as StoredDetails;
  return detailsStage.plan(
    { tmdbId: 12345, show: facts, missing },
    stored,
    SHOW,
    planContext(at === undefined ? {} : { at, prefix: at }),
  );
}

function apply(facts: ShowFacts, world: World, missing: string[] = [], at?: string): World {
  const made = plan(facts, world, {}, missing, at);
  const [show] = carryOut('core.shows', [world.show], made, [['id']]);
  return {
    show: show ?? world.show,
    ids: carryOut('core.external_ids', world.ids, made, [['scheme', 'value']]),
    names: carryOut('core.alternative_names', world.names, made, [['name', 'country', 'type']]),
  };
}

const world = (show: ModelRow = {}): World => ({ show: { ...BLANK, ...show }, ids: [], names: [] });

describe('details', () => {
  it("makes the predecessor's patch of its fixture", () => {
    const { show } = apply(FULL, world());
    expect(show).toMatchObject({
      tmdb_name: "RuPaul's Drag Race",
      tmdb_status: 'Returning Series',
      tmdb_type: 'Reality',
      tmdb_first_air_date: '2009-02-02',
      tmdb_last_air_date: '2024-04-19',
      tmdb_vote_average: 8.5,
      tmdb_vote_count: 123_456,
      tmdb_popularity: 100,
      tmdb_network_ids: [1],
      tmdb_production_company_ids: [20],
      tmdb_meta: FULL.raw,
      tmdb_fetched_at: '2025-12-18T00:00:00Z',
      networks: ['VH1'],
      name: 'Show',
      description: 'Text',
      premiere_date: '2009-02-02',
      needs_imdb_resolution: true,
      needs_tmdb_resolution: false,
    });
  });

  it('never touches curated columns that have a value, and clears mirrored ones the source cleared', () => {
    const before = world({
      description: 'Ours',
      premiere_date: '1999-01-01',
      tmdb_last_air_date: '2020-01-01',
      wikidata_id: 'Q1',
    });
    const { show } = apply({ ...FULL, lastAirDate: null, externalIds: { wikidata: 'Q2', tvdb: 5 } }, before);
    expect(show).toMatchObject({
      description: 'Ours',
      premiere_date: '1999-01-01',
      tmdb_last_air_date: null,
      wikidata_id: 'Q1',
      tvdb_id: 5,
    });
  });

  it('unites arrays per source: stored [A], upstream [B] gives both; a withdrawn value goes', () => {
    const first = apply({ genres: ['B'] }, world({ genres: ['A'] }));
    expect(first.show).toMatchObject({ genres: ['A', 'B'], provenance: { genres: { values: { tmdb: ['B'] } } } });
    expect(apply({ genres: ['C'] }, first).show).toMatchObject({ genres: ['A', 'C'] });
    expect(apply({}, first).show).toMatchObject({ genres: ['A', 'B'] });
  });

  it('adopts an IMDb id, refuses one another show holds, and keeps a different stored one', () => {
    const facts: ShowFacts = { externalIds: { imdb: 'tt1234567' } };
    expect(apply(facts, world()).show).toMatchObject({ imdb_id: 'tt1234567', needs_imdb_resolution: false });
    const held = plan(facts, world(), { holder: { id: 'other-id', name: 'Other' } });
    expect(held).toMatchObject({ changes: [], conflict: { code: 'id_conflict' } });
    expect(held.conflict?.detail).toContain('"Other" (other-id)');
    const kept = plan(facts, world({ imdb_id: 'tt7', needs_imdb_resolution: false }));
    expect(kept.warnings).toEqual(['TMDb gives the IMDb id tt1234567, stored is tt7; the stored one was kept']);
    expect(kept.changes.flatMap(({ rows }) => rows).some((row) => row['value'] === 'tt1234567')).toBe(false);
  });

  it("keeps external ids as rows, replaces what TMDb changed, leaves other sources' rows and the missing block alone", () => {
    const first = apply(
      { externalIds: { tvdb: 5, wikidata: 'Q1' } },
      { ...world(), ids: [{ id: 'x', show_id: SHOW.id, scheme: 'imdb', value: 'tt1', provenance: {} }] },
    );
    const pairs = (rows: readonly ModelRow[]) =>
      rows.map((row) => `${String(row['scheme'])} ${String(row['value'])}`).sort();
    expect(pairs(first.ids)).toEqual(['imdb tt1', 'tmdb 12345', 'tvdb 5', 'wikidata Q1']);
    expect(pairs(apply({ externalIds: { tvdb: 6 } }, first).ids)).toEqual(['imdb tt1', 'tmdb 12345', 'tvdb 6']);
    expect(pairs(apply({}, first, ['external_ids']).ids)).toEqual(pairs(first.ids));
    const warned = plan({ externalIds: { tvdb: 5 } }, world(), {
      idsElsewhere: [{ scheme: 'tvdb', value: '5', id: 'other-id', name: 'Other' }],
    });
    expect(warned.warnings).toEqual(['tvdb id 5 is held by "Other" (other-id); not stored']);
  });

  it('keeps the stored copy of blocks the answer lacked in tmdb_meta', () => {
    const before = world({ tmdb_meta: { id: 12345, keywords: { results: [1] }, images: { posters: [] } } });
    const { show } = apply({ ...FULL, raw: { id: 12345, images: { posters: [2] } } }, before, ['keywords']);
    expect(show['tmdb_meta']).toEqual({ id: 12345, keywords: { results: [1] }, images: { posters: [2] } });
  });

  it('has nothing to write the second time, in whatever order lists come', () => {
    const text = fc.option(fc.constantFrom('x', 'y', null), { nil: undefined });
    const list = fc.option(fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'é')), { nil: undefined });
    const known = fc.record({
      overview: text,
      status: text,
      genres: list,
      keywords: list,
      tvdb: fc.option(fc.nat(5), { nil: undefined }),
      average: fc.option(fc.float({ noNaN: true, noDefaultInfinity: true }), { nil: undefined }),
    });
    const show = fc.record({
      description: fc.option(fc.constantFrom('old', '')),
      genres: fc.option(fc.uniqueArray(fc.constantFrom('A', 'D'))),
      tmdb_vote_average: fc.option(fc.constantFrom('8.50', '0')),
    });
    fc.assert(
      fc.property(known, show, ({ overview, status, genres, keywords, tvdb, average }, before) => {
        const facts = (reversed: boolean): ShowFacts => ({
          ...(overview === undefined ? {} : { overview }),
          ...(status === undefined ? {} : { status }),
          ...(genres === undefined ? {} : { genres: reversed ? genres.toReversed() : genres }),
          ...(keywords === undefined ? {} : { keywords }),
          ...(average === undefined ? {} : { voteAverage: average }),
          externalIds: tvdb === undefined ? {} : { tvdb },
          raw: { id: 12345 },
        });
        const once = apply(facts(false), world(before));
        expect(plan(facts(true), once, {}, [], '2026-01-01T00:00:00Z').changes).toEqual([]);
      }),
    );
  });
});
