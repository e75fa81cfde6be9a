import { isObject, type JsonObject, lacking, objects, type Parsed, parsed, unexpected } from '../../read.ts';
import { nameId, titleId } from '../ids.ts';
import { readGraphqlTitle } from './graphql.ts';
import { type ImdbSeasonOption, seasonOption } from './season-totals.ts';
import { at, decoded, distinctTexts, nodes, text, whole, year } from './values.ts';

/** A person's credit in one episode (`spec/sources-imdb.md` 3.2). */
export interface ImdbEpisodeCredit {
  readonly episodeId: string;
  readonly season: number | null;
  readonly episode: number | null;
  /** `S5.E1` when both are known. */
  readonly episodeCode: string | null;
  readonly title: string | null;
  readonly year: number | null;
  readonly job: string | null;
  readonly category: string | null;
  readonly attributes: readonly string[];
  readonly characters: readonly string[];
  readonly isArchiveFootage: boolean;
}

export interface ImdbEpisodeCredits {
  /** Null where the answer does not repeat them. */
  readonly seriesId: string | null;
  readonly personId: string | null;
  /** Seasons with a credit, ascending; one without a number is asked for by its label. */
  readonly seasons: readonly ImdbSeasonOption[];
  /** Empty when the person has no credit in the group: that is an answer, no error (6.2, 15). */
  readonly credits: readonly ImdbEpisodeCredit[];
  readonly endCursor: string | null;
}

/**
 * One page of the answer to "in which episodes". Every credit of the person is read, not only the first (6.2, 15). Must find
 * `data.title.creditsV2.edges`.
 */
export function parseEpisodeCredits(
  body: Uint8Array,
  asked: { seriesId?: string; personId?: string } = {},
): Parsed<ImdbEpisodeCredits> {
  const title = readGraphqlTitle(body);
  if (!title.ok) return title;
  const edges = objects(at(title.value, 'creditsV2.edges'));
  if (edges === undefined) return lacking('data.title.creditsV2.edges');
  const groups = edges.flatMap(({ node }) => (isObject(node) ? [node] : []));
  const connections = groups.flatMap((group) => (isObject(group['episodeCredits']) ? [group['episodeCredits']] : []));
  if (groups.length > 0 && connections.length === 0) return lacking('episodeCredits in creditsV2.edges');
  const seriesId = titleId(title.value['id']);
  const personId = groups.map((group) => nameId(at(group, 'name.id'))).find((id) => id !== null) ?? null;
  for (const [found, wanted] of [
    [seriesId, asked.seriesId],
    [personId, asked.personId],
  ]) {
    if (wanted !== undefined && found !== null && found !== wanted)
      return unexpected(`asked for ${wanted}, the answer is about ${found}`);
  }
  const more = connections.find((connection) => at(connection, 'pageInfo.hasNextPage') === true);
  const endCursor = text(at(more, 'pageInfo.endCursor'));
  if (more !== undefined && endCursor === undefined) return lacking('pageInfo.endCursor although there is a next page');
  return parsed({
    seriesId,
    personId,
    seasons: seasonsOf(groups),
    credits: distinctCredits(connections.flatMap((connection) => nodes(connection) ?? [])),
    endCursor: endCursor ?? null,
  });
}

function seasonsOf(groups: readonly JsonObject[]): ImdbSeasonOption[] {
  const shown = groups.flatMap((group) => nodes(at(group, 'nav.displayableSeasons')) ?? []);
  const options = shown.flatMap((node) => seasonOption(node['season']) ?? []);
  const byNumber = new Map(options.map((option) => [option.number, option]));
  return [...byNumber.values()].sort((a, b) => (a.number ?? 10_000) - (b.number ?? 10_000));
}

/** One per episode: the credits of two groups, or of two roles, are one appearance. */
function distinctCredits(episodes: readonly JsonObject[]): ImdbEpisodeCredit[] {
  const byEpisode = new Map<string, ImdbEpisodeCredit>();
  for (const node of episodes) {
    const credit = readCredit(node);
    if (credit === undefined) continue;
    const known = byEpisode.get(credit.episodeId);
    byEpisode.set(credit.episodeId, known === undefined ? credit : joined(known, credit));
  }
  return [...byEpisode.values()];
}

/** Somebody who is in an episode and in its archive footage is in it. */
export function joined(a: ImdbEpisodeCredit, b: ImdbEpisodeCredit): ImdbEpisodeCredit {
  return {
    ...a,
    season: a.season ?? b.season,
    episode: a.episode ?? b.episode,
    episodeCode: a.episodeCode ?? b.episodeCode,
    title: a.title ?? b.title,
    year: a.year ?? b.year,
    job: a.job ?? b.job,
    category: a.category ?? b.category,
    attributes: [...new Set([...a.attributes, ...b.attributes])],
    characters: [...new Set([...a.characters, ...b.characters])],
    isArchiveFootage: a.isArchiveFootage && b.isArchiveFootage,
  };
}

function readCredit(node: JsonObject): ImdbEpisodeCredit | undefined {
  const episodeId = titleId(at(node, 'title.id'));
  if (episodeId === null) return undefined;
  const number = (path: string) => whole(at(node, `title.series.displayableEpisodeNumber.${path}`)) ?? null;
  const [season, episode] = [number('displayableSeason.text'), number('episodeNumber.text')];
  const roles = nodes(node['creditedRoles']) ?? [];
  const attributes = roles.flatMap((role) => objects(role['attributes']) ?? nodes(role['attributes']) ?? []);
  const characters = roles.flatMap((role) => nodes(role['characters']) ?? objects(role['characters']) ?? []);
  const remarks = distinctTexts(attributes, (attribute) => decoded(at(attribute, 'text'))) ?? [];
  const category = roles.map((role) => text(at(role, 'category.text'))).find((word) => word !== undefined) ?? null;
  return {
    episodeId,
    season,
    episode,
    episodeCode: season === null || episode === null ? null : `S${season}.E${episode}`,
    title: decoded(at(node, 'title.titleText.text')) ?? null,
    year: year(at(node, 'title.releaseYear.year')) ?? null,
    job: roles.map((role) => decoded(role['text'])).find((word) => word !== undefined) ?? null,
    category,
    attributes: remarks,
    characters: distinctTexts(characters, (character) => decoded(at(character, 'name'))) ?? [],
    isArchiveFootage: [...remarks, category ?? ''].some((remark) => /archive (?:footage|sound)/i.test(remark)),
  };
}
