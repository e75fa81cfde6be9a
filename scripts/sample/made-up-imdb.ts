import { DATASETS, type DatasetName } from '../../src/sources/imdb/datasets/files.ts';
import type { WorldShow } from '../../tests/simulator/world/types.ts';
import { LANTERN_PEOPLE } from './made-up-people.ts';
import { LANTERN_IMDB } from './made-up-show.ts';

const NONE = '\\N';

/** Somebody TMDb has never heard of. */
const KEEPER_OF_SECRETS = { nameId: 'nm90001600', name: 'Tilda Funkenflug', born: '1972' };

/** IMDb's word for an episode where it is not TMDb's. */
const OWN_TITLES: Readonly<Record<string, string>> = { Nebel: 'Fog' };

const imdbIdOf = (tmdbId: number) => LANTERN_PEOPLE.find(({ id }) => id === tmdbId)?.external_ids.imdb_id ?? null;

/** The five datasets as IMDb would have them about the made-up show; another title stands in each, as in the real ones. */
export function lanternDatasets(show: WorldShow): ReadonlyMap<DatasetName, string> {
  const seasons = show.seasons.filter(({ season_number: n }) => n === 1 || n === 2);
  const episodes = seasons.flatMap((season) => season.episodes.map((episode) => ({ season, episode })));
  const year = (date: string | null) => date?.slice(0, 4) ?? NONE;
  const tables: Record<DatasetName, string[][]> = {
    'title.episode': [
      ['tt90000001', 'tt90000000', '1', '1'],
      ...episodes.map(({ season, episode }) => [
        String(episode.imdb_id),
        LANTERN_IMDB,
        String(season.season_number),
        String(episode.episode_number),
      ]),
      // An episode nobody has placed yet.
      ['tt90001990', LANTERN_IMDB, NONE, NONE],
    ],
    'title.ratings': [
      ['tt90000000', '5.0', '12'],
      [LANTERN_IMDB, '8.1', '4321'],
      ...episodes.map(({ episode }, i) => [
        String(episode.imdb_id),
        (7 + (i % 10) / 10).toFixed(1),
        String(900 - i * 7),
      ]),
    ],
    'title.basics': [
      ['tt90000000', 'tvSeries', 'Another made-up show', 'Another made-up show', '0', '1999', '2001', '30', 'Comedy'],
      [LANTERN_IMDB, 'tvSeries', show.name, show.original_name, '0', '2023', NONE, '58', 'Game-Show,Reality-TV'],
      ...episodes.map(({ episode }) => {
        const title = OWN_TITLES[episode.name] ?? episode.name;
        return [
          String(episode.imdb_id),
          'tvEpisode',
          title,
          title,
          '0',
          year(episode.air_date),
          NONE,
          '58',
          'Reality-TV',
        ];
      }),
    ],
    'title.principals': [
      [LANTERN_IMDB, '1', 'nm90001512', 'self', NONE, '["Self - Host"]'],
      ...episodes.flatMap(({ season, episode }) => principals(season, episode)),
    ],
    'name.basics': [
      ...LANTERN_PEOPLE.map((person) => [
        String(person.external_ids.imdb_id),
        person.name,
        person.birthday?.slice(0, 4) ?? NONE,
        person.deathday?.slice(0, 4) ?? NONE,
        NONE,
        LANTERN_IMDB,
      ]),
      [KEEPER_OF_SECRETS.nameId, KEEPER_OF_SECRETS.name, KEEPER_OF_SECRETS.born, NONE, 'actress', LANTERN_IMDB],
    ],
  };
  return new Map(
    Object.entries(tables).map(([name, rows]) => {
      const lines = [DATASETS[name as DatasetName], ...rows].map((row) => row.join('\t'));
      return [name as DatasetName, `${lines.join('\n')}\n`];
    }),
  );
}

type Season = WorldShow['seasons'][number];

/** Who is named for an episode: the cast until they are out, the secret keeper, one who is only seen in old pictures, and the director. */
function principals(season: Season, episode: Season['episodes'][number]): string[][] {
  const id = String(episode.imdb_id);
  const seen = season.cast.filter(({ character, episode_count: count }) => {
    return character !== 'Narrator' && count >= episode.episode_number;
  });
  const rows = [...new Map(seen.map((credit) => [credit.person_id, credit])).values()].map((credit) => {
    return [imdbIdOf(credit.person_id) ?? NONE, 'self', NONE, JSON.stringify([credit.character])];
  });
  if (episode.episode_number <= 5) rows.push([KEEPER_OF_SECRETS.nameId, 'self', NONE, '["Self - Voice of the Sea"]']);
  if (season.season_number === 2) rows.push(['nm90001520', 'archive_footage', NONE, '["Self"]']);
  rows.push(['nm90001514', 'director', NONE, NONE]);
  return rows.map(([nameId = NONE, ...rest], i) => [id, String(i + 1), nameId, ...rest]);
}

