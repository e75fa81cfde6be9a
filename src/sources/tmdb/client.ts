import type { TmdbConfig } from '../../platform/config/types.ts';
import { mapOutcome, notOk, type Outcome } from '../../platform/outcome.ts';
import type { Fetcher } from '../types.ts';
import { creditFacts, imageFacts, offerFacts, seasonFacts, showExternalIds, showFacts } from './facts.ts';
import { collectPages } from './paging.ts';
import { parseEpisode } from './parse/episode.ts';
import { parseFind } from './parse/find.ts';
import { parseImages } from './parse/images.ts';
import { parseChanges, parseList, parseShowChanges } from './parse/list.ts';
import { PERSON_BLOCKS, parseExternalIds, parsePerson } from './parse/person.ts';
import { parseProviderCatalogue, parseWatchProviders } from './parse/providers.ts';
import { distinctBy } from './parse/read.ts';
import { parseSeason, SEASON_BLOCKS } from './parse/season.ts';
import { parseAlternativeTitles, parseTv, TV_BLOCKS } from './parse/tv.ts';
import { type Ask, createAsk, IMAGE_LANGUAGES, LANGUAGE, type TmdbAnswer } from './request.ts';
import type { ShowBundle, TmdbClient } from './source.ts';

const language = LANGUAGE;
const include_image_language = IMAGE_LANGUAGES;

/** TMDb behind one fetcher. No request is sent twice for one answer; see `TmdbSource` for what each call asks. */
export function createTmdbSource(fetcher: Fetcher, config: TmdbConfig): TmdbClient {
  const ask = createAsk(fetcher, config);
  return { ...showCalls(ask), ...partCalls(ask), ...lookupCalls(ask), ...personCalls(ask) };
}

function valueOf<T>(outcome: Outcome<TmdbAnswer<T>>): Outcome<T> {
  return mapOutcome(outcome, ({ value }) => value);
}

type ShowCalls = Pick<TmdbClient, 'show' | 'season' | 'episode'>;

function showCalls(ask: Ask): ShowCalls {
  return {
    async show(tmdbId, options) {
      const outcome = await ask(
        {
          path: `/tv/${tmdbId}`,
          query: { language, include_image_language },
          append: TV_BLOCKS,
          parse: parseTv,
          identity: { expected: tmdbId, actual: ({ id }) => id },
        },
        options,
      );
      return mapOutcome(outcome, ({ value: tv, response }): ShowBundle => {
        return {
          show: showFacts(tv),
          ...(tv.aggregateCredits === undefined ? {} : { credits: creditFacts(tv.aggregateCredits) }),
          ...(tv.images === undefined ? {} : { images: imageFacts(tv.images) }),
          ...(tv.offers === undefined ? {} : { offers: offerFacts(tv.offers) }),
          validators: response.validators,
        };
      });
    },
    async season(tmdbId, seasonNumber, options) {
      const outcome = await ask(
        {
          path: `/tv/${tmdbId}/season/${seasonNumber}`,
          query: { language, include_image_language },
          append: SEASON_BLOCKS,
          parse: parseSeason,
          identity: { expected: seasonNumber, actual: (season) => season.seasonNumber },
        },
        options,
      );
      return mapOutcome(outcome, ({ value }) => seasonFacts(value, seasonNumber, LANGUAGE));
    },
    async episode(tmdbId, seasonNumber, episodeNumber, options) {
      const outcome = await ask(
        {
          path: `/tv/${tmdbId}/season/${seasonNumber}/episode/${episodeNumber}`,
          query: { language },
          append: ['external_ids'],
          parse: parseEpisode,
          identity: { expected: episodeNumber, actual: (episode) => episode.episodeNumber },
        },
        options,
      );
      return valueOf(outcome);
    },
  };
}

type PartCalls = Pick<
  TmdbClient,
  'images' | 'watchProviders' | 'alternativeTitles' | 'externalIds' | 'showChanges' | 'providerCatalogue'
>;

