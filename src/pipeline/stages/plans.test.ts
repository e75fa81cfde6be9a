import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carryOut, type ModelRow, planContext, SHOW } from '../../../tests/helpers/plan-model.ts';
import type { CreditFacts, EntityFacts, ImageFacts, WatchOfferFacts } from '../../platform/facts.ts';
import type { FindCandidate } from '../../sources/tmdb/source.ts';
import type { Plan } from '../plan.ts';
import { castStage, type StoredCast } from './cast.ts';
import { entitiesStage, type StoredDimensions } from './entities.ts';
import { STAGES } from './index.ts';
import { type StoredPeople, tmdbPeople } from './people.ts';
import { providersStage, type StoredProviders } from './providers.ts';
import { resolveStage, type StoredResolve } from './resolve.ts';
import { type StoredSeasonImages, seasonImagesStage } from './season-images.ts';
import { type StoredShowImages, showImagesStage } from './show-images.ts';
import { type StoredTotals, totalsStage } from './totals.ts';

/** Rows by table, and how the plans of one stage are made and carried out on them. */
type Tables = Readonly<Record<string, readonly ModelRow[]>>;
interface Model<F> {
  readonly unique: Readonly<Record<string, readonly (readonly string[])[]>>;
  readonly plan: (facts: F, tables: Tables, at: string) => Plan;
}

const none = new Map();
const at = (day: number): string => `2026-01-0${day}T00:00:00Z`;

function apply<F>(model: Model<F>, facts: F, tables: Tables, when: string): Tables {
  const plan = model.plan(facts, tables, when);
  expect(plan.conflict).toBeUndefined();
  return Object.fromEntries(
    Object.entries(tables).map(([name, rows]) => [name, carryOut(name, rows, plan, model.unique[name] ?? [])]),
  );
}

/** From `before` on: the second plan of the same facts is empty (the third, where rows were counted as missing). */
function settles<F>(model: Model<F>, before: F, after: F, tables: Tables): Tables {
  const first = apply(model, before, tables, at(1));
  expect(model.plan(before, first, at(2)).changes).toEqual([]);
  const changed = apply(model, after, first, at(3));
  const counted = apply(model, after, changed, at(4));
  expect(model.plan(after, counted, at(5)).changes).toEqual([]);
  return counted;
}

const context = (when: string) => planContext({ at: when, prefix: when });
const text = fc.constantFrom('x', 'y', 'z');
const maybe = fc.option(text);

const offer: fc.Arbitrary<WatchOfferFacts> = fc
  .record({
    region: fc.constantFrom('US', 'DE'),
    offerType: fc.constantFrom('flatrate', 'buy'),
    providerId: fc.integer({ min: 1, max: 4 }),
    displayPriority: fc.option(fc.nat(3)),
    link: maybe,
    logoPath: fc.constant(null),
  })
  .map((item) => ({
    ...item,
    providerName: `P${item.providerId}`,
    raw: { provider_id: item.providerId, display_priority: item.displayPriority },
  }));

const providers: Model<readonly WatchOfferFacts[] | undefined> = {
  unique: {
    'core.show_watch_providers': [['region', 'offer_type', 'provider_id']],
    'core.watch_providers': [['provider_id']],
  },
  plan: (offers, tables, when) =>
    providersStage.plan(
      { offers },
      {
        offers: tables['core.show_watch_providers'],
        providers: tables['core.watch_providers'],
        show: tables['core.shows']?.[0],
        overrides: none,
        showOverrides: none,
      } as unknown as StoredProviders,
      SHOW,
      context(when),
    ),
};
const NO_OFFERS: Tables = {
  'core.show_watch_providers': [],
  'core.watch_providers': [],
  'core.shows': [{ id: SHOW.id, streaming_providers: ['Legacy'], provenance: {} }],
};

