import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { creditFacts, episodeFacts, personFacts, showFacts } from '../../src/sources/imdb/facts.ts';
import { IMDB_KINDS } from '../../src/sources/imdb/kinds.ts';
import { parseCredits } from '../../src/sources/imdb/parse/credits.ts';
import { parseEpisodes } from '../../src/sources/imdb/parse/episodes.ts';
import { parseName } from '../../src/sources/imdb/parse/name.ts';
import { parseSearchAnswer } from '../../src/sources/imdb/parse/search.ts';
import { parseTitle } from '../../src/sources/imdb/parse/title.ts';
import { valueOf } from '../fixtures/imdb/value-of.ts';
import { capturesFolder } from './folder.ts';

const bytes = (name: string) => readFileSync(join(capturesFolder('imdb'), name));

/** The content of a page's script in a page, as the site sends it. */
function inPage(name: string): Buffer {
  const data = bytes(name).toString().replaceAll('<', '\\u003c');
  return Buffer.from(`<html><body><script id="__NEXT_DATA__" type="application/json">${data}</script></body></html>`);
}

describe('title pages', () => {
  it('a film of 1999, read in 2023', () => {
    const title = valueOf(parseTitle(bytes('title_tt0133093.html'), 'tt0133093'));
    expect(title).toMatchObject({
      id: 'tt0133093',
      title: 'The Matrix',
      originalTitle: 'The Matrix',
      titleType: 'movie',
      startYear: 1999,
      endYear: null,
      released: { year: 1999, month: 3, day: 31, country: 'US' },
      runtimeMinutes: 136,
      certificate: 'R',
      ratingValue: 8.7,
      ratingCount: 1_956_171,
      genres: ['Action', 'Sci-Fi'],
      keywords: ['artificial reality', 'war with machines', 'simulated reality', 'dystopia', 'post apocalypse'],
      companies: [{ id: 'co0002663', name: 'Warner Bros.' }, { id: 'co0108864' }, { id: 'co0060075' }],
      primaryImage: { viewerId: 'rm525547776', width: 2100, height: 3156 },
      imageTotal: 232,
      trailer: { id: 'vi1032782617', durationSeconds: 146 },
      countries: ['US', 'AU'],
      languages: ['en'],
      alsoKnownAs: ['Ma Trận'],
      seasons: null,
      series: null,
    });
    expect(title.images).toHaveLength(13);
    expect(title.topCast).toHaveLength(18);
    expect(title.topCast?.[0]).toMatchObject({ id: 'nm0000206', name: 'Keanu Reeves', characters: ['Neo'] });
    expect(title.unfilled).toEqual(['locale', 'endYear', 'interests', 'tags', 'seasons', 'series', 'networks']);
  });

  it('a film of 1995, read in 2022', () => {
    const title = valueOf(parseTitle(bytes('title_tt0114814.html'), 'tt0114814'));
    expect(title).toMatchObject({
      title: 'The Usual Suspects',
      runtimeMinutes: 106,
      ratingValue: 8.5,
      ratingCount: 1_078_970,
      genres: ['Crime', 'Drama', 'Mystery', 'Thriller'],
      languages: ['en', 'hu', 'es', 'fr'],
      imageTotal: 151,
    });
    expect(title.unfilled).toEqual(['locale', 'endYear', 'interests', 'tags', 'seasons', 'series', 'networks']);
    expect(showFacts(title)).toMatchObject({
      firstAirDate: '1995-08-16',
      overview: expect.stringMatching(/^A sole survivor/),
    });
  });

  it.each([
    ['title_tt3303790.html', 'Master of None', ['Drama'], ['languages', 'networks']],
    ['title_tt7462422.html', 'Quality of Life', [], ['countries', 'languages', 'networks']],
  ])(
    '%s is in development: neither disclaimer nor logo pass for its plot and poster (6.1)',
    (file, name, genres, last) => {
      const title = valueOf(parseTitle(bytes(file)));
      expect(title).toMatchObject({
        title: name,
        genres,
        productionStage: 'in_development',
        description: null,
        primaryImage: null,
      });
      expect(title.unfilled.slice(1, 9)).toEqual([
        'startYear',
        'endYear',
        'released',
        'runtimeMinutes',
        'certificate',
        'ratingValue',
        'description',
        'descriptionLanguage',
      ]);
      expect(title.unfilled.slice(-last.length)).toEqual(last);
    },
  );

  it('the reference page of a series is a title page too', () => {
    const title = valueOf(parseTitle(bytes('title_reference_tt1520211_series_2025-08.nextdata.json'), 'tt1520211'));
    expect(title).toMatchObject({
      locale: 'en-US',
      titleType: 'tvSeries',
      startYear: 2010,
      endYear: 2022,
      runtimeMinutes: 45,
      tags: ['Psychological Drama', 'Zombie Horror', 'Drama', 'Horror', 'Thriller'],
      seasons: { seasonCount: 11 },
      imageTotal: 8257,
      primaryImage: { viewerId: 'rm3421721345' },
    });
    expect(title.unfilled).toEqual(['images', 'series', 'topCast', 'networks']);
  });
});

