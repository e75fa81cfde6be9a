import type { ImdbConfig } from '../../platform/config/imdb-pages.ts';
import type { Outcome } from '../../platform/outcome.ts';
import { distinctBy } from '../read.ts';
import type { Ask } from './ask.ts';
import type { ImdbEpisode } from './parse/episode.ts';
import type { ImdbEpisodes } from './parse/episodes.ts';
import type { ImdbSeasonOption } from './parse/season-totals.ts';
import { episodesRequest, moreEpisodesRequest } from './requests.ts';
import type { ImdbRequestOptions } from './source.ts';

/** Pages of 50 at most; no season comes near. */
const MAX_PAGES = 40;

/**
 * A season's page and, when it holds only the first 50 episodes, what follows (`spec/sources-imdb.md` 6.2, 7). What cannot be had is
 * missed by name: `episodes`.
 */
export async function readSeason(
  ask: Ask,
  id: string,
  season: ImdbSeasonOption,
  hashes: ImdbConfig['queryHashes'],
  options?: ImdbRequestOptions,
): Promise<Outcome<ImdbEpisodes>> {
  const outcome = await ask(episodesRequest(id, season), options);
  if (outcome.kind !== 'ok') return outcome;
  const { total } = outcome.value;
  let episodes: readonly ImdbEpisode[] = ofSeason(outcome.value.episodes, season);
  let cursor = outcome.value.endCursor;
  const seen = new Set<string>();
  for (let page = 1; cursor !== null && page < MAX_PAGES && !seen.has(cursor); page++) {
    seen.add(cursor);
    const more = await ask(moreEpisodesRequest(id, season, cursor, hashes), options);
    if (more.kind !== 'ok' || (more.value.id !== null && more.value.id !== id)) break;
    episodes = distinctBy([...episodes, ...ofSeason(more.value.episodes, season)], (episode) => episode.id ?? episode);
    cursor = more.value.endCursor;
  }
  const whole = cursor === null && (total === null || episodes.length >= total);
  return { ...outcome, value: { ...outcome.value, episodes }, missing: whole ? [] : ['episodes'] };
}

/** Episodes of another season have no business on this one's page (4.3). */
function ofSeason(episodes: readonly ImdbEpisode[], season: ImdbSeasonOption): ImdbEpisode[] {
  return episodes.filter((episode) => episode.season === season.number || episode.season === null);
}
