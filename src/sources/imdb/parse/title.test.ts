import { describe, expect, it } from 'vitest';
import { htmlPage } from '../../../../tests/fixtures/imdb/page.ts';
import { oldTitlePage, SERIES, titlePage } from '../../../../tests/fixtures/imdb/title.ts';
import { valueOf } from '../../../../tests/fixtures/imdb/value-of.ts';
import { parseTitle } from './title.ts';
import { minutesIn } from './title-markup.ts';
import { parseTitleTotals } from './title-totals.ts';

describe('a title page of today', () => {
  it('fills every field', () => {
    const title = valueOf(parseTitle(titlePage(), SERIES));
    expect(title).toMatchObject({
      id: SERIES,
      canonicalId: SERIES,
      url: `https://www.imdb.com/title/${SERIES}/`,
      locale: 'en-US',
      title: 'Villa of Plans',
      originalTitle: 'Villa der Pläne',
      titleType: 'tvSeries',
      isSeries: true,
      startYear: 2019,
      endYear: null,
      released: { year: 2019, month: 7, day: 9, country: 'US' },
      certificate: 'TV-14',
      ratingValue: 5.2,
      ratingCount: 3291,
      genres: ['Reality-TV', 'Game-Show'],
      tags: ['Reality TV Dating', 'Reality TV'],
      keywords: ['villa', 'dating'],
      companies: [{ id: 'co7000001', name: 'Plan Pictures' }],
      productionStage: 'released',
      primaryImage: { viewerId: 'rm7000001', assetId: 'MV5BPOSTER@', width: 2000, height: 3000 },
      images: [{ viewerId: 'rm7000002', caption: 'At the pool' }],
      imageTotal: 235,
      trailer: { id: 'vi7000002', url: 'https://www.imdb.com/video/vi7000002/', durationSeconds: 150 },
      series: null,
      topCast: [
        { id: 'nm7000001', characters: ['Self - Host'], attributes: ['as Ada'], episodeCount: 200, endYear: 2024 },
      ],
      alsoKnownAs: ['Planvilla'],
      countries: ['US', 'GB'],
      languages: ['en'],
      externalLinks: [{ url: 'https://example.org/villa', label: 'Official site' }],
      unfilled: ['endYear', 'series', 'networks'],
    });
  });

  it('defect 1: runs for hours and minutes', () => {
    expect(valueOf(parseTitle(titlePage())).runtimeMinutes).toBe(92);
    expect(['2h 22m', '2h', '42m', '1H46M', 'TV-14', ''].map(minutesIn)).toEqual([
      142,
      120,
      42,
      106,
      undefined,
      undefined,
    ]);
  });

  it('defect 9: totals stand beside the seasons, whatever plot and scripts speak of', () => {
    expect(valueOf(parseTitle(titlePage())).seasons).toEqual({
      options: [
        { label: '3', number: 3 },
        { label: '2', number: 2 },
        { label: '1', number: 1 },
        { label: 'Unknown', number: null },
      ],
      seasonCount: 3,
      episodeCount: 1024,
      unknownSeasonEpisodes: 2,
    });
    expect(valueOf(parseTitle(oldTitlePage())).seasons).toMatchObject({ seasonCount: 1, episodeCount: 1024 });
  });

  it('defect 10: texts are decoded', () => {
    expect(valueOf(parseTitle(titlePage())).description).toBe('Singles & planners share a villa for 3 seasons.');
    expect(valueOf(parseTitle(oldTitlePage())).description).toBe('Singles & planners share a villa.');
  });

  it('defect 11: a page about another title is refused, a merged title has its new id', () => {
    expect(parseTitle(titlePage(), 'tt7000002')).toMatchObject({ ok: false, problem: expect.stringContaining(SERIES) });
    const merged = titlePage(({ top, main, query }) => {
      query['tconst'] = 'tt7000002';
      top['id'] = 'tt7000003';
      top['meta'] = { canonicalId: 'tt7000003' };
      main['id'] = 'tt7000003';
    });
    expect(valueOf(parseTitle(merged, 'tt7000002'))).toMatchObject({ id: 'tt7000002', canonicalId: 'tt7000003' });
  });

  it('a page that speaks of two titles is refused', () => {
    const mixed = titlePage(({ main }) => {
      main['id'] = 'tt7000009';
    });
    expect(parseTitle(mixed, SERIES)).toMatchObject({ ok: false, problem: expect.stringContaining('tt7000009') });
  });

  it('knows less of what is in development, and says so', () => {
    const page = titlePage(({ top, main }) => {
      for (const key of ['plot', 'primaryImage', 'releaseYear', 'releaseDate', 'runtime', 'certificate'])
        top[key] = null;
      main['releaseDate'] = null;
      top['productionStatus'] = { currentProductionStage: { id: 'in_development' } };
    });
    const title = valueOf(parseTitle(page));
    expect(title).toMatchObject({
      description: null,
      primaryImage: null,
      released: null,
      productionStage: 'in_development',
    });
    expect(title.unfilled).toEqual(
      expect.arrayContaining(['description', 'primaryImage', 'released', 'runtimeMinutes']),
    );
  });

  it('of an episode: its series and place', () => {
    const episode = titlePage(({ top }) => {
      top['series'] = {
        series: { id: 'tt7000005', titleText: { text: 'Villa' } },
        episodeNumber: { seasonNumber: 2, episodeNumber: 7 },
      };
    });
    expect(valueOf(parseTitle(episode)).series).toEqual({ id: 'tt7000005', title: 'Villa', season: 2, episode: 7 });
  });

  it.each([
    [
      'aboveTheFoldData',
      titlePage(({ main }) => Object.keys(main))
        .toString()
        .replace('aboveTheFoldData', 'renamed'),
    ],
    ['titleText', titlePage().toString().replaceAll('titleText', 'renamed')],
    ['another route', titlePage().toString().replace('/title/[tconst]', '/name/[nmconst]')],
  ])('without %s it is no title page', (_, html) => {
    expect(parseTitle(Buffer.from(html))).toMatchObject({ ok: false });
  });
});

