import { encodeTitle } from './names.ts';

/** A request to a wiki: a path below its host and language, with parameters. */
export interface WikiRequest {
  /** `/api.php`, or `/wiki/...` encoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly accept: 'application/json' | 'text/html';
}

/** A page by title or by id. */
export type PageKey = { readonly title: string } | { readonly pageId: number };

/** Titles or ids in one request (weakness 20). */
export const BATCH = 50;

/** Version 2 of the format, and a polite refusal while the wiki's database lags (weakness 20). */
const COMMON = { format: 'json', formatversion: '2', maxlag: '5' } as const;

function api(query: Readonly<Record<string, string>>): WikiRequest {
  return { path: '/api.php', query: { ...query, ...COMMON }, accept: 'application/json' };
}

/** The rendered article with what identifies it; redirects are followed by the wiki. */
export function parseRequest(key: PageKey): WikiRequest {
  const page = 'title' in key ? { page: key.title } : { pageid: String(key.pageId) };
  const prop = 'text|revid|categories|templates|properties|links';
  return api({ action: 'parse', ...page, prop, redirects: '1', disableeditsection: '1', disabletoc: '1' });
}

/** The page as readers get it. */
export function pageRequest(title: string): WikiRequest {
  return { path: `/wiki/${encodeTitle(title)}`, query: {}, accept: 'text/html' };
}

export function searchRequest(name: string): WikiRequest {
  return api({ action: 'query', list: 'search', srsearch: name, srnamespace: '0', srlimit: '10' });
}

/** At most `BATCH` ids. */
export function revisionsRequest(pageIds: readonly number[]): WikiRequest {
  const pageids = pageIds.slice(0, BATCH).join('|');
  return api({ action: 'query', prop: 'info|revisions', rvprop: 'ids|timestamp|sha1', pageids });
}

/** At most `BATCH` underscored names. */
export function imageInfoRequest(fileNames: readonly string[]): WikiRequest {
  const titles = fileNames
    .slice(0, BATCH)
    .map((name) => `File:${name.replaceAll('_', ' ')}`)
    .join('|');
  return api({ action: 'query', prop: 'imageinfo', iiprop: 'url|size|mime|sha1|timestamp|user|extmetadata', titles });
}

export const ROBOTS: WikiRequest = { path: '/robots.txt', query: {}, accept: 'text/html' };
