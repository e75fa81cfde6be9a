import { parseCredits } from '../../src/sources/imdb/parse/credits.ts';
import { parseEpisodes } from '../../src/sources/imdb/parse/episodes.ts';
import { parseTitle } from '../../src/sources/imdb/parse/title.ts';
import type { Parsed } from '../../src/sources/read.ts';
import { castItem, creditsPage } from '../../tests/fixtures/imdb/credits.ts';
import { episodeItem, episodesPage } from '../../tests/fixtures/imdb/episodes.ts';
import { SERIES, titlePage } from '../../tests/fixtures/imdb/title.ts';
import type { Check } from '../lib/numbers.ts';
import { compare, type ParseQuestion } from './question.ts';

/** What a page carries besides what we read: recommendations, trivia, translations; and markup before its data. */
const SIZE = 1_500_000;

function padded(page: Buffer): Buffer {
  const text = page.toString();
  const item = {
    id: 'tt7999999',
    titleText: { text: 'A recommendation' },
    plot: { plotText: { plainText: 'They plan "on" <b>and</b> on.' } },
    ratingsSummary: { aggregateRating: 6.1, voteCount: 1200 },
  };
  const escaped = JSON.stringify({ node: item }).replaceAll('<', '\\u003c');
  const markup = '<li class="ipc-metadata-list__item"><a href="/title/tt7999999/">A recommendation</a></li>';
  const half = (SIZE - text.length) / 2;
  const more = Array.from({ length: Math.floor(half / (escaped.length + 1)) }, () => escaped).join(',');
  return Buffer.from(
    text
      .replace('<div id="__next">', () => `<div id="__next">${markup.repeat(Math.floor(half / markup.length))}`)
      .replace('"__N_SSP":true', () => `"__N_SSP":true,"moreLikeThis":{"edges":[${more}]}`),
  );
}

/** The least that must be done to have the data at all: find it in the bytes, cut it out, parse it. */
function plainParse(body: Buffer): unknown {
  const html = body.toString('utf8');
  const open = html.indexOf('>', html.indexOf('__NEXT_DATA__')) + 1;
  return JSON.parse(html.slice(open, html.indexOf('</script>', open)));
}

const many = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

const PAGES: readonly (readonly [string, Buffer, (body: Buffer) => Parsed<unknown>])[] = [
  ['title', padded(titlePage()), (body) => parseTitle(body, SERIES)],
  [
    'episodes, 50 of them',
    padded(episodesPage({ items: many(50).map((number) => episodeItem('1', String(number))) })),
    (body) => parseEpisodes(body, { id: SERIES, season: 1 }),
  ],
  [
    'credits, 250 people',
    padded(creditsPage({ items: many(250).map((number) => castItem(`nm${7_000_000 + number}`, `Person ${number}`)) })),
    (body) => parseCredits(body, SERIES),
  ],
];

/** Embedded-JSON pages against finding and parsing their data: at most 1.5 times as long. */
export const IMDB_PAGES: ParseQuestion = {
  name: 'IMDb pages with embedded data',
  run: () =>
    PAGES.map(([name, page, parse]): Check => {
      if (!parse(page).ok) throw new Error(`the generated ${name} page is not readable`);
      const { ours, baseline, ratio } = compare(
        () => parse(page),
        () => plainParse(page),
      );
      console.log(
        `${name}: ${(page.length / 1e6).toFixed(2)} MB, ${ours.toFixed(2)} ms; find and JSON.parse ${baseline.toFixed(2)} ms`,
      );
      return {
        name: `imdb ${name} / find and JSON.parse`,
        value: ratio,
        unit: 'times',
        bound: { atMost: 1.5 },
      };
    }),
};
