import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parsePerson } from './person.ts';

const page = readFileSync(new URL('../../../../tests/fixtures/fandom/person.html', import.meta.url), 'utf8');
const api = (text: string, more: object = {}) =>
  JSON.stringify({ parse: { title: 'Mara Quill', pageid: 77, revid: 4501, text, ...more } });

function read(body: string) {
  const result = parsePerson(Buffer.from(body));
  if (!result.ok) throw new Error(`${result.reason}: ${result.problem}`);
  return { ...result.value, missing: result.missing };
}

/** A page with one infobox line and what follows. */
const small = (rest: string, line = infoboxLine('gender', 'Gender', 'Female')) =>
  `<div class="mw-parser-output"><aside class="portable-infobox"><h2 class="pi-title">Mara Quill</h2>${line}</aside>${rest}</div>`;
function infoboxLine(source: string | null, label: string | null, value: string): string {
  const key = source === null ? '' : ` data-source="${source}"`;
  const heading = label === null ? '' : `<h3 class="pi-data-label">${label}</h3>`;
  return `<div class="pi-item pi-data"${key}>${heading}<div class="pi-data-value">${value}</div></div>`;
}
const photo = (file: string, attributes = 'width="300" height="300"') =>
  `<img src="https://static.wikia.nocookie.net/plan-islanders/images/1/1f/${file}/revision/latest/scale-to-width-down/300?cb=1" ${attributes}>`;

