import { sameMarker } from './marker.ts';

/** What `core.sync_state` remembers of one stage for one show. Times are ISO 8601 with zone. */
export interface StageState {
  readonly status: string;
  readonly lastSuccessAt: string | null;
  /** The show's latest-episode text when the stage last succeeded. */
  readonly marker: string | null;
}

/** What is known of a show's freshness at its source; from `pipeline.show_checks`. */
export interface Freshness {
  /** When the source last delivered this show to all stages, or confirmed what it had delivered. */
  readonly checkedAt: string | null;
  /** When the change feed last named this show. */
  readonly changedAt: string | null;
  readonly pace: Pace;
}

/** How much a show is expected to change: it is on the air about now, may come back, or is over. */
export type Pace = 'airing' | 'waiting' | 'ended';

const OVER = new Set(['Ended', 'Canceled', 'Cancelled']);

/**
 * @param status as the source says, e.g. `Returning Series`
 * @param airsNow an episode was or will be shown within some weeks of today
 */
export function paceOf(status: string | null, airsNow: boolean): Pace {
  if (airsNow) return 'airing';
  return status !== null && OVER.has(status.trim()) ? 'ended' : 'waiting';
}

export interface SeasonCheck {
  /** Distinct season numbers above 0, retired ones excluded (the one definition of "total seasons"). */
  readonly derived: number;
  /** `shows.show_total_seasons`. */
  readonly total: number | null;
  /** The source itself lists no season, so that having none is not a gap. */
  readonly knownToHaveNone: boolean;
  /** `total` was counted after the stage last succeeded; before that it cannot be compared. */
  readonly counted: boolean;
}

export interface DecisionOptions {
  readonly force: boolean;
  readonly incremental: boolean;
  readonly resume: boolean;
  /** ISO 8601 with zone, or null. */
  readonly since: string | null;
  /** Stages to run whatever is recorded: `force` for these alone. */
  readonly refresh?: readonly string[];
}

export interface DecisionInput {
  readonly options: DecisionOptions;
  readonly state: StageState | undefined;
  /** The show's latest-episode text now. */
  readonly marker: string | null;
  /** Only for stages that keep seasons and episodes. */
  readonly seasons?: SeasonCheck;
  readonly freshness: Freshness;
  /** `Stage.applies`. */
  readonly applies: true | string;
  /** ISO 8601 UTC. */
  readonly now: string;
}

export interface Decision {
  readonly run: boolean;
  readonly reason: string;
}

const DAY_MS = 86_400_000;
/** Longest window of the change feed. */
export const FEED_DAYS = 14;
/**
 * A show the source has not confirmed for this long is asked again, conditionally: what the feed of changes has not named. Most changes come
 * by the feed; this catches what it misses, often where much happens and rarely where nothing does.
 */
export const STALE_AFTER_DAYS: Readonly<Record<Pace, number>> = { airing: 2, waiting: 14, ended: 60 };
/** TMDb allows data to be kept for six months without a refresh (`spec/sources-tmdb.md` 24); this leaves a month to spare. */
export const REFRESH_AFTER_DAYS = 150;
/** Reasons for which an unchanged answer of the source ("304") settles the matter. */
export const CONDITIONAL_REASONS: ReadonlySet<string> = new Set(['stale']);

/**
 * Whether a stage has work to do for a show. Rows 1-9 are `spec/pipeline.md` 5.2, in its order and words; the rest makes a
 * finished show follow its source: `not-applicable`, `changed-upstream`, `refresh-due`, `stale`.
 */
export function decide(input: DecisionInput): Decision {
  const { options, state } = input;
  if (options.force) return run('force');
  if (!options.incremental) return run('incremental-disabled');
  if (state === undefined) return run('no-sync-state');
  const settled = decideByStatus(state, input);
  if (settled !== undefined) return settled;
  if (!sameMarker(input.marker, state.marker)) return run('episode-marker-changed');
  if (options.since !== null && older(state.lastSuccessAt, Date.parse(options.since))) return run('since');
  const season = decideBySeasons(input.seasons);
  if (season !== undefined) return season;
  return decideByFreshness(state, input);
}

function decideByStatus(state: StageState, input: DecisionInput): Decision | undefined {
  const status = state.status.trim();
  if (status === 'not_applicable') {
    // Asked again only when the missing id has appeared; otherwise every run would re-select the show (I6).
    return input.applies === true ? run('status-not_applicable') : skip('not-applicable');
  }
  if (!input.options.resume || status === '' || status === 'success') return undefined;
  return status === 'failed' || status === 'in_progress' ? run(`resume-${status}`) : run(`status-${status}`);
}

function decideBySeasons(seasons: SeasonCheck | undefined): Decision | undefined {
  if (seasons === undefined) return undefined;
  if (seasons.derived === 0 && seasons.knownToHaveNone) return undefined;
  if (seasons.derived === 0) return run('missing-seasons');
  return seasons.total === seasons.derived || !seasons.counted ? undefined : run('season-mismatch');
}

function decideByFreshness(state: StageState, input: DecisionInput): Decision {
  const { checkedAt, changedAt, pace } = input.freshness;
  const now = Date.parse(input.now);
  // What never succeeded has no age; whoever gets here with it asked not to resume (row 10).
  if (state.lastSuccessAt === null && state.status !== 'success') return skip('up-to-date');
  if (changedAt !== null && older(state.lastSuccessAt, Date.parse(changedAt))) return run('changed-upstream');
  if (older(state.lastSuccessAt, now - REFRESH_AFTER_DAYS * DAY_MS)) return run('refresh-due');
  // Heard of by a success of this stage or by the source's "unchanged", whichever was later.
  const limit = now - STALE_AFTER_DAYS[pace] * DAY_MS;
  if (older(checkedAt, limit) && older(state.lastSuccessAt, limit)) return run('stale');
  return skip('up-to-date');
}

function older(time: string | null, limitMs: number): boolean {
  return time === null || Date.parse(time) < limitMs;
}

function run(reason: string): Decision {
  return { run: true, reason };
}

function skip(reason: string): Decision {
  return { run: false, reason };
}
