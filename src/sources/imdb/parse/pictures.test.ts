import { describe, expect, it } from 'vitest';
import { htmlPage, nextPage, picture } from '../../../../tests/fixtures/imdb/page.ts';
import {
  galleryAnswer,
  mediaIndexData,
  mediaIndexPage,
  namePage,
  PERSON,
  personGalleryPage,
  viewerPage,
} from '../../../../tests/fixtures/imdb/people.ts';
import { SERIES } from '../../../../tests/fixtures/imdb/title.ts';
import { valueOf } from '../../../../tests/fixtures/imdb/value-of.ts';
import { imageFacts, personFacts, photoFacts } from '../facts.ts';
import { parseGallery } from './gallery.ts';
import { assetId, imageUrl } from './image.ts';
import { parseName } from './name.ts';
import { parsePersonGallery } from './person-gallery.ts';
import { parseSectionImages } from './section-images.ts';
import { parseViewer } from './viewer.ts';

describe('a media index', () => {
  it.each([
    ['page', mediaIndexPage(['rm1', 'rm2'], { total: 5, next: 'C1' })],
    ['data', mediaIndexData(['rm1', 'rm2'], { total: 5, next: 'C1' })],
    ['answer', galleryAnswer(['rm1', 'rm2'], { total: 5, next: 'C1' })],
  ])('%s: pictures with both ids, credit, people and titles (24)', (_, body) => {
    const gallery = valueOf(parseGallery(body, SERIES));
    expect(gallery).toMatchObject({ id: SERIES, total: 5, hasNextPage: true, endCursor: 'C1' });
    expect(gallery.images[0]).toEqual({
      viewerId: 'rm1',
      assetId: 'MV5Brm1@',
      url: picture('rm1').url,
      width: 2000,
      height: 3000,
      caption: 'Picture rm1',
      type: 'still_frame',
      position: 1,
      copyright: '(c) Plan Pictures',
      createdBy: 'Cam Era',
      source: { id: 'planpix', text: 'Plan Pictures', url: 'https://example.org/rights' },
      people: [{ id: PERSON, name: 'Ada Planner' }],
      titles: [{ id: SERIES, name: 'Villa of Plans' }],
      viewerPath: `/title/${SERIES}/mediaviewer/rm1/`,
    });
  });

  it('defect 23: connections without pictures are passed over, and alone they are no gallery', () => {
    expect(valueOf(parseGallery(mediaIndexPage(['rm1']))).images).toHaveLength(1);
    const keywords = { edges: [{ node: { id: 'kw1', text: 'villa' } }], pageInfo: { hasNextPage: false } };
    expect(parseGallery(nextPage({ pageProps: { data: { title: { id: SERIES, keywords } } } }))).toMatchObject({
      ok: false,
    });
  });

  it('an empty gallery is a gallery', () => {
    expect(valueOf(parseGallery(mediaIndexPage([]), SERIES))).toMatchObject({ images: [], total: 0 });
  });

  it('the build is known from the page, facets are kept', () => {
    expect(valueOf(parseGallery(mediaIndexPage(['rm1'])))).toMatchObject({
      buildId: 'BUILD1',
      facets: { types: ['still_frame'] },
    });
  });

  it('pictures of another title are refused, and a page that does not say whose they are', () => {
    expect(parseGallery(mediaIndexPage(['rm1'], { id: 'tt7000002' }), SERIES)).toMatchObject({ ok: false });
    expect(parseGallery(galleryAnswer(['rm1'], { id: 'tt7000002' }), SERIES)).toMatchObject({ ok: false });
    expect(parseGallery(mediaIndexPage(['rm1'], { id: null }), SERIES)).toMatchObject({ ok: false });
  });

  it('defect 25: a picture knows the page it was found on', () => {
    const [image] = valueOf(parseGallery(mediaIndexPage(['rm1']))).images;
    expect(
      image === undefined ? null : imageFacts(image, 'https://www.imdb.com/title/tt7000001/mediaindex/'),
    ).toMatchObject({
      sourceImageId: 'MV5Brm1@',
      viewerId: 'rm1',
      pageUrl: 'https://www.imdb.com/title/tt7000001/mediaindex/',
      attribution: { text: 'Plan Pictures', url: 'https://example.org/rights' },
    });
  });
});

