import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Parsed } from '../read.ts';
import { chooseCandidate } from './choose.ts';
import { creditFacts, imageFacts, seasonFacts, showFacts } from './facts.ts';
import { TMDB_KINDS } from './kinds.ts';
import { parseListId } from './list-id.ts';
import { parseFind } from './parse/find.ts';
import { parseChanges, parseList, parseShowChanges } from './parse/list.ts';
import { parseExternalIds, parsePerson } from './parse/person.ts';
import { parseProviderCatalogue, parseWatchProviders } from './parse/providers.ts';
import { parseSeason } from './parse/season.ts';
import { parseTv } from './parse/tv.ts';

const fixture = (name: string) => readFileSync(new URL(`../../../tests/fixtures/tmdb/${name}.json`, import.meta.url));
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

function valueOf<T>(result: Parsed<T>): T {
  if (!result.ok) throw new Error(result.problem);
  return result.value;
}

const tv = valueOf(parseTv(fixture('tv')));

describe('show', () => {
  it('absent, null and wrong are told apart', () => {
    expect(showFacts(tv)).toMatchObject({
      tmdbId: 4321,
      name: 'Island of Plans',
      overview: null,
      firstAirDate: '2019-04-01',
      lastAirDate: null,
      voteAverage: 7.25,
      genres: ['Reality'],
      keywords: ['island'],
      companies: [],
      seasonNumbers: [0, 1, 2023],
      lastEpisode: { season: 2023, episode: 10, title: 'Finale', airDate: '2023-06-30' },
      alternativeNames: [{ name: 'Plan Island', country: 'US', type: null }],
      externalIds: { imdb: 'tt7654321', tvdb: null, tvrage: null, wikidata: 'Q1', facebook: null },
    });
    // A boolean is no count; an id the payload does not mention is not spoken about.
    expect(showFacts(tv)).not.toHaveProperty('voteCount');
    expect(showFacts(tv).externalIds).not.toHaveProperty('twitter');
  });

  it('networks need an id and a name, and come once', () => {
    expect(tv.networks?.map(({ id, name, originCountry }) => [id, name, originCountry])).toEqual([
      [11, 'Kanal Eins', 'DE'],
      [12, 'Kanal Zwei', null],
    ]);
  });

  it('absent blocks are named', () => {
    const bare = parseTv(bytes({ id: 1, name: 'x', seasons: [], keywords: { results: [] }, images: 'changed' }));
    expect(bare).toMatchObject({
      ok: true,
      missing: [
        'aggregate_credits',
        'alternative_titles',
        'content_ratings',
        'external_ids',
        'images',
        'watch/providers',
      ],
    });
  });

  it('a block in which nothing is readable is missing, not empty', () => {
    const changed = { id: 1, name: 'x', seasons: [], aggregate_credits: { cast: [{ person: 1 }], crew: [] } };
    expect(parseTv(bytes(changed))).toMatchObject({ missing: expect.arrayContaining(['aggregate_credits']) });
  });

  it('seasons beyond 50 are kept, beyond a thousand not', () => {
    const seasons = Array.from({ length: 1200 }, (_, at) => ({ season_number: at }));
    const facts = showFacts(valueOf(parseTv(bytes({ id: 1, name: 'x', seasons }))));
    expect(facts.seasonNumbers).toHaveLength(1000);
    expect(facts.seasonNumbers?.at(-1)).toBe(999);
  });
});

describe('images', () => {
  const facts = imageFacts(tv.images ?? {});

  it('English, then none, then others; votes; path; one per path', () => {
    expect(facts.filter(({ kind }) => kind === 'poster').map(({ filePath }) => filePath)).toEqual([
      '/en-many-a.jpg',
      '/en-many-b.jpg',
      '/en-few.jpg',
      '/none.jpg',
      '/de.jpg',
    ]);
    expect(facts.find(({ filePath }) => filePath === '/none.jpg')).toMatchObject({ width: 30, aspectRatio: 0.5 });
  });

  it('unknown sizes are null', () => {
    expect(facts.find(({ kind }) => kind === 'logo')).toMatchObject({ width: null, aspectRatio: null, language: null });
  });
});