describe('a person page', () => {
  it('fills every field of the infobox', () => {
    const { person } = read(page);
    expect(person).toMatchObject({
      name: 'Mara Quill',
      fullName: 'Mara Eleni Quill',
      nicknames: ['Captain', 'M. Q.'],
      birthDate: '1985-03-03',
      birthDateDisplay: 'March 3rd, 1985 (Age 41) Plan Bay',
      deathDate: null,
      gender: 'Female',
      residesIn: 'Port Meridian, Plan Bay',
      occupation: 'Boat builder',
      hairColor: 'Red',
      eyeColor: 'Green & grey',
      heightDisplay: `5' 9"`,
      weightDisplay: '140 lbs',
      romances: ['Jon Sand', 'Theo Reef', 'Ida Marsh'],
      installment: 'Island of Plans',
      installmentUrl: '/wiki/Island_of_Plans',
      mainSeasonsDisplay: '2-3',
      shows: ['Island of Plans'],
    });
    expect(person.infoboxRaw).toMatchObject({ Residence: 'Port Meridian,\nPlan Bay', Place: '2nd', Days: '38' });
    expect(Object.keys(person.infoboxRaw ?? {})).toHaveLength(18);
  });

  it('lists people with their links, and without a link where it leads nowhere safe', () => {
    const { person } = read(page);
    expect(person.family).toEqual([{ name: 'Ola Quill', url: '/wiki/Ola_Quill' }, { name: 'Per Quill' }]);
    expect(person.friends).toEqual([{ name: 'Ida Marsh' }, { name: 'Nora Dune' }]);
    expect(person.enemies).toEqual([{ name: 'Sharks', url: 'https://en.wikipedia.org/wiki/Sharks' }]);
  });

  it('weakness 3: title and summary come with API text, also where the lead stands outside of any paragraph', () => {
    const { page: facts, person } = read(api(page));
    expect(facts).toMatchObject({ title: 'Mara Quill', pageId: 77, revisionId: 4501 });
    expect(person.summary).toBe(
      'Mara Eleni Quill is a boat builder who sailed through two seasons of Island of Plans.',
    );
  });

  it('reads either version of the API format and the page itself the same', () => {
    const version1 = JSON.stringify({ parse: { title: 'Mara Quill', pageid: 77, revid: 4501, text: { '*': page } } });
    const whole = `<!doctype html><html><head><title>Mara Quill | Island of Plans Wiki | Fandom</title>
      <link rel="canonical" href="https://plan-islanders.fandom.com/wiki/Mara_Quill">
      <script>window.mwConf = {"wgArticleId":77,"wgRevisionId":4501};</script></head>
      <body><h1 class="page-header__title" id="firstHeading"><span class="mw-page-title-main">Mara Quill</span></h1>
      <div id="mw-content-text">${page}</div><script>var t = "<table>";</script></body></html>`;
    const byApi = read(api(page));
    expect(read(version1)).toEqual(byApi);
    const byPage = read(whole);
    expect(byPage.page).toEqual({ ...byApi.page, url: 'https://plan-islanders.fandom.com/wiki/Mara_Quill' });
    expect([byPage.person, byPage.photos]).toEqual([byApi.person, byApi.photos]);
  });

  it('takes the longest of linked data and lead as summary', () => {
    const data =
      '{"@graph":[{"abstract":"short"},{"description":"A much longer description of Mara Quill, for machines."}]}';
    const { person } = read(
      `<script type="application/ld+json">${data}</script>${small('<p>Mara is a boat builder.</p>')}`,
    );
    expect(person.summary).toBe('A much longer description of Mara Quill, for machines.');
  });

  it('a box read whole says null for a line it does not have; a part of the page that cannot be read is left unspoken', () => {
    const { person, missing } = read(
      small('<h2>Taglines</h2><table><tr><th>x</th></tr></table><h2>Trivia</h2><p>None.</p>'),
    );
    expect(person.hairColor).toBeNull();
    expect(person.trivia).toBeNull();
    expect(Object.hasOwn(person, 'taglines')).toBe(false);
    expect(missing).toEqual(['taglines']);
  });

  it.each([
    ['December 14, 1974 (Age 51)', '1974-12-14'],
    ['14 December 1974', '1974-12-14'],
    ['Dec. 14th, 1974', '1974-12-14'],
    ['1974-12-14', '1974-12-14'],
    ['1974', null],
    ['12/14/1974', null],
  ])('weakness 6: one date reader, display kept: %s', (display, day) => {
    const { person } = read(small('', infoboxLine('birthday', 'Birth Date', display)));
    expect([person.birthDate, person.birthDateDisplay]).toEqual([day, display]);
  });

  it.each([
    ['resides', 'Resides'],
    ['residence', null],
    [null, 'Resides In'],
    ['x', 'Hometown'],
  ])('weakness 7: lines are known by parameter and by label (%s, %s)', (source, label) => {
    expect(read(small('', infoboxLine(source, label, 'Port Meridian'))).person.residesIn).toBe('Port Meridian');
  });

  it('two whole addresses are kept apart, one over two lines is not', () => {
    expect(read(small('', infoboxLine('hometown', null, 'Chicago, IL<br>New York, NY'))).person.residesIn).toBe(
      'Chicago, IL; New York, NY',
    );
  });

  it('a full name in the bold words of the lead, when the box has none', () => {
    expect(read(small('<p><b>Mara Eleni Quill</b> is a boat builder.</p>')).person.fullName).toBe('Mara Eleni Quill');
    expect(read(small('<p><b>Island of Plans</b> is a show with Mara in it.</p>')).person.fullName).toBeNull();
  });
});

describe('sections', () => {
  it('weakness 13: merged cells keep their columns, S2 is a season, all headings of that name count', () => {
    expect(read(page).person.taglines).toEqual([
      { season: 2, openingOrder: '1/5', tagline: '"I never drift."' },
      { season: 2, openingOrder: '2/5', tagline: '"Plans change. I do not."' },
      { season: 3, openingOrder: null, tagline: '"Tide waits for me."' },
      { season: 4, openingOrder: null, tagline: '"Anchors are for others."' },
      { season: 5, openingOrder: null, tagline: '"Home is a harbour."' },
    ]);
  });

  it('weakness 13: a table of another section is not taken', () => {
    const { person } = read(
      small(
        '<h2>Taglines</h2><p>None yet.</p><h2>Boats</h2><table><tr><th>a</th></tr><tr><td>1</td><td>2</td><td>3</td></tr></table>',
      ),
    );
    expect(person.taglines).toBeNull();
  });

  it('columns without headings we know are read by their place', () => {
    const table =
      '<table><tr><th>#</th><th>?</th><th>Words</th></tr><tr><td>7</td><td>3/6</td><td>"So be it."</td></tr></table>';
    expect(read(small(`<h2>Taglines</h2>${table}`)).person.taglines).toEqual([
      { season: 7, openingOrder: null, tagline: '"So be it."' },
    ]);
  });

  it('reads seats and trivia, not the contents box', () => {
    const { person } = read(page);
    expect(person.reunionSeating).toEqual([{ season: 2, side: 'Left', seatOrder: '1/3' }]);
    expect(person.trivia).toEqual(['Owns nine hammers.', 'Her raft is in a museum. Not the first one.']);
  });
});