describe('addresses of pictures', () => {
  it('are those of pictures only', () => {
    const path = 'm.media-amazon.com/images/M/A._V1_.jpg';
    expect([`https://${path}`, `//${path}`].map(imageUrl)).toEqual([`https://${path}`, `https://${path}`]);
    const others = [
      `http://${path}`,
      'https://evil.example/images/M/A.jpg',
      'https://m.media-amazon.com/images/G/01/logo.png',
      'https://m.media-amazon.com.evil.example/images/M/A.jpg',
      'x',
      null,
    ];
    expect(others.map(imageUrl)).toEqual(others.map(() => undefined));
  });

  it('name the asset', () => {
    const urls = ['MV5BA@._V1_QL75_UX300_.jpg', 'MV5BA@._UX300_.jpg', 'MV5BA@.jpg', 'MV5BA%40._V1_.jpg', '._V1_.jpg'];
    expect(urls.map((file) => assetId(`https://m.media-amazon.com/images/M/${file}`))).toEqual([
      'MV5BA@',
      'MV5BA@',
      'MV5BA@',
      'MV5BA@',
      null,
    ]);
  });
});

describe('pictures in a photos section', () => {
  const at = (name: string, size: string) => `https://m.media-amazon.com/images/M/${name}._V1_${size}.jpg`;

  it('are the largest of each, in order; commas within addresses do not separate', () => {
    const page = htmlPage(
      `<section data-testid="section-images">
        <img class="ipc-image" src="${at('A', 'UX1_')}" srcset="${at('A', 'UX1_CR0,2,1,1_')} 1x, ${at('A', 'UX9_CR0,2,9,9_')} 2x">
        <img class="ipc-image" src="${at('B', '')}"><img class="ipc-image" src="${at('A', 'UX5_')}">
        <img class="logo" src="${at('C', '')}"></section><img class="ipc-image" src="${at('D', '')}">`,
    );
    expect(valueOf(parseSectionImages(page)).map(({ url, width, position }) => [url, width, position])).toEqual([
      [at('A', 'UX9_CR0,2,9,9_'), 9, 1],
      [at('B', ''), null, 2],
    ]);
  });

  it('without a section: those of the mosaic; none at all is a changed page', () => {
    const img = `<img class="ipc-image" src="${at('A', '')}">`;
    expect(valueOf(parseSectionImages(htmlPage(`<a data-testid="mosaic-img-1">${img}</a>${img}`)))).toHaveLength(1);
    expect(parseSectionImages(htmlPage(img))).toMatchObject({ ok: false });
  });
});

describe('a person', () => {
  it('fills every field', () => {
    const name = valueOf(parseName(namePage(), PERSON));
    expect(name).toMatchObject({
      id: PERSON,
      name: 'Ada Planner',
      disambiguator: 'II',
      born: { year: 1980, month: 2, day: 29 },
      birthPlace: 'Planville, Ohio, USA',
      died: null,
      height: '1.70 m',
      biography: 'Ada planned & built.',
      professions: ['Producer', 'Actress'],
      alsoKnownAs: ['Ada P.'],
      knownFor: [{ id: SERIES, category: 'Self', characters: ['Self - Host'], year: 2019 }],
      primaryImage: { viewerId: 'rm7000010' },
      images: [{ viewerId: 'rm7000011' }],
      imageTotal: 46,
      spouses: [{ id: 'nm7000055', name: 'Max Planner', attributes: ['divorced'] }],
      parents: [{ id: 'nm7000056', name: 'Old Planner' }],
      creditGroups: [{ name: 'Self', total: 9 }],
      unfilled: ['died', 'deathPlace', 'deathCause'],
    });
  });

  it('texts of another language are left out of the facts, dates and ids are not', () => {
    expect(personFacts(valueOf(parseName(namePage(PERSON, 'it-IT'))))).toMatchObject({
      name: 'Ada Planner',
      imdbId: PERSON,
      born: { year: 1980 },
    });
    expect(personFacts(valueOf(parseName(namePage(PERSON, 'it-IT'))))).not.toHaveProperty('biography');
  });

  it('is read from JSON-LD where there is no more', () => {
    const jsonLd = {
      '@type': 'Person',
      url: `https://www.imdb.com/name/${PERSON}/`,
      name: 'Ada &amp; Co',
      birthDate: '1980-02-29',
      jobTitle: ['Producer'],
    };
    expect(valueOf(parseName(htmlPage('', { jsonLd }), PERSON))).toMatchObject({
      name: 'Ada & Co',
      born: { day: 29 },
      professions: ['Producer'],
    });
  });

  it('another person is refused', () => {
    expect(parseName(namePage('nm7000002'), PERSON)).toMatchObject({
      ok: false,
      problem: expect.stringContaining('nm7000002'),
    });
    const mixed = namePage().toString().replace(`"aboveTheFold":{"id":"${PERSON}"`, '"aboveTheFold":{"id":"nm7000002"');
    expect(parseName(Buffer.from(mixed), PERSON)).toMatchObject({ ok: false });
  });
});

