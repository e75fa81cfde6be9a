import type {
  AppearanceFacts,
  CreditFacts,
  EpisodeFacts,
  ShowFacts,
  UnplacedEpisodeFacts,
} from '../../../platform/facts.ts';
import { mapOutcome, type NotOk, notOk, type Outcome, ok } from '../../../platform/outcome.ts';
import type { ImdbDatasets } from '../../../sources/imdb/datasets/source.ts';
import type { ImdbSource } from '../../../sources/imdb/source.ts';
import { mapBounded, type ShowSources } from '../../show-sources.ts';
import type { ShowIdentity, StageSource } from '../../stage.ts';
import type { StageSources } from '../../stage-sources.ts';

/** What IMDb's two ways of telling us something have in common: the datasets and the pages. */
export interface ImdbVoice {
  readonly source: StageSource;
  title(imdbId: string, sources: ShowSources): Promise<Outcome<VoiceTitle>>;
  /** `missing` names seasons that could not be had: `season 3: challenged`. */
  episodes(imdbId: string, sources: ShowSources): Promise<Outcome<VoiceEpisodes>>;
  cast(imdbId: string, sources: ShowSources): Promise<Outcome<VoiceCast>>;
  /** Episodes of some people, by their IMDb id. `missing` names people that could not be asked about. */
  appearances(
    imdbId: string,
    people: readonly VoicePerson[],
    sources: ShowSources,
  ): Promise<Outcome<ReadonlyMap<string, readonly AppearanceFacts[]>>>;
}

export interface VoiceTitle {
  /** Another one than was asked for when IMDb has merged two titles. */
  readonly imdbId: string;
  readonly show: ShowFacts;
}

export interface VoiceEpisodes {
  readonly episodes: readonly EpisodeFacts[];
  readonly unplaced: readonly UnplacedEpisodeFacts[];
  readonly complete: boolean;
}

export interface VoiceCast {
  readonly credits: readonly CreditFacts[];
  /** Everybody is named: only then does somebody's absence mean anything. */
  readonly complete: boolean;
  /** Someone needs so many episodes to count as cast, unless the override sheet says otherwise (`spec/pipeline.md` 6.6). */
  readonly minimumEpisodes: number;
}

export interface VoicePerson {
  readonly nameId: string;
  readonly categoryId?: string;
}

/** How many of IMDb's pages are asked for at once for one show; the host's own limit applies beside it. */
const WIDTH = 4;

/** IMDb's voices that are on, the stronger one first. */
export function imdbVoices({ imdb, datasets }: StageSources): ImdbVoice[] {
  return [...(imdb === undefined ? [] : [pages(imdb)]), ...(datasets === undefined ? [] : [files(datasets)])];
}

/** Why an IMDb part says nothing about a show. */
export function needsImdbId(show: ShowIdentity): true | string {
  return show.imdbId === null ? 'the show has no IMDb id' : true;
}

/** The show's IMDb id; parts apply only where there is one. */
export function imdbIdOf(show: ShowIdentity): string {
  return show.imdbId ?? '';
}

function files(datasets: ImdbDatasets): ImdbVoice {
  const series = (imdbId: string, sources: ShowSources) =>
    sources.shared(`imdb-datasets ${imdbId}`, (signal) =>
      datasets.series(imdbId, signal === undefined ? {} : { signal }),
    );
  return {
    source: { name: 'imdb-datasets', licence: 'imdb' },
    async title(imdbId, sources) {
      return mapOutcome(await series(imdbId, sources), ({ show }) => ({ imdbId, show }));
    },
    async episodes(imdbId, sources) {
      return mapOutcome(await series(imdbId, sources), ({ episodes, unplaced }) => ({
        episodes,
        unplaced,
        // A series without any episode is more likely a new one than an empty one.
        complete: episodes.length > 0,
      }));
    },
    async cast(imdbId, sources) {
      // Each episode names its first people only.
      return mapOutcome(await series(imdbId, sources), ({ credits }) => ({
        credits,
        complete: false,
        minimumEpisodes: 4,
      }));
    },
    async appearances(imdbId, _people, sources) {
      return mapOutcome(await series(imdbId, sources), ({ appearances }) => appearances);
    },
  };
}

