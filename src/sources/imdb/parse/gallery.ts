import {
  distinctBy,
  isObject,
  type JsonObject,
  lacking,
  objects,
  type Parsed,
  parsed,
  unexpected,
} from '../../read.ts';
import { nameId, titleId } from '../ids.ts';
import { identify } from './identity.ts';
import { type ImdbImage, readImage } from './image.ts';
import { jsonScripts, type PageData, readPage } from './page.ts';
import { at, bounded, text, whole } from './values.ts';

export interface ImdbGalleryImage extends ImdbImage {
  readonly viewerId: string;
  readonly viewerPath: string | null;
}

/** A page of a title's or a person's pictures. */
export interface ImdbGallery {
  /** The title or person; null where the answer does not tell. */
  readonly id: string | null;
  readonly images: readonly ImdbGalleryImage[];
  readonly total: number | null;
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
  /** For the address of the next page. */
  readonly buildId: string | null;
  /** Counts by type and the like, as given. */
  readonly facets: JsonObject;
}

/**
 * A media index, a viewer page, the `_next/data` answer behind them, or the gallery's GraphQL answer. Must find a connection of
 * pictures: nodes with an `rm...` id and an address (`spec/sources-imdb.md` 6.2, 23), or one that says it has none.
 */
export function parseGallery(body: Uint8Array, expected?: string): Parsed<ImdbGallery> {
  const roots = rootsOf(body);
  if (!roots.ok) return roots;
  const { data, candidates, isPage } = roots.value;
  const found = findConnection(candidates);
  if (found === null) return lacking('pictures (nodes with rm... and url)');
  const subject = subjectOf(data, candidates, expected);
  if (!subject.ok) return subject;
  const id = subject.value;
  // A GraphQL answer need not repeat what its request named; a page does.
  if (expected !== undefined && id === null && isPage)
    return unexpected('the page does not say whose pictures it shows');
  return parsed(readConnection(found, id ?? expected ?? null, data?.buildId ?? buildIdIn(candidates)));
}

interface Roots {
  readonly data: PageData | null;
  readonly candidates: readonly unknown[];
  readonly isPage: boolean;
}

function rootsOf(body: Uint8Array): Parsed<Roots> {
  const start = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, 64)).toString('latin1').trim();
  if (start.startsWith('{')) {
    try {
      const root: unknown = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
      return parsed({ data: null, candidates: [root], isPage: false });
    } catch {
      return unexpected('the payload is not JSON');
    }
  }
  const page = readPage(body);
  if (!page.ok) return page;
  const { data, html } = page.value;
  return parsed({ data, candidates: data === null ? jsonScripts(html) : [data.props], isPage: true });
}

/** The title or person the answer says it is about; null when it does not say. */
function subjectOf(
  data: PageData | null,
  candidates: readonly unknown[],
  expected: string | undefined,
): Parsed<string | null> {
  const parts = candidates.map((root) => at(root, 'pageProps') ?? at(root, 'props.pageProps') ?? root);
  const found = (...paths: string[]) => parts.flatMap((part) => paths.map((path) => at(part, path)));
  const people = found('data.name.id', 'contentData.data.name.id', 'contentData.entityMetadata.id', 'nmconst');
  const names = [...new Set([data?.query['nmconst'], ...people].flatMap((value) => nameId(value) ?? []))];
  const [name, ...strangers] = names;
  if (name !== undefined) {
    const other = expected !== undefined && name !== expected ? expected : strangers[0];
    return other === undefined ? parsed(name) : unexpected(`asked for ${other}, the pictures are of ${name}`);
  }
  const route = [data?.query['tconst'], ...found('tconst')];
  const content = found('data.title.id', 'contentData.data.title.id', 'contentData.entityMetadata.id');
  const [canonical] = found(
    'contentData.entityMetadata.meta.canonicalId',
    'contentData.data.title.meta.canonicalId',
    'data.title.meta.canonicalId',
  ).flatMap((value) => titleId(value) ?? []);
  const named = [...route, ...content].some((value) => titleId(value) !== null);
  const title = identify({ route, content, canonical }, named ? expected : undefined);
  return title.ok ? parsed(title.value?.id ?? null) : title;
}

function buildIdIn(candidates: readonly unknown[]): string | null {
  return candidates.map((root) => text(at(root, 'buildId'))).find((id) => id !== undefined) ?? null;
}

const MAX_VISITED = 300_000;

/** The first object under `all_images`, else the first connection of pictures anywhere; each depth first, in document order. */
function findConnection(roots: readonly unknown[]): JsonObject | null {
  let loose: JsonObject | null = null;
  const stack: { key: string; value: unknown }[] = roots.map((value) => ({ key: '', value })).reverse();
  for (let visited = 0; stack.length > 0 && visited < MAX_VISITED; visited++) {
    const { key, value } = stack.pop() ?? { key: '', value: null };
    if (isObject(value) && Array.isArray(value['edges'])) {
      const named = key === 'all_images' || (key === 'images' && isObject(value['pageInfo']));
      if (hasPictures(value) || (named && value['edges'].length === 0)) {
        if (named) return value;
        if (isObject(value['pageInfo'])) loose ??= value;
      }
    }
    if (typeof value !== 'object' || value === null) continue;
    const entries = Object.entries(value).map(([name, item]: [string, unknown]) => ({ key: name, value: item }));
    for (const entry of entries.reverse())
      if (typeof entry.value === 'object' && entry.value !== null) stack.push(entry);
  }
  return loose;
}

function hasPictures(connection: JsonObject): boolean {
  return objects(connection['edges'])?.some((edge) => pictureOf(edge) !== undefined) ?? false;
}

function pictureOf(edge: JsonObject): (ImdbImage & { readonly viewerId: string }) | undefined {
  const image = readImage(edge['node'], edge['position']);
  return image === undefined || image.viewerId === null ? undefined : { ...image, viewerId: image.viewerId };
}

const FACETS = ['types', 'imageTypes', 'facets', 'imageTypeFacets', 'facetsV2'];

function readConnection(connection: JsonObject, id: string | null, buildId: string | null): ImdbGallery {
  const room = id === null ? null : id.startsWith('nm') ? `/name/${id}` : `/title/${id}`;
  const images = (objects(connection['edges']) ?? []).flatMap((edge) => {
    const image = pictureOf(edge);
    if (image === undefined) return [];
    return [{ ...image, viewerPath: room === null ? null : `${room}/mediaviewer/${image.viewerId}/` }];
  });
  const info = (camel: string, snake: string) =>
    at(connection, `pageInfo.${camel}`) ?? at(connection, `pageInfo.${snake}`);
  const facets = FACETS.flatMap((key) => {
    const value = bounded(connection[key]);
    return typeof value === 'object' && value !== null ? [[key, value]] : [];
  });
  return {
    id,
    images: distinctBy(images, ({ viewerId }) => viewerId),
    total: whole(connection['total']) ?? null,
    hasNextPage: info('hasNextPage', 'has_next_page') === true,
    endCursor: text(info('endCursor', 'end_cursor')) ?? null,
    buildId,
    facets: Object.fromEntries(facets),
  };
}