/** The show's page at IMDb: what the datasets do not say (certificate, interests, plot), as the site embeds it. */
export function lanternTitlePage(show: WorldShow): string {
  const text = (value: string) => ({ text: value });
  const aboveTheFoldData = {
    id: LANTERN_IMDB,
    titleText: text(show.name),
    originalTitleText: text(show.original_name),
    titleType: { id: 'tvSeries', text: 'TV Series', isSeries: true, isEpisode: false, canHaveEpisodes: true },
    releaseYear: { year: 2023, endYear: null },
    releaseDate: { day: 20, month: 12, year: 2023, country: { id: 'DE', text: 'Germany' } },
    runtime: { seconds: 3480 },
    certificate: { rating: 'TV-PG' },
    ratingsSummary: { aggregateRating: 8, voteCount: 4200 },
    plot: {
      plotText: { plainText: "Twelve strangers keep a lighthouse's lanterns burning. (A made-up show.)" },
      language: { id: 'en-US' },
    },
    genres: { genres: [text('Game-Show'), text('Reality-TV')] },
    titleGenres: { genres: [{ genre: text('Game-Show') }, { genre: text('Reality-TV') }] },
    interests: { edges: [{ node: { id: 'in0000179', primaryText: text('Survival Reality TV') } }] },
    keywords: { edges: [{ node: { text: 'lighthouse' } }, { node: { text: 'storm' } }] },
    images: { total: 0, edges: [] },
    primaryImage: null,
    meta: { canonicalId: LANTERN_IMDB },
    series: null,
  };
  const data = {
    props: { pageProps: { tconst: LANTERN_IMDB, aboveTheFoldData, mainColumnData: { id: LANTERN_IMDB } } },
    page: '/title/[tconst]',
    query: { tconst: LANTERN_IMDB },
    buildId: 'made-up',
    locale: 'en-US',
  };
  const json = JSON.stringify(data, null, 1).replaceAll('<', '\\u003c');
  return `<!DOCTYPE html><html lang="en-US"><head><title>${show.name} (TV Series 2023– ) - IMDb</title>
<link rel="canonical" href="https://www.imdb.com/title/${LANTERN_IMDB}/"/></head><body><div id="__next"></div>
<script id="__NEXT_DATA__" type="application/json">${json}</script></body></html>
`;
}

/** A list at IMDb that names the made-up show, and a film that is no show. */
export const LANTERN_LIST = 'ls900000001';

export function lanternListPage(show: WorldShow): string {
  const entry = (position: number, id: string, title: string, type: string) => ({
    listItem: {
      id,
      titleText: { text: title },
      titleType: { id: type },
      releaseYear: { year: 2023, endYear: null },
      ratingsSummary: { aggregateRating: 8, voteCount: 4200 },
      certificate: { rating: 'TV-PG' },
      runtime: { seconds: 3480 },
      titleGenres: { genres: [{ genre: { text: 'Reality-TV' } }] },
      plot: null,
      primaryImage: null,
    },
    node: { absolutePosition: position, description: position === 1 ? 'Watch it in winter.' : null },
  });
  const edges = [entry(1, LANTERN_IMDB, show.name, 'tvSeries'), entry(2, 'tt90000003', 'A made-up film', 'movie')];
  const list = { id: LANTERN_LIST, titleListItemSearch: { total: edges.length, edges } };
  const data = {
    props: { pageProps: { mainColumnData: { list } } },
    page: '/list/[lsconst]',
    query: { lsconst: LANTERN_LIST },
    buildId: 'made-up',
    locale: 'en-US',
  };
  const json = JSON.stringify(data, null, 1).replaceAll('<', '\\u003c');
  return `<!DOCTYPE html><html lang="en-US"><head><title>Made-up lights - IMDb</title>
<link rel="canonical" href="https://www.imdb.com/list/${LANTERN_LIST}/"/></head><body><div id="__next"></div>
<script id="__NEXT_DATA__" type="application/json">${json}</script></body></html>
`;
}
