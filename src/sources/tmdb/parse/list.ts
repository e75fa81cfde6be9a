import { date, integer, lacking, objects, type Parsed, parsed, readObject, text, texts } from '../../read.ts';
import type { ListItem } from '../source.ts';

export interface TmdbListPage {
  readonly items: readonly ListItem[];
  /** 1 when the payload does not say. */
  readonly totalPages: number;
}

/** One page of `/list/{id}`. Must find the list `items`. Kept: `media_type` missing or `tv`, with an integer id and a name. */
export function parseList(body: Uint8Array): Parsed<TmdbListPage> {
  const payload = readObject(body);
  if (!payload.ok) return payload;
  const items = objects(payload.value['items']);
  const readable = items?.some((item) => integer(item['id']) !== undefined) ?? false;
  if (items === undefined || (items.length > 0 && !readable)) return lacking('items (a list of objects with id)');
  const shows = items.flatMap((item): ListItem[] => {
    const mediaType = item['media_type'] ?? 'tv';
    const tmdbId = integer(item['id']);
    const name = text(item['name']) ?? text(item['title']);
    if (mediaType !== 'tv' || tmdbId === undefined || name === undefined) return [];
    const firstAirDate = date(item['first_air_date']) ?? null;
    return [{ tmdbId, name, firstAirDate, originCountries: texts(item['origin_country']) ?? null }];
  });
  return parsed({ items: shows, totalPages: totalPages(payload.value['total_pages']) });
}

function totalPages(value: unknown): number {
  const pages = integer(value);
  return pages === undefined || pages < 1 ? 1 : pages;
}

export interface TmdbChangesPage {
  readonly ids: readonly number[];
  readonly totalPages: number;
}

/** One page of `/tv/changes` or `/person/changes`. Must find the list `results`. */
export function parseChanges(body: Uint8Array): Parsed<TmdbChangesPage> {
  const payload = readObject(body);
  if (!payload.ok) return payload;
  const results = objects(payload.value['results']);
  if (results === undefined) return lacking('results (a list)');
  const ids = results.flatMap((item) => integer(item['id']) ?? []);
  return parsed({ ids, totalPages: totalPages(payload.value['total_pages']) });
}

export interface TmdbFieldChange {
  /** The field's name (`overview`, `season`, `episode`, ...). */
  readonly key: string;
  readonly at: string | null;
  readonly action: string | null;
  /** For `season` and `episode` entries. */
  readonly seasonNumber: number | null;
  readonly episodeNumber: number | null;
}

/** `/tv/{id}/changes`. Must find the list `changes`. */
export function parseShowChanges(body: Uint8Array): Parsed<readonly TmdbFieldChange[]> {
  const payload = readObject(body);
  if (!payload.ok) return payload;
  const changes = objects(payload.value['changes']);
  if (changes === undefined) return lacking('changes (a list)');
  return parsed(
    changes.flatMap((change) => {
      const key = text(change['key']);
      if (key === undefined) return [];
      return (objects(change['items']) ?? []).map((item) => {
        const [value = {}] = objects([item['value']]) ?? [];
        return {
          key,
          at: text(item['time']) ?? null,
          action: text(item['action']) ?? null,
          seasonNumber: integer(value['season_number']) ?? null,
          episodeNumber: integer(value['episode_number']) ?? null,
        };
      });
    }),
  );
}
