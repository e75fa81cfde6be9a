import type { NotOk, Ok } from '../../platform/outcome.ts';
import { notOk } from '../../platform/outcome.ts';
import type { Answer, Ask } from './ask.ts';
import { pageTitle } from './names.ts';
import type { NotRead, PageResult } from './parse/result.ts';
import { type PageKey, pageRequest, parseRequest } from './requests.ts';
import type { WikiRequestOptions } from './source.ts';

export type Asked<T> = Answer<T>;

/** What every page record says about the page it was read from. */
interface OfPage {
  readonly page: { readonly title: string | null; readonly redirects: readonly string[] };
}

/**
 * One page: the rendered article by `api.php` first; the page itself only where the API gave no answer at all or one in no form we know
 * (`spec/sources-fandom.md` 2.6, weaknesses 12, 20). A refusal is not asked around.
 */
export async function readPage<T extends OfPage>(
  ask: Ask,
  wiki: string,
  key: PageKey,
  parse: (body: Uint8Array) => PageResult<T>,
  options?: WikiRequestOptions,
): Promise<Asked<T>> {
  const byApi = about(wiki, key, await ask(wiki, parseRequest(key), parse, options));
  const { outcome } = byApi;
  if (outcome.kind === 'ok' || !('title' in key) || !hasOtherWay(outcome, byApi.notRead)) return byApi;
  const byPage = about(wiki, key, await ask(wiki, pageRequest(key.title), parse, options));
  // Of two failures the API's says more, unless it is only that nobody recorded it.
  return byPage.outcome.kind === 'ok' || outcome.kind === 'not_recorded' ? byPage : byApi;
}

function hasOtherWay({ kind }: NotOk, why: NotRead | null): boolean {
  if (why !== null) return why.reason === 'layout';
  return kind === 'transport' || kind === 'not_recorded';
}

/** An answer about another page than the one asked for is none. */
function about<T extends OfPage>(wiki: string, key: PageKey, answer: Asked<T>): Asked<T> {
  const { outcome } = answer;
  if (outcome.kind !== 'ok' || !('title' in key) || isAbout(outcome, key.title)) return answer;
  const detail = `fandom: asked ${wiki} for "${key.title}", the page is "${outcome.value.page.title}"`;
  return { outcome: notOk('schema_changed', detail), notRead: null };
}

function isAbout<T extends OfPage>({ value: { page } }: Ok<T>, asked: string): boolean {
  if (page.title === null) return true;
  return [page.title, ...page.redirects].some((title) => sameTitle(title, asked));
}

/** As the wiki compares them: spaces are underscores, the first letter's case does not matter. */
export function sameTitle(a: string, b: string): boolean {
  return pageTitle(a) === pageTitle(b);
}
