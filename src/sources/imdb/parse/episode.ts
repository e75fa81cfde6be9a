import type { PartialDateFacts } from '../../../platform/facts.ts';
import { isObject, type JsonObject } from '../../read.ts';
import { titleId } from '../ids.ts';
import { dateInText } from './dates.ts';
import { type ImdbImage, readImage } from './image.ts';
import { seasonOption } from './season-totals.ts';
import { at, decoded, partialDate, rating, text, whole, wholeDay, year } from './values.ts';

/** An episode of a series' list. `season` or `episode` is null when the source does not place it. */
export interface ImdbEpisode {
  readonly id: string | null;
  readonly season: number | null;
  /** 0 is a pilot or a special. */
  readonly episode: number | null;
  readonly type: string | null;
  readonly title: string | null;
  readonly overview: string | null;
  readonly released: PartialDateFacts | null;
  readonly ratingValue: number | null;
  readonly ratingCount: number | null;
  readonly image: ImdbImage | null;
}

const PLACE = 'series.displayableEpisodeNumber';

/**
 * An element of an episodes page, or a node of the paging behind it: names, plots and dates come as texts or as objects. Without a
 * season it belongs to `asked`. Undefined for what is no episode: no title and no number.
 */
export function readEpisode(item: JsonObject, asked: number | null | undefined): ImdbEpisode | undefined {
  const title = decoded(item['titleText']) ?? decoded(at(item, 'titleText.text')) ?? null;
  const option = seasonOption(item['season'] ?? at(item, `${PLACE}.displayableSeason.text`) ?? undefined);
  const episode = whole(item['episode']) ?? whole(at(item, `${PLACE}.episodeNumber.text`)) ?? null;
  const id = titleId(item['id']);
  if (id === null && (title === null || episode === null)) return undefined;
  const votes = whole(item['voteCount']) ?? whole(at(item, 'ratingsSummary.voteCount')) ?? null;
  return {
    id,
    season: option === undefined ? (asked ?? null) : option.number,
    episode,
    type: text(item['type']) ?? text(at(item, 'titleType.id')) ?? null,
    title,
    overview: decoded(item['plot']) ?? decoded(at(item, 'plot.plotText.plainText')) ?? null,
    released: releasedOf(item),
    ratingValue: rating(item['aggregateRating'] ?? at(item, 'ratingsSummary.aggregateRating')) ?? null,
    ratingCount: votes,
    image: readImage(isObject(item['image']) ? item['image'] : item['primaryImage']) ?? null,
  };
}

/** A day as text or as parts, as exact as told; else the year beside it (6.2, 8). */
function releasedOf(item: JsonObject): PartialDateFacts | null {
  const told = item['releaseDate'];
  const found = typeof told === 'string' ? dateInText(told) : partialDate(told);
  if (found !== undefined && found !== null) return found;
  const only = year(item['releaseYear']) ?? year(at(item, 'releaseYear.year'));
  return only === undefined ? null : { year: only, month: null, day: null, country: null };
}

/** The episode shown last: the greatest known day, the first of equals; without any day the last of the list (3.6.2). */
export function mostRecent(episodes: readonly ImdbEpisode[]): ImdbEpisode | null {
  let best: { episode: ImdbEpisode; day: string } | null = null;
  for (const episode of episodes) {
    const day = wholeDay(episode.released);
    if (day !== null && (best === null || day > best.day)) best = { episode, day };
  }
  return best?.episode ?? episodes.at(-1) ?? null;
}
