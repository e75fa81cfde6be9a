import type { Via } from '../../platform/outcome.ts';
import type { ImdbListItem } from '../../sources/imdb/source.ts';

/** An entry of an IMDb list, as it was read. */
export interface ListedTitle {
  readonly item: ImdbListItem;
  readonly at: string;
  readonly via: Via;
}

/** A show somebody asked for, by whatever they knew of it. */
export interface Candidate {
  readonly imdbId: string | null;
  readonly tmdbId: number | null;
  readonly name: string | null;
  readonly year: number | null;
  /** `YYYY-MM-DD`. */
  readonly firstAirDate: string | null;
  readonly originCountries: readonly string[] | null;
  /** Where it was named: `imdb-list:<id>`, `tmdb-list:<id>`, `tmdb-id`, `imdb-id`. */
  readonly tags: readonly string[];
  /** What IMDb's list says of it; its title is IMDb's word, unlike `name`. */
  readonly listed?: ListedTitle;
}

/**
 * Unites candidates that are the same show: those connected by equal IMDb or TMDb ids, directly or through others, and those
 * without any id that share title and year (`spec/pipeline.md` 6.3, with its defect fixed: a candidate that bridges two
 * earlier ones unites them). Order is that of first appearance; each field keeps the first value that says something.
 */
export function uniteCandidates(candidates: readonly Candidate[]): Candidate[] {
  const groups = new DisjointSets(candidates.length);
  const owners = new Map<string, number>();
  candidates.forEach((candidate, index) => {
    for (const key of keysOf(candidate)) {
      const owner = owners.get(key);
      if (owner === undefined) owners.set(key, index);
      else groups.unite(owner, index);
    }
  });
  const united = new Map<number, Candidate>();
  candidates.forEach((candidate, index) => {
    const root = groups.find(index);
    const first = united.get(root);
    united.set(root, first === undefined ? candidate : merge(first, candidate));
  });
  return [...united.values()];
}

function keysOf(candidate: Candidate): string[] {
  const keys: string[] = [];
  if (candidate.imdbId !== null) keys.push(`imdb:${candidate.imdbId}`);
  if (candidate.tmdbId !== null) keys.push(`tmdb:${candidate.tmdbId}`);
  if (keys.length > 0) return keys;
  const year = candidate.year ?? yearOf(candidate.firstAirDate);
  const title = caseFold(candidate.name?.trim() ?? '');
  // Without a year a title is not enough to say that two candidates are one show.
  return year === null || title === '' ? [] : [`title:${year}:${title}`];
}

/** Full Unicode case folding for comparing titles: `ß` equals `SS`. */
export function caseFold(text: string): string {
  return text.normalize('NFC').toUpperCase().toLowerCase();
}

function yearOf(date: string | null): number | null {
  const year = date?.slice(0, 4) ?? '';
  return /^\d{4}$/.test(year) ? Number(year) : null;
}

function merge(a: Candidate, b: Candidate): Candidate {
  const listed = a.listed ?? b.listed;
  return {
    imdbId: a.imdbId ?? b.imdbId,
    tmdbId: a.tmdbId ?? b.tmdbId,
    name: a.name?.trim() ? a.name : b.name,
    year: a.year ?? b.year,
    firstAirDate: a.firstAirDate ? a.firstAirDate : b.firstAirDate,
    originCountries: a.originCountries !== null && a.originCountries.length > 0 ? a.originCountries : b.originCountries,
    tags: [...new Set([...a.tags, ...b.tags])],
    ...(listed === undefined ? {} : { listed }),
  };
}

/** Union-find whose roots are the lowest index, so that groups keep the order of first appearance. */
class DisjointSets {
  readonly #parent: number[];

  constructor(size: number) {
    this.#parent = Array.from({ length: size }, (_, index) => index);
  }

  find(index: number): number {
    let root = index;
    for (let parent = this.#parent[root]; parent !== undefined && parent !== root; parent = this.#parent[root]) {
      root = parent;
    }
    this.#parent[index] = root;
    return root;
  }

  unite(a: number, b: number): void {
    const [low, high] = [this.find(a), this.find(b)].toSorted((x, y) => x - y);
    if (low !== undefined && high !== undefined) this.#parent[high] = low;
  }
}
