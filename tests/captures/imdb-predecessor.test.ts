import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isSelf, roleText } from '../../src/sources/imdb/parse/credit-row.ts';
import { parseCredits } from '../../src/sources/imdb/parse/credits.ts';
import { mostRecent } from '../../src/sources/imdb/parse/episode.ts';
import { parseEpisodes } from '../../src/sources/imdb/parse/episodes.ts';
import { parseGallery } from '../../src/sources/imdb/parse/gallery.ts';
import { parseList } from '../../src/sources/imdb/parse/list.ts';
import { parseListAnswer } from '../../src/sources/imdb/parse/list-graphql.ts';
import { parsePersonGallery } from '../../src/sources/imdb/parse/person-gallery.ts';
import { parseSectionImages } from '../../src/sources/imdb/parse/section-images.ts';
import { parseTitle } from '../../src/sources/imdb/parse/title.ts';
import { parseTitleTotals } from '../../src/sources/imdb/parse/title-totals.ts';
import { parseViewer } from '../../src/sources/imdb/parse/viewer.ts';
import { valueOf } from '../fixtures/imdb/value-of.ts';
import { capturesFolder } from './folder.ts';

const bytes = (name: string) => readFileSync(join(capturesFolder('imdb'), 'predecessor', name));
const asset = (name: string, rest: string) => `https://m.media-amazon.com/images/M/${name}.${rest}.jpg`;