function partCalls(ask: Ask): PartCalls {
  return {
    async images(tmdbId, options) {
      const query = { language, include_image_language };
      const identity = { expected: tmdbId, actual: ({ id }: { id: number | null }) => id };
      const outcome = await ask({ path: `/tv/${tmdbId}/images`, query, parse: parseImages, identity }, options);
      return mapOutcome(outcome, ({ value }) => imageFacts(value.images));
    },
    async watchProviders(tmdbId, options) {
      const identity = { expected: tmdbId, actual: ({ id }: { id: number | null }) => id };
      const path = `/tv/${tmdbId}/watch/providers`;
      const outcome = await ask({ path, parse: parseWatchProviders, identity }, options);
      return mapOutcome(outcome, ({ value }) => offerFacts(value.offers));
    },
    async alternativeTitles(tmdbId, options) {
      const identity = { expected: tmdbId, actual: ({ id }: { id: number | null }) => id };
      const path = `/tv/${tmdbId}/alternative_titles`;
      const outcome = await ask({ path, parse: parseAlternativeTitles, identity }, options);
      return mapOutcome(outcome, ({ value }) => value.titles);
    },
    async externalIds(tmdbId, options) {
      const identity = { expected: tmdbId, actual: ({ id }: { id: number }) => id };
      const outcome = await ask({ path: `/tv/${tmdbId}/external_ids`, parse: parseExternalIds, identity }, options);
      return mapOutcome(outcome, ({ value }) => showExternalIds(value.ids));
    },
    async showChanges(tmdbId, startDate, endDate, options) {
      const query = { start_date: startDate, end_date: endDate };
      return valueOf(await ask({ path: `/tv/${tmdbId}/changes`, query, parse: parseShowChanges }, options));
    },
    async providerCatalogue(options) {
      return valueOf(
        await ask({ path: '/watch/providers/tv', query: { language }, parse: parseProviderCatalogue }, options),
      );
    },
  };
}

type LookupCalls = Pick<TmdbClient, 'find' | 'list' | 'changedShows' | 'changedPeople'>;

function lookupCalls(ask: Ask): LookupCalls {
  const changed = async (path: string, startDate: string, endDate: string, options: Parameters<Ask>[1]) => {
    const dates = { start_date: startDate, end_date: endDate };
    const outcome = await collectPages(async (page) => {
      const answer = await ask({ path, query: { ...dates, page: String(page) }, parse: parseChanges }, options);
      return mapOutcome(answer, ({ value }) => ({ items: value.ids, totalPages: value.totalPages }));
    });
    return mapOutcome(outcome, (ids) => [...new Set(ids)].sort((a, b) => a - b));
  };
  return {
    async find(imdbId, options) {
      if (!/^tt\d+$/.test(imdbId))
        return notOk('not_found', `tmdb: "${imdbId.slice(0, 40)}" is not an IMDb title id (tt...)`);
      const query = { external_source: 'imdb_id', language };
      return valueOf(await ask({ path: `/find/${imdbId}`, query, parse: parseFind }, options));
    },
    async list(listId, options) {
      const id = parseListId(listId);
      if (id === null) return notOk('not_found', `tmdb: "${listId.slice(0, 100)}" ${LIST_ID_HELP}`);
      const outcome = await collectPages(async (page) => {
        const answer = await ask(
          { path: `/list/${id}`, query: { language, page: String(page) }, parse: parseList },
          options,
        );
        return valueOf(answer);
      });
      return mapOutcome(outcome, (items) => distinctBy(items, ({ tmdbId }) => tmdbId));
    },
    changedShows: (startDate, endDate, options) => changed('/tv/changes', startDate, endDate, options),
    changedPeople: (startDate, endDate, options) => changed('/person/changes', startDate, endDate, options),
  };
}

type PersonCalls = Pick<TmdbClient, 'person' | 'personExternalIds' | 'personImages'>;

function personCalls(ask: Ask): PersonCalls {
  return {
    async person(tmdbPersonId, options) {
      const identity = { expected: tmdbPersonId, actual: ({ id }: { id: number }) => id };
      const path = `/person/${tmdbPersonId}`;
      return valueOf(
        await ask({ path, query: { language }, append: PERSON_BLOCKS, parse: parsePerson, identity }, options),
      );
    },
    async personExternalIds(tmdbPersonId, options) {
      const identity = { expected: tmdbPersonId, actual: ({ id }: { id: number }) => id };
      const path = `/person/${tmdbPersonId}/external_ids`;
      return mapOutcome(await ask({ path, parse: parseExternalIds, identity }, options), ({ value }) => value.ids);
    },
    async personImages(tmdbPersonId, options) {
      const identity = { expected: tmdbPersonId, actual: ({ id }: { id: number | null }) => id };
      const path = `/person/${tmdbPersonId}/images`;
      const outcome = await ask({ path, parse: parseImages, identity }, options);
      return mapOutcome(outcome, ({ value }) => value.images.profiles ?? []);
    },
  };
}

export const LIST_ID_HELP = 'is not a TMDb list: give its number, or a link that contains /list/<number>';

/** The list's number: digits, or any text with `/list/<digits>` in it (spec 2); null otherwise. */
export function parseListId(text: string): number | null {
  const [, digits] = /^\s*(\d+)\s*$/.exec(text) ?? /\/list\/(\d+)/.exec(text) ?? [];
  const id = Number(digits);
  return digits !== undefined && Number.isSafeInteger(id) ? id : null;
}
