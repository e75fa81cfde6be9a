import type { WatchOfferFacts } from '../../platform/facts.ts';
import type { RowRules, RowValues } from '../provenance/merge-row.ts';

/** The global provider row. Its priority is regional at TMDb, so it stays out (`spec/sources-tmdb.md` 11, weakness 11). */
export const PROVIDER_RULES: RowRules = { provider_name: 'mirror', tmdb_logo_path: 'mirror', tmdb_meta: 'mirror' };

/** A provider's offer of a show in a region. The link is TMDb's watch page, which JustWatch's attribution needs. */
export const OFFER_RULES: RowRules = { display_priority: 'mirror', link: 'mirror' };

/** The region whose subscriptions `shows.streaming_providers` lists. */
export const STREAMING_REGION = 'US';

export function providerValues(facts: WatchOfferFacts): RowValues {
  return {
    provider_name: facts.providerName.trim(),
    tmdb_logo_path: facts.logoPath,
    tmdb_meta: withoutPriority(facts.raw),
  };
}

export function offerValues(facts: WatchOfferFacts): RowValues {
  return { display_priority: facts.displayPriority, link: facts.link };
}

/** The item as received, but for the priority: that differs by region, and the row is one for all of them. */
function withoutPriority(raw: unknown): unknown {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return undefined;
  const { display_priority: _, ...rest } = raw as Record<string, unknown>;
  return rest;
}

export interface DistinctOffers {
  /** One per (region, offer type, provider), in that order. */
  readonly offers: readonly WatchOfferFacts[];
  /** One per provider, in id order. */
  readonly providers: readonly WatchOfferFacts[];
  readonly warnings: readonly string[];
}

/** Drops offers repeated within a group (they would break the batch) and reports them (`spec/pipeline.md` 14.2 L14). */
export function distinctOffers(facts: readonly WatchOfferFacts[]): DistinctOffers {
  const offers = new Map<string, WatchOfferFacts>();
  const warnings: string[] = [];
  for (const offer of facts) {
    if (offer.providerName.trim() === '') continue;
    const key = JSON.stringify([offer.region, offer.offerType, offer.providerId]);
    if (offers.has(key))
      warnings.push(
        `provider ${offer.providerId} is listed twice in ${offer.region} ${offer.offerType}; the first was kept`,
      );
    else offers.set(key, offer);
  }
  const sorted = [...offers.values()].sort(
    (a, b) => compareText(a.region, b.region) || compareText(a.offerType, b.offerType) || a.providerId - b.providerId,
  );
  const providers = new Map<number, WatchOfferFacts>();
  for (const offer of sorted) if (!providers.has(offer.providerId)) providers.set(offer.providerId, offer);
  return { offers: sorted, providers: [...providers.values()].sort((a, b) => a.providerId - b.providerId), warnings };
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Names behind `shows.streaming_providers`: the subscriptions of one region. */
export function streamingNames(offers: readonly WatchOfferFacts[]): string[] {
  return offers
    .filter((offer) => offer.region === STREAMING_REGION && offer.offerType === 'flatrate')
    .map((offer) => offer.providerName.trim());
}
