import { defined, isObject, type JsonObject, lacking, objects, type Parsed, parsed, unexpected } from '../../read.ts';
import { titleId } from '../ids.ts';
import { type ImdbEpisode, readEpisode } from './episode.ts';
import { readEpisodesMarkup } from './episodes-markup.ts';
import { identify } from './identity.ts';
import { type PageData, readPage } from './page.ts';
import { countSeasons, distinctOptions, type ImdbSeasonOption, seasonOption, seasonTotals } from './season-totals.ts';
import { at, nodes, text, whole, year } from './values.ts';

/** An episodes page: which seasons there are, and the episodes of the one it shows. */
export interface ImdbEpisodes {
  /** The series; null where an old page does not tell. */
  readonly id: string | null;
  readonly canonicalId: string | null;
  readonly locale?: string | null;
  /** Distinct, in the page's order. */
  readonly seasons: readonly ImdbSeasonOption[];
  readonly seasonCount: number;
  readonly years: readonly number[];
  /** Of the whole series. */
  readonly episodeCount: number | null;
  readonly unknownSeasonEpisodes: number | null;
  /** The season shown; null when the page does not say. */
  readonly current: ImdbSeasonOption | null;
  readonly episodes: readonly ImdbEpisode[];
  /** Episodes of the season shown; above their number when the page holds only the first 50 (6.2, 7). */
  readonly total: number | null;
  /** Where the rest begins. */
  readonly endCursor: string | null;
}

export interface EpisodesAsked {
  readonly id?: string;
  /** The season asked for, null for the bucket without one: given to episodes that name none, and compared with the page's. */
  readonly season?: number | null;
}

/**
 * An episodes page, with or without `?season=`. Must find the seasons or the list of episodes. `missing` is `episodes` when the page
 * holds only a part of the season.
 */
export function parseEpisodes(body: Uint8Array, asked: EpisodesAsked = {}): Parsed<ImdbEpisodes> {
  const page = readPage(body);
  if (!page.ok) return page;
  const { data, html } = page.value;
  const result = data === null ? readEpisodesMarkup(html, asked) : readEpisodesData(data, asked);
  if (!result.ok) return result;
  const { current, episodes, total } = result.value;
  if (asked.season !== undefined && current !== null && current.number !== asked.season) {
    return unexpected(`asked for season ${asked.season ?? 'Unknown'}, the page shows season ${current.label}`);
  }
  return parsed(result.value, total !== null && episodes.length < total ? ['episodes'] : []);
}

function readEpisodesData(data: PageData, asked: EpisodesAsked): Parsed<ImdbEpisodes> {
  if (data.page !== null && data.page !== '/title/[tconst]/episodes') {
    return unexpected(`a page of ${data.page.slice(0, 60)} instead of an episodes page`);
  }
  const content = data.props['contentData'];
  const section = at(content, 'section');
  if (!isObject(section)) return lacking('contentData.section');
  const route = [data.query['tconst'], at(section, 'queryVariables.const')];
  const contents = [at(content, 'entityMetadata.id'), at(content, 'data.title.id')];
  const canonical = at(content, 'entityMetadata.meta.canonicalId') ?? at(content, 'data.title.meta.canonicalId');
  const identity = identify({ route, content: contents, canonical }, asked.id);
  if (!identity.ok) return identity;
  const items = objects(at(section, 'episodes.items'));
  const listed = objects(section['seasons'])?.map((season) => season['value']);
  if (items === undefined && listed === undefined) return lacking('section.seasons or section.episodes.items');
  const current = currentOf(section);
  const episodes = (items ?? []).flatMap((item) => readEpisode(item, asked.season ?? current?.number) ?? []);
  if (items !== undefined && items.length > 0 && episodes.length === 0)
    return lacking('episodes among section.episodes.items');
  const totals = seasonTotals(section['episodesWidgetData']) ?? seasonTotals(at(content, 'data.title.episodes'));
  const seasons = distinctOptions(listed ?? totals?.options.map(({ label }) => label) ?? []);
  return parsed(
    defined({
      id: identity.value?.id ?? null,
      canonicalId: identity.value?.canonicalId ?? null,
      locale: data.locale,
      seasons,
      seasonCount: countSeasons(seasons),
      years: (objects(section['years']) ?? []).flatMap(({ value }) => year(value) ?? []),
      episodeCount: totals?.episodeCount ?? null,
      unknownSeasonEpisodes: totals?.unknownSeasonEpisodes ?? null,
      current,
      episodes,
      total: whole(at(section, 'episodes.total')) ?? null,
      endCursor:
        at(section, 'episodes.hasNextPage') === true ? (text(at(section, 'episodes.endCursor')) ?? null) : null,
    }),
  );
}

/** The tab by year shows episodes of several seasons: none is current then. */
function currentOf(section: JsonObject): ImdbSeasonOption | null {
  if (section['selectedTab'] !== undefined && section['selectedTab'] !== 'seasons') return null;
  return seasonOption(section['currentSeason']) ?? null;
}

export interface ImdbEpisodesPage {
  readonly id: string | null;
  readonly episodes: readonly ImdbEpisode[];
  readonly total: number | null;
  /** Null on the last page. */
  readonly endCursor: string | null;
}

/** The rest of a long season: the answer to the web client's paging. Must find `data.title.episodes.episodes.edges`. */
export function readEpisodesPage(title: JsonObject, season: number | null): Parsed<ImdbEpisodesPage> {
  const connection = at(title, 'episodes.episodes');
  const items = nodes(connection);
  if (items === undefined) return lacking('data.title.episodes.episodes.edges');
  const episodes = items.flatMap((node) => readEpisode(node, season) ?? []);
  if (items.length > 0 && episodes.length === 0) return lacking('episodes among data.title.episodes.episodes.edges');
  const more = at(connection, 'pageInfo.hasNextPage') === true;
  return parsed({
    id: titleId(title['id']),
    episodes,
    total: whole(at(connection, 'total')) ?? null,
    endCursor: more ? (text(at(connection, 'pageInfo.endCursor')) ?? null) : null,
  });
}
