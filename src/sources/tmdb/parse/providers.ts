import {
  integer,
  isObject,
  type JsonObject,
  lacking,
  objects,
  type Parsed,
  parsed,
  readAll,
  readObject,
  text,
} from '../../read.ts';

export interface TmdbOffer {
  readonly region: string;
  /** `flatrate`, `rent`, `buy`, `free`, `ads`, or what the source adds. */
  readonly offerType: string;
  readonly providerId: number;
  readonly providerName: string;
  /** Within the region. */
  readonly displayPriority: number | null;
  readonly logoPath: string | null;
  readonly link: string | null;
  readonly raw: JsonObject;
}

/** `/tv/{id}/watch/providers`. Must find `results`, an object by region. */
export function parseWatchProviders(
  body: Uint8Array,
): Parsed<{ readonly id: number | null; readonly offers: readonly TmdbOffer[] }> {
  const payload = readObject(body);
  if (!payload.ok) return payload;
  const offers = readOffers(payload.value);
  if (offers === undefined) return lacking('results, an object by region');
  return parsed({ id: integer(payload.value['id']) ?? null, offers });
}

/** A `watch/providers` block; undefined when it is not one. As listed: a repeated offer is for whoever stores it to report. */
export function readOffers(block: unknown): readonly TmdbOffer[] | undefined {
  const results = isObject(block) ? block['results'] : undefined;
  // PHP-made APIs write an empty object as an empty list.
  if (Array.isArray(results) && results.length === 0) return [];
  if (!isObject(results)) return undefined;
  const offers = Object.entries(results).flatMap(([region, entry]) =>
    /^[A-Z]{2}$/.test(region) && isObject(entry) ? regionOffers(region, entry) : [],
  );
  const offered = Object.values(results).some((entry) => isObject(entry) && Object.values(entry).some(isFilledList));
  return offered && offers.length === 0 ? undefined : offers;
}

function isFilledList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

function regionOffers(region: string, entry: JsonObject): TmdbOffer[] {
  const link = webLink(entry['link']);
  return Object.entries(entry)
    .filter(([offerType]) => offerType !== 'link')
    .flatMap(([offerType, list]) =>
      (objects(list) ?? []).flatMap((item) => {
        const providerId = integer(item['provider_id']);
        const providerName = text(item['provider_name']);
        if (providerId === undefined || providerName === undefined) return [];
        const displayPriority = integer(item['display_priority']) ?? null;
        const logoPath = text(item['logo_path']) ?? null;
        return [{ region, offerType, providerId, providerName, displayPriority, logoPath, link, raw: item }];
      }),
    );
}

/** The link is shown to people: anything but a web address is no link. */
function webLink(value: unknown): string | null {
  const link = text(value);
  return link !== undefined && /^https?:\/\//i.test(link) && URL.canParse(link) ? link : null;
}

export interface TmdbProvider {
  readonly id: number;
  readonly name: string;
  readonly logoPath: string | null;
  /** Priority by region. */
  readonly displayPriorities: Readonly<Record<string, number>>;
  readonly raw: JsonObject;
}

/** `/watch/providers/tv`: every provider TMDb knows, with its priorities by region. Must find `results`, a list. */
export function parseProviderCatalogue(body: Uint8Array): Parsed<readonly TmdbProvider[]> {
  const payload = readObject(body);
  if (!payload.ok) return payload;
  const providers = readAll(payload.value['results'], (item): TmdbProvider | undefined => {
    const id = integer(item['provider_id']);
    const name = text(item['provider_name']);
    if (id === undefined || name === undefined) return undefined;
    const priorities = isObject(item['display_priorities']) ? Object.entries(item['display_priorities']) : [];
    const displayPriorities = Object.fromEntries(
      priorities.flatMap(([region, value]) => (integer(value) === undefined ? [] : [[region, Number(value)]])),
    );
    return { id, name, logoPath: text(item['logo_path']) ?? null, displayPriorities, raw: item };
  });
  return providers === undefined ? lacking('results, a list of providers') : parsed(providers);
}
