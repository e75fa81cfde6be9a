import { createHash } from 'node:crypto';
import { urlOf } from '../../src/sources/fandom/ask.ts';
import {
  imageInfoRequest,
  parseRequest,
  revisionsRequest,
  type WikiRequest,
} from '../../src/sources/fandom/requests.ts';
import { CONTESTANTS, HOST } from './made-up-people.ts';

/** The made-up show's made-up wiki. */
export const LANTERN_WIKI = 'lastlantern.fandom.com';

interface Page {
  readonly pageId: number;
  readonly revision: number;
  readonly title: string;
  /** `July 1, 1990`; null where the page does not say. */
  readonly born: string | null;
  readonly gender: string;
  readonly resides: string | null;
  readonly summary: string;
  readonly trivia: readonly string[];
  readonly seasons: string;
  /** Shown in the infobox, and in the gallery. */
  readonly pictures: readonly string[];
}

const [ada, , , , sam] = CONTESTANTS;

/** Pages about people: the host, a contestant, and one of two namesakes, told apart by the day they were born. */
const PAGES: readonly Page[] = [
  {
    pageId: 11,
    revision: 9001,
    title: HOST.name,
    born: 'February 29, 1980',
    gender: 'Female',
    resides: 'Baile Samhlaithe,<br />Ireland',
    summary: `<b>${HOST.name}</b> is the made-up host of <i>Last Lantern Standing</i>. She has never once let go of the matches.`,
    trivia: ['She keeps the stub of every lantern.', 'Her first words on the rock were "Mind the step".'],
    seasons: '1-2',
    pictures: ['Orla_on_the_rock.jpg', 'Orla_reunion_s1.jpg'],
  },
  {
    pageId: 12,
    revision: 9002,
    title: ada?.name ?? '',
    born: 'May 12, 1994',
    gender: 'Female',
    resides: null,
    summary: `<b>${ada?.name}</b> won the first season of <i>Last Lantern Standing</i>, a made-up show.`,
    trivia: ['Her lantern was the only one without a handle.'],
    seasons: '1',
    pictures: ['Ada_S1.jpg'],
  },
  {
    pageId: 13,
    revision: 9003,
    title: sam?.name ?? '',
    born: 'September 9, 1991',
    gender: 'Non-binary',
    resides: 'Hafenstadt',
    summary: `<b>${sam?.name}</b> went out third in the first season of <i>Last Lantern Standing</i>. There are two of that name.`,
    trivia: [],
    seasons: '1',
    pictures: ['Sam_the_first.jpg'],
  },
];

export interface WikiAnswer {
  readonly url: string;
  readonly file: string;
  readonly body: unknown;
}

/** Everything the wiki is asked about the show's cast, and what it says. */
export function lanternWiki(): WikiAnswer[] {
  const to = (request: WikiRequest) => urlOf({ wikis: [], baseUrl: null }, LANTERN_WIKI, request);
  return PAGES.flatMap((page) => {
    const [first = '', ...others] = page.pictures;
    const body = parsed(page, page.title, page.pageId, article(page));
    const file = `wiki-page-${page.pageId}`;
    const gallery = `${page.title}/Gallery`;
    return [
      { url: to(parseRequest({ title: page.title })), file, body },
      { url: to(parseRequest({ pageId: page.pageId })), file, body },
      { url: to(revisionsRequest([page.pageId])), file: `wiki-revision-${page.pageId}`, body: revision(page) },
      { url: to(imageInfoRequest([first])), file: `wiki-files-${page.pageId}`, body: records([first]) },
      {
        url: to(parseRequest({ title: gallery })),
        file: `wiki-gallery-${page.pageId}`,
        body: others.length > 0 ? parsed(page, gallery, page.pageId + 100, galleryOf(page)) : NO_PAGE,
      },
      ...(others.length > 0
        ? [{ url: to(imageInfoRequest(others)), file: `wiki-files-${page.pageId}-gallery`, body: records(others) }]
        : []),
    ];
  });
}

const NO_PAGE = { error: { code: 'missingtitle', info: "The page you specified doesn't exist." } };

function parsed(page: Page, title: string, pageId: number, text: string): unknown {
  const categories = ['Cast', 'Last Lantern Standing contestants'].map((category) => ({
    category: category.replaceAll(' ', '_'),
    sortkey: '',
  }));
  const templates = [{ ns: 10, title: 'Template:Infobox person', exists: true }];
  return {
    parse: {
      title,
      pageid: pageId,
      revid: page.revision,
      redirects: [],
      text,
      categories,
      templates,
      properties: {},
      links: [],
    },
  };
}

