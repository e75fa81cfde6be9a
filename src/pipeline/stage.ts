import type { Scope } from '../platform/db/types.ts';
import type { NotOk, Via } from '../platform/outcome.ts';
import type { Plan } from './plan.ts';
import type { ShowSources } from './show-sources.ts';

/** In the order in which a show's stages run; also `core.sync_state.table_name`. */
export const STAGE_NAMES = [
  'resolve',
  'details',
  'entities',
  'providers',
  'seasons',
  'episodes',
  'people',
  'cast',
  'appearances',
  'fandom',
  'show-images',
  'season-images',
  'cast-photos',
  'mirror',
  'totals',
] as const;
export type StageName = (typeof STAGE_NAMES)[number];

/** What a sync does unless told: everything but downloading pictures, which is asked for by name or by `trr media mirror`. */
export const DEFAULT_STAGES: readonly StageName[] = STAGE_NAMES.filter((name) => name !== 'mirror');

/** The stored identity of a show, as selection reads it. */
export interface ShowIdentity {
  readonly id: string;
  readonly name: string;
  readonly imdbId: string | null;
  readonly tmdbId: number | null;
  readonly premiereDate: string | null;
  readonly mostRecentEpisode: string | null;
}

/** What a stage's fetch brought: facts (perhaps incomplete), that there is nothing to bring, or why it failed. */
export type StageFetch<F> =
  | {
      readonly kind: 'facts';
      readonly facts: F;
      readonly at: string;
      readonly via: Via;
      readonly missing: readonly string[];
      /** Who spoke, where that is not the stage's own source. */
      readonly source?: StageSource;
    }
  /** No source knows anything about the show: the unit is `not_applicable`. */
  | { readonly kind: 'nothing'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: NotOk /** Default `tmdb`. */; readonly source?: string };

/** Who speaks in a stage, and under which licence. */
export interface StageSource {
  readonly name: string;
  readonly licence: string;
}

export interface PlanContext {
  /** Now, ISO 8601 UTC; fixed for the unit so that a plan is a pure function of its inputs. */
  readonly now: string;
  /** Today's date, `YYYY-MM-DD`. */
  readonly today: string;
  readonly source: StageSource & { readonly at: string; readonly via: Via };
  /** Licences whose values may be shown (`SourceStamp.published`). */
  readonly published?: ReadonlySet<string>;
  readonly newId: () => string;
}

/**
 * One kind of work for one show. `before` reads what `fetch` has to know, `fetch` talks to sources and holds no connection; `load` reads
 * the stored rows inside the apply transaction (under the show's lock); `plan` is pure. The runner owns everything else.
 */
export interface Stage<F = unknown, S = unknown, B = unknown> {
  readonly name: StageName;
  /** Who speaks; TMDb when absent. */
  readonly source?: StageSource;
  readonly published?: ReadonlySet<string>;
  /** What several sources say about one thing (`ofSources`): carried out one after the other in the unit's one transaction. */
  readonly parts?: readonly Stage[];
  /** Stages that must have succeeded (or be partial) for the show first. */
  readonly needs: readonly StageName[];
  /** True, or the reason why this stage says nothing about this show (state `not_applicable`). */
  applies(show: ShowIdentity): true | string;
  /** Reads in a transaction of its own, before `fetch`. */
  before?(tx: Scope, show: ShowIdentity): Promise<B>;
  fetch(show: ShowIdentity, sources: ShowSources, before?: B): Promise<StageFetch<F>>;
  load(tx: Scope, show: ShowIdentity, facts: F): Promise<S>;
  plan(facts: F, stored: S, show: ShowIdentity, context: PlanContext): Plan;
}