describe('providers', () => {
  it('replace the whole set, whatever vanished, and settle', () => {
    fc.assert(
      fc.property(fc.array(offer), fc.array(offer), (before, after) => {
        const tables = settles(providers, before, after, NO_OFFERS);
        const key = (row: ModelRow) => [row['region'], row['offer_type'], row['provider_id']].join(' ');
        const wanted = new Set(after.map((item) => [item.region, item.offerType, item.providerId].join(' ')));
        expect(new Set(tables['core.show_watch_providers']?.map(key))).toEqual(wanted);
        const names = after
          .filter((item) => item.region === 'US' && item.offerType === 'flatrate')
          .map((item) => item.providerName);
        expect(tables['core.shows']?.[0]?.['streaming_providers']).toEqual([...new Set(['Legacy', ...names])].sort());
      }),
    );
  });

  it("store the predecessor's fixture: two providers, two offers with their link", () => {
    const link = 'https://www.themoviedb.org/tv/12345/watch';
    const item = (providerId: number, providerName: string): WatchOfferFacts => ({
      region: 'US',
      offerType: 'flatrate',
      providerId,
      providerName,
      displayPriority: null,
      logoPath: null,
      link,
      raw: { provider_id: providerId, provider_name: providerName },
    });
    const tables = apply(providers, [item(15, 'Hulu'), item(531, 'Paramount+'), item(15, 'Hulu')], NO_OFFERS, at(1));
    expect(tables['core.watch_providers']).toMatchObject([
      {
        provider_id: 15,
        provider_name: 'Hulu',
        tmdb_logo_path: null,
        tmdb_meta: { provider_id: 15, provider_name: 'Hulu' },
      },
      { provider_id: 531, provider_name: 'Paramount+' },
    ]);
    expect(tables['core.show_watch_providers']).toMatchObject([
      { provider_id: 15, link },
      { provider_id: 531, link },
    ]);
    expect(providers.plan([item(15, 'Hulu'), item(15, 'Hulu')], NO_OFFERS, at(1)).warnings).toHaveLength(1);
  });

  it('change nothing when the block is missing', () => {
    expect(providers.plan(undefined, NO_OFFERS, at(1)).changes).toEqual([]);
  });
});

const entity: fc.Arbitrary<EntityFacts> = fc.record({
  id: fc.integer({ min: 1, max: 4 }),
  name: text,
  originCountry: maybe,
  logoPath: maybe,
  raw: fc.record({ v: fc.nat(2) }),
});
const entities: Model<readonly EntityFacts[]> = {
  unique: { 'core.networks': [['id']], 'core.production_companies': [['id']] },
  plan: (list, tables, when) => {
    const of = (table: string) => ({ rows: tables[table], overrides: none });
    const stored = {
      networks: of('core.networks'),
      companies: of('core.production_companies'),
    } as unknown as StoredDimensions;
    return entitiesStage.plan({ networks: list, companies: list.slice(0, 1) }, stored, SHOW, context(when));
  },
};

describe('entities', () => {
  it('mirror the source, nulls included, in key order, and settle', () => {
    fc.assert(
      fc.property(fc.array(entity), fc.array(entity), (before, after) => {
        const tables = settles(entities, before, after, { 'core.networks': [], 'core.production_companies': [] });
        for (const { id } of after) {
          const named = after.find((one) => one.id === id);
          expect(tables['core.networks']?.find((row) => row['id'] === id)).toMatchObject({
            name: named?.name,
            origin_country: named?.originCountry,
            tmdb_logo_path: named?.logoPath,
          });
        }
        const insert = entities.plan(after, { 'core.networks': [], 'core.production_companies': [] }, at(1)).changes[0];
        const ids = insert?.rows.map((row) => Number(row['id'])) ?? [];
        expect(ids).toEqual(ids.toSorted((a, b) => a - b));
      }),
    );
  });
});

