import { describe, expect, it } from 'vitest';
import { episodeItem, episodesPage, moreEpisodes } from '../../../../tests/fixtures/imdb/episodes.ts';
import { canonical, htmlPage } from '../../../../tests/fixtures/imdb/page.ts';
import { SERIES } from '../../../../tests/fixtures/imdb/title.ts';
import { valueOf } from '../../../../tests/fixtures/imdb/value-of.ts';
import { dateInText } from './dates.ts';
import { mostRecent } from './episode.ts';
import { parseEpisodes, readEpisodesPage } from './episodes.ts';
import { readGraphqlTitle } from './graphql.ts';

describe('an episodes page of today', () => {
  it('tells seasons, totals and the episodes of one season', () => {
    const page = valueOf(parseEpisodes(episodesPage(), { id: SERIES, season: 1 }));
    expect(page).toMatchObject({
      id: SERIES,
      years: [2019],
      episodeCount: 120,
      unknownSeasonEpisodes: 2,
      current: { label: '1', number: 1 },
      total: 2,
      endCursor: null,
    });
    expect(page.episodes).toMatchObject([
      { season: 1, episode: 0, released: { year: 2019, month: null, day: null }, ratingValue: null },
      {
        id: 'tt7100101',
        season: 1,
        episode: 1,
        title: 'Plan "1"',
        overview: "They plan 'it'.",
        released: { year: 2019, month: 7, day: 2 },
        ratingValue: 7.3,
        ratingCount: 123,
        image: { width: 1280, height: 720, caption: 'They plan & act' },
      },
    ]);
  });

  it('defect 6: counts distinct numbered seasons, neither the largest number nor specials', () => {
    const page = valueOf(parseEpisodes(episodesPage({ seasons: ['0', '1', '2', '2', '9', 'Unknown'] })));
    expect(page.seasonCount).toBe(3);
    expect(page.seasons.map(({ label }) => label)).toEqual(['0', '1', '2', '9', 'Unknown']);
  });

  it('defect 7: a season of which the page holds a part is not whole', () => {
    const items = Array.from({ length: 50 }, (_, index) => episodeItem('1', String(index + 1)));
    const result = parseEpisodes(episodesPage({ items, total: 63 }));
    expect(result).toMatchObject({ ok: true, missing: ['episodes'], value: { total: 63, endCursor: 'CURSOR1' } });
  });

  it('defect 7: what follows is read in another form', () => {
    const title = valueOf(readGraphqlTitle(moreEpisodes('1', [51, 52], 'NEXT')));
    expect(valueOf(readEpisodesPage(title, 1))).toMatchObject({
      id: SERIES,
      total: 120,
      endCursor: 'NEXT',
      episodes: [
        {
          id: 'tt7100151',
          season: 1,
          episode: 51,
          overview: 'They plan on.',
          ratingValue: 6.6,
          image: { viewerId: 'rm7000077' },
        },
        { id: 'tt7100152', episode: 52 },
      ],
    });
  });

  it('defect 8: a partial date keeps what it has', () => {
    const items = [
      episodeItem('1', '1', { releaseDate: { year: 2019, month: 7, day: null } }),
      episodeItem('1', '2', { releaseDate: { year: 2019 } }),
      episodeItem('1', '3', { releaseDate: { year: 2019, month: 2, day: 30 } }),
      episodeItem('1', '4', { releaseDate: { year: 2019, month: 7, day: 4, country: { id: 'US' } } }),
    ];
    expect(valueOf(parseEpisodes(episodesPage({ items }))).episodes.map(({ released }) => released)).toEqual([
      { year: 2019, month: 7, day: null, country: null },
      { year: 2019, month: null, day: null, country: null },
      { year: 2019, month: null, day: null, country: null },
      { year: 2019, month: 7, day: 4, country: 'US' },
    ]);
  });

  it('defect 13a: the bucket without a season is kept, as season null', () => {
    const page = valueOf(parseEpisodes(episodesPage({ season: 'Unknown' }), { id: SERIES, season: null }));
    expect(page.current).toEqual({ label: 'Unknown', number: null });
    expect(page.episodes.map(({ season }) => season)).toEqual([null, null]);
  });

  it.each([
    ['another series', episodesPage({ id: 'tt7000002' }), /asked for tt7000001/],
    ['another season', episodesPage({ season: '2' }), /asked for season 1/],
    [
      'episodes in another form',
      episodesPage().toString().replaceAll('"titleText"', '"renamed"').replaceAll('"id":"tt71', '"no":"tt71'),
      /missing: episodes/,
    ],
    ['no section', episodesPage().toString().replaceAll('"section"', '"renamed"'), /section/],
  ])('%s is refused', (_, page, problem) => {
    const result = parseEpisodes(Buffer.from(page), { id: SERIES, season: 1 });
    expect(result).toMatchObject({ ok: false, problem: expect.stringMatching(problem) });
  });

  it('a merged series answers under its new id', () => {
    const page = episodesPage({ canonicalId: 'tt7000009' });
    expect(valueOf(parseEpisodes(page, { id: SERIES }))).toMatchObject({ id: SERIES, canonicalId: 'tt7000009' });
  });
});

