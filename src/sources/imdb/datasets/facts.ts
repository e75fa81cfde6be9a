import type {
  AppearanceFacts,
  CreditFacts,
  EpisodeFacts,
  PersonDetailFacts,
  ShowFacts,
  UnplacedEpisodeFacts,
} from '../../../platform/facts.ts';
import type { EpisodeRecord, PrincipalRecord, SeriesRecord, TitleRecord } from './series.ts';

/** What the datasets say about a series, in neutral facts. */
export interface DatasetSeries {
  readonly imdbId: string;
  readonly show: ShowFacts;
  readonly episodes: readonly EpisodeFacts[];
  /** Episodes without a season or a number. */
  readonly unplaced: readonly UnplacedEpisodeFacts[];
  /**
   * Who is seen, one credit per person and category. Only the first names of each episode stand in the datasets, so this is never
   * the whole cast: nobody is gone because they are not here.
   */
  readonly credits: readonly CreditFacts[];
  /** By the person's IMDb id: the episodes they are named in. */
  readonly appearances: ReadonlyMap<string, readonly AppearanceFacts[]>;
  readonly people: readonly PersonDetailFacts[];
}

export function datasetFacts(record: SeriesRecord): DatasetSeries {
  const placed: EpisodeFacts[] = [];
  const unplaced: UnplacedEpisodeFacts[] = [];
  for (const episode of record.episodes) {
    const { season, number } = episode;
    const facts = episodeFacts(episode);
    if (season !== undefined && number !== undefined) {
      placed.push({ ...facts, seasonNumber: season, episodeNumber: number });
    } else unplaced.push({ ...facts, seasonNumber: season ?? null, episodeNumber: number ?? null });
  }
  const people = [...record.names.values()].map((person) => ({
    name: person.name,
    imdbId: person.nameId,
    born: yearOnly(person.birthYear),
    died: yearOnly(person.deathYear),
    professions: person.professions,
  }));
  return {
    imdbId: record.imdbId,
    show: showFacts(record),
    episodes: placed.sort((a, b) => a.seasonNumber - b.seasonNumber || a.episodeNumber - b.episodeNumber),
    unplaced,
    credits: creditFacts(record),
    appearances: appearanceFacts(record),
    people,
  };
}

function showFacts({ title, rating }: SeriesRecord): ShowFacts {
  return {
    ...(title === undefined ? {} : titleFacts(title)),
    voteAverage: rating?.average ?? null,
    voteCount: rating?.votes ?? null,
  };
}

function titleFacts(title: TitleRecord): ShowFacts {
  return {
    name: title.primaryTitle ?? null,
    originalName: title.originalTitle ?? null,
    titleType: title.titleType ?? null,
    startYear: title.startYear ?? null,
    endYear: title.endYear ?? null,
    runtimeMinutes: title.runtimeMinutes ?? null,
    genres: title.genres,
  };
}

/** IMDb knows an episode's year here, not its day. A rating that is absent means "not rated". */
function episodeFacts(episode: EpisodeRecord): Omit<EpisodeFacts, 'seasonNumber' | 'episodeNumber'> {
  const { title, rating } = episode;
  return {
    imdbEpisodeId: episode.imdbId,
    ...(title === undefined
      ? {}
      : {
          title: title.primaryTitle ?? null,
          runtimeMinutes: title.runtimeMinutes ?? null,
          aired: yearOnly(title.startYear),
        }),
    voteAverage: rating?.average ?? null,
    voteCount: rating?.votes ?? null,
  };
}

function yearOnly(year: number | undefined) {
  return year === undefined ? null : { year, month: null, day: null, country: null };
}

const ARCHIVE = new Set(['archive_footage', 'archive_sound']);

/** The word of `show_cast.credit_category` for a dataset's category. */
function categoryOf(category: string): string {
  return category === 'self' ? 'Self' : 'cast';
}

function creditFacts(record: SeriesRecord): CreditFacts[] {
  const groups = Map.groupBy(
    record.principals.filter(({ category }) => !ARCHIVE.has(category)),
    ({ nameId, category }) => JSON.stringify([nameId, categoryOf(category)]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    const name = first === undefined ? undefined : record.names.get(first.nameId);
    // Without a name there is nobody to show; IMDb has dropped the person.
    return first === undefined || name === undefined ? [] : [creditOf(record, group, first, name.name)];
  });
}

function creditOf(
  record: SeriesRecord,
  group: readonly PrincipalRecord[],
  first: PrincipalRecord,
  name: string,
): CreditFacts {
  const own = group.filter(({ titleId }) => titleId === record.imdbId);
  const episodes = new Set(group.flatMap(({ titleId }) => (titleId === record.imdbId ? [] : [titleId])));
  const characters = [...new Set([...own, ...group].flatMap((row) => row.characters))];
  const billing = own.flatMap(({ ordering }) => ordering ?? []);
  return {
    person: { name, imdbId: first.nameId },
    category: categoryOf(first.category),
    role: characters.length === 0 ? null : characters.join(', '),
    billingOrder: billing.length === 0 ? null : Math.min(...billing),
    episodeCount: episodes.size === 0 ? null : episodes.size,
    characters,
  };
}

function appearanceFacts(record: SeriesRecord): Map<string, AppearanceFacts[]> {
  const episodes = new Map(record.episodes.map((episode) => [episode.imdbId, episode]));
  const byPerson = new Map<string, AppearanceFacts[]>();
  for (const principal of record.principals) {
    const episode = episodes.get(principal.titleId);
    if (episode === undefined) continue;
    const list = byPerson.get(principal.nameId) ?? [];
    byPerson.set(principal.nameId, list);
    list.push({
      episodeId: episode.imdbId,
      seasonNumber: episode.season ?? null,
      episodeNumber: episode.number ?? null,
      title: episode.title?.primaryTitle ?? null,
      year: episode.title?.startYear ?? null,
      airDate: null,
      job: null,
      category: principal.category,
      characters: principal.characters,
      attributes: [],
      archiveFootage: ARCHIVE.has(principal.category),
    });
  }
  return byPerson;
}
