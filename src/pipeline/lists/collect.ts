import { type NotOk, notOk, type Outcome } from '../../platform/outcome.ts';
import { listId } from '../../sources/imdb/ids.ts';
import type { ImdbList, ImdbSource } from '../../sources/imdb/source.ts';
import { chooseCandidate } from '../../sources/tmdb/choose.ts';
import { parseListId } from '../../sources/tmdb/list-id.ts';
import type { TmdbSource } from '../../sources/tmdb/source.ts';
import { mapBounded } from '../show-sources.ts';
import { type Candidate, uniteCandidates } from './union.ts';

/** What a person asked to import. */
export interface ImportSources {
  /** `ls` and digits, or text with that in it. */
  readonly imdbLists?: readonly string[];
  /** Digits, or text with `/list/<digits>` in it. */
  readonly tmdbLists: readonly string[];
  readonly tmdbIds: readonly number[];
  /** `tt` and digits. */
  readonly imdbIds: readonly string[];
  /** Cut after the union; 0 or absent takes all. */
  readonly maxShows?: number;
  /** Details younger than this are not asked for again only to learn a show's identity; default 90, 0 always asks. */
  readonly detailsMaxAgeDays?: number;
  /** Do not ask for details to learn the IMDb id of what is already named by its TMDb id. */
  readonly skipExternalIds?: boolean;
}

export interface Collected {
  readonly candidates: readonly Candidate[];
  /** Lists and ids that could not be asked about, one line each. */
  readonly failures: readonly { readonly subject: string; readonly reason: NotOk }[];
}

const NOTHING: Candidate = {
  imdbId: null,
  tmdbId: null,
  name: null,
  year: null,
  firstAirDate: null,
  originCountries: null,
  tags: [],
};

/** Who is asked for lists. */
export interface ListSources {
  readonly tmdb: TmdbSource;
  /** Absent: IMDb's pages are off. */
  readonly imdb?: ImdbSource | undefined;
}

/** Asks for all lists and ids and unites what they name, in the order given: IMDb's lists, TMDb's, then TMDb ids, then IMDb ids. */
export async function collectCandidates(
  { tmdb, imdb }: ListSources,
  asked: ImportSources,
  signal: AbortSignal,
): Promise<Collected> {
  const failures: { subject: string; reason: NotOk }[] = [];
  const found: Candidate[] = [];
  for (const list of asked.imdbLists ?? []) {
    const outcome = await imdbList(imdb, list, signal);
    const tag = `imdb-list:${listId(list) ?? list}`;
    if (outcome.kind !== 'ok') failures.push({ subject: tag, reason: outcome });
    else
      for (const item of outcome.value.items) {
        const { imdbId, year } = item;
        const listed = { item, at: outcome.at, via: outcome.via };
        found.push({ ...NOTHING, imdbId, year, tags: [tag], listed });
      }
  }
  for (const list of asked.tmdbLists) {
    const outcome = await tmdb.list(list, { signal });
    const tag = `tmdb-list:${parseListId(list) ?? list}`;
    if (outcome.kind !== 'ok') failures.push({ subject: tag, reason: outcome });
    else
      for (const item of outcome.value) {
        const { tmdbId, name, firstAirDate, originCountries } = item;
        found.push({ ...NOTHING, tmdbId, name, firstAirDate, originCountries, tags: [tag] });
      }
  }
  for (const tmdbId of asked.tmdbIds) found.push({ ...NOTHING, tmdbId, tags: ['tmdb-id'] });
  const byImdb = await mapBounded(asked.imdbIds, 8, async (imdbId) => {
    const outcome = await tmdb.find(imdbId, { signal });
    if (outcome.kind !== 'ok') return { imdbId, failure: outcome };
    const { tmdbId } = chooseCandidate(outcome.value, { name: null, premiereDate: null });
    if (tmdbId !== null) return { imdbId, tmdbId };
    const detail = outcome.value.length === 0 ? 'TMDb knows no show with this id' : 'TMDb names several shows';
    return { imdbId, failure: { kind: 'not_found', detail } as const };
  });
  for (const { imdbId, tmdbId, failure } of byImdb) {
    if (failure !== undefined) failures.push({ subject: `imdb:${imdbId}`, reason: failure });
    else found.push({ ...NOTHING, imdbId, tmdbId: tmdbId ?? null, tags: ['imdb-id'] });
  }
  const united = uniteCandidates(found);
  const limit = asked.maxShows === undefined || asked.maxShows === 0 ? united.length : asked.maxShows;
  return { candidates: united.slice(0, limit), failures };
}

async function imdbList(imdb: ImdbSource | undefined, list: string, signal: AbortSignal): Promise<Outcome<ImdbList>> {
  if (imdb !== undefined) return imdb.list(list, { signal });
  return notOk('forbidden', 'imdb-web: live access is off: add imdb-web to TRR_LIVE_SOURCES, or use --snapshots');
}
