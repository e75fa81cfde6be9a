/**
 * A person page's title from a name: trimmed, white space collapsed (`spec/sources-fandom.md` 1). MediaWiki takes spaces and underscores for
 * the same; titles here have spaces.
 */
export function pageTitle(name: string): string {
  const title = name
    .normalize('NFC')
    .replace(/[\s_]+/g, ' ')
    .trim();
  return title.charAt(0).toUpperCase() + title.slice(1);
}

/** `https://{wiki}/wiki/{title}`: underscores, UTF-8 percent-encoded except letters, digits and `_ . - ~ /`. */
export function pageUrl(wiki: string, title: string): string {
  return `https://${wiki}/wiki/${encodeTitle(title)}`;
}

/** The revision's own address. */
export function permalink(wiki: string, title: string, revisionId: number): string {
  return `${pageUrl(wiki, title)}?oldid=${revisionId}`;
}

export function encodeTitle(title: string): string {
  const underscored = title.trim().replace(/\s+/g, '_');
  return encodeURIComponent(underscored)
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The title in a page's address or path: after the last `/wiki/`, decoded; null when there is none or it is another namespace's. */
export function titleOfLink(href: string | null): string | null {
  if (href === null || href.length > 2000) return null;
  const path = /^(?:https?:\/\/[^/]+)?((?:\/[a-z-]{2,12})?\/wiki\/[^?#]*)/i.exec(href)?.[1];
  const encoded = path?.slice(path.indexOf('/wiki/') + 6);
  if (encoded === undefined || encoded === '') return null;
  try {
    return decodeURIComponent(encoded).replaceAll('_', ' ').trim() || null;
  } catch {
    return null;
  }
}

/** `Lisa Barlow` and `RHOSLC` of `Lisa Barlow (RHOSLC)`. */
export function splitTitle(title: string): { readonly name: string; readonly qualifier: string | null } {
  const match = /^([^(]*[^\s(])\s*\(([^()]{1,80})\)\s*$/.exec(title);
  const [, name = title.trim(), qualifier = null] = match ?? [];
  return { name: match === null ? title.trim() : name, qualifier: qualifier?.trim() ?? null };
}

/** For comparing: case, accents, punctuation and quotes do not matter. */
export function normalName(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/['’‘`"“”.]/g, '')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** Same name, or one has names in between that the other leaves out (`Lisa Barlow`, `Lisa Deanna Barlow`). */
export function sameName(a: string, b: string): boolean {
  const [left, right] = [normalName(a).split(' '), normalName(b).split(' ')];
  if (left.join(' ') === right.join(' ')) return left[0] !== '';
  const [shorter, longer] = left.length <= right.length ? [left, right] : [right, left];
  if (shorter.length < 2 || shorter[0] !== longer[0] || shorter.at(-1) !== longer.at(-1)) return false;
  let at = 0;
  for (const word of longer) if (word === shorter[at]) at += 1;
  return at === shorter.length;
}
