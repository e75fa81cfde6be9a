import { integer, isObject, type JsonObject, objects, text } from '../../read.ts';
import { disambiguation, isDisambiguationCategory } from './off-page.ts';
import type { WikiPage } from './page.ts';
import { lacksLayout, type NotRead, notRead, type PageResult, read } from './result.ts';

/** Readers of a page's content, in either form. */
export interface ContentReaders {
  readonly readHtml: (html: string) => PageResult<WikiPage>;
  readonly readSource: (wikitext: string, title: string | null) => PageResult<WikiPage>;
}

/**
 * A page out of an answer of `api.php`, `formatversion` 1 or 2: `parse` with its text, or `query` with a revision's content (wikitext). An error
 * is an answer about the page, never an empty page (weakness 12).
 */
export function readApiDocument(json: string, readers: ContentReaders): PageResult<WikiPage> {
  const answer = readApiAnswer(json);
  if (!answer.ok) return answer;
  const { parse, query } = answer.value;
  if (isObject(parse)) return readParse(parse, readers);
  return isObject(query) ? readContent(query, readers) : lacksLayout('parse or query');
}

/** The answer as an object, or what its `error` means. */
export function readApiAnswer(json: string): PageResult<JsonObject> {
  let answer: unknown;
  try {
    answer = JSON.parse(json);
  } catch {
    return notRead('layout', 'the answer is not JSON');
  }
  if (!isObject(answer)) return notRead('layout', 'the answer is not a JSON object');
  const error = answer['error'] ?? objects(answer['errors'])?.[0];
  return isObject(error) ? errorOf(error) : read(answer);
}

const MISSING = new Set([
  'missingtitle',
  'invalidtitle',
  'nosuchpageid',
  'nosuchrevid',
  'nosuchsection',
  'pagecannotexist',
]);
const BUSY = new Set(['maxlag', 'ratelimited', 'readonly', 'hookaborted', 'concurrency-limit']);
const DENIED = new Set([
  'readapidenied',
  'permissiondenied',
  'blocked',
  'autoblocked',
  'noapiread',
  'assertuserfailed',
]);

function errorOf(error: JsonObject): NotRead {
  const code = (text(error['code']) ?? 'unknown').slice(0, 60);
  const info = (text(error['info']) ?? text(error['text']) ?? '').replace(/\s+/g, ' ').slice(0, 150);
  const words = `api.php: ${code}${info === '' ? '' : `: ${info}`}`;
  if (MISSING.has(code)) return notRead('missing', words);
  if (BUSY.has(code)) return notRead('busy', words);
  return notRead(DENIED.has(code) ? 'denied' : 'layout', words);
}

function readParse(parse: JsonObject, { readHtml, readSource }: ContentReaders): PageResult<WikiPage> {
  const properties = names(parse['properties'], 'name');
  const categories = names(parse['categories'], 'category').map((name) => name.replaceAll('_', ' '));
  const html = textIn(parse['text']);
  const wikitext = textIn(parse['wikitext']);
  const own = {
    title: titleIn(parse),
    pageId: integer(parse['pageid']) ?? null,
    revisionId: revision(parse['revid']),
    categories,
    templates: names(parse['templates'], 'title').map((name) => name.replace(/^template:/i, '')),
  };
  if (html === undefined && wikitext === undefined) return lacksLayout('parse.text');
  // The text may be wrapped in nothing at all (`wrapoutputclass` empty): it is the article either way.
  const page =
    html === undefined
      ? readSource(wikitext ?? '', own.title)
      : readHtml(html.includes('mw-parser-output') ? html : `<div class="mw-parser-output">${html}</div>`);
  if (!page.ok) return page;
  if (properties.includes('disambiguation') || categories.some(isDisambiguationCategory))
    return disambiguation(page.value.article);
  const known = {
    ...own,
    title: own.title ?? page.value.title,
    redirects: names(parse['redirects'], 'from'),
    revisionId: own.revisionId ?? page.value.revisionId,
    categories: categories.length > 0 ? categories : page.value.categories,
    templates: own.templates.length > 0 ? own.templates : page.value.templates,
  };
  return read({ ...page.value, ...known }, page.missing);
}

function readContent(query: JsonObject, { readSource }: ContentReaders): PageResult<WikiPage> {
  const pages = query['pages'];
  const list = objects(pages) ?? objects(isObject(pages) ? Object.values(pages) : []) ?? [];
  const [page] = list;
  if (page === undefined) return lacksLayout('query.pages');
  if (page['missing'] !== undefined || page['invalid'] !== undefined) {
    return notRead('missing', 'the wiki has no page of this title');
  }
  const [latest] = objects(page['revisions']) ?? [];
  const slots = latest?.['slots'];
  const slot = isObject(slots) ? slots['main'] : latest;
  const content = isObject(slot) ? textIn(slot['content'] ?? slot['*']) : undefined;
  if (latest === undefined || content === undefined) return lacksLayout('revisions with content');
  const document = readSource(content, titleIn(page));
  if (!document.ok) return document;
  const ids = { pageId: integer(page['pageid']) ?? null, revisionId: revision(latest['revid']) };
  return read({ ...document.value, ...ids }, document.missing);
}

function titleIn(object: JsonObject): string | null {
  return text(object['title'])?.replace(/\s+/g, ' ').slice(0, 300).toWellFormed() ?? null;
}

/** Revision ids pass the bounds of our integer columns. */
function revision(value: unknown): number | null {
  return Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : null;
}

/** Text as `"..."` (version 2) or `{"*": "..."}` (version 1). */
function textIn(value: unknown): string | undefined {
  const found = isObject(value) ? value['*'] : value;
  return typeof found === 'string' ? found.replaceAll('\u0000', '').toWellFormed() : undefined;
}

/** Names in a list of objects (either version), or the keys of an object. */
function names(list: unknown, key: string): string[] {
  const found = objects(list)?.flatMap((item) => text(item[key]) ?? text(item['*']) ?? []);
  return (found ?? (isObject(list) ? Object.keys(list) : [])).slice(0, 500);
}
