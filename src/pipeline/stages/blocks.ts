import type { Outcome } from '../../platform/outcome.ts';
import type { ShowBundle } from '../../sources/tmdb/source.ts';
import type { ShowSources } from '../show-sources.ts';
import type { ShowIdentity, StageFetch } from '../stage.ts';

/**
 * Takes a stage's part out of the show's one details answer.
 * @param blocks the appended blocks the stage reads, by TMDb's names; those absent from the answer are `missing`
 */
export async function fetchBundle<F>(
  show: ShowIdentity,
  sources: ShowSources,
  blocks: readonly string[],
  pick: (bundle: ShowBundle, missing: readonly string[]) => F,
): Promise<StageFetch<F>> {
  if (show.tmdbId === null) return { kind: 'failed', reason: { kind: 'not_found', detail: 'the show has no TMDb id' } };
  const outcome = await sources.tmdbShow(show.tmdbId);
  if (outcome.kind !== 'ok') return { kind: 'failed', reason: outcome };
  const missing = outcome.missing.filter((block) => blocks.includes(block));
  const facts = pick(outcome.value, outcome.missing);
  return { kind: 'facts', facts, at: outcome.at, via: outcome.via, missing };
}

/** A source's answer as what a stage fetched. */
export function fetchedFrom<F>(outcome: Outcome<F>): StageFetch<F> {
  if (outcome.kind !== 'ok') return { kind: 'failed', reason: outcome };
  const { at, via, missing, value } = outcome;
  return { kind: 'facts', facts: value, at, via, missing };
}
