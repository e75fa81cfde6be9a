import { type Parsed, parsed, unexpected } from '../../read.ts';
import { titleId, titleInHref } from '../ids.ts';
import { attribute, type Element, first } from './html.ts';

export interface TitleIdentity {
  readonly id: string;
  /** The id the source itself uses; another one after two titles were merged (`spec/sources-imdb.md` 6.2, 11). */
  readonly canonicalId: string;
}

/** Where a page names its title. */
export interface Named {
  /** Places that repeat what was asked for. */
  readonly route?: readonly unknown[];
  /** Places that say what the content is about. */
  readonly content: readonly unknown[];
  readonly canonical?: unknown;
}

/**
 * The one title a page is about, from all the places that name it. They must agree with each other and with `expected`, the id asked for.
 * Only a merged title is asked for by another id than its content has, and says so in its canonical id. Null when the page names none
 * and none was asked for.
 */
export function identify(named: Named, expected: string | undefined): Parsed<TitleIdentity | null> {
  const canonicalId = titleId(named.canonical);
  const routes = idsIn(named.route ?? []);
  const contents = idsIn(named.content);
  const id = routes[0] ?? contents[0] ?? canonicalId;
  if (id === null) {
    return expected === undefined ? parsed(null) : unexpected('the page does not say which title it is about');
  }
  const strangers = [...routes, ...contents].filter((other) => other !== id && other !== canonicalId);
  if (routes.length > 1 || strangers.length > 0) {
    return unexpected(`the page speaks of ${[...new Set([id, ...strangers, ...routes])].slice(0, 5).join(' and ')}`);
  }
  if (expected !== undefined && expected !== id && expected !== canonicalId) {
    return unexpected(`asked for ${expected}, the page is about ${id}`);
  }
  return parsed({ id, canonicalId: canonicalId ?? id });
}

function idsIn(values: readonly unknown[]): string[] {
  return [...new Set(values.flatMap((value) => titleId(value) ?? []))];
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
  const content = named.length > 0 ? named : [titleInHref(attribute(part ?? document, 'href'))];
  return identify({ content }, expected);
}
