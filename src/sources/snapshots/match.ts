import { isCredentialParameter } from '../redact.ts';
import type { SavedAnswer } from './format.ts';

/** A request or a saved answer reduced to what decides whether they belong together (design 8). */
export interface MatchKey {
  /** Method, host, path and query; without scheme, credentials, `append_to_response` and what goes with it. */
  readonly key: string;
  /** Names in `append_to_response`. */
  readonly appended: ReadonlySet<string>;
  /** `include_image_language`, which speaks about an appended `images` block only. */
  readonly imageLanguages: string;
}

/** Parameters at the value TMDb uses when they are absent: `language` defaults to en-US (`en` is served as it), `page` to 1. */
const DEFAULTS: Readonly<Record<string, readonly string[]>> = { language: ['en-US', 'en'], page: ['1'] };

export function matchKey(method: string, url: URL): MatchKey {
  if (isImdb(url)) return imdbKey(method, url);
  const isTmdb = url.hostname === 'api.themoviedb.org';
  const appended = new Set(isTmdb ? names(url.searchParams.getAll('append_to_response')) : []);
  // On an /images address the languages select the answer itself; elsewhere they only shape the appended block.
  const languagesApart = isTmdb && !url.pathname.endsWith('/images');
  const pairs = [...url.searchParams].filter(([name, value]) => {
    if (isCredentialParameter(name)) return false;
    if (!isTmdb) return true;
    if (name === 'append_to_response' || (languagesApart && name === 'include_image_language')) return false;
    return DEFAULTS[name]?.includes(value) !== true;
  });
  const query = pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).sort();
  const languages = languagesApart ? url.searchParams.get('include_image_language') : null;
  return {
    key: `${method} ${url.host}${url.pathname.replace(/\/+$/, '')}?${query.join('&')}`,
    appended,
    imageLanguages: names([languages ?? ''])
      .sort()
      .join(','),
  };
}

function isImdb(url: URL): boolean {
  return url.hostname === 'imdb.com' || url.hostname.endsWith('.imdb.com');
}

/** What the site's own pages add to the variables of their queries, without changing what is asked for. */
const IMDB_EXTRAS = new Set([
  'locale',
  'returnUrl',
  'originalTitleText',
  'isInPace',
  'useEntitlement',
  'projectStatus',
]);

/**
 * The site's pages answer on two hosts and carry a trail of links (`ref_`). A stored query is its operation and its variables, whatever
 * their order; the hash that names it changes every few weeks.
 */
function imdbKey(method: string, url: URL): MatchKey {
  const host = url.hostname === 'm.imdb.com' ? 'www.imdb.com' : url.host;
  const pairs = [...url.searchParams].flatMap(([name, value]) => {
    if (isCredentialParameter(name) || name === 'ref_' || name === 'extensions') return [];
    return [`${encodeURIComponent(name)}=${encodeURIComponent(name === 'variables' ? sortedVariables(value) : value)}`];
  });
  const key = `${method} ${host}${url.pathname.replace(/\/+$/, '')}?${pairs.sort().join('&')}`;
  return { key, appended: new Set(), imageLanguages: '' };
}

function sortedVariables(json: string): string {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== 'object' || value === null) return json;
    const kept = Object.entries(value).filter(([name]) => !IMDB_EXTRAS.has(name));
    return JSON.stringify(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
  } catch {
    return json;
  }
}

function names(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(',').map((name) => name.trim())).filter((name) => name !== '');
}

export interface Candidate {
  readonly match: MatchKey;
  readonly answer: SavedAnswer;
}

/**
 * The best of the saved answers for a request: exactly the blocks asked for, then the smallest superset, then the one that lacks
 * the fewest; the last recorded among equals. Null when there is none.
 */
export function choose(
  wanted: MatchKey,
  requestBody: string | null,
  candidates: readonly Candidate[],
): { answer: SavedAnswer; missing: readonly string[] } | null {
  let best: { answer: SavedAnswer; missing: readonly string[]; extra: number } | null = null;
  for (const { match, answer } of candidates) {
    if (requestBody !== null && answer.requestBody !== null && requestBody !== answer.requestBody) continue;
    const missing = answer.status === 200 ? [...wanted.appended].filter((name) => !has(match, name, wanted)) : [];
    const extra = [...match.appended].filter((name) => !wanted.appended.has(name)).length;
    const better =
      best === null ||
      missing.length < best.missing.length ||
      (missing.length === best.missing.length && extra <= best.extra);
    if (better) best = { answer, missing: missing.sort(), extra };
  }
  return best;
}

function has(recorded: MatchKey, name: string, wanted: MatchKey): boolean {
  return recorded.appended.has(name) && (name !== 'images' || recorded.imageLanguages === wanted.imageLanguages);
}
