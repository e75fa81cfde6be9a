import type { SeasonFacts } from '../../platform/facts.ts';
import type { NotOk } from '../../platform/outcome.ts';
import type { ShowSources } from '../show-sources.ts';
import type { ShowIdentity, StageFetch, StageName } from '../stage.ts';

/** What the season requests of one show brought; shared by the stages that read season payloads. */
export interface SeasonSetFacts {
  readonly tmdbId: number;
  /** Season numbers the source lists, ascending. */
  readonly listed: readonly number[];
  /** What the show's own answer says of them. */
  readonly stubs?: readonly SeasonFacts[];
  /** The seasons that were answered. */
  readonly seasons: readonly SeasonFacts[];
  /** Every listed season was asked for and answered: only then may a row be counted as missing. */
  readonly complete: boolean;
}

/**
 * Asks for a show's season list and for every season in it (or only those the stage's last run missed).
 * A season that fails is named in `missing`; when all of them fail, the stage failed, unless it can live on the
 * stubs or a recording merely lacks them.
 * @param blocks appended blocks of a season answer that this stage reads; absent ones are `missing` by name
 * @param stubsDo the stage has something to store from the show's own answer alone
 */
export async function fetchSeasonSet(
  stage: StageName,
  show: ShowIdentity,
  sources: ShowSources,
  blocks: readonly string[],
  stubsDo = false,
): Promise<StageFetch<SeasonSetFacts>> {
  if (show.tmdbId === null) return { kind: 'failed', reason: { kind: 'not_found', detail: 'the show has no TMDb id' } };
  const bundle = await sources.tmdbShow(show.tmdbId);
  if (bundle.kind !== 'ok') return { kind: 'failed', reason: bundle };
  const listed = bundle.value.show.seasonNumbers;
  if (listed === undefined) {
    const facts = { tmdbId: show.tmdbId, listed: [], seasons: [], complete: false };
    return { kind: 'facts', facts, at: bundle.at, via: bundle.via, missing: ['seasons'] };
  }
  const only = sources.onlySeasons(stage);
  const wanted = only === undefined ? listed : listed.filter((number) => only.has(number));
  const seasons: SeasonFacts[] = [];
  const missing: string[] = [];
  let failure: NotOk | undefined;
  let at = bundle.at;
  for (const { seasonNumber, outcome } of await sources.tmdbSeasons(show.tmdbId, wanted)) {
    if (outcome.kind === 'ok') {
      seasons.push(outcome.value);
      if (outcome.at > at) at = outcome.at;
      for (const block of outcome.missing) if (blocks.includes(block)) missing.push(`season ${seasonNumber}: ${block}`);
    } else {
      failure ??= outcome;
      missing.push(`season ${seasonNumber}: ${outcome.kind}`);
    }
  }
  const stubs = bundle.value.show.listedSeasons;
  const nothing = seasons.length === 0 && !(stubsDo && stubs !== undefined && stubs.length > 0);
  // A recording without any season is incomplete, not a failure: each season is named as missing.
  const unrecorded = missing.every((name) => name.endsWith(': not_recorded'));
  if (failure !== undefined && nothing && !unrecorded) return { kind: 'failed', reason: failure };
  const complete = only === undefined && missing.length === 0;
  const facts = { tmdbId: show.tmdbId, listed, seasons, complete, ...(stubs === undefined ? {} : { stubs }) };
  return { kind: 'facts', facts, at, via: bundle.via, missing };
}

/**
 * The season numbers behind a partial state's names (`season 3: transport`), for the next run's `onlySeasons`.
 * Undefined when anything else is missing too: then the whole stage has to be asked again.
 */
export function missingSeasons(partial: readonly string[]): number[] | undefined {
  const numbers = partial.map((name) => /^season (\d+): /.exec(name)?.[1]);
  if (numbers.length === 0 || numbers.includes(undefined)) return undefined;
  return [...new Set(numbers.map(Number))].sort((a, b) => a - b);
}

/** Stages that read TMDb by id say nothing about a show without one. */
export function needsTmdbId(show: ShowIdentity): true | string {
  return show.tmdbId === null ? 'the show has no TMDb id' : true;
}