/** Expected values: `spec/sources-imdb.md` 5. */
describe("the predecessor's fixtures", () => {
  it('title_page_tt8819906_sample.html', () => {
    expect(valueOf(parseTitle(bytes('title_page_tt8819906_sample.html'), 'tt8819906'))).toMatchObject({
      title: 'Love Island USA',
      description: expect.stringMatching(/^U\.S\. version of the British show 'Love Island'.*one another\.$/),
      interests: [{ text: 'Reality TV' }, { text: 'Dating Reality TV' }],
      tags: ['Reality TV', 'Reality TV Dating'],
      genres: ['Game-Show', 'Reality-TV'],
      certificate: 'TV-MA',
      keywords: ['dating and romance reality tv', 'dating game show', 'non fiction'],
      ratingValue: 5.2,
      ratingCount: 3291,
      primaryImage: { url: 'https://m.media-amazon.com/images/M/example.jpg' },
      released: { year: 2019, month: 7, day: 9 },
      runtimeMinutes: 42,
      trailer: { id: 'vi123', durationSeconds: 150 },
      seasons: { episodeCount: 235, seasonCount: 8 },
    });
  });

  it('title_page_sample.html', () => {
    expect(valueOf(parseTitleTotals(bytes('title_page_sample.html')))).toEqual({
      title: 'Sample Show',
      network: 'VH1',
      totalSeasons: 2,
      totalEpisodes: 20,
    });
  });

  it('episodes pages', () => {
    const seasons = (name: string) => valueOf(parseEpisodes(bytes(name))).seasons.map(({ number }) => number);
    expect(seasons('episodes_page_overview_sample.html')).toEqual([1, 2, 3]);
    expect(valueOf(parseEpisodes(bytes('episodes_page_overview_sample.html'))).episodes).toEqual([]);
    expect(seasons('episodes_page_overview_one_season_sample.html')).toEqual([1]);
    const third = valueOf(parseEpisodes(bytes('episodes_page_season3_sample.html'), { season: 3 }));
    expect(third.seasons.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(third.episodes).toMatchObject([
      { id: 'tt9000001', season: 3, episode: 1, title: 'Episode One', released: { year: 2024, month: 4, day: 18 } },
      { id: 'tt9000002', season: 3, episode: 2, title: 'Episode Two', released: { year: 2024, month: 4, day: 19 } },
    ]);
    expect(mostRecent(third.episodes)?.id).toBe('tt9000002');
  });

  it('episodes_page_season1_next_data_sample.html', () => {
    const page = valueOf(parseEpisodes(bytes('episodes_page_season1_next_data_sample.html'), { season: 1 }));
    expect(page.episodes).toMatchObject([
      {
        id: 'tt9000001',
        season: 1,
        episode: 1,
        overview: 'Episode one plot.',
        released: { year: 2024, month: 4, day: 18 },
        ratingValue: 7.3,
        ratingCount: 123,
        image: { width: 1280, height: 720, caption: 'Episode One still' },
      },
      {
        id: 'tt9000002',
        title: 'Episode Two',
        overview: 'Episode two plot.',
        released: { year: 2024, month: 4, day: 19 },
        ratingValue: 7.1,
        ratingCount: 100,
        image: { width: null, height: null, caption: null },
      },
    ]);
    expect(page.seasons).toEqual([]);
  });

  it('fullcredits_cast_sample.html', () => {
    const [cast] = valueOf(parseCredits(bytes('fullcredits_cast_sample.html'), 'tt1234567')).categories;
    expect(cast?.id).toBe('amzn1.imdb.concept.name_credit_group.cast123');
    expect(cast?.credits.map((credit) => [credit.nameId, credit.name, roleText(credit), isSelf(credit)])).toEqual([
      ['nm0000001', 'Jane Doe', 'Self (as Jane)', true],
      ['nm0000002', 'John Actor', 'Limo Driver', false],
      ['nm0000003', 'Archivist', 'Self (archive footage)', true],
    ]);
  });

  it('lists', () => {
    const read = (name: string) => valueOf(parseList(bytes(name)));
    const entries = read('list_jsonld_sample.html').entries.map(({ id, title, year }) => [id, title, year]);
    expect(entries).toEqual([
      ['tt1111111', 'JSON-LD Series One', null],
      ['tt2222222', 'JSON-LD Series Two', null],
      ['tt3333333', 'JSON-LD Series Three', null],
    ]);
    expect(read('list_sample.html')).toMatchObject({ source: 'jsonld', nextPath: '/list/ls123456789/?page=2' });
    expect(read('list_sample_page2.html').entries).toMatchObject([{ id: 'tt3333333', rank: 26 }]);
    expect(read('list_html_fallback_sample.html').entries).toMatchObject([
      {
        id: 'tt9999999',
        title: 'Fallback Series One',
        year: 2024,
        rank: 1,
        description: expect.stringMatching(/^This is a long/),
      },
      { id: 'tt8888888', title: 'Fallback Series Two', year: null, rank: 2 },
    ]);
  });

  it('title_list_main_page_sample.json', () => {
    const page = valueOf(parseListAnswer(bytes('title_list_main_page_sample.json'), 'ls4106677119'));
    expect(page.total).toBe(166);
    expect(page.entries).toMatchObject([
      {
        id: 'tt1353056',
        title: "RuPaul's Drag Race",
        year: 2009,
        episodeCount: 220,
        runtimeMinutes: 60,
        genres: ['Reality-TV'],
        note: null,
      },
      {
        id: 'tt11363282',
        description: 'Follows the affluent wives in Salt Lake City.',
        note: 'List note for item 2',
        genres: ['Reality-TV', 'Drama'],
        runtimeMinutes: 43,
        posterCaption: 'Key art',
      },
    ]);
  });

  it('section_images_sample.html', () => {
    expect(valueOf(parseSectionImages(bytes('section_images_sample.html'))).map(({ url }) => url)).toEqual([
      asset('AAA', '_V1_QL75_UX360_CR0,2,360,533_'),
      asset('BBB', '_V1_UX400_'),
      asset('CCC', '_V1_'),
    ]);
  });

  it('media index and viewer', () => {
    const index = valueOf(parseGallery(bytes('mediaindex_tt8819906_sample.html')));
    expect(index).toMatchObject({ hasNextPage: true, endCursor: 'CURSOR1', buildId: 'TESTBUILD', total: 2 });
    expect(index.images).toMatchObject([
      {
        viewerId: 'rm3107491329',
        type: 'publicity',
        width: 1000,
        height: 1500,
        caption: 'Love Island USA',
        position: 1,
      },
      { viewerId: 'rm3107491330', type: 'still_frame' },
    ]);
    expect(valueOf(parseGallery(bytes('mediaindex_viewer_graphql_tt8819906_sample.html')))).toMatchObject({
      hasNextPage: false,
      total: 1,
      images: [{ viewerId: 'rm3107491335', type: 'still_frame', position: 3, caption: 'Viewer shot' }],
    });
  });

  it('person gallery', () => {
    const rows = valueOf(parsePersonGallery(bytes('person_mediaindex_nm11883948_sample.html'), 'nm11883948'));
    expect(rows.map(({ viewerId, url, width, height }) => [viewerId, /UX\d+/.exec(url)?.[0], width, height])).toEqual([
      ['rm1679992066', 'UX776', 776, null],
      ['rm1458415362', 'UX600', 600, null],
    ]);
  });

  it('person viewer, its caption without the space before the comma (defect 26)', () => {
    const page = bytes('person_mediaviewer_nm11883948_rm1679992066_sample.html');
    expect(valueOf(parseViewer(page, 'rm1679992066'))).toMatchObject({
      url: expect.stringMatching(/_V1_\.jpg$/),
      width: 640,
      height: null,
      galleryIndex: 1,
      galleryTotal: 46,
      caption: 'Lisa Barlow, Mary Cosby in Opas and Outbursts (2025)',
      people: [
        { id: 'nm11883948', name: 'Lisa Barlow' },
        { id: 'nm11883949' },
        { id: 'nm11883950', name: 'Heather Gay' },
      ],
      titles: [{ id: 'tt36951580', name: 'Opas and Outbursts' }],
    });
  });
});
