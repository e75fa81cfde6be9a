import { authority } from '../../platform/outbound/index.ts';
import { type NotStored, notStored } from '../reasons.ts';

/** Where images of one source may come from. */
export interface Origin {
  /** Host names, exactly; only https on its own port. */
  readonly hosts: readonly string[];
  /** What must be switched on in `TRR_LIVE_SOURCES`. */
  readonly gate: string;
  /** Addresses that begin with `from` are asked at `to` instead: a proxy, or a test's server. The operator's word opens that authority. */
  readonly rewrite?: { readonly from: string; readonly to: string };
}

export type Origins = Readonly<Record<string, Origin>>;

const TMDB_BASE = 'https://image.tmdb.org/t/p/original';

/**
 * The allow-list (`spec/media.md` S1), by source.
 * @param tmdbImageBase `TMDB_IMAGE_BASE_URL`
 */
export function createOrigins(tmdbImageBase: string = TMDB_BASE): Origins {
  const moved = tmdbImageBase === TMDB_BASE ? {} : { rewrite: { from: TMDB_BASE, to: tmdbImageBase } };
  return {
    tmdb: { hosts: ['image.tmdb.org'], gate: 'tmdb', ...moved },
    imdb: { hosts: ['m.media-amazon.com', 'ia.media-imdb.com'], gate: 'imdb-web' },
    fandom: { hosts: ['static.wikia.nocookie.net', 'vignette.wikia.nocookie.net'], gate: 'fandom' },
  };
}

/** The address to ask for an image's address: moved where the operator says so. */
export function addressToAsk(origin: Origin, url: string): string {
  const { rewrite } = origin;
  return rewrite !== undefined && url.startsWith(`${rewrite.from}/`)
    ? rewrite.to + url.slice(rewrite.from.length)
    : url;
}

/** Why an address may not be asked for an image of this source; undefined when it may. Judges every hop alike. */
export function refusal(origin: Origin | undefined, url: URL): NotStored | undefined {
  if (origin === undefined) return notStored('host_not_allowed', 'images of this source have no allowed host');
  if (url.username !== '' || url.password !== '') {
    return notStored('credentials_in_url', `${url.host}: an address with credentials`);
  }
  if (origin.rewrite !== undefined && isWithin(url, new URL(origin.rewrite.to))) return undefined;
  if (url.protocol !== 'https:') return notStored('scheme_not_allowed', `${url.protocol} instead of https:`);
  if (!origin.hosts.includes(url.hostname)) {
    return notStored('host_not_allowed', `${url.hostname} is not one of ${origin.hosts.join(', ')}`);
  }
  if (url.port !== '') return notStored('port_not_allowed', `port ${url.port} of ${url.hostname}`);
  return undefined;
}

/** As `refusal`, for a text. */
export function judge(origin: Origin | undefined, text: string): NotStored | undefined {
  return URL.canParse(text) ? refusal(origin, new URL(text)) : notStored('bad_url', 'not an absolute address');
}

function isWithin(url: URL, base: URL): boolean {
  return url.protocol === base.protocol && authority(url) === authority(base);
}
