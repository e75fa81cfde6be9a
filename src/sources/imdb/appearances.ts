import type { ImdbConfig } from '../../platform/config/imdb-pages.ts';
import type { AppearanceFacts } from '../../platform/facts.ts';
import { notOk, type Outcome } from '../../platform/outcome.ts';
import type { Ask } from './ask.ts';
import { appearanceFacts } from './facts.ts';
import { CAST_GROUP, categoryId } from './ids.ts';
import { type ImdbEpisodeCredit, type ImdbEpisodeCredits, joined } from './parse/episode-credits.ts';
import { type EpisodeCreditsQuery, episodeCreditsRequest } from './requests.ts';
import type { AppearanceQuery, ImdbRequestOptions } from './source.ts';

const FIRST_SEASON = '1';
const MAX_PAGES = 100;

interface Asked extends AppearanceQuery {
  readonly seriesId: string;
  readonly personId: string;
}

/**
 * Every episode a person is credited in: the first season's answer also tells the others, and is used (`spec/sources-imdb.md` 3.2; 6.2,
 * 15). All seasons or a failure: half of somebody's appearances would look like a shorter stay.
 */
export async function readAppearances(
  ask: Ask,
  asked: Asked,
  hashes: ImdbConfig['queryHashes'],
  options?: ImdbRequestOptions,
): Promise<Outcome<readonly AppearanceFacts[]>> {
  const { seriesId, personId } = asked;
  const query = { seriesId, personId, categoryId: categoryId(asked.categoryId) ?? CAST_GROUP };
  const first = await seasonCredits(ask, { ...query, season: FIRST_SEASON }, hashes, options);
  if (first.kind !== 'ok') return first;
  const found = [...first.value.credits];
  for (const { label } of first.value.seasons) {
    if (label === FIRST_SEASON) continue;
    const more = await seasonCredits(ask, { ...query, season: label }, hashes, options);
    if (more.kind !== 'ok') return more;
    found.push(...more.value.credits);
  }
  const byEpisode = new Map<string, ImdbEpisodeCredit>();
  for (const credit of found) {
    const known = byEpisode.get(credit.episodeId);
    byEpisode.set(credit.episodeId, known === undefined ? credit : joined(known, credit));
  }
  return { ...first, value: [...byEpisode.values()].map(appearanceFacts) };
}

/** All pages of one season. */
async function seasonCredits(
  ask: Ask,
  query: Omit<EpisodeCreditsQuery, 'after'>,
  hashes: ImdbConfig['queryHashes'],
  options?: ImdbRequestOptions,
): Promise<Outcome<Pick<ImdbEpisodeCredits, 'credits' | 'seasons'>>> {
  const credits: ImdbEpisodeCredit[] = [];
  const seen = new Set<string>();
  let seasons: ImdbEpisodeCredits['seasons'] | null = null;
  for (let after = ''; ; ) {
    seen.add(after);
    const outcome = await ask(episodeCreditsRequest({ ...query, after }, hashes), options);
    if (outcome.kind !== 'ok') return outcome;
    credits.push(...outcome.value.credits);
    seasons ??= outcome.value.seasons;
    const { endCursor } = outcome.value;
    if (endCursor === null) return { ...outcome, value: { credits, seasons } };
    if (seen.has(endCursor) || seen.size >= MAX_PAGES) {
      return notOk('schema_changed', `imdb-web: the episodes of ${query.personId} in ${query.seriesId} do not end`);
    }
    after = endCursor;
  }
}
