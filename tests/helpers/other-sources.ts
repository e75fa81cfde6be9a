import type {
  AppearanceFacts,
  CreditFacts,
  EpisodeFacts,
  PersonPhotoFacts,
  ShowFacts,
} from '../../src/platform/facts.ts';
import { type FailureKind, notOk, type Outcome, ok } from '../../src/platform/outcome.ts';
import type { WikiPersonFacts } from '../../src/platform/wiki-facts.ts';
import type { FandomSource, PersonSearch } from '../../src/sources/fandom/source.ts';
import type { DatasetSeries } from '../../src/sources/imdb/datasets/facts.ts';
import type { ImdbDatasets } from '../../src/sources/imdb/datasets/source.ts';
import type { ImdbSource } from '../../src/sources/imdb/source.ts';

/** What IMDb and a wiki know at the moment, in neutral facts; tests change it between two runs. */
export interface OtherWorld {
  at: string;
  /** IMDb's pages refuse like this; undefined when they answer. */
  pages?: FailureKind;
  /** The wiki refuses like this from the given question on. */
  wiki?: { readonly kind: FailureKind; readonly after: number };
  show: ShowFacts;
  seasons: Map<number, readonly EpisodeFacts[] | FailureKind>;
  credits: CreditFacts[];
  /** Names of blocks the credits page lacks. */
  creditsMissing: string[];
  appearances: Map<string, readonly AppearanceFacts[] | FailureKind>;
  photos: Map<string, readonly PersonPhotoFacts[]>;
  series: DatasetSeries | undefined;
  /** By the person's name. */
  pagesOnWiki: Map<string, { readonly facts: WikiPersonFacts; readonly verdict: 'confirmed' | 'uncertain' }>;
  readonly asked: string[];
}

export function otherWorld(over: Partial<OtherWorld> = {}): OtherWorld {
  return {
    at: '2025-12-18T00:00:00Z',
    show: {},
    seasons: new Map(),
    credits: [],
    creditsMissing: [],
    appearances: new Map(),
    photos: new Map(),
    series: undefined,
    pagesOnWiki: new Map(),
    asked: [],
    ...over,
  };
}

const refusal = (kind: FailureKind) => notOk(kind, `refused: ${kind}`, { status: 403 });

export function imdbOf(world: OtherWorld): ImdbSource {
  const answer = async <T>(question: string, value: T, missing: readonly string[] = []): Promise<Outcome<T>> => {
    world.asked.push(`imdb ${question}`);
    return world.pages === undefined ? ok(value, { at: world.at, via: 'live', missing }) : refusal(world.pages);
  };
  const none = async () => refusal('not_recorded');
  return {
    title: (imdbId) => answer('title', { imdbId, show: world.show, images: [], imageTotal: null }),
    seasons: (imdbId) => {
      const seasons = [...world.seasons.keys()].map((number) => ({ label: String(number), number }));
      return answer('seasons', { imdbId, seasons, seasonCount: seasons.length, episodeCount: null });
    },
    async season(imdbId, label) {
      const episodes = world.seasons.get(Number(label)) ?? [];
      if (typeof episodes === 'string') return refusal(episodes);
      const season = { label: String(label), number: Number(label) };
      return answer(`season ${label}`, { imdbId, season, episodes, unplaced: [], total: episodes.length });
    },
    cast: (imdbId) =>
      answer(
        'cast',
        { imdbId, credits: world.credits, castCategoryId: 'group', castTotal: null },
        world.creditsMissing,
      ),
    async appearances(_imdbId, nameId) {
      const list = world.appearances.get(nameId) ?? [];
      return typeof list === 'string' ? refusal(list) : answer(`appearances ${nameId}`, list);
    },
    personPhotos: (nameId) => answer(`photos ${nameId}`, world.photos.get(nameId) ?? []),
    list: none,
    images: none,
    person: none,
    seriesEpisodes: none,
  };
}

export function datasetsOf(world: OtherWorld): ImdbDatasets {
  return {
    series: async () =>
      world.series === undefined
        ? notOk('not_found', 'not in the datasets')
        : ok(world.series, { at: world.at, via: 'live' }),
    close: async () => undefined,
  };
}

const WIKI = {
  wiki: 'test.fandom.com',
  shows: [],
  galleryTitle: '{name}/Gallery',
  seasonTitle: null,
  personTemplates: [],
  enabled: true,
};

export function fandomOf(world: OtherWorld): FandomSource {
  let questions = 0;
  const none = async () => refusal('not_found');
  return {
    wikiOf: () => WIKI,
    async findPerson(_wiki, query): Promise<Outcome<PersonSearch>> {
      const [name = ''] = query.names;
      world.asked.push(`wiki ${name}`);
      if (world.wiki !== undefined && questions++ >= world.wiki.after) return refusal(world.wiki.kind);
      const page = world.pagesOnWiki.get(name);
      if (page === undefined) return notOk('not_found', `no page of ${name}`);
      if (query.revisionId !== null && query.revisionId === page.facts.origin.revisionId)
        return notOk('not_modified', 'as it was');
      const identity = { verdict: page.verdict, reasons: ['bears the name'] };
      const confirmed = page.verdict === 'confirmed' ? page.facts : null;
      return ok({ confirmed, candidates: [{ person: page.facts, identity }] }, { at: world.at, via: 'live' });
    },
    gallery: none,
    person: none,
    season: none,
    revisions: none,
  };
}
