import type { TmdbConfig } from '../../platform/config/types.ts';
import { mapOutcome, notOk, type Outcome } from '../../platform/outcome.ts';
import { distinctBy } from '../read.ts';
import type { Fetcher } from '../types.ts';
import { type Ask, createAsk, type TmdbAnswer } from './ask.ts';
import { creditFacts, imageFacts, offerFacts, profileFacts, seasonFacts, showExternalIds, showFacts } from './facts.ts';
import { LIST_ID_HELP, parseListId } from './list-id.ts';
import { collectPages } from './paging.ts';
import type { TmdbTv } from './parse/tv.ts';
import {
  alternativeTitlesRequest,
  changesRequest,
  episodeRequest,
  externalIdsRequest,
  findRequest,
  imagesRequest,
  LANGUAGE,
  listRequest,
  personImagesRequest,
  personRequest,
  providerCatalogueRequest,
  seasonRequest,
  showChangesRequest,
  tvRequest,
  watchProvidersRequest,
} from './requests.ts';
import type { RequestOptions, ShowBundle, TmdbClient } from './source.ts';

/** TMDb behind one fetcher; `TmdbSource` and `TmdbClient` say what each call asks. */
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
      const outcome = await ask(tvRequest(tmdbId), options);
      if (outcome.kind !== 'ok') return outcome;
      const { value, response } = outcome.value;
      return { ...outcome, value: bundle(value, response.validators, outcome.missing) };
    },
    async season(tmdbId, seasonNumber, options) {
      const outcome = await ask(seasonRequest(tmdbId, seasonNumber), options);
      if (outcome.kind !== 'ok') return outcome;
      const { posters, ...rest } = seasonFacts(outcome.value.value, seasonNumber, LANGUAGE);
      const complete = posters !== undefined && !outcome.missing.includes('images');
      return { ...outcome, value: complete ? { ...rest, posters } : rest };
    },
    async episode(tmdbId, seasonNumber, episodeNumber, options) {
      return valueOf(await ask(episodeRequest(tmdbId, seasonNumber, episodeNumber), options));
    },
  };
}

/** A block named as missing is left out even where the payload has some of it: half a list must not pass for a whole one. */
function bundle(tv: TmdbTv, validators: ShowBundle['validators'], missing: readonly string[]): ShowBundle {
  const { aggregateCredits: credits, images, offers } = tv;
  return {
    show: showFacts(tv),
    ...(credits === undefined ? {} : { credits: creditFacts(credits) }),
    ...(images === undefined || missing.includes('images') ? {} : { images: imageFacts(images) }),
    ...(offers === undefined ? {} : { offers: offerFacts(offers) }),
    validators,
  };
}

type PartCalls = Pick<
  TmdbClient,
  'images' | 'watchProviders' | 'alternativeTitles' | 'externalIds' | 'showChanges' | 'providerCatalogue'
>;

function partCalls(ask: Ask): PartCalls {
  return {
    async images(tmdbId, options) {
      const outcome = valueOf(await ask(imagesRequest(tmdbId), options));
      return mapOutcome(outcome, ({ images }) => imageFacts(images));
    },
    async watchProviders(tmdbId, options) {
      const outcome = valueOf(await ask(watchProvidersRequest(tmdbId), options));
      return mapOutcome(outcome, ({ offers }) => offerFacts(offers));
    },
    async alternativeTitles(tmdbId, options) {
      const outcome = valueOf(await ask(alternativeTitlesRequest(tmdbId), options));
      return mapOutcome(outcome, ({ titles }) => titles);
    },
    async externalIds(tmdbId, options) {
      const outcome = valueOf(await ask(externalIdsRequest('tv', tmdbId), options));
      return mapOutcome(outcome, ({ ids }) => showExternalIds(ids));
    },
    async showChanges(tmdbId, startDate, endDate, options) {
      return valueOf(await ask(showChangesRequest(tmdbId, startDate, endDate), options));
    },
    async providerCatalogue(options) {
      return valueOf(await ask(providerCatalogueRequest(), options));
    },
  };
}

type LookupCalls = Pick<TmdbClient, 'find' | 'list' | 'changedShows' | 'changedPeople'>;

function lookupCalls(ask: Ask): LookupCalls {
  const changed = async (of: 'tv' | 'person', start: string, end: string, options?: RequestOptions) => {
    const outcome = await collectPages(async (page) => {
      const answer = valueOf(await ask(changesRequest(of, start, end, page), options));
      return mapOutcome(answer, ({ ids, totalPages }) => ({ items: ids, totalPages }));
    });
    return mapOutcome(outcome, (ids) => [...new Set(ids)].sort((a, b) => a - b));
  };
  return {
    async find(imdbId, options) {
      if (!/^tt\d{1,12}$/.test(imdbId)) {
        return notOk('not_found', `tmdb: "${imdbId.slice(0, 40)}" is not an IMDb title id (tt and digits)`);
      }
      return valueOf(await ask(findRequest(imdbId), options));
    },
    async list(listId, options) {
      const id = parseListId(listId);
      if (id === null) return notOk('not_found', `tmdb: "${listId.slice(0, 100)}" ${LIST_ID_HELP}`);
      const outcome = await collectPages(async (page) => valueOf(await ask(listRequest(id, page), options)));
      return mapOutcome(outcome, (items) => distinctBy(items, ({ tmdbId }) => tmdbId));
    },
    changedShows: (startDate, endDate, options) => changed('tv', startDate, endDate, options),
    changedPeople: (startDate, endDate, options) => changed('person', startDate, endDate, options),
  };
}

type PersonCalls = Pick<TmdbClient, 'person' | 'personProfile' | 'personExternalIds' | 'personImages'>;

function personCalls(ask: Ask): PersonCalls {
  const person: TmdbClient['person'] = async (tmdbPersonId, options) =>
    valueOf(await ask(personRequest(tmdbPersonId), options));
  return {
    person,
    personProfile: async (tmdbPersonId, options) => mapOutcome(await person(tmdbPersonId, options), profileFacts),
    async personExternalIds(tmdbPersonId, options) {
      const outcome = valueOf(await ask(externalIdsRequest('person', tmdbPersonId), options));
      return mapOutcome(outcome, ({ ids }) => ids);
    },
    async personImages(tmdbPersonId, options) {
      const outcome = valueOf(await ask(personImagesRequest(tmdbPersonId), options));
      return mapOutcome(outcome, ({ images }) => images.profiles ?? []);
    },
  };
}
