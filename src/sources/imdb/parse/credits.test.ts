import { describe, expect, it } from 'vitest';
import {
  ARCHIVE,
  CAST_GROUP,
  castItem,
  creditsPage,
  moreCredits,
  plainCredit,
  SELF,
} from '../../../../tests/fixtures/imdb/credits.ts';
import { canonical, htmlPage } from '../../../../tests/fixtures/imdb/page.ts';
import { SERIES } from '../../../../tests/fixtures/imdb/title.ts';
import { valueOf } from '../../../../tests/fixtures/imdb/value-of.ts';
import { creditFacts } from '../facts.ts';
import { isSelf, roleText } from './credit-row.ts';
import { parseCredits, readCreditsPage } from './credits.ts';
import { readGraphqlTitle } from './graphql.ts';

const castOf = (page: Buffer) => valueOf(parseCredits(page, SERIES)).categories.find(({ isCast }) => isCast);

describe('credits of today', () => {
  it.each(['fullcredits', 'reference'] as const)('%s: categories with their people', (route) => {
    const { id, categories } = valueOf(parseCredits(creditsPage({ route }), SERIES));
    expect([id, categories.map(({ name, isCast }) => [name, isCast])]).toEqual([
      SERIES,
      [
        ['Directors', false],
        ['Cast', true],
      ],
    ]);
    expect(categories[0]?.credits).toMatchObject([
      { nameId: 'nm7000009', jobs: ['segment director'], attributes: ['as Di'] },
    ]);
    expect(categories[1]).toMatchObject({ id: CAST_GROUP, total: 2, splitIndex: 2 });
  });

  it('defect 14: episode count and years of a credit', () => {
    const tenures = ['2019\u20132021', '2019', '2019\u2013 ', ''];
    const items = tenures.map((tenureText, i) =>
      castItem(`nm${7000001 + i}`, `P${i}`, { episodicCreditData: { episodeCount: 12, tenureText } }),
    );
    expect(
      castOf(creditsPage({ items }))?.credits.map(({ episodeCount, startYear, endYear }) => [
        episodeCount,
        startYear,
        endYear,
      ]),
    ).toEqual([
      [12, 2019, 2021],
      [12, 2019, null],
      [12, 2019, null],
      [12, null, null],
    ]);
  });

  it.each([
    ['the word of older pages', { castId: 'cast', castName: 'Interpreti' }],
    ['the concept', { castName: 'Besetzung' }],
    ['the name', { castId: 'amzn1.imdb.concept.name_credit_category.new' }],
    ['its rows', { castId: 'amzn1.imdb.concept.name_credit_category.new', castName: 'Besetzung' }],
  ])('the cast is known by %s', (_, options) => {
    expect(castOf(creditsPage(options))?.credits).toHaveLength(2);
  });

  it('defect 12: who appears as themselves is known by category and by the first word of the role', () => {
    const row = (characters: string[], jobCategory: unknown = undefined) =>
      castOf(
        creditsPage({ items: [castItem('nm7000001', 'Ada', { characters, episodicCreditData: { jobCategory } })] }),
      )?.credits[0];
    const selves = [
      row(['Self - Host']),
      row(['Himself']),
      row(['Herself (archive footage)']),
      row(['Themselves']),
      row(['Ospite'], { id: SELF, label: 'Se stessa' }),
      row([], { id: 'self', label: 'Self' }),
    ];
    const parts = [
      row(['Selfish Woman']),
      row(['Selfie']),
      row(['The Self']),
      row(['Host'], { id: 'actor', label: 'Actor' }),
      row([]),
    ];
    expect(selves.map((credit) => credit !== undefined && isSelf(credit))).toEqual(selves.map(() => true));
    expect(parts.map((credit) => credit !== undefined && isSelf(credit))).toEqual(parts.map(() => false));
  });

  it('defect 13: people listed twice are one credit, billing counts what is kept', () => {
    const items = [
      castItem('nm7000001', 'Ada Planner'),
      { id: 'not a person', rowTitle: 'Nobody' },
      castItem('nm7000002', 'Bo Actor'),
      castItem('nm7000001', 'Ada Planner', {
        characters: ['Judge'],
        episodicCreditData: { episodeCount: 40, tenureText: '2016\u20132017' },
      }),
      castItem('nm7000003', 'Cy Guest'),
    ];
    const category = castOf(creditsPage({ items, total: 5 }));
    expect(category).toMatchObject({
      total: 3,
      credits: [{ characters: ['Self', 'Judge'], episodeCount: 40, startYear: 2016, endYear: 2021 }, {}, {}],
    });
    const facts = creditFacts(category === undefined ? [] : [category]);
    expect(facts.map(({ person, billingOrder, role }) => [person.imdbId, billingOrder, role])).toEqual([
      ['nm7000001', 1, 'Self / Judge'],
      ['nm7000002', 2, 'Self'],
      ['nm7000003', 3, 'Self'],
    ]);
  });

  it('defect 13: a cast of which the page shows a part is missed by name', () => {
    expect(parseCredits(creditsPage({ total: 993 }))).toMatchObject({ ok: true, missing: ['cast'] });
    const more = readCreditsPage(
      valueOf(readGraphqlTitle(moreCredits([plainCredit('nm7000003', 'Cy Guest')], 3, null))),
    );
    expect(valueOf(more)).toMatchObject({
      total: 3,
      endCursor: null,
      credits: [{ nameId: 'nm7000003', episodeCount: 3, startYear: 2020 }],
    });
  });

  it('defect 16: every credit carries the group its episodes are asked under', () => {
    const [, cast] = valueOf(parseCredits(creditsPage())).categories;
    expect(creditFacts(cast === undefined ? [] : [cast])[0]).toMatchObject({
      category: 'Self',
      categoryId: CAST_GROUP,
    });
    const archive = {
      id: ARCHIVE,
      name: 'Archive Footage',
      isCast: false,
      credits: cast?.credits ?? [],
      total: null,
      endCursor: null,
      splitIndex: null,
    };
    expect(creditFacts([archive])[0]).toMatchObject({ category: 'Archive Footage', categoryId: ARCHIVE });
  });

  it('remarks are apart from the role', () => {
    const items = [castItem('nm7000001', 'Ada', { attributes: '(as Ada P.) (archive footage) (uncredited)' })];
    const [credit] = castOf(creditsPage({ items }))?.credits ?? [];
    expect(credit?.attributes).toEqual(['as Ada P.', 'archive footage', 'uncredited']);
    expect(credit === undefined ? null : roleText(credit)).toBe('Self (as Ada P.) (archive footage) (uncredited)');
    const [facts] = creditFacts(
      castOf(creditsPage({ items })) === undefined
        ? []
        : [castOf(creditsPage({ items }))].filter((x) => x !== undefined),
    );
    expect(facts).toMatchObject({ archiveFootage: true, uncredited: true });
  });

  it.each([
    ['another title', creditsPage({ id: 'tt7000002' }), /asked for/],
    ['rows in another form', creditsPage().toString().replaceAll('rowTitle', 'renamed'), /categories/],
    ['no content', creditsPage().toString().replaceAll('contentData', 'renamed'), /contentData/],
    ['another page', creditsPage().toString().replaceAll('/fullcredits', '/trivia'), /instead of a credits page/],
  ])('%s is refused', (_, page, problem) => {
    expect(parseCredits(Buffer.from(page), SERIES)).toMatchObject({
      ok: false,
      problem: expect.stringMatching(problem),
    });
  });
});

