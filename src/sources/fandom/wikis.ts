import type { WikiConfig } from '../../platform/config/wikis.ts';
import { normalName } from './names.ts';
import type { ShowKeys } from './source.ts';

/**
 * The wiki of a show: by IMDb id, then TMDb id, then its own name, then the longest configured name its name begins with
 * (`The Real Housewives` for `The Real Housewives of Salt Lake City`). Null when none fits, or the one that fits is switched off.
 */
export function wikiOf(wikis: readonly WikiConfig[], show: ShowKeys): WikiConfig | null {
  const found = byId(wikis, show) ?? byName(wikis, show);
  return found?.enabled === true ? found : null;
}

function byId(wikis: readonly WikiConfig[], { imdbId, tmdbId }: ShowKeys): WikiConfig | undefined {
  for (const id of [imdbId, typeof tmdbId === 'number' ? `tmdb:${tmdbId}` : null]) {
    if (typeof id !== 'string') continue;
    const found = wikis.find(({ shows }) => shows.some((key) => key.toLowerCase() === id.toLowerCase()));
    if (found !== undefined) return found;
  }
  return undefined;
}

function byName(wikis: readonly WikiConfig[], { names }: ShowKeys): WikiConfig | undefined {
  let best: { wiki: WikiConfig; length: number } | undefined;
  for (const wiki of wikis) {
    for (const key of wiki.shows) {
      const wanted = normalName(key);
      const fits = wanted !== '' && names.some((name) => `${normalName(name)} `.startsWith(`${wanted} `));
      if (fits && wanted.length > (best?.length ?? 0)) best = { wiki, length: wanted.length };
    }
  }
  return best?.wiki;
}
