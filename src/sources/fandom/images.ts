import { createHash } from 'node:crypto';

/** A picture on a Fandom wiki, told by its address alone. */
export interface ImageAddress {
  /** Name of the wiki's picture store, with its language: `bigbrother`, `bigbrother/fr`. */
  readonly store: string;
  /** Underscored, decoded: `BB26_Living_Room.jpg`. */
  readonly fileName: string;
  /** `{store}/{fileName}`: equal for every size, version and host. Case matters (`spec/sources-fandom.md` 9, weakness 9). */
  readonly identity: string;
  /** `.../{fileName}/revision/latest`, without query. */
  readonly canonicalUrl: string;
  /** The original: every transform cut off (weakness 8), `cb` kept. */
  readonly originalUrl: string;
  readonly version: string | null;
  /** The address named a smaller or cropped copy. */
  readonly scaled: boolean;
}

const STORE_HOST = 'static.wikia.nocookie.net';

/** Hosts pictures are taken from; anything else on a page is not the wiki's (weaknesses 2 and 18). */
export function isImageHost(hostname: string): boolean {
  return hostname === STORE_HOST || /^vignette\d*\.wikia\.nocookie\.net$/.test(hostname);
}

const EXTENSION = /\.(jpe?g|png|gif|webp|avif|svg|tiff?|bmp)$/i;

/**
 * Reads `https://static.wikia.nocookie.net/{store}/images/{a}/{ab}/{file}[/revision/{id}][/{transform}...][?cb=...&path-prefix=fr]` and its
 * older forms (`vignette` hosts, `/thumb/.../NNNpx-`, no `/revision/`). Null for everything else: other hosts, file pages, `data:` addresses,
 * superseded versions (`/archive/`), and videos, whose names have no ending.
 */
export function readImageAddress(address: string | null): ImageAddress | null {
  if (address === null || address.length > 2000) return null;
  const absolute = address.startsWith('//') ? `https:${address}` : address;
  const url = URL.parse(absolute);
  if (url === null || !/^https?:$/.test(url.protocol) || !isImageHost(url.hostname) || url.port !== '') return null;
  const parts = url.pathname.split('/').slice(1);
  const images = parts.indexOf('images');
  const store = parts.slice(0, Math.max(images, 0)).filter((part) => !/^__cb/.test(part));
  const rest = images < 0 ? [] : parts.slice(images + 1);
  const thumb = rest[0] === 'thumb';
  const [first = '', second = '', segment = '', ...tail] = thumb ? rest.slice(1) : rest;
  const wellFormed = /^[\da-f]$/.test(first) && /^[\da-f]{2}$/.test(second) && second.startsWith(first);
  if (!wellFormed || store.length === 0 || store.length > 2 || !store.every(isStorePart)) return null;
  const fileName = decodedName(segment);
  if (fileName === null || !EXTENSION.test(fileName)) return null;
  const prefix = url.searchParams.get('path-prefix');
  const language = prefix !== null && isStorePart(prefix) && store.length === 1 ? prefix : null;
  return describe({
    store: store.join('/'),
    language,
    folder: `${first}/${second}`,
    fileName,
    revision: tail[0] === 'revision' ? (tail[1] ?? 'latest') : null,
    version: url.searchParams.get('cb'),
    scaled: thumb || tail.length > (tail[0] === 'revision' ? 2 : 0),
  });
}

/** A file of a wiki by name alone: its folder is the first digits of the MD5 of the underscored name (`spec/sources-fandom.md` 9). */
export function imageByName(store: string, name: string): ImageAddress | null {
  const fileName = fileKey(name);
  const [wiki = '', language = null, ...more] = store.split('/');
  if (more.length > 0 || !EXTENSION.test(fileName) || fileName.includes('/') || !isStorePart(wiki)) return null;
  const digest = createHash('md5').update(fileName, 'utf8').digest('hex');
  const folder = `${digest.slice(0, 1)}/${digest.slice(0, 2)}`;
  return describe({ store: wiki, language, folder, fileName, revision: 'latest', version: null, scaled: false });
}

/** A file's name as the wiki keys it: without `File:`, underscores for spaces, first letter upper case. */
export function fileKey(name: string): string {
  const key = name
    .normalize('NFC')
    .trim()
    .replace(/^(file|image)\s*:\s*/i, '')
    .replace(/[\s_]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return key.charAt(0).toUpperCase() + key.slice(1);
}

function describe(parts: {
  store: string;
  language: string | null;
  folder: string;
  fileName: string;
  revision: string | null;
  version: string | null;
  scaled: boolean;
}): ImageAddress {
  const { language, folder, fileName, revision, scaled } = parts;
  const version = parts.version !== null && /^\d{1,20}$/.test(parts.version) ? parts.version : null;
  const base = `https://${STORE_HOST}/${parts.store}/images/${folder}/${encodeURIComponent(fileName)}`;
  const query = new URLSearchParams();
  if (version !== null) query.set('cb', version);
  if (language !== null) query.set('path-prefix', language);
  const store = language === null ? parts.store : `${parts.store}/${language}`;
  const canonicalQuery = language === null ? '' : `?path-prefix=${language}`;
  const part = revision !== null && /^(latest|\d{1,20})$/.test(revision) ? `/revision/${revision}` : '';
  return {
    store,
    fileName,
    identity: `${store}/${fileName}`,
    canonicalUrl: `${base}/revision/latest${canonicalQuery}`,
    originalUrl: `${base}${part}${query.size === 0 ? '' : `?${query}`}`,
    version,
    scaled,
  };
}

function isStorePart(part: string): boolean {
  return /^[a-z\d][a-z\d_-]{0,60}$/i.test(part);
}

function decodedName(segment: string): string | null {
  try {
    const name = decodeURIComponent(segment).normalize('NFC').replaceAll(' ', '_');
    // What cannot stand in a file name on a wiki, and what a database cannot hold.
    return name === '' || /[\u0000-\u001f/\\#<>[\]|{}\u007f]/.test(name) || !name.isWellFormed() ? null : name;
  } catch {
    return null;
  }
}