describe('credits in HTML', () => {
  const head = canonical(`/title/${SERIES}/fullcredits/`);
  const photo = (id: string) =>
    `<td class="primary_photo"><a href="/name/${id}/"><img loadlate="https://m.media-amazon.com/images/M/P@._V1_.jpg"/></a></td>`;

  it('the table of older pages, whose first link is a photo (6.1)', () => {
    const rows =
      `<tr><td colspan="4">Series Cast</td></tr>` +
      `<tr>${photo('nm7000001')}<td><a href="/name/nm7000001/">Ada Planner</a></td><td>...</td><td class="character">Self - Host (as Ada) / ... <a href="#">12 episodes, 2019-2021</a></td></tr>` +
      `<tr>${photo('nm7000002')}<td><a href="/name/nm7000002/">Bo Actor</a></td><td>...</td><td class="character">Limo Driver</td></tr>`;
    expect(castOf(htmlPage(`<table class="cast_list">${rows}</table>`, { head }))?.credits).toMatchObject([
      {
        nameId: 'nm7000001',
        name: 'Ada Planner',
        characters: ['Self - Host'],
        attributes: ['as Ada'],
        episodeCount: 12,
        startYear: 2019,
        endYear: 2021,
      },
      { nameId: 'nm7000002', characters: ['Limo Driver'], episodeCount: null, image: { assetId: 'P@' } },
    ]);
  });

  it('the marked list under the group of the page', () => {
    const group = 'amzn1.imdb.concept.name_credit_group.villa';
    const item = (id: string, name: string, role: string) =>
      `<li data-testid="name-credits-list-item"><a href="/name/${id}/"><img/></a><a href="/name/${id}/">${name}</a><div><div><a href="/title/${SERIES}/characters/${id}/">${role}</a></div><span>(as Di)</span></div></li>`;
    const body = `<h3><span id="${group}">Cast</span></h3><ul data-testid="sub-section-${group}">${item('nm7000001', 'Ada', 'Self')}<li data-testid="name-credits-list-item">ad</li></ul>`;
    expect(castOf(htmlPage(body))).toMatchObject({
      id: group,
      credits: [{ nameId: 'nm7000001', characters: ['Self'], attributes: ['as Di'] }],
    });
  });

  it('without a list or people it is no credits page', () => {
    expect(parseCredits(htmlPage('<table class="cast_list"><tr><td>none</td></tr></table>', { head }))).toMatchObject({
      ok: false,
    });
    expect(parseCredits(htmlPage('<a href="/name/nm7000001/">Ada</a>', { head }))).toMatchObject({ ok: false });
  });
});
