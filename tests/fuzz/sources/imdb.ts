import { parseCredits } from '../../../src/sources/imdb/parse/credits.ts';
import { parseEpisodeCredits } from '../../../src/sources/imdb/parse/episode-credits.ts';
import { parseEpisodes } from '../../../src/sources/imdb/parse/episodes.ts';
import { parseGallery } from '../../../src/sources/imdb/parse/gallery.ts';
import { parseList } from '../../../src/sources/imdb/parse/list.ts';
import { parseListAnswer } from '../../../src/sources/imdb/parse/list-graphql.ts';
import { parseName } from '../../../src/sources/imdb/parse/name.ts';
import { parsePersonGallery } from '../../../src/sources/imdb/parse/person-gallery.ts';
import { parseSearch } from '../../../src/sources/imdb/parse/search.ts';
import { parseSectionImages } from '../../../src/sources/imdb/parse/section-images.ts';
import { parseTitle } from '../../../src/sources/imdb/parse/title.ts';
import { parseTitleTotals } from '../../../src/sources/imdb/parse/title-totals.ts';
import { parseViewer } from '../../../src/sources/imdb/parse/viewer.ts';
import { creditsPage, episodeCredit, episodeCreditsAnswer } from '../../fixtures/imdb/credits.ts';
import { episodesPage } from '../../fixtures/imdb/episodes.ts';
import { LIST, listAnswer, listEdge, listPage, searchPage } from '../../fixtures/imdb/lists.ts';
import { canonical, htmlPage } from '../../fixtures/imdb/page.ts';
import { mediaIndexPage, namePage, PERSON, personGalleryPage, viewerPage } from '../../fixtures/imdb/people.ts';
import { oldTitlePage, SERIES, titlePage } from '../../fixtures/imdb/title.ts';
import type { FuzzTarget } from './target.ts';

const OTHER = 'tt7777777';
const SOMEBODY = 'nm7777777';
const titles = [SERIES, OTHER] as const;
const people = [PERSON, SOMEBODY] as const;

function about(page: Buffer, [own, other]: readonly [string, string]): Buffer {
  return Buffer.from(page.toString().replaceAll(own, other));
}

/** What a record says it is about; one that was merged with another is about both. */
function subjectOf(record: unknown, own: string): string | null {
  const { id, canonicalId } = (record ?? {}) as { readonly id?: unknown; readonly canonicalId?: unknown };
  if (id === own || canonicalId === own) return own;
  return typeof id === 'string' ? id : null;
}

/** A page that says whom it is about, and its like about somebody else. */
function named(name: string, page: Buffer, ids: readonly [string, string], parse: FuzzTarget['parse']): FuzzTarget {
  return { name, page, foreign: about(page, ids), ids, parse, subject: (record) => subjectOf(record, ids[0]) };
}

const entries = [listEdge('tt7000001', 1), listEdge('tt7000002', 2, {}, 'A note')];
const oldEpisodes = htmlPage(
  '<select id="bySeason"><option value="1" selected>1</option></select><div class="list_item" data-episode="1"><a href="/title/tt7100101/">Plan</a><span class="airdate">18 Apr. 2024</span></div>',
  { head: canonical(`/title/${SERIES}/episodes/`) },
);
const oldCredits = htmlPage(
  `<table class="cast_list"><tr><td><a href="/name/${PERSON}/"><img/></a></td><td><a href="/name/${PERSON}/">Ada</a></td><td>Self (as A) 3 episodes, 2019-2020</td></tr></table>`,
  { head: canonical(`/title/${SERIES}/fullcredits/`) },
);
const oldList = htmlPage(
  '<div class="lister-item"><a href="/title/tt7000001/"><h3>1. Villa</h3></a><span class="year">(2019)</span><p>They plan and plan and plan.</p></div>',
);

const sectionImages = Buffer.from(personGalleryPage().toString().replaceAll('<img ', '<img class="ipc-image" '));

export const IMDB_TARGETS: readonly FuzzTarget[] = [
  named('imdb title', titlePage(), titles, (body) => parseTitle(body, SERIES)),
  named('imdb title, JSON-LD', oldTitlePage(), titles, (body) => parseTitle(body, SERIES)),
  { name: 'imdb totals', page: titlePage(), parse: (body) => parseTitleTotals(body, SERIES) },
  named('imdb episodes', episodesPage(), titles, (body) => parseEpisodes(body, { id: SERIES, season: 1 })),
  named('imdb episodes, HTML', oldEpisodes, titles, (body) => parseEpisodes(body, { id: SERIES })),
  named('imdb credits', creditsPage(), titles, (body) => parseCredits(body, SERIES)),
  named('imdb reference', creditsPage({ route: 'reference' }), titles, (body) => parseCredits(body, SERIES)),
  named('imdb credits, HTML', oldCredits, titles, (body) => parseCredits(body, SERIES)),
  named('imdb media index', mediaIndexPage(['rm1', 'rm2']), titles, (body) => parseGallery(body, SERIES)),
  named('imdb name', namePage(), people, (body) => parseName(body, PERSON)),
  { name: 'imdb list', page: listPage(entries, 2), parse: (body) => parseList(body, LIST) },
  { name: 'imdb list, HTML', page: oldList, parse: (body) => parseList(body, LIST) },
  { name: 'imdb list answer', page: listAnswer(entries, 2), parse: (body) => parseListAnswer(body, LIST) },
  { name: 'imdb search', page: searchPage(['tt7100101']), parse: (body) => parseSearch(body, SERIES) },
  {
    name: 'imdb episode credits',
    page: episodeCreditsAnswer([[episodeCredit('tt7100101')]]),
    parse: (body) => parseEpisodeCredits(body, { seriesId: SERIES }),
  },
  {
    name: 'imdb person gallery',
    page: personGalleryPage(),
    foreign: personGalleryPage(SOMEBODY),
    parse: (body) => parsePersonGallery(body, PERSON),
  },
  {
    name: 'imdb viewer',
    page: viewerPage('rm7000021'),
    foreign: viewerPage('rm7777777'),
    parse: (body) => parseViewer(body, 'rm7000021'),
  },
  { name: 'imdb section images', page: sectionImages, parse: parseSectionImages },
];
