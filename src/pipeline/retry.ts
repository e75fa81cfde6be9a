import type { NotOk } from '../platform/outcome.ts';
import type { StageName } from './stage.ts';

/** How often, and how long apart, a unit is tried again after a refusal of its source that may pass. */
export interface Patience {
  /** Further tries after the first; 0 gives up at once. */
  readonly retries: number;
  /** Wait before the first of them; doubles with each, up to `maxSeconds`. */
  readonly firstSeconds: number;
  readonly maxSeconds: number;
}

/** By kind of refusal. A kind that is not named is final: asking again changes nothing about a 404 or a wrong key. */
export type RetryPolicy = Readonly<Partial<Record<NotOk['kind'], Patience>>>;

export interface RetryPolicies {
  readonly default: RetryPolicy;
  /** Stages that are more or less patient. */
  readonly stages: Readonly<Partial<Record<StageName, RetryPolicy>>>;
}

/**
 * A source that says "too many" is not broken, so its shows wait, for more than two hours in all, and never fail after a few attempts
 * (`spec/pipeline.md` 14.4 S5). One that does not answer gets its shows again twice; the fetcher has tried three times each.
 */
const RATE_LIMITED: Patience = { retries: 40, firstSeconds: 5, maxSeconds: 240 };
const TRANSPORT: Patience = { retries: 2, firstSeconds: 10, maxSeconds: 60 };
/** What the next night brings anyway is not worth keeping a run open for. */
const ONCE: Patience = { retries: 1, firstSeconds: 10, maxSeconds: 10 };

export const RETRY_POLICIES: RetryPolicies = {
  default: { rate_limited: RATE_LIMITED, transport: TRANSPORT },
  stages: {
    providers: { rate_limited: RATE_LIMITED, transport: ONCE },
    'show-images': { rate_limited: RATE_LIMITED, transport: ONCE },
    'season-images': { rate_limited: RATE_LIMITED, transport: ONCE },
  },
};

/** Gives up at once: for a dry run, and for tests that want to see the failure. */
export const NO_RETRIES: RetryPolicies = { default: {}, stages: {} };

/**
 * Seconds after which a refused unit is tried again; undefined when it is not.
 * @param tried earlier tries of this unit in the run
 * @param random 0 <= x < 1; spreads shows that were refused together over a quarter of the wait
 */
export function retryAfter(
  policies: RetryPolicies,
  stage: StageName,
  refusal: NotOk['kind'],
  tried: number,
  random: () => number = Math.random,
): number | undefined {
  const patience = (policies.stages[stage] ?? policies.default)[refusal];
  if (patience === undefined || tried >= patience.retries) return undefined;
  const wait = Math.min(patience.maxSeconds, patience.firstSeconds * 2 ** tried);
  return Math.ceil(wait * (1 + random() / 4));
}
