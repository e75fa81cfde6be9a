import { isObject, objects } from '../../read.ts';
import { at, nodes, text, whole } from './values.ts';

/** A season as the site offers it; `number` is null for the bucket of episodes without one (`spec/sources-imdb.md` 6.2, 13a). */
export interface ImdbSeasonOption {
  readonly label: string;
  readonly number: number | null;
}

export interface ImdbSeasonTotals {
  readonly options: readonly ImdbSeasonOption[];
  /** Distinct numbered seasons above 0 (6): neither the largest number nor the specials. */
  readonly seasonCount: number | null;
  readonly episodeCount: number | null;
  readonly unknownSeasonEpisodes: number | null;
}

/** Season numbers go up to here (daily formats); what is above is a year or nonsense (5). */
const MAX_SEASON = 999;

/** `Unknown`, `unknown` and the site's -1 are the bucket; undefined for what is no season. */
export function seasonOption(value: unknown): ImdbSeasonOption | undefined {
  const label = typeof value === 'number' ? String(value) : text(value);
  if (label === undefined || label.length > 40) return undefined;
  if (/^unknown\b/i.test(label) || label === '-1') return { label, number: null };
  const number = whole(label);
  return number === undefined || number > MAX_SEASON ? undefined : { label: String(number), number };
}

export function distinctOptions(values: readonly unknown[]): ImdbSeasonOption[] {
  const found = values.flatMap((value) => seasonOption(value) ?? []);
  return [...new Map(found.map((option) => [option.number, option])).values()];
}

export function countSeasons(options: readonly ImdbSeasonOption[]): number {
  return new Set(options.flatMap(({ number }) => (number === null || number === 0 ? [] : [number]))).size;
}

/** The `episodes` block of a title: `displayableSeasons`, `seasons`, and the totals beside them; undefined when it is none. */
export function seasonTotals(block: unknown): ImdbSeasonTotals | undefined {
  if (!isObject(block)) return undefined;
  const numbers = objects(block['seasons'])?.map((season) => season['number']);
  const displayed = nodes(block['displayableSeasons'])?.map((node) => node['season']);
  const options = distinctOptions([...(displayed ?? []), ...(numbers ?? [])]);
  const total = whole(at(block, 'displayableSeasons.total'));
  const complete = numbers !== undefined || (displayed !== undefined && displayed.length === total);
  const listed = countSeasons(options);
  return {
    options,
    // A page that shows only the first of its seasons still says how many there are.
    seasonCount: complete || total === undefined ? (listed > 0 ? listed : null) : Math.max(total, listed),
    episodeCount: whole(at(block, 'totalEpisodes.total')) ?? whole(at(block, 'episodes.total')) ?? null,
    unknownSeasonEpisodes: whole(at(block, 'unknownSeasonEpisodes.total')) ?? null,
  };
}
