import type { FindCandidate } from './source.ts';

export type ChoiceReason =
  | 'no_tv_results'
  | 'single_result'
  | 'ambiguous'
  | 'year_match'
  | 'name_match'
  | 'heuristic_match';

export interface Choice {
  readonly tmdbId: number | null;
  readonly reason: ChoiceReason;
  /** The chosen one's name or year contradicts the show's: take it, but let a person look at it. */
  readonly mismatch: boolean;
}

interface Wanted {
  readonly name: string | null;
  /** Any text with a year in it. */
  readonly premiereDate: string | null;
}

/** Compared left to right, higher wins. */
type Score = readonly [name: number, year: number, likeness: number, popularity: number];

const NO_YEAR = -1000;

/**
 * Which of the `/find` candidates is the show (`spec/sources-tmdb.md` 4). One rule is added: of names that contain the
 * show's equally, the one that adds less wins before popularity does, so that "Survivor: Borneo" beats a popular
 * "Celebrity Survivor Special" for "Survivor" (weakness 9).
 */
export function chooseCandidate(candidates: readonly FindCandidate[], wanted: Wanted): Choice {
  const [only] = candidates;
  if (only === undefined) return { tmdbId: null, reason: 'no_tv_results', mismatch: false };
  if (candidates.length === 1) return accept(only, 'single_result', wanted);
  const scored = candidates.map((candidate) => ({ candidate, score: scoreOf(candidate, wanted) }));
  scored.sort((a, b) => compare(b.score, a.score));
  const [best, second] = scored;
  if (best === undefined || second === undefined || compare(best.score, second.score) === 0) return ambiguous;
  const [name, year] = best.score;
  if (name > 0) return accept(best.candidate, 'name_match', wanted);
  // A name in another script has no comparable title, but it is a name: popularity alone must not decide then.
  if ((wanted.name ?? '').trim() === '') return accept(best.candidate, 'heuristic_match', wanted);
  const noYear = yearOf(wanted.premiereDate) === null || year <= NO_YEAR;
  return noYear ? ambiguous : accept(best.candidate, 'year_match', wanted);
}

const ambiguous: Choice = { tmdbId: null, reason: 'ambiguous', mismatch: false };

function accept(candidate: FindCandidate, reason: ChoiceReason, wanted: Wanted): Choice {
  return { tmdbId: candidate.tmdbId, reason, mismatch: contradicts(candidate, wanted) };
}

/** Only what both sides say can contradict. A year of difference is usual between a pilot and a premiere. */
function contradicts(candidate: FindCandidate, wanted: Wanted): boolean {
  const comparable = titlesOf(candidate).length > 0 && titleOf(wanted.name) !== '';
  const years = [yearOf(candidate.firstAirDate), yearOf(wanted.premiereDate)] as const;
  const apart = years[0] !== null && years[1] !== null && Math.abs(years[0] - years[1]) > 1;
  return apart || (comparable && scoreOf(candidate, wanted)[0] === 0);
}

function scoreOf(candidate: FindCandidate, wanted: Wanted): Score {
  const title = titleOf(wanted.name);
  const titles = title === '' ? [] : titlesOf(candidate);
  const name = Math.max(0, ...titles.map((other) => nameScore(title, other)));
  const likeness = Math.max(0, ...titles.map((other) => lengthRatio(title, other)));
  return [name, yearScore(candidate, wanted), name === 2 ? likeness : 0, candidate.popularity ?? 0];
}

function yearScore(candidate: FindCandidate, wanted: Wanted): number {
  const year = yearOf(wanted.premiereDate);
  if (year === null) return 0;
  const other = yearOf(candidate.firstAirDate);
  return other === null ? NO_YEAR : -Math.abs(year - other);
}

function nameScore(a: string, b: string): number {
  if (a === b) return 3;
  if (a.includes(b) || b.includes(a)) return 2;
  const [left, right] = [new Set(a.split(' ')), new Set(b.split(' '))];
  const shared = [...left].filter((word) => right.has(word)).length;
  return shared / (left.size + right.size - shared) >= 0.6 ? 1 : 0;
}

function lengthRatio(a: string, b: string): number {
  return Math.min(a.length, b.length) / Math.max(a.length, b.length);
}

function titlesOf({ name, originalName }: FindCandidate): string[] {
  return [titleOf(name), titleOf(originalName)].filter((title) => title !== '');
}

/** Lower case, every run of other characters one space. */
function titleOf(name: string | null): string {
  return (name ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}

function yearOf(text: string | null): number | null {
  const [year] = /\d{4}/.exec(text ?? '') ?? [];
  return year === undefined ? null : Number(year);
}

function compare(a: Score, b: Score): number {
  for (const [at, value] of a.entries()) {
    const difference = value - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
