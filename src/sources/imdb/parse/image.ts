import { isObject } from '../../read.ts';
import { nameId, titleId, viewerId } from '../ids.ts';
import { at, decoded, nodes, pick, text, whole } from './values.ts';

/** One picture as IMDb describes it; both of its ids, whatever page it was found on (`spec/sources-imdb.md` 6.2, 24). */
export interface ImdbImage {
  /** `rm...`; null where the page does not tell. */
  readonly viewerId: string | null;
  /** File name without size and crop (`MV5B...`). */
  readonly assetId: string;
  readonly url: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly caption: string | null;
  readonly type: string | null;
  readonly position: number | null;
  readonly copyright: string | null;
  readonly createdBy: string | null;
  readonly source: { readonly id: string | null; readonly text: string | null; readonly url: string | null } | null;
  readonly people: readonly ImdbReference[];
  readonly titles: readonly ImdbReference[];
}

export interface ImdbReference {
  readonly id: string;
  readonly name: string | null;
}

/** Pictures of titles and people lie here; logos and other furniture of the site do not. */
const PICTURES =
  /^(?:https:)?\/\/(?:m\.media-amazon\.com|images-na\.ssl-images-amazon\.com|ia\.media-imdb\.com)\/images\/M\//i;

/** The address when it is a picture's; `//host` becomes `https://host`. */
export function imageUrl(value: unknown): string | undefined {
  const url = text(value);
  if (url === undefined || !PICTURES.test(url) || /[\s"'<>\\]/.test(url) || url.length > 2000) return undefined;
  return url.startsWith('//') ? `https:${url}` : url;
}

/** File name up to `._V` and digits, else up to `._`, else without its extension; null when nothing is left. */
export function assetId(url: string): string | null {
  const file =
    url
      .replace(/[?#].*$/s, '')
      .split('/')
      .at(-1) ?? '';
  const stem = /^(.*?)\._V\d/.exec(file)?.[1] ?? /^(.*?)\._/.exec(file)?.[1] ?? file.replace(/\.[a-z0-9]{1,5}$/i, '');
  const name = stem.includes('%') ? decodedName(stem) : stem;
  return name === '' ? null : name;
}

/** The same picture is linked with `@` and with `%40`. */
function decodedName(stem: string): string {
  try {
    return decodeURIComponent(stem);
  } catch {
    return stem;
  }
}

/** An image node of any payload; undefined without the address of a picture. Sizes also as `maxWidth`, `maxHeight`. */
export function readImage(node: unknown, position: unknown = undefined): ImdbImage | undefined {
  if (!isObject(node)) return undefined;
  const url = imageUrl(node['url']);
  const asset = url === undefined ? null : assetId(url);
  if (url === undefined || asset === null) return undefined;
  return {
    viewerId: viewerId(node['id']),
    assetId: asset,
    url,
    width: sizeOf(node['width'] ?? node['maxWidth']),
    height: sizeOf(node['height'] ?? node['maxHeight']),
    caption: decoded(at(node, 'caption.plainText')) ?? decoded(node['caption']) ?? null,
    type: text(node['type']) ?? text(node['imageType']) ?? null,
    position: whole(position) ?? null,
    copyright: text(node['copyright']) ?? null,
    createdBy: text(node['createdBy']) ?? null,
    source: readSource(node['source']),
    people: references(node['names'], nameId, 'nameText.text'),
    titles: references(node['titles'], titleId, 'titleText.text'),
  };
}

function sizeOf(value: unknown): number | null {
  const size = whole(value) ?? 0;
  return size === 0 ? null : size;
}

function readSource(source: unknown): ImdbImage['source'] {
  if (!isObject(source)) return null;
  const [id, name, url] = ['id', 'text', 'attributionUrl'].map((key) => text(source[key]) ?? null);
  return { id: id ?? null, text: name ?? null, url: url ?? null };
}

function references(list: unknown, idOf: (value: unknown) => string | null, namePath: string): ImdbReference[] {
  const items = Array.isArray(list) ? list : (nodes(list) ?? []);
  return items.flatMap((item: unknown) => {
    const id = idOf(at(item, 'id'));
    return id === null ? [] : [{ id, name: pick(item, namePath, text) ?? null }];
  });
}