function article(page: Page): string {
  const line = (source: string, label: string, value: string | null) =>
    value === null
      ? ''
      : `<div class="pi-item pi-data pi-item-spacing" data-source="${source}"><h3 class="pi-data-label">${label}</h3><div class="pi-data-value">${value}</div></div>`;
  const [picture] = page.pictures;
  const trivia =
    page.trivia.length === 0
      ? ''
      : `<h2><span class="mw-headline" id="Trivia">Trivia</span></h2><ul>${page.trivia.map((item) => `<li>${item}</li>`).join('')}</ul>`;
  return `<div class="mw-content-ltr mw-parser-output" lang="en" dir="ltr"><aside role="region" class="portable-infobox"><h2 class="pi-item pi-title" data-source="title">${page.title}</h2><figure class="pi-item pi-image" data-source="image"><a href="${address(picture)}?cb=20260101000000" class="image image-thumbnail"><img src="${address(picture)}/scale-to-width-down/268?cb=20260101000000" class="pi-image-thumbnail" alt="${page.title}" width="268" height="400" data-image-key="${picture}" data-relevant="1" /></a></figure>${line('birthdate', 'Birthdate', page.born)}${line('gender', 'Gender', page.gender)}${line('resides', 'Resides', page.resides)}${line('installment', 'Installment', '<a href="/wiki/Last_Lantern_Standing" title="Last Lantern Standing">Last Lantern Standing</a>')}${line('main_seasons', 'Main Seasons', page.seasons)}</aside><p>${page.summary}</p>${trivia}</div>`;
}

function galleryOf(page: Page): string {
  const items = page.pictures
    .slice(1)
    .map(
      (name) =>
        `<div class="wikia-gallery-item"><div class="thumb"><div class="gallery-image-wrapper"><a href="/wiki/File:${name}" class="image lightbox"><img src="data:image/gif;base64,R0lGODlhAQABAIABAAAAAP///yH5BAEAAAEALAAAAAABAAEAQAICTAEAOw%3D%3D" data-src="${address(name)}/scale-to-width-down/185?cb=20260102000000" class="thumbimage lazyload" data-image-key="${name}" data-image-name="${name.replaceAll('_', ' ')}" data-caption="${page.title} at the reunion of season 1" width="150" height="150" /></a></div></div><div class="lightbox-caption">${page.title} at the reunion of season 1</div></div>`,
    );
  return `<div class="mw-content-ltr mw-parser-output" lang="en" dir="ltr"><h2><span class="mw-headline" id="Season_1">Season 1</span></h2><div class="wikia-gallery">${items.join('')}</div></div>`;
}

/** Where Fandom keeps a file: below the first digits of its name's MD5. */
function address(name = ''): string {
  const hash = createHash('md5').update(name).digest('hex');
  return `https://static.wikia.nocookie.net/lastlantern/images/${hash.slice(0, 1)}/${hash.slice(0, 2)}/${name}/revision/latest`;
}

function revision(page: Page): unknown {
  const timestamp = '2026-05-01T00:00:00Z';
  const sha1 = createHash('sha1').update(page.title).digest('hex');
  const { pageId: pageid, revision: revid, title } = page;
  return {
    batchcomplete: true,
    query: {
      pages: [{ pageid, ns: 0, title, lastrevid: revid, touched: timestamp, revisions: [{ revid, timestamp, sha1 }] }],
    },
  };
}

function records(names: readonly string[]): unknown {
  const pages = names.map((name, i) => ({
    pageid: 500 + i,
    ns: 6,
    title: `File:${name.replaceAll('_', ' ')}`,
    imageinfo: [
      {
        url: `${address(name)}?cb=20260101000000`,
        width: 1200,
        height: 1800,
        size: 345678,
        mime: 'image/jpeg',
        sha1: createHash('sha1').update(name).digest('hex'),
        timestamp: '2026-01-01T00:00:00Z',
        user: 'LanternFan',
        // One picture its photographer gave away; the others have no licence on record.
        extmetadata: name.startsWith('Ada') ? { LicenseShortName: { value: 'CC BY-SA 4.0' } } : {},
      },
    ],
  }));
  return { batchcomplete: true, query: { pages } };
}
