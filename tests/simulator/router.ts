import { type Answer, errors, type Question } from './answers/answer.ts';
import { changedIds, find, list, showChanges } from './answers/lookup.ts';
import { personBlockAlone, personDetails } from './answers/person.ts';
import { episodeDetails, seasonBlockAlone, seasonDetails } from './answers/season.ts';
import { searchTv, tvBlockAlone, tvDetails, watchProviders } from './answers/tv.ts';

export interface Route {
  /** As counts and fault rules name it: `/tv/{id}/season/{n}`. */
  readonly template: string;
  readonly pattern: RegExp;
  readonly handle: (question: Question) => Answer;
}

function route(template: string, handle: (question: Question) => Answer): Route {
  return { template, pattern: new RegExp(`^${template.replaceAll(/\{[a-z]+\}/g, '([^/]+)')}$`), handle };
}

const TV_BLOCKS = [
  'external_ids',
  'alternative_titles',
  'keywords',
  'content_ratings',
  'watch/providers',
  'images',
  'aggregate_credits',
];
const SEASON_BLOCKS = ['external_ids', 'images', 'aggregate_credits'];

/** First match wins. */
export const ROUTES: readonly Route[] = [
  route('/tv/changes', changedIds('tv')),
  route('/person/changes', changedIds('person')),
  route('/watch/providers/tv', watchProviders),
  route('/search/tv', searchTv),
  route('/find/{id}', find),
  route('/list/{id}', list),
  route('/tv/{id}', tvDetails),
  route('/tv/{id}/changes', showChanges),
  ...TV_BLOCKS.map((name) => route(`/tv/{id}/${name}`, tvBlockAlone(name))),
  route('/tv/{id}/season/{n}', seasonDetails),
  ...SEASON_BLOCKS.map((name) => route(`/tv/{id}/season/{n}/${name}`, seasonBlockAlone(name))),
  route('/tv/{id}/season/{n}/episode/{m}', episodeDetails),
  route('/person/{id}', personDetails),
  route('/person/{id}/external_ids', personBlockAlone('external_ids')),
  route('/person/{id}/images', personBlockAlone('images')),
];

export const UNKNOWN_TEMPLATE = '(unknown)';

/** Finds the route of a path (without the `/3` base) and its variable parts. */
export function routeOf(path: string): { template: string; parts: string[]; handle: (question: Question) => Answer } {
  for (const candidate of ROUTES) {
    const match = candidate.pattern.exec(path);
    if (match === null) continue;
    return { template: candidate.template, parts: match.slice(1).map(decodePart), handle: candidate.handle };
  }
  return { template: UNKNOWN_TEMPLATE, parts: [], handle: errors.notFound };
}

function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
