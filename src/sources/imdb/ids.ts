/** IMDb's identifiers, normalised once (`spec/sources-imdb.md` 1.1; 6.2, 31): trimmed, lower case, null when malformed. */

/** The group that holds a title's cast ("Self" for reality); what the site uses when a row names none (3.2). */
export const CAST_GROUP = 'amzn1.imdb.concept.name_credit_group.7caf7d16-5db9-4f4f-8864-d4c6e711c686';

const GROUP = /^amzn1\.imdb\.concept\.name_credit_(?:group|category)\.[a-z0-9-]{1,60}$/i;

export function titleId(value: unknown): string | null {
  return matched(value, /^tt\d{1,12}$/);
}

export function nameId(value: unknown): string | null {
  return matched(value, /^nm\d{1,12}$/);
}

/** A picture's id in the viewer. */
export function viewerId(value: unknown): string | null {
  return matched(value, /^rm\d{1,12}$/);
}

/** `ls` and digits, alone or anywhere in a text such as a link; lower case only, as the site has them. */
export function listId(value: unknown): string | null {
  return typeof value === 'string' ? (/(?<![a-z0-9])ls\d{1,12}(?!\d)/.exec(value)?.[0] ?? null) : null;
}

/** Id of a job category or of a group of them; kept as written. */
export function categoryId(value: unknown): string | null {
  return typeof value === 'string' && GROUP.test(value.trim()) ? value.trim() : null;
}

/** The first title id in a link. */
export function titleInHref(href: unknown): string | null {
  return typeof href === 'string' ? titleId(/\/title\/(tt\d{1,12})(?![\da-z])/i.exec(href)?.[1]) : null;
}

/** The first name id in a link. */
export function nameInHref(href: unknown): string | null {
  return typeof href === 'string' ? nameId(/\/name\/(nm\d{1,12})(?![\da-z])/i.exec(href)?.[1]) : null;
}

function matched(value: unknown, pattern: RegExp): string | null {
  if (typeof value !== 'string') return null;
  const id = value.trim().toLowerCase();
  return pattern.test(id) ? id : null;
}
