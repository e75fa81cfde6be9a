import type { Config } from '../platform/config/types.ts';
import { DATASETS_BASE_URL } from './imdb/datasets/files.ts';
import type { SourceName } from './types.ts';

/** Below IMDb's base URL, what is not on www.imdb.com: `/-/m.imdb.com/...`. */
export const OTHER_HOSTS = '/-';

export const TMDB_API_BASE_URL = 'https://api.themoviedb.org/3';

/** Hosts each source answers on; `*.` stands for any subdomain. Anything else is not that source, whoever says so. */
const HOSTS: Readonly<Record<SourceName, readonly string[]>> = {
  tmdb: ['api.themoviedb.org'],
  'imdb-datasets': ['datasets.imdbws.com'],
  'imdb-web': ['www.imdb.com', 'm.imdb.com', 'api.graphql.imdb.com', 'caching.graphql.imdb.com'],
  fandom: ['*.fandom.com'],
  sheet: ['docs.google.com'],
};

export const SOURCE_NAMES = Object.keys(HOSTS) as readonly SourceName[];

/** Which host belongs to which source, and how a configured base URL (proxy, test server) is written in snapshots. */
export interface SourceRegistry {
  /** The source a URL belongs to, null when none. */
  sourceOf(url: URL): SourceName | null;
  /** The URL at the source's official address, so that recordings made through a proxy answer everywhere. */
  canonical(url: URL): URL;
}

/** Sources whose addresses are configured; those that are left out have their official ones only. */
export type RegistryConfig = Pick<Config, 'tmdb'> & Partial<Pick<Config, 'imdb' | 'imdbDatasets' | 'fandom' | 'sheet'>>;

export function createRegistry(config: RegistryConfig): SourceRegistry {
  const bases = configuredBases(config);
  const configured = (url: URL) => bases.find(({ base }) => isUnder(url, base));
  return {
    sourceOf: (url) => {
      if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
      const base = configured(url);
      if (base !== undefined) return base.source;
      return SOURCE_NAMES.find((name) => HOSTS[name].some((host) => matches(url.hostname, host))) ?? null;
    },
    canonical: (url) => {
      const base = configured(url);
      if (base === undefined) return url;
      const rest = url.pathname.slice(new URL(base.base).pathname.replace(/\/+$/, '').length);
      return new URL(`${base.official}${rest}${url.search}`);
    },
  };
}

function configuredBases({ tmdb, imdb, imdbDatasets, fandom, sheet }: RegistryConfig) {
  const bases: { source: SourceName; base: string; official: string }[] = [
    { source: 'tmdb', base: tmdb.apiBaseUrl, official: TMDB_API_BASE_URL },
  ];
  if (imdbDatasets !== undefined) {
    bases.push({ source: 'imdb-datasets', base: imdbDatasets.baseUrl, official: DATASETS_BASE_URL });
  }
  // One base stands for all of the site's hosts: see `ImdbConfig`.
  if (typeof imdb?.baseUrl === 'string') {
    bases.push({ source: 'imdb-web', base: `${imdb.baseUrl}${OTHER_HOSTS}`, official: 'https:/' });
    bases.push({ source: 'imdb-web', base: imdb.baseUrl, official: 'https://www.imdb.com' });
  }
  // One base stands for all wikis, whose host is the first part of the path: see `FandomConfig`.
  if (typeof fandom?.baseUrl === 'string') bases.push({ source: 'fandom', base: fandom.baseUrl, official: 'https:/' });
  // A sheet may be published anywhere: its own address belongs to the source, and nothing else there.
  if (sheet?.kind === 'url') bases.push({ source: 'sheet', base: sheet.url, official: sheet.url });
  return bases;
}

function isUnder(url: URL, base: string): boolean {
  const { origin, pathname } = new URL(base);
  const prefix = pathname.replace(/\/+$/, '');
  return url.origin === origin && (url.pathname === prefix || url.pathname.startsWith(`${prefix}/`));
}

function matches(hostname: string, pattern: string): boolean {
  return pattern.startsWith('*.') ? hostname.endsWith(pattern.slice(1)) : hostname === pattern;
}