describe('an episodes page in HTML', () => {
  const select = (id: string, values: readonly string[]) =>
    `<select id="${id}">${values.map((value) => `<option value="${value}">${value}</option>`).join('')}</select>`;
  const card = (inside: string) => `<div class="list_item"><a href="/title/tt7100301/">A plan</a>${inside}</div>`;

  it('defect 5: a box of years is no choice of seasons', () => {
    const page = htmlPage(
      `${select('byYear', ['2017', '2018'])}${select('bySeason', ['1', '2', '-1'])}<a href="?season=2017">2017</a>`,
    );
    const { seasons, seasonCount } = valueOf(parseEpisodes(page));
    expect([seasons.map(({ number }) => number), seasonCount]).toEqual([[1, 2, null], 2]);
  });

  it.each([
    ['defect 2', 'Aired: Apr 18, 2024'],
    ['defect 2', 'Air date Apr. 18, 2024'],
    ['defect 2', 'Released:18 Apr 2024'],
    ['defect 3', 'shown 2024-04-18 at night'],
    ['defect 4', 'Thu, Apr 18, 2024'],
    ['defect 4', 'Thursday, 18 April 2024'],
    ['defect 4', '2024 April 18'],
  ])('%s: "%s" is a date', (_, words) => {
    const dates = [`<span class="airdate">${words}</span>`, `<span>${words}</span>`].map(
      (inside) => valueOf(parseEpisodes(htmlPage(card(inside)), { season: 3 })).episodes[0]?.released,
    );
    expect(dates).toEqual(Array(2).fill({ year: 2024, month: 4, day: 18, country: null }));
  });

  it('defect 4: Sept, months, years; nonsense is none', () => {
    expect(
      ['Sept 5, 1999', 'Sep. 1999', '1999', '31 Feb 2020', 'May', 'Season 2 of 2019', '2020-13-01'].map(dateInText),
    ).toEqual([
      { year: 1999, month: 9, day: 5, country: null },
      { year: 1999, month: 9, day: null, country: null },
      { year: 1999, month: null, day: null, country: null },
      null,
      null,
      null,
      null,
    ]);
  });

  it('reads number, date and name of old and new cards', () => {
    const old =
      '<div class="list_item" data-episode-number="1"><a href="/title/tt7100301/">Plan &amp; one</a><meta itemprop="episodeNumber" content="9"/></div>';
    const numbered =
      '<li><a href="/title/tt7100302/"><b>Plan two</b></a><meta itemprop="episodeNumber" content="2"/></li>';
    const today =
      '<article><h4><a href="/title/tt7100403/">S4.E3 ∙ Plan three</a></h4><span>Thu, Apr 18, 2024</span></article>';
    const nothing =
      '<div><a href="/title/tt7100304/">A recommendation</a></div><div><a href="/title/tt7100305/"><img/></a></div>';
    const page = htmlPage(old + numbered + today + nothing, { head: canonical(`/title/${SERIES}/episodes/`) });
    expect(valueOf(parseEpisodes(page, { id: SERIES, season: 3 })).episodes).toMatchObject([
      { id: 'tt7100301', season: 3, episode: 1, title: 'Plan & one' },
      { id: 'tt7100302', season: 3, episode: 2, title: 'Plan two' },
      { id: 'tt7100403', season: 4, episode: 3, title: 'Plan three', released: { day: 18 } },
    ]);
  });

  it('does not take a page that does not say whose it is, when it was asked for one', () => {
    expect(parseEpisodes(htmlPage(select('bySeason', ['1'])), { id: SERIES })).toMatchObject({ ok: false });
  });
});

describe('the most recent episode', () => {
  const episodes = (dates: readonly unknown[]) =>
    valueOf(
      parseEpisodes(
        episodesPage({
          items: dates.map((releaseDate, i) => episodeItem('1', String(i + 1), { releaseDate, releaseYear: null })),
        }),
      ),
    ).episodes;

  it.each([
    ['the latest day', [{ year: 2020, month: 1, day: 2 }, { year: 2021, month: 1, day: 1 }, null], 2],
    [
      'the first of equals',
      [
        { year: 2020, month: 1, day: 2 },
        { year: 2020, month: 1, day: 2 },
      ],
      1,
    ],
    ['the last where no day is known', [null, { year: 2020 }], 2],
  ])('is %s', (_, dates, episode) => {
    expect(mostRecent(episodes(dates))?.episode).toBe(episode);
  });
});
