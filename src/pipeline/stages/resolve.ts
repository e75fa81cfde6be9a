import { asProvenance, type ProvenanceEntry } from '../../catalogue/provenance/types.ts';
import { resolutionFlags } from '../../catalogue/shows/merge.ts';
import type { Row } from '../../platform/db/statement.ts';
import { together } from '../../platform/db/together.ts';
import { type Choice, type ChoiceReason, chooseCandidate } from '../../sources/tmdb/choose.ts';
import type { FindCandidate } from '../../sources/tmdb/source.ts';
import type { Plan } from '../plan.ts';
import type { ShowIdentity, Stage } from '../stage.ts';
import { idConflict } from './conflict.ts';
import { SHOW_DETAILS, SHOW_HOLDER } from './queries.ts';
import { planRow, stampOf, type TableRules, tableChanges } from './rows.ts';

const SHOWS: TableRules = { table: 'core.shows', rules: {}, fetchedAt: null, retires: false };

/** How sure a choice is, 0 to 1. The candidates come from a lookup by IMDb id, so even an unchecked single one is likely. */
const CONFIDENCE: Readonly<Record<ChoiceReason, number>> = {
  name_match: 0.95,
  single_result: 0.9,
  year_match: 0.6,
  heuristic_match: 0.5,
  ambiguous: 0,
  no_tv_results: 0,
};

/** Below this a person decides (`spec/pipeline.md` 14.2 L11). */
export const MIN_CONFIDENCE = 0.5;

export interface ResolveFacts {
  readonly candidates: readonly FindCandidate[];
}

export interface StoredResolve {
  readonly show: Row<typeof SHOW_DETAILS> | undefined;
  /** Another show that already has the chosen TMDb id. */
  readonly holder: { readonly id: string; readonly name: string } | undefined;
}

/**
 * Finds a show's TMDb id by its IMDb id (`spec/sources-tmdb.md` 4, 8.1). What is not certain enough is not stored: the show is flagged, the
 * state is partial and names the reason, and a warning names the candidate for whoever reviews it.
 */
export const resolveStage: Stage<ResolveFacts, StoredResolve> = {
  name: 'resolve',
  needs: [],
  applies(show) {
    if (show.tmdbId !== null) return 'the TMDb id is known';
    return show.imdbId === null || show.imdbId.trim() === '' ? 'the show has no IMDb id' : true;
  },
  async fetch(show, sources) {
    if (show.imdbId === null)
      return { kind: 'failed', reason: { kind: 'not_found', detail: 'the show has no IMDb id' } };
    const outcome = await sources.tmdbFind(show.imdbId);
    if (outcome.kind !== 'ok') return { kind: 'failed', reason: outcome };
    return {
      kind: 'facts',
      facts: { candidates: outcome.value },
      at: outcome.at,
      via: outcome.via,
      missing: outcome.missing,
    };
  },
  async load(tx, show, facts) {
    const { tmdbId } = chooseShow(facts.candidates, show).choice;
    return together({ show: tx.one(SHOW_DETAILS, [show.id]), holder: tx.one(SHOW_HOLDER, [show.id, null, tmdbId]) });
  },
  plan(facts, stored, show, context): Plan {
    const row = stored.show;
    if (row === undefined) return { changes: [], partial: [], warnings: ['the show was deleted meanwhile'] };
    if (row.tmdb_id !== null) return { changes: [], partial: [], warnings: [] };
    const { choice, confidence } = chooseShow(facts.candidates, show);
    const accepted = choice.tmdbId !== null && confidence >= MIN_CONFIDENCE;
    if (accepted && stored.holder !== undefined) return idConflict(`TMDb id ${choice.tmdbId}`, show, stored.holder);
    const tmdbId = accepted ? choice.tmdbId : null;
    const { source, at, licence, via } = stampOf(context);
    const entry: ProvenanceEntry = { source, at, licence, via, reason: choice.reason, confidence };
    const fixed = {
      id: row.id,
      ...resolutionFlags({ imdbId: row.imdb_id, tmdbId }),
      ...(accepted ? { tmdb_id: tmdbId } : {}),
    };
    const base = {
      ...row,
      provenance: accepted ? { ...asProvenance(row.provenance), tmdb_id: entry } : row.provenance,
    };
    const planned = planRow(SHOWS, { stored: base, fixed, incoming: {} }, context);
    const changed = accepted ? [...planned.changed, 'provenance'].sort() : planned.changed;
    const partial = accepted
      ? []
      : [`tmdb_id: ${choice.mismatch ? `${choice.reason}, name or year differs` : choice.reason}`];
    const warnings =
      accepted || choice.tmdbId === null
        ? []
        : [`TMDb id ${choice.tmdbId} is likely but uncertain; set it by hand when it is right`];
    if (choice.reason === 'ambiguous') warnings.push(`TMDb candidates: ${facts.candidates.map(describe).join('; ')}`);
    const changes = tableChanges('core.shows', ['id'], [], [{ ...planned, changed }]);
    const candidates = facts.candidates.map(({ tmdbId: id, name, firstAirDate }) => {
      return { id: String(id), name, ...(firstAirDate === null ? {} : { detail: firstAirDate }) };
    });
    if (accepted || candidates.length === 0) return { changes, partial, warnings };
    const question = { kind: 'tmdb_id', showId: show.id, about: 'tmdb_id', candidates } as const;
    return { changes, partial, warnings, reviews: [question] };
  },
};

interface Decision {
  readonly choice: Choice;
  readonly confidence: number;
}

function chooseShow(candidates: readonly FindCandidate[], show: ShowIdentity): Decision {
  const choice = chooseCandidate(candidates, { name: show.name, premiereDate: show.premiereDate });
  if (!choice.mismatch) return { choice, confidence: CONFIDENCE[choice.reason] };
  // A match by year has another name by definition; it counts when the year really is the same.
  const chosen = candidates.find((candidate) => candidate.tmdbId === choice.tmdbId);
  const sameYear = chosen?.firstAirDate?.slice(0, 4) === show.premiereDate?.slice(0, 4);
  return { choice, confidence: choice.reason === 'year_match' && sameYear ? CONFIDENCE.year_match : 0.3 };
}

function describe(candidate: FindCandidate): string {
  return `${candidate.tmdbId} "${candidate.name ?? '?'}" (${candidate.firstAirDate ?? 'no date'})`;
}