describe('credits', () => {
  it('one row per person and category, lowest billing, roles distinct in order', () => {
    const rows = creditFacts(tv.aggregateCredits ?? { cast: [], crew: [] });
    expect(rows.map((row) => [row.person.tmdbId, row.category, row.role, row.billingOrder, row.episodeCount])).toEqual([
      [501, 'Self', 'Self - Host, self, Self', 2, 30],
      [502, 'Self', 'Self', 1, 10],
      [502, 'cast', 'Selfish Neighbour', 1, 2],
      [503, 'cast', null, 8, 1],
      [501, 'Production', 'Producer, Executive Producer', null, 9],
    ]);
  });

  it('never gives a person two rows in a category', () => {
    const role = fc.record({ character: fc.constantFrom(null, '', 'Self', 'SELF (host)', 'Ann', 'Bob') });
    const person = fc.record({ id: fc.nat(3), name: fc.constant('N'), order: fc.nat(9), roles: fc.array(role) });
    fc.assert(
      fc.property(fc.array(person, { minLength: 1 }), (cast) => {
        const block = { aggregate_credits: { cast, crew: [] } };
        const parsed = valueOf(parseTv(bytes({ id: 1, name: 'x', seasons: [], ...block })));
        const rows = creditFacts(parsed.aggregateCredits ?? { cast: [], crew: [] });
        const keys = rows.map((row) => `${row.person.tmdbId} ${row.category}`);
        expect(new Set(keys).size).toBe(keys.length);
        expect(new Set(rows.map((row) => row.person.tmdbId))).toEqual(new Set(cast.map(({ id }) => id)));
        for (const { person: who, billingOrder } of rows) {
          const orders = cast.filter(({ id }) => id === who.tmdbId).map(({ order }) => order + 1);
          expect(billingOrder).toBeGreaterThanOrEqual(Math.min(...orders));
        }
      }),
    );
  });
});

describe('watch offers', () => {
  it('every region and type as listed, repeated ones too (L14), with a web link or none', () => {
    expect(
      tv.offers?.map((offer) => [offer.region, offer.offerType, offer.providerId, offer.providerName, offer.link]),
    ).toEqual([
      ['US', 'flatrate', 8, 'Netflix', 'https://www.themoviedb.org/tv/4321/watch?locale=US'],
      ['US', 'flatrate', 8, 'Netflix', 'https://www.themoviedb.org/tv/4321/watch?locale=US'],
      ['US', 'cinema', 10, 'New kind', 'https://www.themoviedb.org/tv/4321/watch?locale=US'],
      ['DE', 'buy', 8, 'Netflix', null],
    ]);
  });

  it('nothing offered is empty; something unreadable is not', () => {
    expect(parseWatchProviders(bytes({ id: 1, results: {} }))).toMatchObject({ ok: true, value: { offers: [] } });
    expect(parseWatchProviders(bytes({ id: 1, results: [] }))).toMatchObject({ ok: true, value: { offers: [] } });
    expect(parseWatchProviders(bytes({ id: 1, results: { US: { flatrate: [{ id: 8 }] } } }))).toMatchObject({
      ok: false,
    });
  });

  it('the catalogue keeps priorities by region', () => {
    const results = [{ provider_id: 8, provider_name: 'Netflix', display_priorities: { US: 0, DE: 4, XX: 'x' } }];
    expect(parseProviderCatalogue(bytes({ results }))).toMatchObject({
      value: [{ id: 8, displayPriorities: { US: 0, DE: 4 } }],
    });
  });
});

describe('season', () => {
  it('episodes, ids and sized posters', () => {
    const season = valueOf(parseSeason(fixture('season')));
    expect(seasonFacts(season, 1, 'en-US')).toMatchObject({
      seasonNumber: 1,
      tmdbSeasonId: 901,
      tmdbSeasonObjectId: '5256c89f19c2956ff6046d47',
      overview: null,
      tvdbId: 98765,
      wikidataId: 'Q123',
      language: 'en-US',
      episodes: [
        { seasonNumber: 1, episodeNumber: 1, airDate: null, productionCode: null, runtimeMinutes: 44 },
        { seasonNumber: 1, episodeNumber: 2, title: 'Storm', runtimeMinutes: null },
        // Listed twice: whoever stores episodes keeps one and says so (L14).
        { seasonNumber: 1, episodeNumber: 2, title: 'Storm again' },
      ],
      posters: [{ filePath: '/p-en.jpg' }, { filePath: '/p-none.jpg' }],
      credits: [],
    });
    expect(season.episodes[1]).not.toHaveProperty('airDate'); // 30 February was never said properly
    expect(season.episodes[0]).toMatchObject({ guestStars: [{ personId: 504 }], crew: [{ department: 'Directing' }] });
  });
});

describe('person', () => {
  it('dates, ids and pictures in the order given; adult is not assumed', () => {
    const person = valueOf(parsePerson(fixture('person')));
    expect(person).toMatchObject({
      id: 501,
      alsoKnownAs: ['Ada A.'],
      biography: null,
      birthday: '1980-05-06',
      deathday: null,
      gender: 1,
      externalIds: { imdb: 'nm0000501', tvrage: 7, tiktok: 'ada', youtube: null },
    });
    expect(person).not.toHaveProperty('adult');
    expect(person.profiles?.map(({ filePath }) => filePath)).toEqual(['/second.jpg', '/first.jpg']);
  });

  it('external ids alone', () => {
    expect(parseExternalIds(bytes({ id: 1, imdb_id: 'nm1' }))).toMatchObject({
      value: { id: 1, ids: { imdb: 'nm1' } },
    });
    expect(parseExternalIds(bytes({ id: 1 }))).toMatchObject({ ok: false });
  });
});