function pages(imdb: ImdbSource): ImdbVoice {
  const options = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal });
  return {
    source: { name: 'imdb-web', licence: 'imdb' },
    title: (imdbId, sources) =>
      sources.shared(`imdb-web title ${imdbId}`, (signal) => imdb.title(imdbId, options(signal))),
    episodes: (imdbId, sources) =>
      sources.shared(`imdb-web episodes ${imdbId}`, (signal) => pagesOfSeasons(imdb, imdbId, signal)),
    async cast(imdbId, sources) {
      const outcome = await sources.shared(`imdb-web cast ${imdbId}`, (signal) => imdb.cast(imdbId, options(signal)));
      return mapOutcome(outcome, ({ credits }) => ({
        credits,
        complete: outcome.kind === 'ok' && outcome.missing.length === 0,
        minimumEpisodes: 0,
      }));
    },
    appearances: (imdbId, people, sources) =>
      sources.shared(`imdb-web appearances ${imdbId}`, (signal) => pagesOfPeople(imdb, imdbId, people, signal)),
  };
}

/** The list of seasons, then each season's page. A season that fails is named; when none came, the first failure stands. */
async function pagesOfSeasons(
  imdb: ImdbSource,
  imdbId: string,
  signal: AbortSignal | undefined,
): Promise<Outcome<VoiceEpisodes>> {
  const options = signal === undefined ? {} : { signal };
  const list = await imdb.seasons(imdbId, options);
  if (list.kind !== 'ok') return list;
  const answers = await mapBounded(list.value.seasons, WIDTH, async (season) => ({
    season,
    outcome: await imdb.season(imdbId, season.label, options),
  }));
  const episodes: EpisodeFacts[] = [];
  const unplaced: UnplacedEpisodeFacts[] = [];
  const missing: string[] = [];
  let failure: NotOk | undefined;
  let at = list.at;
  for (const { season, outcome } of answers) {
    const name = season.number === null ? `season "${season.label}"` : `season ${season.number}`;
    if (outcome.kind !== 'ok') {
      failure ??= outcome;
      missing.push(`imdb ${name}: ${outcome.kind}`);
      continue;
    }
    episodes.push(...outcome.value.episodes);
    unplaced.push(...outcome.value.unplaced);
    if (outcome.at > at) at = outcome.at;
    for (const block of outcome.missing) missing.push(`imdb ${name}: ${block}`);
  }
  if (failure !== undefined && missing.length === answers.length && episodes.length === 0) return failure;
  const complete = missing.length === 0 && episodes.length > 0;
  return ok({ episodes, unplaced, complete }, { at, via: list.via, missing });
}

/** Each person's episodes, one request or more per person. */
async function pagesOfPeople(
  imdb: ImdbSource,
  imdbId: string,
  people: readonly VoicePerson[],
  signal: AbortSignal | undefined,
): Promise<Outcome<ReadonlyMap<string, readonly AppearanceFacts[]>>> {
  const found = new Map<string, readonly AppearanceFacts[]>();
  const failed: { nameId: string; outcome: NotOk }[] = [];
  let latest: { at: string; via: 'live' | 'snapshot' } | undefined;
  let refused: NotOk | undefined;
  await mapBounded(people, WIDTH, async ({ nameId, categoryId }) => {
    // A refusal is meant for all of us: nobody else is asked about.
    const outcome: Outcome<readonly AppearanceFacts[]> =
      refused ??
      (await imdb.appearances(
        imdbId,
        nameId,
        categoryId === undefined ? {} : { categoryId },
        signal === undefined ? {} : { signal },
      ));
    if (outcome.kind === 'ok') {
      found.set(nameId, outcome.value);
      if (latest === undefined || outcome.at > latest.at) latest = { at: outcome.at, via: outcome.via };
    } else {
      failed.push({ nameId, outcome });
      if (outcome.kind === 'challenged' || outcome.kind === 'forbidden') refused = outcome;
    }
  });
  const [first] = failed;
  if (latest === undefined) return first?.outcome ?? notOk('not_found', `imdb-web: nobody to ask about in ${imdbId}`);
  const missing = failed
    .filter(({ outcome }) => outcome.kind !== 'not_recorded')
    .map(({ nameId, outcome }) => `appearances of ${nameId}: ${outcome.kind}`);
  return ok(found, { ...latest, missing });
}
