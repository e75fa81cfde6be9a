import { readDate } from '../dates.ts';
import { titleOfLink } from '../names.ts';
import type { WikiSeason } from '../source.ts';
import { readDocument } from './document.ts';
import { attribute, findAll, linesOf, named, textOf } from './dom.ts';
import type { Element } from './html.ts';
import { type Infobox, type InfoboxItem, itemNamed, oneLine, rawInfobox, readInfobox } from './infobox.ts';
import { type Outline, outlineOf } from './outline.ts';
import type { PageFacts } from './person.ts';
import { type PagePhoto, readPhotos } from './photos.ts';
import { lacksLayout, notRead, type PageResult, read } from './result.ts';

export interface CastCard {
  readonly pageTitle: string;
  readonly label: string | null;
  readonly status: string | null;
  readonly photo: PagePhoto;
}

export interface SeasonPage {
  readonly page: PageFacts;
  /** The season as its box names it, else the page's title. */
  readonly title: string | null;
  readonly season: Omit<WikiSeason, 'origin' | 'title' | 'cast'>;
  readonly cast: readonly CastCard[];
}

const LINES = {
  country: ['country', 'version'],
  network: ['network', 'networks', 'channel'],
  hosts: ['host', 'hosts', 'presenter', 'presenters'],
  winners: ['winner', 'winners'],
  runnersUp: ['runnersup', 'runnerup', 'runnerups'],
  number: ['season', 'seasonnumber'],
  run: ['seasonrun', 'run', 'originalrun', 'aired', 'airdates'],
  days: ['numberofdays', 'days', 'dayslength'],
  episodes: ['numberofepisodes', 'episodes', 'noofepisodes'],
  castaways: [
    'numberofhouseguests',
    'numberofcastaways',
    'numberofcontestants',
    'castaways',
    'contestants',
    'houseguests',
  ],
  previous: ['previousseason', 'previous'],
  next: ['nextseason', 'next'],
} as const;

/**
 * A season's page: its infobox, and the people on its cast cards (pictures that link to their pages). Must find an infobox that speaks of a
 * season (number, run, winner or episodes), or cards; without the box `missing` says `infobox`.
 */
export function parseSeason(body: Uint8Array): PageResult<SeasonPage> {
  const document = readDocument(body);
  if (!document.ok) return document;
  const { title, pageId, revisionId, url, redirects, categories, article } = document.value;
  const outline = outlineOf(article);
  const box = outline.infobox === null ? null : readInfobox(outline.infobox);
  const cast = readCast(outline, title);
  if (box === null && cast.length === 0) return lacksLayout("a season's infobox or cast cards");
  if (
    box !== null &&
    [LINES.number, LINES.run, LINES.winners, LINES.episodes].every((names) => itemNamed(box, names) === null)
  ) {
    return notRead('other_kind', 'no page about a season: its infobox names neither number, run, winner nor episodes');
  }
  const page = { title, pageId, revisionId, url, redirects, categories };
  const season = seasonOf(box ?? { title: null, items: [] }, title, outline.lead);
  return read({ page, title: title ?? box?.title ?? null, season, cast }, box === null ? ['infobox'] : []);
}

function seasonOf(box: Infobox, title: string | null, summary: string | null): SeasonPage['season'] {
  const item = (names: readonly string[]) => itemNamed(box, names);
  const run = item(LINES.run);
  const [startDate, endDate] = runOf(run);
  return {
    seasonNumber: numberIn(item(LINES.number)) ?? numberInTitle(box.title ?? title),
    country: textIn(item(LINES.country)),
    network: listIn(item(LINES.network)),
    hosts: listIn(item(LINES.hosts)),
    winners: listIn(item(LINES.winners)),
    runnersUp: listIn(item(LINES.runnersUp)),
    startDate,
    endDate,
    dayCount: numberIn(item(LINES.days)),
    episodeCount: numberIn(item(LINES.episodes)),
    castCount: numberIn(item(LINES.castaways)),
    previousSeason: item(LINES.previous)?.lines[0] ?? null,
    nextSeason: item(LINES.next)?.lines[0] ?? null,
    summary,
    infoboxRaw: rawInfobox(box),
  };
}

/** `July 17, 2024 - October 13, 2024`; a running season has no end. */
function runOf(run: InfoboxItem | null): readonly [string | null, string | null] {
  const [start = '', end = ''] = (run?.lines.join(' ') ?? '').split(/\s+(?:-|–|—|to)\s+/);
  return [readDate(start).day, readDate(end).day];
}

function textIn(item: InfoboxItem | null): string | null {
  return item === null ? null : oneLine(item);
}

/** One entry a line, without remarks in brackets. */
function listIn(item: InfoboxItem | null): readonly string[] {
  return (item?.lines ?? []).flatMap((line) => line.replace(/\s*\([^()]*\)\s*$/, '').trim() || []);
}

function numberIn(item: InfoboxItem | null): number | null {
  const digits = /^\D{0,20}(\d{1,4})\b/.exec(item?.lines[0] ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}

function numberInTitle(title: string | null): number | null {
  const digits = /\b(\d{1,3})\b/.exec(title ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}

/** One card a person: pictures that link to another page, with what else their cell says. */
function readCast(outline: Outline, title: string | null): CastCard[] {
  const cards = new Map<string, CastCard>();
  const cells = new Map<Element, CellWords>();
  for (const { image } of outline.images) {
    const cell = cellOf(image);
    if (cell === null || cards.size >= MAX_CARDS) continue;
    const context = { title, rows: new Map(), linked: true };
    const [photo] = readPhotos({ ...outline, images: [{ image, section: null }] }, context).photos;
    const page = photo?.linkedPage ?? null;
    if (photo === undefined || page === null || cards.has(page)) continue;
    const words = cells.get(cell) ?? wordsOf(cell);
    cells.set(cell, words);
    // A cell with several people in it has no words about one of them.
    const status = words.labels.size > 1 ? null : (words.lines.find((line) => line !== words.labels.get(page)) ?? null);
    cards.set(page, { pageTitle: page, label: words.labels.get(page) ?? null, status, photo });
  }
  return [...cards.values()];
}

const MAX_CARDS = 300;

interface CellWords {
  /** Text of the links by the page they lead to. */
  readonly labels: ReadonlyMap<string, string>;
  readonly lines: readonly string[];
}

function wordsOf(cell: Element): CellWords {
  const labels = new Map<string, string>();
  for (const link of findAll(cell, named('a'))) {
    const target = titleOfLink(attribute(link, 'href'));
    const label = textOf(link);
    if (target !== null && label !== '' && !labels.has(target)) labels.set(target, label);
  }
  return { labels, lines: linesOf(cell) };
}

/** The nearest cell or list entry around a picture. */
function cellOf(image: Element): Element | null {
  for (let at = image.parent; at !== null; at = at.parent) if (at.name === 'td' || at.name === 'li') return at;
  return null;
}
