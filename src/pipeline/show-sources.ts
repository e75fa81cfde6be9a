import type { SeasonFacts } from '../platform/facts.ts';
import type { Outcome } from '../platform/outcome.ts';
import type { FindCandidate, ShowBundle, TmdbSource } from '../sources/tmdb/source.ts';
import type { Validators } from '../sources/types.ts';
import type { StageName } from './stage.ts';

/**
 * What the stages of one show share during one job: every payload is asked for once and serves all of them
 * (`spec/pipeline.md` 14.4 S2). A failed answer is remembered too: the fetcher has already retried it.
 */
export interface ShowSources {
  /**
   * A conditional request. `not_modified` comes back as such and leaves the session empty, so that a stage which still needs
   * the payload can ask for it with `tmdbShow`; a full answer serves all later calls.
   */
  probeShow(tmdbId: number, validators: Validators): Promise<Outcome<ShowBundle>>;
  tmdbShow(tmdbId: number): Promise<Outcome<ShowBundle>>;
  tmdbSeason(tmdbId: number, seasonNumber: number): Promise<Outcome<SeasonFacts>>;
  /** Several seasons with bounded concurrency, in the order asked for. */
  tmdbSeasons(tmdbId: number, seasonNumbers: readonly number[]): Promise<readonly SeasonAnswer[]>;
  tmdbFind(imdbId: string): Promise<Outcome<readonly FindCandidate[]>>;
  /** The seasons a stage still misses from its last, partial run; undefined means all of them. */
  onlySeasons(stage: StageName): ReadonlySet<number> | undefined;
  /** What `make` brings, made once per job whoever asks first; `key` names it for all stages. */
  shared<T>(key: string, make: (signal?: AbortSignal) => Promise<T>): Promise<T>;
  /** Now, ISO 8601 UTC with milliseconds. */
  now(): string;
}

export interface SeasonAnswer {
  readonly seasonNumber: number;
  readonly outcome: Outcome<SeasonFacts>;
}

export interface ShowSourcesOptions {
  readonly tmdb: TmdbSource;
  readonly signal?: AbortSignal;
  /** Season requests in flight for this show, default 4; the host's own limits apply beside it. */
  readonly seasonConcurrency?: number;
  /** From the stored states: which seasons each stage still misses (`missingSeasons` of the stages room). */
  readonly onlySeasons?: Partial<Readonly<Record<StageName, readonly number[]>>>;
  readonly now?: () => Date;
}

/** Opens the session of one show's job. It holds the show's payloads, so drop it when the job ends. */
export function createShowSources(options: ShowSourcesOptions): ShowSources {
  const { tmdb } = options;
  const request = options.signal === undefined ? {} : { signal: options.signal };
  const shows = new Map<number, Promise<Outcome<ShowBundle>>>();
  const seasons = new Map<string, Promise<Outcome<SeasonFacts>>>();
  const finds = new Map<string, Promise<Outcome<readonly FindCandidate[]>>>();
  const shared = new Map<string, Promise<unknown>>();
  const clock = options.now ?? (() => new Date());

  const tmdbShow = (tmdbId: number): Promise<Outcome<ShowBundle>> =>
    remembered(shows, tmdbId, () => tmdb.show(tmdbId, request));

  const tmdbSeason = (tmdbId: number, seasonNumber: number): Promise<Outcome<SeasonFacts>> =>
    remembered(seasons, `${tmdbId}/${seasonNumber}`, () => tmdb.season(tmdbId, seasonNumber, request));

  return {
    tmdbShow,
    tmdbSeason,
    async probeShow(tmdbId, validators) {
      const known = shows.get(tmdbId);
      if (known !== undefined) return known;
      const outcome = await tmdb.show(tmdbId, { ...request, validators });
      if (outcome.kind !== 'not_modified') shows.set(tmdbId, Promise.resolve(outcome));
      return outcome;
    },
    async tmdbSeasons(tmdbId, seasonNumbers) {
      return mapBounded(seasonNumbers, options.seasonConcurrency ?? 4, async (seasonNumber) => ({
        seasonNumber,
        outcome: await tmdbSeason(tmdbId, seasonNumber),
      }));
    },
    tmdbFind: (imdbId) => remembered(finds, imdbId, () => tmdb.find(imdbId, request)),
    onlySeasons(stage) {
      const only = options.onlySeasons?.[stage];
      return only === undefined ? undefined : new Set(only);
    },
    shared: <T>(key: string, make: (signal?: AbortSignal) => Promise<T>) =>
      remembered(shared, key, () => make(options.signal)) as Promise<T>,
    now: () => clock().toISOString(),
  };
}

/** Single flight: the first caller starts the request, everybody gets its promise. */
function remembered<K, V>(store: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const known = store.get(key);
  if (known !== undefined) return known;
  const made = make();
  store.set(key, made);
  return made;
}

/** Applies `fn` to all items, at most `width` at once, and keeps their order. */
export async function mapBounded<A, B>(items: readonly A[], width: number, fn: (item: A) => Promise<B>): Promise<B[]> {
  const results: B[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await fn(item);
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(width, items.length)) }, worker));
  return results;
}
