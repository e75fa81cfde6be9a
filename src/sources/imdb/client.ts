import type { ImdbConfig } from '../../platform/config/imdb-pages.ts';
import { mapOutcome, type NotOk, notOk, type Outcome } from '../../platform/outcome.ts';
import type { Fetcher } from '../types.ts';
import { readAppearances } from './appearances.ts';
import { type Ask, createAsk } from './ask.ts';
import { readCast } from './cast.ts';
import { episodeFacts, imageFacts, isEnglish, personFacts, searchHit, showFacts } from './facts.ts';
import { listId, nameId, titleId } from './ids.ts';
import { readList } from './list.ts';
import { readGallery, readPersonPhotos } from './pictures.ts';
import { askedSeason, episodesRequest, nameRequest, seriesSearchRequest, titleRequest } from './requests.ts';
import { readSeason } from './season.ts';
import type { ImdbRequestOptions, ImdbSource } from './source.ts';

/** IMDb's pages and GraphQL behind one fetcher; `ImdbSource` says what each call asks. */
export function createImdbSource(fetcher: Fetcher, config: ImdbConfig): ImdbSource {
  const ask = createAsk(fetcher, config);
  return { ...titleCalls(ask, config), ...creditCalls(ask, config), ...listCalls(ask, config), ...personCalls(ask) };
}

function malformed(id: string, what: string): NotOk {
  return notOk('not_found', `imdb-web: "${id.slice(0, 60)}" is not an IMDb ${what}`);
}

const A_TITLE = 'title id (tt and digits)';
const A_NAME = 'person id (nm and digits)';

/** Texts of a page in another language are left out, and missed by name. */
function withTexts<T>(outcome: Outcome<T>, locale: string | null | undefined): Outcome<T> {
  if (outcome.kind !== 'ok' || isEnglish(locale)) return outcome;
  return { ...outcome, missing: [...outcome.missing, 'texts'] };
}

function titleCalls(ask: Ask, config: ImdbConfig): Pick<ImdbSource, 'title' | 'seasons' | 'season' | 'images'> {
  return {
    async title(imdbId, options) {
      const id = titleId(imdbId);
      if (id === null) return malformed(imdbId, A_TITLE);
      const outcome = await ask(titleRequest(id), options);
      if (outcome.kind !== 'ok') return outcome;
      const title = outcome.value;
      const images = (title.images ?? []).map((image) => imageFacts(image, title.url));
      const bundle = {
        imdbId: title.canonicalId,
        show: showFacts(title),
        images,
        imageTotal: title.imageTotal ?? null,
      };
      return withTexts({ ...outcome, value: bundle }, title.locale);
    },
    async seasons(imdbId, options) {
      const id = titleId(imdbId);
      if (id === null) return malformed(imdbId, A_TITLE);
      const outcome = await ask(episodesRequest(id), options);
      // Only the seasons are read here: that their first has more episodes than the page shows is no lack.
      return mapOutcome(outcome.kind === 'ok' ? { ...outcome, missing: [] } : outcome, (page) => ({
        imdbId: page.canonicalId ?? id,
        seasons: page.seasons,
        seasonCount: page.seasonCount,
        episodeCount: page.episodeCount,
      }));
    },
    async season(imdbId, label, options) {
      const [id, season] = [titleId(imdbId), askedSeason(label)];
      if (id === null) return malformed(imdbId, A_TITLE);
      if (season === null) return malformed(String(label), 'season (a number, or Unknown)');
      const outcome = await readSeason(ask, id, season, config.queryHashes, options);
      if (outcome.kind !== 'ok') return outcome;
      const page = outcome.value;
      const english = isEnglish(page.locale);
      const { placed, unplaced } = episodeFacts(page.episodes, { seriesId: page.canonicalId ?? id, english });
      const value = { imdbId: page.canonicalId ?? id, season, episodes: placed, unplaced, total: page.total };
      return withTexts({ ...outcome, value }, page.locale);
    },
    async images(imdbId, options) {
      const id = titleId(imdbId);
      return id === null ? malformed(imdbId, A_TITLE) : readGallery(ask, id, options);
    },
  };
}

function creditCalls(ask: Ask, config: ImdbConfig): Pick<ImdbSource, 'cast' | 'appearances'> {
  return {
    async cast(imdbId, options) {
      const id = titleId(imdbId);
      return id === null ? malformed(imdbId, A_TITLE) : readCast(ask, id, config.queryHashes, options);
    },
    async appearances(imdbId, personId, query = {}, options) {
      const [id, person] = [titleId(imdbId), nameId(personId)];
      if (id === null) return malformed(imdbId, A_TITLE);
      if (person === null) return malformed(personId, A_NAME);
      return readAppearances(ask, { seriesId: id, personId: person, ...query }, config.queryHashes, options);
    },
  };
}

function listCalls(ask: Ask, config: ImdbConfig): Pick<ImdbSource, 'list' | 'seriesEpisodes'> {
  return {
    async list(list, options) {
      const id = listId(list);
      if (id === null) return malformed(list, 'list: give ls and digits, or a link that contains it');
      return readList(ask, id, config.queryHashes, options);
    },
    async seriesEpisodes(imdbId, options) {
      const id = titleId(imdbId);
      if (id === null) return malformed(imdbId, A_TITLE);
      return mapOutcome(await ask(seriesSearchRequest(id), options), ({ hits }) => hits.map(searchHit));
    },
  };
}

function personCalls(ask: Ask): Pick<ImdbSource, 'person' | 'personPhotos'> {
  return {
    async person(personId, options?: ImdbRequestOptions) {
      const id = nameId(personId);
      if (id === null) return malformed(personId, A_NAME);
      const outcome = await ask(nameRequest(id), options);
      return outcome.kind === 'ok' ? withTexts(mapOutcome(outcome, personFacts), outcome.value.locale) : outcome;
    },
    async personPhotos(personId, query = {}, options) {
      const id = nameId(personId);
      return id === null ? malformed(personId, A_NAME) : readPersonPhotos(ask, id, query, options);
    },
  };
}
