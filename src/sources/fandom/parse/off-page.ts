import { titleOfLink } from '../names.ts';
import { attribute, classed, collapse, findAll, hasClass, named, textOf } from './dom.ts';
import type { Element } from './html.ts';
import { type NotRead, notRead } from './result.ts';

/** Bodies that are no page of their own, told by their markup. */

/** An article that is no page of its own. */
export function offPage(article: Element, marked: readonly Element[]): NotRead | null {
  if (marked.some((element) => hasClass(element, 'noarticletext') || hasClass(element, 'mw-badtitle'))) {
    return notRead('missing', 'the wiki has no page of this title');
  }
  const redirect = marked.find(classed('redirectMsg'));
  if (redirect !== undefined) {
    const target = linkedTitles(redirect)[0];
    return notRead('redirect', `the page redirects to "${target ?? 'nowhere'}"`, target === undefined ? [] : [target]);
  }
  if (categoriesOf(marked).some(isDisambiguationCategory)) return disambiguation(article);
  // A page with an infobox may begin with a note of that class.
  const noted = marked.some(isDisambiguationBox) && !marked.some(classed('portable-infobox'));
  return noted ? disambiguation(article) : null;
}

function isDisambiguationBox({ attributes }: Element): boolean {
  return /\b(disambig|disambiguation|disambigbox)\b/i.test(`${attributes['id'] ?? ''} ${attributes['class'] ?? ''}`);
}

export function isDisambiguationCategory(name: string): boolean {
  return /^disambiguations?( pages?)?$/i.test(name.replaceAll('_', ' '));
}

/** Lists the pages a disambiguation page offers: the first link of each entry. */
export function disambiguation(article: Element): NotRead {
  const entries = findAll(article, named('li'));
  const links = entries.slice(0, 200).flatMap((entry) => linkedTitles(entry).slice(0, 1));
  return notRead('disambiguation', 'the page only tells pages of that name apart', [...new Set(links)].slice(0, 50));
}

export function linkedTitles(element: Element): string[] {
  return findAll(element, named('a')).flatMap((link) => titleOfLink(attribute(link, 'href')) ?? []);
}

/** Without an article: who stands in the way. */
export function refusalOf(marked: readonly Element[], html: string): NotRead | null {
  const title = textOfFirst(marked, named('title')) ?? '';
  const head = html.slice(0, 200_000).toLowerCase();
  const challenge =
    (head.includes('client challenge') && head.includes('loading-error')) ||
    (head.includes('cloudflare') && head.includes('challenge')) ||
    (html.length < 5000 && head.includes('/_fs-ch-')) ||
    /^just a moment/i.test(title);
  if (challenge) return notRead('challenge', 'a challenge page instead of the wiki page');
  if (/\b(sign in|log ?in)\b/i.test(title) || /<form[^>]{0,500}action="[^"]{0,500}(signin|login)/.test(head)) {
    return notRead('login', 'a sign-in page instead of the wiki page');
  }
  if (/before you continue|consent|privacy choices/i.test(title)) {
    return notRead('consent', 'a consent page instead of the wiki page');
  }
  const missing = /not found/i.test(title) || MISSING_WORDS.some((words) => head.includes(words));
  return missing ? notRead('missing', 'the wiki has no page of this title') : null;
}

const MISSING_WORDS = [
  'page does not exist',
  'there is currently no text in this page',
  "oops! we can't find this page",
  'page not found',
  'special:badtitle',
];

/** Categories from the page's links, `rel` data or the category list. */
export function categoriesOf(marked: readonly Element[]): string[] {
  const titles = marked.filter(isCategoryList).flatMap(linkedTitles);
  const names = titles.flatMap((title) => /^category:(.+)$/i.exec(title)?.[1]?.trim() ?? []);
  return [...new Set(names)].slice(0, 200);
}

function isCategoryList(element: Element): boolean {
  const id = element.attributes['id'];
  return id === 'catlinks' || hasClass(element, 'page-header__categories') || hasClass(element, 'categories');
}

export function textOfFirst(elements: readonly Element[], matches: (element: Element) => boolean): string | null {
  const found = elements.find(matches);
  const text = found === undefined ? '' : collapse(textOf(found)).slice(0, 300);
  return text === '' ? null : text;
}