describe("a person's gallery", () => {
  it('one row per picture, the widest, with its viewer', () => {
    const at = (name: string, size: string) => `https://m.media-amazon.com/images/M/MV5B${name}@._V1_${size}.jpg`;
    expect(valueOf(parsePersonGallery(personGalleryPage(), PERSON))).toEqual([
      {
        personId: null,
        assetId: 'MV5BA@',
        viewerId: 'rm7000021',
        viewerPath: `/name/${PERSON}/mediaviewer/rm7000021/?ref_=nmmi_1`,
        url: at('A', 'UX900_'),
        width: 900,
        height: null,
      },
      {
        personId: PERSON,
        assetId: 'MV5BB@',
        viewerId: 'rm7000022',
        viewerPath: `/name/${PERSON}/mediaviewer/rm7000022/?ref_=nmmi_1`,
        url: at('B', 'UY300_'),
        width: null,
        height: 300,
      },
    ]);
  });

  it("another person's is refused", () => {
    expect(parsePersonGallery(personGalleryPage('nm7000002'), PERSON)).toMatchObject({ ok: false });
  });

  it('the page of a picture adds the original, its caption and who is on it', () => {
    expect(valueOf(parseViewer(viewerPage('rm7000021'), 'rm7000021'))).toEqual({
      viewerId: 'rm7000021',
      url: 'https://m.media-amazon.com/images/M/MV5BA@._V1_.jpg',
      width: 1600,
      height: null,
      caption: 'Ada Planner, Bo Actor in Plans (2019)',
      galleryIndex: 2,
      galleryTotal: 1046,
      people: [{ id: PERSON, name: 'Ada Planner' }],
      titles: [{ id: SERIES, name: 'Villa of Plans' }],
    });
  });

  it('defect 26: a caption is never the whole page, numbers have separators, commas no space before them', () => {
    const caption = `<p>Only <a href="/name/${PERSON}/?ref_=mv_desc">Ada</a>, alone</p>`;
    const noise = '<div>Menu Help Everything</div>';
    expect(valueOf(parseViewer(viewerPage('rm7000021', { caption: noise + caption }))).caption).toBe('Only Ada, alone');
    expect(valueOf(parseViewer(viewerPage('rm7000021', { caption: noise }))).caption).toBe('Alt of rm7000021-curr');
    expect(valueOf(parseViewer(viewerPage('rm7000021', { place: '1,001 of 12,046' })))).toMatchObject({
      galleryIndex: 1001,
      galleryTotal: 12046,
    });
  });

  it('defect 26: file names keep their case', () => {
    const [, photo] = valueOf(parsePersonGallery(personGalleryPage()));
    expect(photo === undefined ? '' : photoFacts(PERSON, photo, null, 1).url).toContain('MV5BB@');
  });

  it('another picture is refused', () => {
    expect(parseViewer(viewerPage('rm7000021'), 'rm7000099')).toMatchObject({
      ok: false,
      problem: expect.stringContaining('rm7000099'),
    });
  });

  it('the wider of gallery and page wins (3.10.3)', () => {
    const [photo] = valueOf(parsePersonGallery(personGalleryPage()));
    const details = valueOf(parseViewer(viewerPage('rm7000021')));
    if (photo === undefined) throw new Error('no photo');
    expect(photoFacts(PERSON, photo, details, 1)).toMatchObject({
      url: details.url,
      width: 1600,
      caption: details.caption,
      galleryTotal: 1046,
    });
    expect(photoFacts(PERSON, { ...photo, width: 5000 }, details, 1)).toMatchObject({ url: photo.url, width: 5000 });
    expect(photoFacts(PERSON, photo, { ...details, width: null }, 1)).toMatchObject({ url: photo.url });
  });
});