describe('pictures', () => {
  const { photos, leftOut } = read(page);
  const of = (file: string) => photos.find(({ address }) => address.fileName === file);

  it('weakness 1 and 9: identity is wiki and file name, once each, noscript copies included', () => {
    expect(photos.map(({ address }) => address.identity)).toEqual([
      'plan-islanders/Mara_Quill_S2.jpg',
      'plan-islanders/Mara_confessional_S3.jpg',
      'plan-islanders/Mara_intro_s2.jpg',
      'plan-islanders/Mara_reunion.jpg',
      'plan-islanders/Mara_Raft.jpg',
    ]);
  });

  it('weakness 2: a file page is no picture, other hosts are not the wiki', () => {
    for (const { address } of photos)
      expect(address.originalUrl).toMatch(/^https:\/\/static\.wikia\.nocookie\.net\/plan-islanders\/images\//);
    expect(leftOut.foreign_host).toBe(1);
  });

  it('weakness 4: videos, flags, icons, navigation and other people are left out and counted', () => {
    expect(leftOut).toEqual({ video: 1, icon: 2, foreign_host: 1, other_person: 1 });
  });

  it('weakness 5: sizes on the page are called what they are', () => {
    expect(of('Mara_Raft.jpg')).toMatchObject({ thumbWidth: 150, thumbHeight: 150 });
  });

  it('weakness 8: every transform is cut off', () => {
    expect(of('Mara_intro_s2.jpg')?.address.originalUrl).toBe(
      'https://static.wikia.nocookie.net/plan-islanders/images/3/3a/Mara_intro_s2.jpg/revision/latest?cb=20240404',
    );
  });

  it('weakness 17: context and season come from table, heading, caption or file name', () => {
    expect(photos.map(({ section, type, season, position }) => [section, type, season, position])).toEqual([
      ['infobox', 'hero', null, 1],
      ['article', 'confessional', 3, 1],
      ['taglines', 'intro_card', 2, 1],
      ['reunion_seating', 'reunion_look', 2, 1],
      ['gallery', 'gallery', 3, 1],
    ]);
    expect(of('Mara_Raft.jpg')?.caption).toBe('Mara on the raft (Season 3)');
  });

  it('a caption that only repeats the file or says "photo" is none', () => {
    const named = small(
      `<p>${photo('Mara_At_Sea.jpg', 'alt="Mara At Sea" title="Mara At Sea.jpg (266 KB)" width="300"')}</p>`,
    );
    expect(read(named).photos[0]).toMatchObject({ caption: null, altText: 'Mara At Sea' });
    expect(read(small(`<p>${photo('A.jpg', 'alt="Photo" width="300"')}</p>`)).photos[0]?.caption).toBeNull();
  });

  it('figure data of older pages count first, a whole picture before a scaled one', () => {
    const data = JSON.stringify({
      url: 'https://static.wikia.nocookie.net/plan-islanders/images/2/2b/Card.jpg/scale-to-width-down/1000?cb=2',
      caption: 'A card',
      alt: 'card',
    }).replaceAll('"', '&quot;');
    const link = 'https://static.wikia.nocookie.net/plan-islanders/images/2/2b/Card.jpg/revision/latest?cb=3';
    const [card] = read(
      small(`<figure data-attrs="${data}"><a href="${link}">${photo('Card.jpg')}</a></figure>`),
    ).photos;
    expect(card).toMatchObject({ caption: 'A card', altText: 'card', address: { originalUrl: link, version: '3' } });
  });

  it('a link to the own gallery is no other person', () => {
    const gallery = small(
      `<a href="/wiki/Mara_Quill/Gallery">${photo('Mara.jpg')}</a><a href="/wiki/Ida_Marsh">${photo('Ida.jpg')}</a>`,
    );
    expect(read(gallery).photos.map(({ address }) => address.fileName)).toEqual(['Mara.jpg']);
  });
});
