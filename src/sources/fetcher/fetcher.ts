import type { Config } from '../../platform/config/types.ts';
import { createOutboundAgent, type Dispatcher, loopbackAuthorities, userAgent } from '../../platform/outbound/index.ts';
import type { NotOk, Outcome } from '../../platform/outcome.ts';
import { createRegistry, type RegistryConfig } from '../registry.ts';
import { SnapshotError } from '../snapshots/format.ts';
import { openRecorder } from '../snapshots/recorder.ts';
import { openSnapshots, type SnapshotSet } from '../snapshots/set.ts';
import type { Fetcher, SharedPace, SourceName, SourceRequest, SourceResponse } from '../types.ts';
import { type Clock, systemClock } from './clock.ts';
import { Network, type SourcePolicy } from './network.ts';
import { failure, outcomeOf } from './outcomes.ts';
import { DEFAULT_RETRY, type RetryPolicy } from './retry.ts';

export interface FetcherOptions {
  readonly config: RegistryConfig & Pick<Config, 'sources'>;
  /** Folder or `.har` file that answers before the network is asked. */
  readonly snapshots?: string;
  /** Never use the network: what is not in the snapshots is `not_recorded`. */
  readonly offline?: boolean;
  /** Folder into which every final live answer is written, without credentials. */
  readonly record?: string;
  readonly retry?: Partial<RetryPolicy>;
  readonly breaker?: { readonly threshold: number; readonly coolDownMs: number };
  readonly clock?: Clock;
  /** The pace this process shares with others; without it each keeps to the rates for itself. */
  readonly pace?: SharedPace;
  /** Told of every answer: whose, how it ended, and seconds from asking to answering. */
  readonly observe?: (source: SourceName, outcome: string, seconds: number) => void;
  /** 0 <= x < 1. */
  readonly random?: () => number;
  /** Default: an agent with the address filter. */
  readonly dispatcher?: Dispatcher;
}

const MIB = 1024 * 1024;
const HOUR = 3_600_000;

/**
 * The one way to sources; make one per process, since limits are per fetcher.
 * @throws SnapshotError when `snapshots` or `record` cannot be used
 */
export function createFetcher(options: FetcherOptions): Fetcher {
  const { config, offline = false } = options;
  const registry = createRegistry(config);
  const snapshots: SnapshotSet | null =
    options.snapshots === undefined ? null : openSnapshots(options.snapshots, registry);
  const recorder = options.record === undefined ? null : openRecorder(options.record, registry);
  const { tmdb, imdb, imdbDatasets, fandom } = config;
  const baseUrls = [tmdb.apiBaseUrl, imdb?.baseUrl, imdbDatasets?.baseUrl, fandom?.baseUrl].filter(
    (url) => typeof url === 'string',
  );
  const agent = options.dispatcher ?? createOutboundAgent({ loopback: loopbackAuthorities(baseUrls) });
  const network = new Network({
    dispatcher: agent,
    userAgent: userAgent(config.sources.contactUrl),
    policy: (source) => policyOf(source, config),
    retry: { ...DEFAULT_RETRY, ...options.retry },
    breaker: options.breaker ?? { threshold: 12, coolDownMs: 30_000 },
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    ...(options.pace === undefined ? {} : { pace: options.pace }),
  });

  /** Why a request may not go out, null when it may. */
  const refusal = (request: SourceRequest): NotOk | null => {
    if (offline) return failure(request, 'not_recorded', 'not among the snapshots, and --offline forbids the network');
    if (!config.sources.live.has(request.source)) {
      const fix = `live access is off: add ${request.source} to TRR_LIVE_SOURCES`;
      return failure(request, 'forbidden', `${snapshots === null ? '' : 'not among the snapshots, and '}${fix}`);
    }
    return request.credentials?.kind === 'missing' ? failure(request, 'forbidden', request.credentials.detail) : null;
  };
  const assertHost = (request: SourceRequest): void => {
    if (registry.sourceOf(new URL(request.url)) === request.source) return;
    throw new Error(`bug: ${new URL(request.url).host} is not a host of ${request.source}`);
  };
  const observed = async <T>(request: SourceRequest, ask: () => Promise<Outcome<T>>): Promise<Outcome<T>> => {
    const begun = performance.now();
    const outcome = await ask();
    options.observe?.(request.source, outcome.kind, (performance.now() - begun) / 1000);
    return outcome;
  };

  return {
    async fetch(request, signal) {
      assertHost(request);
      const recorded = snapshots === null ? null : await fromSnapshots(snapshots, request);
      if (recorded !== null) return recorded;
      const refused = refusal(request);
      if (refused !== null) return refused;
      if (recorder === null) return observed(request, () => network.fetch(request, signal));
      // A 304 has no body to record.
      const { validators: _, ...unconditional } = request;
      const whole = { ...unconditional, maxBytes: request.maxBytes ?? 16 * MIB };
      const outcome = await observed(request, () => network.fetch(whole, signal));
      await recorder.write(request, outcome);
      return outcome;
    },
    async stream(request, read, signal) {
      assertHost(request);
      return refusal(request) ?? network.stream(request, read, signal);
    },
    access(source) {
      if (snapshots?.sources.has(source) === true) return 'snapshot';
      return !offline && config.sources.live.has(source) ? 'live' : 'off';
    },
    counts: () => network.counts(),
    async close() {
      await recorder?.close();
      await agent.destroy();
    },
  };
}

async function fromSnapshots(set: SnapshotSet, request: SourceRequest): Promise<Outcome<SourceResponse> | null> {
  try {
    const answer = await set.answer(request);
    return answer === null ? null : outcomeOf(request, answer);
  } catch (error) {
    if (error instanceof SnapshotError) return failure(request, 'not_recorded', error.message);
    throw error;
  }
}

/**
 * TMDb speaks of 40-50 requests a second at most (spec, weakness 16); the others get a slow, polite default, a wiki one at a time. A
 * refusal by IMDb holds for an hour: all of its pages' hosts are one site.
 */
function policyOf(source: SourceName, config: Pick<Config, 'tmdb'>): SourcePolicy {
  if (source === 'tmdb') return { rate: config.tmdb.rate, concurrency: 16, maxBytes: 16 * MIB, timeoutMs: 30_000 };
  const slow = { rate: 1, concurrency: source === 'fandom' ? 1 : 2, maxBytes: 16 * MIB, timeoutMs: 60_000 };
  // Google answers for a published sheet with a redirect to where it keeps files.
  if (source === 'sheet') return { ...slow, concurrency: 1, redirectsBelow: 'googleusercontent.com' };
  // A wiki that refuses is left alone by Fandom's own client, which knows its rules.
  if (source === 'fandom') return slow;
  return { ...slow, afterRefusal: { pauseMs: HOUR, whole: source === 'imdb-web' } };
}