describe('episodes', () => {
  const name = 'episodes_tt0944947_s1.nextdata.json';

  it.each([
    ['its data', bytes(name)],
    ['a page', inPage(name)],
  ])('a season with an episode 0, from %s', (_, body) => {
    const page = valueOf(parseEpisodes(body, { id: 'tt0944947', season: 1 }));
    expect(page).toMatchObject({
      id: 'tt0944947',
      seasonCount: 8,
      years: [2011, 2012, 2013, 2014, 2015, 2016, 2017, 2019],
      episodeCount: 74,
      unknownSeasonEpisodes: 0,
      current: { number: 1 },
      total: 11,
      endCursor: null,
    });
    expect(
      page.episodes.map(({ season, episode, released, ratingValue }) => [
        season,
        episode,
        released?.day ?? null,
        ratingValue,
      ]),
    ).toEqual([
      [1, 0, null, null],
      [1, 1, 11, 8.9],
      [1, 2, 18, 8.6],
      [1, 3, 1, 8.5],
      [1, 4, 8, 8.6],
      [1, 5, 15, 9],
      [1, 6, 22, 9.1],
      [1, 7, 29, 9.1],
      [1, 8, 5, 8.9],
      [1, 9, 12, 9.6],
      [1, 10, 19, 9.4],
    ]);
    expect(page.episodes[0]).toMatchObject({
      id: 'tt31321401',
      overview: 'The original unaired pilot of "Game of Thrones".',
    });
    expect(page.episodes[1]).toMatchObject({
      title: 'Winter Is Coming',
      ratingCount: 62_236,
      image: { width: 1276, height: 720 },
    });
    expect(page.episodes.every(({ overview, image }) => overview !== null && image !== null)).toBe(true);
    const { placed, unplaced } = episodeFacts(page.episodes, { seriesId: 'tt0944947', english: true });
    expect([placed.length, unplaced.length, placed[1]?.airDate]).toEqual([11, 0, '2011-11-11']);
  });

  it('of another series or season: refused', () => {
    expect(parseEpisodes(bytes(name), { id: 'tt0944948' })).toMatchObject({ ok: false });
    expect(parseEpisodes(bytes(name), { season: 2 })).toMatchObject({ ok: false });
  });
});

