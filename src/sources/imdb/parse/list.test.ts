import { describe, expect, it } from 'vitest';
import { LIST, listAnswer, listEdge, listPage, searchPage } from '../../../../tests/fixtures/imdb/lists.ts';
import { canonical, htmlPage, json } from '../../../../tests/fixtures/imdb/page.ts';
import { SERIES } from '../../../../tests/fixtures/imdb/title.ts';
import { valueOf } from '../../../../tests/fixtures/imdb/value-of.ts';
import { isSeriesEntry } from '../facts.ts';
import { lowestRanks } from '../list.ts';
import { parseList } from './list.ts';
import { parseListAnswer } from './list-graphql.ts';
import { parseSearch, parseSearchAnswer } from './search.ts';

describe('a list of today', () => {
  const edges = [
    listEdge('tt7000001', 1, {}, 'My &amp; favourite'),
    listEdge('tt7000002', 2, { plot: null }, 'Only a note'),
  ];

  it.each([
    ['page', parseList(listPage(edges, 166), LIST)],
    ['answer', parseListAnswer(listAnswer(edges, 166), LIST)],
  ])('%s: entries with all they say', (_, result) => {
    const page = valueOf(result);
    expect(page).toMatchObject({ id: LIST, seen: 2, total: 166 });
    expect(page.entries).toMatchObject([
      {
        id: 'tt7000001',
        title: 'Show 7000001',
        titleType: 'tvSeries',
        year: 2019,
        rank: 1,
        note: 'My & favourite',
        description: 'A plot.',
        ratingValue: 5.2,
        ratingCount: 3291,
        episodeCount: 40,
        certificate: 'TV-14',
        runtimeMinutes: 43,
        genres: ['Reality-TV'],
        posterCaption: 'Poster',
      },
      { description: 'Only a note', note: 'Only a note' },
    ]);
  });

  it('defect 19: films and games are no shows', () => {
    const types = ['tvSeries', 'tvMiniSeries', 'movie', 'videoGame', 'tvEpisode'].map((id, i) =>
      listEdge(`tt700000${i}`, i, { titleType: { id } }),
    );
    const { entries } = valueOf(parseList(listPage(types)));
    expect(entries.filter(isSeriesEntry).map(({ titleType }) => titleType)).toEqual(['tvSeries', 'tvMiniSeries']);
  });

  it('defect 20: one entry per id, with its lowest rank, type, year and note kept', () => {
    const { entries } = valueOf(
      parseList(listPage([listEdge('tt7000001', 9), listEdge('tt7000002', 3), listEdge('tt7000001', 4)])),
    );
    expect(lowestRanks(entries).map(({ id, rank }) => [id, rank])).toEqual([
      ['tt7000001', 4],
      ['tt7000002', 3],
    ]);
  });

  it('defect 22: recommendations in the document are no entries', () => {
    expect(valueOf(parseList(listPage(edges))).entries.map(({ id }) => id)).toEqual(['tt7000001', 'tt7000002']);
  });

  it('an entry that cannot be read counts as seen', () => {
    expect(valueOf(parseList(listPage([...edges, { node: {} }, 'nothing'], 4)))).toMatchObject({
      seen: 3,
      entries: [{}, {}],
    });
  });

  it('an empty list is a list', () => {
    expect(valueOf(parseList(listPage([])))).toMatchObject({ entries: [], total: 0 });
  });

  it.each([
    ['another list', parseList(listPage(edges), 'ls1'), /asked for ls1/],
    ['another list', parseListAnswer(listAnswer(edges), 'ls1'), /asked for ls1/],
    [
      'entries in another form',
      parseList(Buffer.from(listPage(edges).toString().replaceAll('listItem"', 'renamed"'))),
      /listItem/,
    ],
    [
      'another page',
      parseList(
        Buffer.from(
          listPage(edges).toString().replace('/list/[lsconst]', '/user/[urconst]').replace('"list":', '"x":'),
        ),
      ),
      /instead of a list/,
    ],
    ['no data', parseListAnswer(json({})), /data/],
    [
      'a forgotten query (6.1)',
      parseListAnswer(json({ errors: [{ message: 'PersistedQueryNotFound' }], data: null })),
      /IMDB_GRAPHQL_HASHES_JSON/,
    ],
    ['errors', parseListAnswer(json({ errors: [{ message: 'one' }, { message: 'two' }] })), /one; two/],
    ['HTML', parseListAnswer(Buffer.from('<html>403</html>')), /not JSON/],
  ])('%s is refused', (_, result, problem) => {
    expect(result).toMatchObject({ ok: false, problem: expect.stringMatching(problem) });
  });
});

