import { type Parsed, parsed, unexpected } from '../../read.ts';
import { titleId, titleInHref } from '../ids.ts';
import { attribute, type Element, first } from './html.ts';

export interface TitleIdentity {
  readonly id: string;
  /** The id the source itself uses; another one after two titles were merged (`spec/sources-imdb.md` 6.2, 11). */
  readonly canonicalId: string;
}

/**
 * The one title a page is about, from all the places that name it. They must agree, and with `expected`, the id asked for.
 * Null when the page names none and none was asked for.
 */
export function identify(
  named: readonly unknown[],
  canonical: unknown,
  expected: string | undefined,
): Parsed<TitleIdentity | null> {
  const canonicalId = titleId(canonical);
  const ids = [...new Set(named.flatMap((value) => titleId(value) ?? []))];
  const routes = ids.filter((id) => id !== canonicalId);
  if (routes.length > 1) return unexpected(`the page speaks of ${ids.slice(0, 5).join(' and ')}`);
  const id = routes[0] ?? canonicalId ?? undefined;
  if (id === undefined) {
    return expected === undefined ? parsed(null) : unexpected('the page does not say which title it is about');
  }
  if (expected !== undefined && expected !== id && expected !== canonicalId) {
    return unexpected(`asked for ${expected}, the page is about ${id}`);
  }
  return parsed({ id, canonicalId: canonicalId ?? id });
}

/** The title an HTML page names as its own: its canonical address, else that of its first part below it (`/episodes`, `/characters`). */
export function identifyMarkup(document: Element, expected: string | undefined): Parsed<TitleIdentity | null> {
  const canonical = first(document, ({ name, attributes }) => name === 'link' && attributes['rel'] === 'canonical');
  const shared = first(document, ({ name, attributes }) => name === 'meta' && attributes['property'] === 'og:url');
  const part = first(document, ({ name, attributes }) => {
    return name === 'a' && /\/title\/tt\d+\/(?:characters|episodes|fullcredits)/.test(attributes['href'] ?? '');
  });
  const named = [
    titleInHref(`${attribute(canonical ?? document, 'href')}/`),
    titleInHref(`${attribute(shared ?? document, 'content')}/`),
  ].filter((id) => id !== null);
  return identify(named.length > 0 ? named : [titleInHref(attribute(part ?? document, 'href'))], undefined, expected);
}