describe('credits', () => {
  it('a film, its cast whole', () => {
    const result = parseCredits(inPage('fullcredits_tt0101002.nextdata.json'), 'tt0101002');
    const { categories } = valueOf(result);
    expect(result).toMatchObject({ missing: [] });
    expect(categories.map(({ name, credits, total }) => [name, credits.length === total])).toHaveLength(14);
    expect(categories.every(({ credits, total }) => credits.length === total)).toBe(true);
    const cast = categories.find(({ isCast }) => isCast);
    expect(cast).toMatchObject({ id: 'cast', total: 54, splitIndex: 53 });
    expect(cast?.credits[0]).toMatchObject({
      nameId: 'nm0849257',
      name: 'Alan Tang',
      characters: ['Lung Ho-Tin'],
      category: 'Actor',
      image: { width: 1280, height: 720 },
    });
    expect(cast?.credits.flatMap(({ attributes }) => attributes)).toContain('as Feng Ku');
    expect(creditFacts(categories).filter(({ billingOrder }) => billingOrder !== null)).toHaveLength(54);
    expect(categories.find(({ id }) => id === 'writer')?.credits[0]).toMatchObject({
      jobs: ['screenplay'],
      attributes: ['as Cheung Tung Joe'],
    });
  });

  it('a series, of whose 993 people the page has 50: partial by name', () => {
    const result = parseCredits(bytes('title_reference_tt1520211_series_2025-08.nextdata.json'), 'tt1520211');
    expect(result).toMatchObject({ ok: true, missing: expect.arrayContaining(['cast', 'Directors', 'Stunts']) });
    const { categories } = valueOf(result);
    const cast = categories.find(({ isCast }) => isCast);
    expect([cast?.credits.length, cast?.total, categories.length]).toEqual([50, 993, 31]);
    expect(cast?.credits[2]).toMatchObject({
      name: 'Lauren Cohan',
      characters: ['Maggie Rhee', 'Maggie Greene', 'Maggie'],
      categoryId: 'actress',
      episodeCount: 144,
      startYear: 2011,
      endYear: 2022,
    });
    expect(cast?.credits.every(({ episodeCount, startYear }) => episodeCount !== null && startYear !== null)).toBe(
      true,
    );
  });
});

describe('people', () => {
  it('a page of 2025', () => {
    const name = valueOf(parseName(inPage('name_nm0000126_2025-10.nextdata.json'), 'nm0000126'));
    expect(name).toMatchObject({
      name: 'Kevin Costner',
      born: { year: 1955, month: 1, day: 18 },
      birthPlace: 'Lynwood, California, USA',
      height: '1.85 m',
      professions: ['Actor', 'Producer', 'Writer'],
      imageTotal: 1027,
      primaryImage: { viewerId: 'rm3635252224', width: 1365, height: 2048 },
      knownFor: [
        { id: 'tt0119925', year: 1997, characters: ['The Postman'] },
        { id: 'tt0099348' },
        { id: 'tt0102798' },
        { id: 'tt0103855' },
      ],
      spouses: [{ name: 'Christine Baumgartner' }, { id: 'nm0798262' }],
      parents: [{ id: 'nm0182716', name: 'Bill Costner' }],
    });
    expect(name.images).toHaveLength(9);
    expect(name.creditGroups?.find((group) => group.name === 'Self')).toMatchObject({ total: 259 });
    expect(name.unfilled).toEqual(['disambiguator', 'died', 'deathPlace', 'deathCause']);
    expect(personFacts(name)).toMatchObject({
      imdbId: 'nm0000126',
      biography: expect.stringMatching(/^Kevin Michael Costner was born/),
    });
  });
});

describe('searches', () => {
  it('titles of an answer; people in it are none', () => {
    const { hits } = valueOf(parseSearchAnswer(bytes('search_matrix.graphql.json')));
    expect(hits).toHaveLength(18);
    expect(hits[0]).toMatchObject({
      id: 'tt0133093',
      title: 'The Matrix',
      titleType: 'movie',
      year: 1999,
      ratingValue: 8.7,
      runtimeMinutes: 136,
    });
  });
});

describe('every capture', () => {
  const files: readonly (readonly [string, readonly string[]])[] = [
    ['title_tt0133093.html', ['imdb:title', 'imdb:title-totals']],
    ['episodes_tt0944947_s1.nextdata.json', ['imdb:episodes']],
    ['fullcredits_tt0101002.nextdata.json', ['imdb:fullcredits', 'imdb:reference']],
    ['name_nm0000126_2025-10.nextdata.json', ['imdb:name']],
    ['search_matrix.graphql.json', ['imdb:search-graphql']],
  ];

  it.each(files)('%s is taken by its parsers and by no other', (file, kinds) => {
    const taken = Object.entries(IMDB_KINDS).filter(([, { parse }]) => parse(bytes(file)).ok);
    expect(taken.map(([kind]) => kind)).toEqual(kinds);
  });
});