describe('a title page with JSON-LD', () => {
  it('is read from it and from the marked parts', () => {
    expect(valueOf(parseTitle(oldTitlePage(), SERIES))).toMatchObject({
      id: SERIES,
      title: 'Villa of Plans',
      titleType: 'tvSeries',
      released: { year: 2019, month: 7, day: 9 },
      runtimeMinutes: 92,
      ratingValue: 5.2,
      ratingCount: 3291,
      genres: ['Reality-TV'],
      keywords: ['villa', 'dating'],
      tags: ['Reality TV Dating'],
    });
  });

  it('defect 10: a block of another type, or about another title, is not the primary one', () => {
    const other = { '@type': 'Movie', url: '/title/tt7999999/', name: 'Another film' };
    const person = { '@type': 'Person', name: 'Ada Planner' };
    const jsonLd = [person, other, { '@type': 'TVSeries', url: `/title/${SERIES}/`, name: 'Villa of Plans' }];
    expect(valueOf(parseTitle(oldTitlePage({ jsonLd })))).toMatchObject({ title: 'Villa of Plans' });
  });

  it('defect 32: a list of types is as good as one', () => {
    const jsonLd = {
      '@type': ['CreativeWork', 'TVSeries'],
      name: 'Villa of Plans',
      numberOfSeasons: 2,
      publisher: [{ name: 'Plan &amp; Co' }],
    };
    expect(valueOf(parseTitleTotals(oldTitlePage({ jsonLd })))).toEqual({
      title: 'Villa of Plans',
      network: 'Plan & Co',
      totalSeasons: 2,
      totalEpisodes: null,
    });
    expect(valueOf(parseTitle(oldTitlePage({ jsonLd }))).titleType).toBe('tvSeries');
  });

  it('does not say more than it says: no title without a name or an id', () => {
    expect(parseTitle(htmlPage('<p data-testid="plot">x</p>'))).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/id.*title/),
    });
  });
});

describe('totals', () => {
  it('JSON-LD that is silent does not stop the search (6.1)', () => {
    const today = titlePage().toString();
    const both = today.replace(
      '<body>',
      `<script type="application/ld+json">{"@type":"TVSeries","name":"Villa"}</script><body>`,
    );
    expect(valueOf(parseTitleTotals(Buffer.from(both)))).toMatchObject({
      title: 'Villa',
      totalSeasons: 3,
      totalEpisodes: 1024,
    });
  });

  it('are found anywhere in older data', () => {
    const page = titlePage(({ main }) => {
      main['episodes'] = null;
      main['deep'] = {
        numberOfSeasons: '4',
        numberOfEpisodes: 31,
        networks: [{ name: 'Plan TV' }, { name: 'Plan TV' }],
      };
    });
    expect(valueOf(parseTitleTotals(page))).toMatchObject({ network: 'Plan TV', totalSeasons: 4, totalEpisodes: 31 });
  });
});
