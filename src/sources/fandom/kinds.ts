import type { FandomConfig } from '../../platform/config/wikis.ts';
import { mapOutcome, type Outcome } from '../../platform/outcome.ts';
import type { SourceKind } from '../kinds.ts';
import type { Parsed } from '../read.ts';
import type { Fetcher } from '../types.ts';
import { createAsk } from './ask.ts';
import { titleOfLink } from './names.ts';
import { readPage } from './page.ts';
import { readDocument } from './parse/document.ts';
import { parseGallery } from './parse/gallery.ts';
import { rawInfobox, readInfobox } from './parse/infobox.ts';
import { outlineOf } from './parse/outline.ts';
import { type PageFacts, parsePerson } from './parse/person.ts';
import { lacksLayout, type PageResult, read } from './parse/result.ts';
import { parseSeason } from './parse/season.ts';

/** What `trr source parse|fetch` can do for Fandom (design 13). */
export const FANDOM_KINDS: Readonly<Record<string, SourceKind>> = {
  'fandom:person': pageKind((body) => parsePerson(body)),
  'fandom:gallery': pageKind((body) => parseGallery(body)),
  'fandom:infobox': pageKind(parseInfobox),
  'fandom:season': pageKind(parseSeason),
};

/** Any page's infobox as written, whoever or whatever it is about. Must find one with a line. */
export function parseInfobox(body: Uint8Array) {
  const document = readDocument(body);
  if (!document.ok) return document;
  const { title, pageId, revisionId, url, redirects, categories, article } = document.value;
  const { infobox } = outlineOf(article);
  const box = infobox === null ? null : readInfobox(infobox);
  if (box === null || box.items.length === 0) return lacksLayout('a portable infobox with a line');
  const page = { title: title ?? box.title, pageId, revisionId, url, redirects, categories };
  return read({ page, title: box.title, infobox: rawInfobox(box), items: box.items });
}

/** A kind whose id is a page of a wiki. */
function pageKind<T extends { readonly page: PageFacts }>(parse: (body: Uint8Array) => PageResult<T>): SourceKind {
  return {
    id: "wiki/page title or the page's address, for example survivor.fandom.com/Sue Hawk",
    accepts: (id) => pageNamed(id) !== null,
    parse: (body): Parsed<T> => parse(body),
    fetch: (id, fetcher, { fandom }, signal) => fetchPage(id, fetcher, fandom, parse, signal),
  };
}

async function fetchPage<T extends { readonly page: PageFacts }>(
  id: string,
  fetcher: Fetcher,
  config: FandomConfig,
  parse: (body: Uint8Array) => PageResult<T>,
  signal: AbortSignal | undefined,
): Promise<Outcome<T>> {
  const { wiki, title } = pageNamed(id) ?? { wiki: '', title: '' };
  const options = signal === undefined ? {} : { signal };
  const { outcome } = await readPage(createAsk(fetcher, config), wiki, { title }, parse, options);
  return mapOutcome(outcome, (value) => value);
}

/** `survivor.fandom.com/Sue Hawk`, `https://survivor.fandom.com/wiki/Sue_Hawk`, with a language path where there is one. */
export function pageNamed(id: string): { readonly wiki: string; readonly title: string } | null {
  const rest = id.trim().replace(/^https:\/\//i, '');
  const [, host, path] = /^((?:[a-z0-9-]+\.)+fandom\.com)\/(.+)$/i.exec(rest) ?? [];
  if (host === undefined || path === undefined) return null;
  const linked = titleOfLink(`/${path}`);
  const [, language = '', plain = path] = /^([a-z]{2,3}(?:-[a-z]{2,4})?)\/((?:wiki\/)?.+)$/.exec(path) ?? [];
  const wiki = `${host.toLowerCase()}${language === '' ? '' : `/${language}`}`;
  const title = linked ?? plain.replaceAll('_', ' ').trim();
  return title === '' ? null : { wiki, title };
}
