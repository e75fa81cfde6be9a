import { bucketOf, readBucket } from './buckets.ts';
import { cell, idNumber, ROW } from './extract.ts';

/** What the datasets say about one series, in their own words. */
export interface SeriesRecord {
  readonly imdbId: string;
  /** Undefined: the datasets do not know the title (yet). */
  readonly title: TitleRecord | undefined;
  readonly rating: RatingRecord | undefined;
  readonly episodes: readonly EpisodeRecord[];
  /** Of the series itself and of its episodes; crew is left out. */
  readonly principals: readonly PrincipalRecord[];
  readonly names: ReadonlyMap<string, NameRecord>;
}

export interface TitleRecord {
  readonly titleType: string | undefined;
  readonly primaryTitle: string | undefined;
  readonly originalTitle: string | undefined;
  readonly startYear: number | undefined;
  readonly endYear: number | undefined;
  readonly runtimeMinutes: number | undefined;
  readonly genres: readonly string[];
}

export interface RatingRecord {
  readonly average: number;
  readonly votes: number;
}

export interface EpisodeRecord {
  readonly imdbId: string;
  /** Undefined when IMDb does not place the episode. */
  readonly season: number | undefined;
  readonly number: number | undefined;
  readonly title: TitleRecord | undefined;
  readonly rating: RatingRecord | undefined;
}

export interface PrincipalRecord {
  /** The series' or an episode's id. */
  readonly titleId: string;
  readonly ordering: number | undefined;
  readonly nameId: string;
  readonly category: string;
  readonly characters: readonly string[];
}

export interface NameRecord {
  readonly nameId: string;
  readonly name: string;
  readonly birthYear: number | undefined;
  readonly deathYear: number | undefined;
  readonly professions: readonly string[];
}

/** Reads one series out of an extract. Rows arrive in the order in which they were written: episodes first, names last. */
export function readSeries(folder: string, imdbId: string): SeriesRecord {
  const places = new Map<string, { season: number | undefined; number: number | undefined }>();
  const titles = new Map<string, TitleRecord>();
  const ratings = new Map<string, RatingRecord>();
  const principals: PrincipalRecord[] = [];
  const people = new Set<string>();
  const names = new Map<string, NameRecord>();
  const isOurs = (id: string | undefined): id is string => id !== undefined && (id === imdbId || places.has(id));
  for (const [kind, ...columns] of readBucket(folder, bucketOf(idNumber(imdbId)))) {
    const id = columns[0];
    if (kind === ROW.episode) {
      if (columns[1] === imdbId && id !== undefined && id !== imdbId) {
        places.set(id, { season: whole(cell(columns, 2)), number: whole(cell(columns, 3)) });
      }
    } else if (kind === ROW.name) {
      const name = cell(columns, 1);
      if (id !== undefined && people.has(id) && name !== undefined) names.set(id, nameOf(id, name, columns));
    } else if (!isOurs(id)) continue;
    else if (kind === ROW.title) titles.set(id, titleOf(columns));
    else if (kind === ROW.rating) {
      const rating = ratingOf(columns);
      if (rating !== undefined) ratings.set(id, rating);
    } else if (kind === ROW.principal) {
      const principal = principalOf(id, columns);
      if (principal === undefined) continue;
      principals.push(principal);
      people.add(principal.nameId);
    }
  }
  const episodes = [...places].map(([id, place]) => ({
    imdbId: id,
    ...place,
    title: titles.get(id),
    rating: ratings.get(id),
  }));
  return { imdbId, title: titles.get(imdbId), rating: ratings.get(imdbId), episodes, principals, names };
}

function titleOf(columns: readonly string[]): TitleRecord {
  return {
    titleType: cell(columns, 1),
    primaryTitle: cell(columns, 2),
    originalTitle: cell(columns, 3),
    startYear: whole(cell(columns, 5)),
    endYear: whole(cell(columns, 6)),
    runtimeMinutes: whole(cell(columns, 7)),
    genres: list(cell(columns, 8)),
  };
}

function ratingOf(columns: readonly string[]): RatingRecord | undefined {
  const average = Number(cell(columns, 1) ?? Number.NaN);
  const votes = whole(cell(columns, 2));
  return average >= 0 && average <= 10 && votes !== undefined ? { average, votes } : undefined;
}

function principalOf(titleId: string, columns: readonly string[]): PrincipalRecord | undefined {
  const nameId = cell(columns, 2);
  const category = cell(columns, 3);
  if (nameId === undefined || category === undefined) return undefined;
  return { titleId, ordering: whole(cell(columns, 1)), nameId, category, characters: characters(cell(columns, 5)) };
}

function nameOf(nameId: string, name: string, columns: readonly string[]): NameRecord {
  return {
    nameId,
    name,
    birthYear: whole(cell(columns, 2)),
    deathYear: whole(cell(columns, 3)),
    professions: list(cell(columns, 4)),
  };
}

/** `["Self - Host"]`: JSON inside the column; text that is none is one character. */
function characters(text: string | undefined): string[] {
  if (text === undefined) return [];
  let value: unknown = text;
  try {
    value = JSON.parse(text);
  } catch {
    // Some rows have always had bare text there.
  }
  const items: unknown[] = Array.isArray(value) ? value : [value];
  const texts = items.flatMap((item) => (typeof item === 'string' && item.trim() !== '' ? [item.trim()] : []));
  return [...new Set(texts)];
}

function list(text: string | undefined): string[] {
  return (text ?? '').split(',').flatMap((item) => (item.trim() === '' ? [] : [item.trim()]));
}

/** A whole number that a column of ours holds. */
function whole(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
  const number = Number(text);
  return number <= 2_147_483_647 ? number : undefined;
}