describe('older lists', () => {
  it('JSON-LD: entries of the first block that has some', () => {
    const item = (name: string, id: string) => ({
      '@type': 'TVSeries',
      name,
      url: `https://www.imdb.com/title/${id}/`,
    });
    const jsonLd = [
      { '@type': 'ItemList', itemListElement: [{ item: { name: 'No id' } }] },
      {
        '@type': 'ItemList',
        itemListElement: [
          { position: 7, item: item('Plans &amp; More', 'tt7000001') },
          { item: item('Two', 'tt7000002') },
        ],
      },
    ];
    const page = htmlPage(`<a href="/list/${LIST}/?sort=list_order&amp;page=2" aria-label="Next page">Next</a>`, {
      jsonLd,
    });
    expect(valueOf(parseList(page, LIST))).toMatchObject({
      id: LIST,
      source: 'jsonld',
      nextPath: `/list/${LIST}/?sort=list_order&page=2`,
      entries: [
        { title: 'Plans & More', rank: 7, titleType: 'tvSeries' },
        { title: 'Two', rank: null },
      ],
    });
  });

  it('defect 21: years only from elements that hold a year', () => {
    const entry = (id: string, inside: string) =>
      `<div class="lister-item"><a href="/title/${id}/"><h3>${inside}</h3></a>`;
    const page = htmlPage(
      `${entry('tt7000001', '1. 2001: A Villa')}<p>In 1999 they planned for the year 2010.</p></div>` +
        `${entry('tt7000002', '2. 90 Day Plans')}<span class="lister-item-year">(2014–2016)</span></div>`,
      { head: canonical(`/list/${LIST}/`) },
    );
    expect(valueOf(parseList(page, LIST)).entries).toMatchObject([
      { title: '2001: A Villa', rank: 1, year: null, description: 'In 1999 they planned for the year 2010.' },
      { title: '90 Day Plans', rank: 2, year: 2014, endYear: 2016 },
    ]);
  });

  it('today’s summary items in HTML', () => {
    const page = htmlPage(
      `<li class="ipc-metadata-list-summary-item"><a href="/title/tt7000001/?ref_=x"><h3 class="ipc-title__text">12. Villa</h3></a><span class="dli-title-metadata-item">2019–2021</span></li>`,
    );
    expect(valueOf(parseList(page)).entries).toMatchObject([{ id: 'tt7000001', rank: 12, year: 2019, endYear: 2021 }]);
  });

  it('bare links, with what stands around one that is alone', () => {
    const page = htmlPage(
      '<div><a href="/title/tt7000001/">One</a><a href="/title/tt7000002/">Two</a></div><div><a href="/title/tt7000003/">Three</a><span class="year">2020</span></div>',
    );
    expect(valueOf(parseList(page)).entries.map(({ id, title, year }) => [id, title, year])).toEqual([
      ['tt7000001', 'One', null],
      ['tt7000002', 'Two', null],
      ['tt7000003', 'Three', 2020],
    ]);
  });

  it.each([
    ['to another list', '/list/ls999/?page=2'],
    ['to another host', 'https://evil.example/list/ls700000001/?page=2'],
    ['with a script', 'javascript:page=2'],
  ])('a next link %s is none', (_, href) => {
    const page = htmlPage(`<a href="/title/tt7000001/">One</a><a href="${href}">Next</a>`, {
      head: canonical(`/list/${LIST}/`),
    });
    expect(valueOf(parseList(page))).toMatchObject({ nextPath: null });
  });
});

describe('a search by series', () => {
  it('tells its episodes', () => {
    const { hits, total, seriesId } = valueOf(parseSearch(searchPage(['tt7100101', 'tt7100102']), SERIES));
    expect([total, seriesId]).toEqual([2, SERIES]);
    expect(hits[0]).toMatchObject({
      id: 'tt7100101',
      title: 'Episode 1',
      originalTitle: 'Folge 1',
      titleType: 'tvEpisode',
      year: 2019,
      runtimeMinutes: 43,
      ratingValue: 7.5,
    });
  });

  it('a part of them is no whole, those of another series are refused', () => {
    expect(parseSearch(searchPage(['tt7100101'], { total: 204 }), SERIES)).toMatchObject({ missing: ['hits'] });
    expect(parseSearch(searchPage(['tt7100101'], { series: 'tt7000002' }), SERIES)).toMatchObject({ ok: false });
  });

  it('answers of the search', () => {
    const entity = {
      id: 'tt7000001',
      titleText: { text: 'Villa' },
      titleType: { id: 'tvSeries' },
      releaseYear: { year: 2019 },
    };
    const answer = json({
      data: { mainSearch: { edges: [{ node: { entity } }, { node: { entity: { id: 'nm1' } } }] } },
    });
    expect(valueOf(parseSearchAnswer(answer)).hits).toMatchObject([{ id: 'tt7000001', title: 'Villa', year: 2019 }]);
    expect(parseSearchAnswer(json({ data: {} }))).toMatchObject({ ok: false });
  });
});
