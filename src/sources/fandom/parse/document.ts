import { titleOfLink } from '../names.ts';
import { readApiDocument } from './api-document.ts';
import { attribute, classed, collapse, findFirst, hasClass, named } from './dom.ts';
import { type Element, type HtmlDocument, parseHtml } from './html.ts';
import { categoriesOf, linkedTitles, offPage, refusalOf, textOfFirst } from './off-page.ts';
import type { WikiPage } from './page.ts';
import { lacksLayout, notRead, type PageResult, read } from './result.ts';
import { readWikitext } from './wikitext.ts';

/** A page's largest body; wiki pages end far below. */
const MAX_BYTES = 12 * 1024 * 1024;

/** The wiki software stores no longer pages. */
const MAX_SOURCE = 2 * 1024 * 1024;

/**
 * What a body is: a page's HTML (whole, or the article alone), an answer of `api.php` (`parse`, `query` with content) or wikitext. Pages that
 * are not the page asked for (missing, challenge, login, consent, redirect, disambiguation) are told apart by their markup; words alone
 * count only where there is no article, because prose uses them too (`spec/sources-fandom.md` 2.2, 2.3, weakness 12).
 */
export function readDocument(body: Uint8Array, title: string | null = null): PageResult<WikiPage> {
  if (body.byteLength > MAX_BYTES) return notRead('layout', `larger than ${MAX_BYTES} bytes`);
  const text = decode(body);
  const from = beginning(text);
  const start = text.slice(from, from + 500);
  if (start === '') return notRead('layout', 'the body is empty');
  if (start.startsWith('{') && !start.startsWith('{{') && !start.startsWith('{|'))
    return readApiDocument(text, { readHtml, readSource });
  return start.startsWith('<') ? readHtml(text) : readWikitextBody(text, start, title);
}

/** Where the first thing is that is neither white space nor a comment. */
function beginning(text: string): number {
  let at = text.search(/\S/);
  while (at >= 0 && text.startsWith('<!--', at)) {
    const end = text.indexOf('-->', at);
    const rest = end < 0 ? -1 : text.slice(end + 3, end + 1000).search(/\S/);
    at = rest < 0 ? -1 : end + 3 + rest;
  }
  return at < 0 ? text.length : at;
}

/** UTF-8 with replacement characters, without what a database cannot hold. */
function decode(body: Uint8Array): string {
  const text = new TextDecoder('utf-8').decode(body);
  return text.includes('\u0000') ? text.replaceAll('\u0000', '') : text;
}

function readWikitextBody(text: string, start: string, title: string | null): PageResult<WikiPage> {
  if (!/^(\{\{|\{\||==|'''|\[\[|#redirect|__[A-Z]+__|:)/i.test(start)) {
    return lacksLayout('HTML, an api.php answer or wikitext');
  }
  return readSource(text, title);
}

/** Wikitext, turned into the markup of rendered pages. */
export function readSource(text: string, title: string | null): PageResult<WikiPage> {
  if (text.length > MAX_SOURCE) return notRead('layout', `wikitext longer than ${MAX_SOURCE} characters`);
  const { html, redirect, templates, categories } = readWikitext(text, title);
  if (redirect !== null) return notRead('redirect', `the page redirects to "${redirect}"`, [redirect]);
  const page = readHtml(html);
  return page.ok ? read({ ...page.value, title, templates, categories }, page.missing) : page;
}

export function readHtml(html: string): PageResult<WikiPage> {
  const document = parseHtml(html);
  if ('problem' in document) return notRead('layout', `the page is ${document.problem}`);
  const { marked } = document;
  const article = articleOf(document);
  if (article === null) {
    return refusalOf(marked, html) ?? lacksLayout('an article (.mw-parser-output) or a portable infobox');
  }
  const off = offPage(article, marked);
  if (off !== null) return off;
  const link = marked.find(isCanonicalLink);
  const address = link === undefined ? null : attribute(link, 'href');
  const url = address !== null && /^https?:\/\//.test(address) ? address : null;
  return read({
    title: titleOf(marked) ?? titleOfLink(url),
    pageId: integerIn(html, /"?wgArticleId"?\s*[:=]\s*(\d{1,12})/),
    revisionId: revisionIn(html),
    url,
    redirects: redirectedFrom(marked),
    categories: categoriesOf(marked),
    templates: [],
    descriptions: document.linkedData.flatMap(descriptionsIn),
    article,
  });
}

/** First of the known wrappers (4); without one, the whole body when it has an infobox. */
function articleOf({ root, marked }: HtmlDocument): Element | null {
  const content = marked.find(identified('mw-content-text'));
  const known = [
    content === undefined ? undefined : (findFirst(content, classed('mw-parser-output')) ?? undefined),
    marked.find(classed('mw-parser-output')),
    marked.find((element) => element.name === 'div' && hasClass(element, 'page-content')),
    marked.find((element) => element.name === 'div' && hasClass(element, 'article-content')),
    marked.find((element) => element.name === 'article' && identified('content')(element)),
    content,
  ].find((element) => element !== undefined);
  if (known !== undefined) return known;
  return marked.some(classed('portable-infobox')) ? (marked.find(named('body')) ?? root) : null;
}

function identified(id: string): (element: Element) => boolean {
  return ({ attributes }) => attributes['id'] === id;
}

const TITLE_PLACES = [
  classed('mw-page-title-main'),
  (element: Element) => element.name === 'h1' && hasClass(element, 'page-header__title'),
  (element: Element) => element.name === 'h1' && identified('firstHeading')(element),
  named('h1'),
];

/** The page's own title: a heading, else `<title>` without the wiki's name (`Lisa Barlow | The Real Housewives Wiki | Fandom`). */
function titleOf(marked: readonly Element[]): string | null {
  for (const place of TITLE_PLACES) {
    const title = textOfFirst(marked, place);
    if (title !== null) return title;
  }
  return textOfFirst(marked, named('title'))?.split(' | ')[0]?.trim() || null;
}

function isCanonicalLink({ name, attributes }: Element): boolean {
  return name === 'link' && attributes['rel']?.toLowerCase() === 'canonical';
}

/** "(Redirected from X)" below the title. */
function redirectedFrom(marked: readonly Element[]): string[] {
  const note = marked.find(classed('mw-redirectedfrom'));
  return note === undefined ? [] : linkedTitles(note);
}

const REVISIONS = [/fandom_revid:(\d{1,15})/, /wgRevisionId"?\s*[:=]\s*(\d{1,15})/, /"revisionId"\s*:\s*(\d{1,15})/];

function revisionIn(html: string): number | null {
  for (const form of REVISIONS) {
    const id = integerIn(html, form);
    if (id !== null && id > 0) return id;
  }
  return null;
}

function integerIn(html: string, form: RegExp): number | null {
  const [, digits] = form.exec(html) ?? [];
  return digits === undefined || Number(digits) === 0 ? null : Number(digits);
}

/** `abstract` and `description` of one block of linked data: an object, or objects in an array or `@graph`. */
function descriptionsIn(json: string): string[] {
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch {
    return [];
  }
  const graph = typeof data === 'object' && data !== null && '@graph' in data ? data['@graph'] : data;
  return [graph].flat().flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null) return [];
    const { abstract, description } = item as Record<string, unknown>;
    return [abstract, description].flatMap((text) =>
      typeof text === 'string' && text.trim() !== '' ? [collapse(text)] : [],
    );
  });
}