const credit: fc.Arbitrary<CreditFacts> = fc.record({
  person: fc.integer({ min: 1, max: 4 }).map((tmdbId) => ({ name: `N${tmdbId}`, tmdbId })),
  category: fc.constantFrom('Self', 'cast'),
  role: maybe,
  billingOrder: fc.option(fc.nat(5)),
  episodeCount: fc.constant(null),
});
const people: Model<readonly CreditFacts[]> = {
  unique: { 'core.people': [['id']] },
  plan: (credits, tables, when) =>
    tmdbPeople(undefined).plan(
      { credits, profiles: [] },
      { rows: tables['core.people'], profiles: [], overrides: none } as unknown as StoredPeople,
      SHOW,
      context(when),
    ),
};
const cast: Model<readonly CreditFacts[] | undefined> = {
  unique: { 'core.show_cast': [['show_id', 'person_id', 'credit_category']] },
  plan: (credits, tables, when) =>
    castStage.plan(
      { credits },
      {
        people: tables['core.people'],
        rows: tables['core.show_cast'],
        overrides: none,
        namesakes: [],
      } as unknown as StoredCast,
      SHOW,
      context(when),
    ),
};
const PEOPLE = [1, 2, 3, 4].map((id) => ({ id: `p${id}`, external_ids: { tmdb: String(id) } }));
const LEGACY = {
  id: 'legacy',
  show_id: SHOW.id,
  person_id: 'p1',
  credit_category: 'self',
  role: 'IMDb role',
  billing_order: 3,
  provenance: {},
  missing_count: 0,
  retired_at: null,
};

describe('people and cast', () => {
  it('store each person once and settle', () => {
    fc.assert(
      fc.property(fc.array(credit), fc.array(credit), (before, after) => {
        const tables = settles(people, before, after, { 'core.people': [] });
        const ids = tables['core.people']?.map((row) => (row['external_ids'] as { tmdb: string }).tmdb) ?? [];
        expect(new Set(ids).size).toBe(ids.length);
        expect(new Set(ids)).toEqual(new Set([...before, ...after].map((one) => String(one.person.tmdbId))));
      }),
    );
  });

  it("keep the predecessor's rows, retire only what TMDb stated and no longer states, and settle", () => {
    fc.assert(
      fc.property(fc.array(credit), fc.array(credit), (before, after) => {
        const tables = settles(cast, before, after, { 'core.show_cast': [LEGACY], 'core.people': PEOPLE });
        const living = new Set(after.map((one) => `p${one.person.tmdbId} ${one.category.toLowerCase()}`));
        for (const row of tables['core.show_cast'] ?? []) {
          const listed = living.has(`${String(row['person_id'])} ${String(row['credit_category']).toLowerCase()}`);
          expect(row['retired_at'] === null).toBe(listed || row['id'] === 'legacy');
        }
        expect(tables['core.show_cast']?.[0]).toEqual(LEGACY);
      }),
    );
  });

  it('name credits whose person is not stored and retire nobody then', () => {
    const one = {
      person: { name: 'N9', tmdbId: 9 },
      category: 'Self',
      role: null,
      billingOrder: 1,
      episodeCount: null,
    };
    const ours = { ...LEGACY, provenance: { credit_category: { source: 'tmdb' } } };
    const plan = cast.plan([one], { 'core.show_cast': [ours], 'core.people': PEOPLE }, at(1));
    expect(plan).toMatchObject({ changes: [], partial: ['people: 1 of 1 credits have no stored person'] });
    expect(cast.plan(undefined, { 'core.show_cast': [ours], 'core.people': PEOPLE }, at(1)).changes).toEqual([]);
  });
});