describe('lists and changes', () => {
  it('keeps shows, drops films and what has no id or name', () => {
    const items = [
      { id: 1, media_type: 'tv', name: ' A ', first_air_date: '2001-01-01', origin_country: ['US'] },
      { id: 2, media_type: 'movie', title: 'B' },
      { id: 3, title: 'C', first_air_date: '' },
      { id: '4', name: 'D' },
      { id: true, name: 'E' },
      { id: 6, name: ' ' },
    ];
    expect(parseList(bytes({ items, total_pages: 3 }))).toMatchObject({
      value: {
        items: [
          { tmdbId: 1, name: 'A', firstAirDate: '2001-01-01', originCountries: ['US'] },
          { tmdbId: 3, name: 'C', firstAirDate: null, originCountries: null },
        ],
        totalPages: 3,
      },
    });
  });

  it.each([
    ['123', 123],
    [' 123 ', 123],
    ['https://www.themoviedb.org/list/8301234-reality', 8301234],
    ['', null],
    ['abc', null],
    ['https://www.themoviedb.org/tv/1', null],
  ])('list id of %j is %s', (text, id) => {
    expect(parseListId(text)).toBe(id);
  });

  it('changed ids and changed fields', () => {
    expect(
      parseChanges(bytes({ results: [{ id: 3 }, { id: null }, { id: 1 }], page: 1, total_pages: 2 })),
    ).toMatchObject({
      value: { ids: [3, 1], totalPages: 2 },
    });
    const items = [{ action: 'updated', time: '2026-01-01 00:00:00 UTC', value: { season_id: 1, season_number: 4 } }];
    expect(parseShowChanges(bytes({ changes: [{ key: 'season', items }] }))).toMatchObject({
      value: [{ key: 'season', action: 'updated', seasonNumber: 4, episodeNumber: null }],
    });
  });
});

describe('choosing a find result', () => {
  const cases: {
    why: string;
    results: unknown[];
    episodes?: unknown[];
    name: string | null;
    date: string | null;
    expected: [number | null, string, boolean];
  }[] = JSON.parse(fixture('find-cases').toString());

  it.each(cases)('$why', ({ results, episodes = [], name, date, expected }) => {
    const found = valueOf(parseFind(bytes({ tv_results: results, tv_episode_results: episodes })));
    const { tmdbId, reason, mismatch } = chooseCandidate(found, { name, premiereDate: date });
    expect([tmdbId, reason, mismatch]).toEqual(expected);
  });

  it('does not depend on the order of the results', () => {
    for (const { results, name, date } of cases) {
      const [there, back] = [results, [...results].reverse()].map((list) =>
        chooseCandidate(valueOf(parseFind(bytes({ tv_results: list }))), { name, premiereDate: date }),
      );
      expect(back).toEqual(there);
    }
  });
});

describe('wrong payloads', () => {
  const samples: Record<string, unknown> = {
    'tmdb:tv': JSON.parse(fixture('tv').toString()),
    'tmdb:season': JSON.parse(fixture('season').toString()),
    'tmdb:episode': { id: 1, season_number: 1, episode_number: 1 },
    'tmdb:images': { id: 1, posters: [] },
    'tmdb:find': { tv_results: [] },
    'tmdb:list': { id: 1, items: [] },
    'tmdb:person': JSON.parse(fixture('person').toString()),
    'tmdb:providers': { id: 1, results: { US: { link: 'https://example.org' } } },
  };

  it.each(Object.keys(TMDB_KINDS))('%s takes its own payload and no other', (kind) => {
    for (const [other, sample] of Object.entries(samples)) {
      expect([other, TMDB_KINDS[kind]?.parse(bytes(sample)).ok]).toEqual([other, kind === other]);
    }
  });

  it.each(Object.keys(TMDB_KINDS))('%s names what is wrong with nonsense', (kind) => {
    const nonsense = ['', '{', '[]', 'null', '"x"', '<html>', '{"success":false,"status_message":"no"}', '{}'];
    for (const text of nonsense) {
      expect(TMDB_KINDS[kind]?.parse(Buffer.from(text))).toMatchObject({
        ok: false,
        problem: expect.stringMatching(/\w+/),
      });
    }
    expect(TMDB_KINDS[kind]?.parse(Buffer.from([0x7b, 0xff, 0x7d]))).toMatchObject({ ok: false });
  });

  it.each(Object.keys(TMDB_KINDS))('%s never throws, whatever JSON it gets', (kind) => {
    const keys = Object.keys(samples[kind] as object);
    const payload = fc.dictionary(fc.constantFrom(...keys), fc.jsonValue({ maxDepth: 3 }));
    fc.assert(
      fc.property(payload, (value) => {
        expect(typeof TMDB_KINDS[kind]?.parse(bytes({ ...(samples[kind] as object), ...value })).ok).toBe('boolean');
      }),
    );
  });
});
