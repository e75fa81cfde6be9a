import type { WikiLicence } from '../../../platform/wiki-facts.ts';
import { integer, isObject, type JsonObject, objects, text } from '../../read.ts';
import { fileKey } from '../images.ts';
import type { PageRevision } from '../source.ts';
import { readApiAnswer } from './api-document.ts';
import { lacksLayout, type PageResult, read } from './result.ts';

/** A file's own record (`prop=imageinfo`). */
export interface FileRecord {
  /** Underscored name, without `File:`. */
  readonly fileName: string;
  readonly url: string | null;
  /** Of the original, pixels. */
  readonly width: number | null;
  readonly height: number | null;
  readonly mimeType: string | null;
  readonly sha1: string | null;
  readonly uploadedAt: string | null;
  readonly uploader: string | null;
  readonly licence: WikiLicence;
}

export interface SearchHit {
  readonly title: string;
  readonly pageId: number | null;
}

/** `action=query&prop=info|revisions`: pages that exist, with their current revision. Must find `query.pages`. */
export function parseRevisions(body: Uint8Array): PageResult<readonly PageRevision[]> {
  const pages = readPages(body);
  if (!pages.ok) return pages;
  return read(
    pages.value.flatMap((page) => {
      const [latest] = objects(page['revisions']) ?? [];
      const pageId = integer(page['pageid']);
      const title = text(page['title']);
      const revisionId = latest?.['revid'] ?? page['lastrevid'];
      if (pageId === undefined || title === undefined || !Number.isSafeInteger(revisionId)) return [];
      const at = timeOf(latest?.['timestamp'] ?? page['touched']);
      return at === null ? [] : [{ pageId, title, revisionId: Number(revisionId), at, sha1: hexOf(latest?.['sha1']) }];
    }),
  );
}

/** `action=query&prop=imageinfo`: files that exist. Must find `query.pages`. */
export function parseImageInfo(body: Uint8Array): PageResult<readonly FileRecord[]> {
  const pages = readPages(body);
  if (!pages.ok) return pages;
  return read(
    pages.value.flatMap((page): FileRecord[] => {
      const [info] = objects(page['imageinfo']) ?? [];
      const title = text(page['title']);
      if (info === undefined || title === undefined) return [];
      const sizes = [integer(info['width']), integer(info['height'])].map((size) =>
        size === undefined || size <= 0 ? null : size,
      );
      return [
        {
          fileName: fileKey(title.replace(/^[^:]{1,30}:/, '')),
          url: text(info['url']) ?? null,
          width: sizes[0] ?? null,
          height: sizes[1] ?? null,
          mimeType: text(info['mime']) ?? null,
          sha1: hexOf(info['sha1']),
          uploadedAt: timeOf(info['timestamp']),
          uploader: text(info['user']) ?? null,
          licence: licenceOf(info['extmetadata']),
        },
      ];
    }),
  );
}

/** `action=query&list=search`. Must find the list `query.search`. */
export function parseSearch(body: Uint8Array): PageResult<readonly SearchHit[]> {
  const answer = readApiAnswer(new TextDecoder().decode(body));
  if (!answer.ok) return answer;
  const { query } = answer.value;
  const hits = isObject(query) ? objects(query['search']) : undefined;
  if (hits === undefined) return lacksLayout('query.search (a list)');
  return read(
    hits.flatMap((hit) => {
      const title = text(hit['title']);
      return title === undefined ? [] : [{ title, pageId: integer(hit['pageid']) ?? null }];
    }),
  );
}

/** Pages as a list (`formatversion=2`) or an object by id; those that do not exist are left out. */
function readPages(body: Uint8Array): PageResult<readonly JsonObject[]> {
  const answer = readApiAnswer(new TextDecoder().decode(body));
  if (!answer.ok) return answer;
  const { query } = answer.value;
  const pages = isObject(query) ? query['pages'] : undefined;
  // An answer about nothing but normalised or unknown titles may have no pages at all.
  if (isObject(query) && pages === undefined) return read([]);
  const list = objects(isObject(pages) ? Object.values(pages) : pages);
  return list === undefined ? lacksLayout('query.pages') : read(list.filter((page) => page['missing'] === undefined));
}

function timeOf(value: unknown): string | null {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

function hexOf(value: unknown): string | null {
  return typeof value === 'string' && /^[\da-f]{31,40}$/i.test(value) ? value.toLowerCase() : null;
}

/** The licence a file page records; silence is none (weakness 23). */
function licenceOf(metadata: unknown): WikiLicence {
  const entry = isObject(metadata) ? (metadata['LicenseShortName'] ?? metadata['License']) : undefined;
  const name = (isObject(entry) ? text(entry['value']) : undefined) ?? '';
  if (/^cc[- ]by[- ]sa\b/i.test(name)) return 'cc-by-sa';
  if (/^cc[- ]by\b(?![- ]n[cd])/i.test(name)) return 'cc-by';
  return /^(public domain|pd\b|cc[- ]?0\b|cc[- ]zero)/i.test(name) ? 'public-domain' : 'fandom-image';
}