const picture: fc.Arbitrary<ImageFacts> = fc.record({
  kind: fc.constantFrom('poster', 'backdrop', 'logo'),
  filePath: fc.constantFrom('/a.jpg', '/b.jpg', '/c.jpg'),
  language: fc.option(fc.constantFrom('en', 'de')),
  width: fc.option(fc.integer({ min: 1, max: 3 })),
  height: fc.option(fc.integer({ min: 1, max: 3 })),
  aspectRatio: fc.option(fc.constantFrom(0.5, 0.6666667)),
  voteAverage: fc.option(fc.nat(3)),
  voteCount: fc.option(fc.nat(3)),
  raw: fc.record({ v: fc.nat(2) }),
});
const showImages: Model<readonly ImageFacts[] | undefined> = {
  unique: {
    'core.show_images': [
      ['show_id', 'source', 'source_image_id'],
      ['tmdb_id', 'source', 'kind', 'file_path'],
    ],
  },
  plan: (images, tables, when) =>
    showImagesStage.plan(
      { tmdbId: 12345, images },
      {
        rows: tables['core.show_images'],
        show: tables['core.shows']?.[0],
        overrides: none,
        showOverrides: none,
        elsewhere: undefined,
      } as unknown as StoredShowImages,
      SHOW,
      context(when),
    ),
};
const PRIMARIES = {
  id: SHOW.id,
  primary_poster_image_id: null,
  primary_backdrop_image_id: null,
  primary_logo_image_id: 'imdb-image',
  provenance: {},
};
const seasonImages: Model<readonly ImageFacts[]> = {
  unique: { 'core.season_images': [['tmdb_series_id', 'season_number', 'source', 'file_path']] },
  plan: (posters, tables, when) =>
    seasonImagesStage.plan(
      { tmdbId: 12345, listed: [1], seasons: [{ seasonNumber: 1, posters }], complete: true },
      {
        rows: tables['core.season_images'],
        seasonIds: new Map([[1, 's1']]),
        overrides: none,
        elsewhere: undefined,
      } as unknown as StoredSeasonImages,
      SHOW,
      context(when),
    ),
};

describe('images', () => {
  it('keep one row per kind and path, point at the best of each kind, and settle', () => {
    fc.assert(
      fc.property(fc.array(picture), fc.array(picture), (before, after) => {
        const tables = settles(showImages, before, after, { 'core.show_images': [], 'core.shows': [PRIMARIES] });
        const [show] = tables['core.shows'] ?? [];
        for (const kind of ['poster', 'backdrop', 'logo']) {
          const living = (tables['core.show_images'] ?? []).filter(
            (row) => row['kind'] === kind && row['retired_at'] === null,
          );
          const primary = living.find((row) => row['id'] === show?.[`primary_${kind}_image_id`]);
          expect(primary !== undefined).toBe(living.length > 0);
          expect(new Set(living.map((row) => row['file_path']))).toEqual(
            new Set(after.filter((one) => one.kind === kind).map((one) => one.filePath)),
          );
        }
      }),
    );
  });

  it("leave another source's primary image and everything else alone when the block is missing", () => {
    const tables = { 'core.show_images': [], 'core.shows': [PRIMARIES] };
    expect(showImages.plan(undefined, tables, at(1)).changes).toEqual([]);
    expect(showImages.plan([], tables, at(1)).changes).toEqual([]);
  });

  it('store season posters that have a size, and settle', () => {
    fc.assert(
      fc.property(fc.array(picture), fc.array(picture), (before, after) => {
        const tables = settles(seasonImages, before, after, { 'core.season_images': [] });
        for (const row of tables['core.season_images'] ?? [])
          expect([row['kind'], typeof row['width'], typeof row['height']]).toEqual(['poster', 'number', 'number']);
      }),
    );
  });
});

describe('totals', () => {
  const stored = (over: ModelRow): StoredTotals =>
    ({
      show: {
        id: SHOW.id,
        show_total_seasons: null,
        show_total_episodes: null,
        most_recent_episode: null,
        most_recent_episode_season: null,
        most_recent_episode_number: null,
        most_recent_episode_title: null,
        most_recent_episode_air_date: null,
        most_recent_episode_imdb_id: null,
        provenance: {},
        ...over,
      },
      seasons: [{ season_number: 1, retired: false }],
      episodes: [{ season_number: 1, episode_number: 1, title: 'T', air_date: '2026-01-02', imdb_episode_id: null }],
      overrides: none,
    }) as unknown as StoredTotals;

  it('carry the provenance of the episode whose text they repeat', () => {
    const origin = { source: 'imdb-web', at: '2026-01-01T00:00:00Z', licence: 'imdb', via: 'live' };
    const base = stored({});
    const tables = { ...base, episodes: base.episodes.map((row) => ({ ...row, title_origin: origin })) };
    const [row] = totalsStage.plan(null, tables, SHOW, context(at(3))).changes[0]?.rows ?? [];
    expect(row?.['provenance']).toEqual({ most_recent_episode: origin, most_recent_episode_title: origin });
    expect(
      totalsStage.plan(null, { ...tables, ...stored(row ?? {}), episodes: tables.episodes }, SHOW, context(at(4)))
        .changes,
    ).toEqual([]);
  });

  it('write once and then nothing', () => {
    const plan = totalsStage.plan(null, stored({}), SHOW, context(at(3)));
    expect(plan.changes[0]?.rows).toEqual([
      {
        id: SHOW.id,
        most_recent_episode: 'S1.E1 - T (2026-01-02)',
        most_recent_episode_air_date: '2026-01-02',
        most_recent_episode_number: 1,
        most_recent_episode_season: 1,
        most_recent_episode_title: 'T',
        show_total_episodes: 1,
        show_total_seasons: 1,
      },
    ]);
    expect(totalsStage.plan(null, stored(plan.changes[0]?.rows[0] ?? {}), SHOW, context(at(4))).changes).toEqual([]);
  });
});

