import {
  distinctOffers,
  OFFER_RULES,
  offerValues,
  PROVIDER_RULES,
  providerValues,
  streamingNames,
} from '../../catalogue/shows/offers.ts';
import type { Row } from '../../platform/db/statement.ts';
import { together } from '../../platform/db/together.ts';
import type { WatchOfferFacts } from '../../platform/facts.ts';
import type { Plan, TableChange } from '../plan.ts';
import type { Stage } from '../stage.ts';
import { fetchBundle } from './blocks.ts';
import { SHOW_STREAMING, WATCH_OFFERS, WATCH_PROVIDERS } from './organisation-queries.ts';
import { loadOverrides, type OverridesByRow } from './overrides.ts';
import { LOCK_SHARED } from './queries.ts';
import { insertColumns, planRow, type TableRules, tableChanges } from './rows.ts';
import { needsTmdbId } from './season-facts.ts';

const PROVIDERS: TableRules = {
  table: 'core.watch_providers',
  rules: PROVIDER_RULES,
  fetchedAt: 'tmdb_fetched_at',
  retires: false,
};
const OFFERS: TableRules = {
  table: 'core.show_watch_providers',
  rules: OFFER_RULES,
  fetchedAt: 'fetched_at',
  retires: false,
};
const SHOWS: TableRules = {
  table: 'core.shows',
  rules: { streaming_providers: 'union' },
  fetchedAt: null,
  retires: false,
};
const OFFER_KEY = ['show_id', 'region', 'offer_type', 'provider_id'];

/** Absent when the answer had no offers block: then nothing is known to be gone. */
export interface ProvidersFacts {
  readonly offers: readonly WatchOfferFacts[] | undefined;
}

export interface StoredProviders {
  readonly providers: readonly Row<typeof WATCH_PROVIDERS>[];
  readonly offers: readonly Row<typeof WATCH_OFFERS>[];
  readonly show: Row<typeof SHOW_STREAMING> | undefined;
  readonly overrides: OverridesByRow;
  readonly showOverrides: OverridesByRow;
}

/**
 * Where a show can be watched. The show's offers are replaced as a set, so regions and offer types that vanish go too
 * (`spec/sources-tmdb.md` 11, weakness 1); `streaming_providers` follows from them.
 */
export const providersStage: Stage<ProvidersFacts, StoredProviders> = {
  name: 'providers',
  needs: ['details'],
  applies: needsTmdbId,
  fetch: (show, sources) => fetchBundle(show, sources, ['watch/providers'], ({ offers }) => ({ offers })),
  async load(tx, show, facts) {
    const ids = distinctOffers(facts.offers ?? []).providers.map((offer) => offer.providerId);
    const [, stored] = await Promise.all([
      tx.query(LOCK_SHARED, ['core.watch_providers']),
      together({
        providers: tx.query(WATCH_PROVIDERS, [ids]),
        offers: tx.query(WATCH_OFFERS, [show.id]),
        show: tx.one(SHOW_STREAMING, [show.id]),
        overrides: loadOverrides(tx, 'watch_providers', ids),
        showOverrides: loadOverrides(tx, 'shows', [show.id]),
      }),
    ]);
    return stored;
  },
  plan(facts, stored, show, context): Plan {
    if (facts.offers === undefined) return { changes: [], partial: [], warnings: [] };
    const { offers, providers, warnings } = distinctOffers(facts.offers);
    const providerById = new Map(stored.providers.map((row) => [row.provider_id, row]));
    const providerRows = providers.map((offer) =>
      planRow(
        PROVIDERS,
        {
          stored: providerById.get(offer.providerId) ?? null,
          fixed: { provider_id: offer.providerId },
          incoming: providerValues(offer),
          overrides: stored.overrides.get(String(offer.providerId)),
        },
        context,
      ),
    );
    const keyOf = (region: string, offerType: string, providerId: number): string =>
      JSON.stringify([region, offerType, providerId]);
    const offerByKey = new Map(stored.offers.map((row) => [keyOf(row.region, row.offer_type, row.provider_id), row]));
    const offerRows = offers.map((offer) => {
      const row = offerByKey.get(keyOf(offer.region, offer.offerType, offer.providerId)) ?? null;
      const fixed = {
        show_id: show.id,
        region: offer.region,
        offer_type: offer.offerType,
        provider_id: offer.providerId,
      };
      return planRow(OFFERS, { stored: row, fixed, incoming: offerValues(offer) }, context);
    });
    const wanted = new Set(offers.map((offer) => keyOf(offer.region, offer.offerType, offer.providerId)));
    const gone = stored.offers
      .filter((row) => !wanted.has(keyOf(row.region, row.offer_type, row.provider_id)))
      .map(({ show_id, region, offer_type, provider_id }) => ({ show_id, region, offer_type, provider_id }));
    const changes: TableChange[] = [];
    if (gone.length > 0) changes.push({ table: OFFERS.table, op: 'delete', columns: [], key: OFFER_KEY, rows: gone });
    changes.push(
      ...tableChanges(PROVIDERS.table, ['provider_id'], insertColumns(PROVIDERS, ['provider_id']), providerRows),
    );
    changes.push(...tableChanges(OFFERS.table, OFFER_KEY, insertColumns(OFFERS, OFFER_KEY), offerRows));
    if (stored.show !== undefined) {
      const incoming = { streaming_providers: streamingNames(offers) };
      const overrides = stored.showOverrides.get(show.id);
      const row = planRow(SHOWS, { stored: stored.show, fixed: { id: show.id }, incoming, overrides }, context);
      changes.push(...tableChanges(SHOWS.table, ['id'], [], [row]));
    }
    return { changes, partial: [], warnings };
  },
};
