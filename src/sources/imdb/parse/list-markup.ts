import { distinctBy, lacking, type Parsed, parsed, unexpected } from '../../read.ts';
import { listId, titleInHref } from '../ids.ts';
import { all, attribute, closest, type Element, first, hasClass, parseHtml, spacedText } from './html.ts';
import { type ImdbListEntry, type ImdbListPage, plainEntry } from './list-entry.ts';
import { text, whole, year } from './values.ts';

const MAX_ENTRIES = 5000;

const CONTAINERS: readonly ((element: Element) => boolean)[] = [
  (element) => element.name === 'li' && hasClass(element, 'ipc-metadata-list-summary-item'),
  (element) => element.name === 'div' && hasClass(element, 'lister-item'),
  (element) => element.name === 'div' && hasClass(element, 'lister-item-content'),
];

/** List pages in HTML (`spec/sources-imdb.md` 3.4.1 C): marked containers, else every link to a title. */
export function readListMarkup(html: string): Parsed<ImdbListPage> {
  const document = parseHtml(html);
  if (document === null) return unexpected('the page is nested too deep or too large');
  const groups = CONTAINERS.map((test) => all(document, test));
  const containers = groups.find((group) => group.length > 0);
  const found = containers === undefined ? looseEntries(document) : containers.slice(0, MAX_ENTRIES).flatMap(entryOf);
  const entries = distinctBy(found, ({ id }) => id);
  if (entries.length === 0 && containers === undefined) return lacking('list items or links to titles');
  const { id, nextPath } = listLinks(html);
  return parsed({ id, source: 'html', entries, seen: entries.length, total: null, hasNextPage: null, nextPath });
}

/** The list's id and the path of its next page, scanned for without a document (3.4). */
export function listLinks(html: string): { id: string | null; nextPath: string | null } {
  const [canonical = ''] = /<link\b[^>]{0,300}\brel="?canonical\b[^>]{0,300}>/i.exec(html) ?? [];
  const own = listId(/\/list\/[^/"]{1,20}/.exec(canonical)?.[0]);
  for (let at = html.indexOf('page='), tries = 0; at >= 0 && tries < 200; at = html.indexOf('page=', at + 5), tries++) {
    const start = html.lastIndexOf('<', at);
    const link = start < at - 2000 ? '' : html.slice(start, at + 2000).split('</a')[0];
    if (link === undefined || !/^<a\b/i.test(link) || !/next/i.test(link.replace(/\bhref="[^"]*"/i, ''))) continue;
    const [, href = ''] = /\bhref="([^"]{1,400})"/i.exec(link) ?? [];
    const [, list, query] =
      /^(?:https:\/\/www\.imdb\.com)?(?:\/list\/(ls\d{1,12})\/)?(\?[\w=&%.,;-]{1,300})$/.exec(href) ?? [];
    const id = list ?? own;
    const below = query !== undefined && id !== null && (own === null || id === own);
    if (below) return { id, nextPath: `/list/${id}/${query.replaceAll('&amp;', '&')}` };
  }
  return { id: own, nextPath: null };
}

const isTitleLink = (element: Element) =>
  element.name === 'a' && titleInHref(`${attribute(element, 'href')}/`) !== null;

function entryOf(container: Element): ImdbListEntry[] {
  const link = first(container, isTitleLink);
  const id = link === null ? null : titleInHref(`${attribute(link, 'href')}/`);
  if (link === null || id === null) return [];
  const heading = first(container, ({ name }) => name === 'h3' || name === 'h4');
  const { title, rank } = ranked(spacedText(heading ?? link));
  if (title === undefined) return [];
  const descriptions = all(container, ({ name }) => name === 'p').map(spacedText);
  return [
    plainEntry(id, title, {
      rank: rank ?? indexOf(container),
      ...yearsOf(container),
      description: descriptions.find((words) => words.length >= 20) ?? null,
    }),
  ];
}

/** `12. Title` */
function ranked(words: string): { title: string | undefined; rank: number | null } {
  const [, rank, title = words] = /^(\d{1,6})\.\s*(.*)$/s.exec(words) ?? [];
  return { title: text(title), rank: whole(rank) ?? null };
}

function indexOf(container: Element): number | null {
  const index = first(container, ({ name, attributes }) => name === 'span' && /index/.test(attributes['class'] ?? ''));
  return index === null ? null : (whole(/\d{1,6}/.exec(spacedText(index))?.[0]) ?? null);
}

/** Only an element that holds a year is read: plots, ranks and names have numbers too (6.2, 21). */
function yearsOf(container: Element): Pick<ImdbListEntry, 'year' | 'endYear'> {
  const marked = first(container, ({ name, attributes }) => name === 'span' && /year/i.test(attributes['class'] ?? ''));
  const today = first(container, (element) => {
    return hasClass(element, 'dli-title-metadata-item') && /^\d{4}/.test(spacedText(element));
  });
  const words = spacedText(marked ?? today ?? { name: '', attributes: {}, parent: null, children: [] });
  const [, start, , end] = /((?:19|20)\d{2})(\s*[\u2013-]\s*((?:19|20)\d{2})?)?/.exec(words) ?? [];
  return { year: year(start) ?? null, endYear: year(end) ?? null };
}

/** A page without containers: the text of every link to a title, with what stands in its `li` or `div` where it is alone there. */
function looseEntries(document: Element): ImdbListEntry[] {
  const links = all(document, isTitleLink).slice(0, MAX_ENTRIES);
  const around = links.map((link) => closest(link, ({ name }) => name === 'li' || name === 'div'));
  const uses = new Map<Element, Set<string>>();
  for (const [index, container] of around.entries()) {
    const id = titleInHref(`${attribute(links[index] ?? document, 'href')}/`);
    if (container !== null && id !== null) uses.set(container, (uses.get(container) ?? new Set()).add(id));
  }
  // Read once, however many links to its title a container has.
  const alone = new Map(
    [...uses].flatMap(([container, ids]) => (ids.size === 1 ? [[container, entryOf(container)]] : [])),
  );
  return links.flatMap((link, index) => {
    const entry = alone.get(around[index] ?? document);
    if (entry !== undefined) return entry;
    const id = titleInHref(`${attribute(link, 'href')}/`);
    const { title, rank } = ranked(spacedText(link));
    return id === null || title === undefined ? [] : [plainEntry(id, title, { rank })];
  });
}