describe('resolve', () => {
  const candidate: FindCandidate = {
    tmdbId: 1,
    name: 'Show',
    originalName: null,
    firstAirDate: '2003-05-05',
    popularity: 1,
  };
  const show = { ...SHOW, tmdbId: null, imdbId: 'tt1', premiereDate: '2003-01-01' };
  const row = {
    id: SHOW.id,
    imdb_id: 'tt1',
    tmdb_id: null,
    needs_imdb_resolution: false,
    needs_tmdb_resolution: false,
    provenance: {},
  };
  const plan = (candidates: readonly FindCandidate[], over: ModelRow = {}, holder?: { id: string; name: string }) =>
    resolveStage.plan(
      { candidates },
      { show: { ...row, ...over }, holder } as unknown as StoredResolve,
      show,
      context(at(1)),
    );

  it('stores what is certain, with reason and confidence', () => {
    const [change] = plan([candidate], { needs_tmdb_resolution: true }).changes;
    expect(change?.rows[0]).toMatchObject({
      tmdb_id: 1,
      needs_tmdb_resolution: false,
      provenance: { tmdb_id: { reason: 'single_result', confidence: 0.9 } },
    });
    const byYear = [
      { ...candidate, name: 'A' },
      { ...candidate, tmdbId: 2, name: 'B', firstAirDate: '2001-01-01' },
    ];
    expect(plan(byYear).changes[0]?.rows[0]).toMatchObject({
      tmdb_id: 1,
      provenance: { tmdb_id: { reason: 'year_match' } },
    });
  });

  it('flags once what needs a person, and names the reason', () => {
    for (const [candidates, reason] of [
      [[], 'no_tv_results'],
      [[candidate, { ...candidate, tmdbId: 2 }], 'ambiguous'],
      [[{ ...candidate, name: 'Other' }], 'single_result, name or year differs'],
    ] as const) {
      const made = plan(candidates);
      expect(made.partial).toEqual([`tmdb_id: ${reason}`]);
      expect(made.changes[0]?.rows).toEqual([{ id: SHOW.id, needs_tmdb_resolution: true }]);
      expect(plan(candidates, { needs_tmdb_resolution: true }).changes).toEqual([]);
    }
  });

  it('names the show that already has the id', () => {
    expect(plan([candidate], {}, { id: 'other-id', name: 'Other' })).toMatchObject({
      changes: [],
      conflict: { code: 'id_conflict' },
    });
    expect(plan([candidate], { tmdb_id: 5 }).changes).toEqual([]);
  });
});

describe('a show without any id', () => {
  it('is no case for any stage that asks a source', () => {
    const show = { ...SHOW, tmdbId: null };
    expect(STAGES.map((stage) => [stage.name, stage.applies(show)])).toEqual([
      ['resolve', 'the show has no IMDb id'],
      ...[
        'details',
        'entities',
        'providers',
        'seasons',
        'episodes',
        'people',
        'cast',
        'appearances',
        'fandom',
        'show-images',
        'season-images',
        'cast-photos',
      ].map((name) => [name, name === 'fandom' ? 'fandom is off' : 'the show has no TMDb id']),
      ['totals', true],
    ]);
  });
});
