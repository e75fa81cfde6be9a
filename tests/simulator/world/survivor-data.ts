import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The columns of the open data set `doehm/survivoR` that the simulator uses (see `data/survivor/README.md`). */
export interface SurvivorData {
  readonly seasons: readonly SeasonRow[];
  readonly episodes: readonly EpisodeRow[];
  readonly castaways: readonly CastawayRow[];
  readonly people: readonly PersonRow[];
}

export interface SeasonRow {
  /** Country code of the national show: US, AU, SA, NZ, UK. */
  version: string;
  season: number;
  season_name: string;
  location: string;
  premiered: string | null;
}

export interface EpisodeRow {
  version: string;
  season: number;
  /** Within the season, from 1. */
  episode: number;
  episode_title: string;
  /** `Ep 3`, `Finale`, `Reunion`, `Recap`. */
  episode_label: string;
  episode_date: string | null;
  /** Minutes. */
  episode_length: number | null;
  imdb_rating: number | null;
  n_ratings: number | null;
}

export interface CastawayRow {
  version: string;
  season: number;
  castaway_id: string;
  /** The name under which this season credited the person. */
  full_name: string;
  castaway: string;
  /** Order of leaving. */
  order: number;
  /** Last episode the person took part in. */
  episode: number;
}

export interface PersonRow {
  castaway_id: string;
  full_name: string | null;
  date_of_birth: string | null;
}

export const SURVIVOR_COLUMNS = {
  seasons: ['version', 'season', 'season_name', 'location', 'premiered'],
  episodes: [
    'version',
    'season',
    'episode',
    'episode_title',
    'episode_label',
    'episode_date',
    'episode_length',
    'imdb_rating',
    'n_ratings',
  ],
  castaways: ['version', 'season', 'castaway_id', 'full_name', 'castaway', 'order', 'episode'],
  people: ['castaway_id', 'full_name', 'date_of_birth'],
} as const;

export const REDUCED_SURVIVOR_DIR = path.join(import.meta.dirname, '..', 'data', 'survivor');

/** `TRR_SURVIVOR_DIR`, else the full copy beside the project when it is there, else the reduced one that is committed. */
export function defaultSurvivorDir(): string {
  const named = process.env.TRR_SURVIVOR_DIR;
  if (named) return named;
  const beside = path.join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'captures', 'survivor');
  return existsSync(path.join(beside, 'seasons.json')) ? beside : REDUCED_SURVIVOR_DIR;
}

/**
 * Reads the four files of a folder, in the data set's own form (array of objects) or the reduced one (`columns` and `rows`).
 * Throws with the file's name when one is missing or lacks a column.
 */
export function readSurvivorData(dir: string): SurvivorData {
  return {
    seasons: readTable<SeasonRow>(dir, 'seasons'),
    episodes: readTable<EpisodeRow>(dir, 'episodes'),
    castaways: readTable<CastawayRow>(dir, 'castaways'),
    people: readTable<PersonRow>(dir, 'people'),
  };
}

function readTable<Row>(dir: string, name: keyof typeof SURVIVOR_COLUMNS): Row[] {
  const file = path.join(dir, `${name}.json`);
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const rows = Array.isArray(parsed) ? (parsed as Record<string, unknown>[]) : expand(parsed, file);
  for (const column of SURVIVOR_COLUMNS[name]) {
    if (rows.some((row) => row[column] === undefined)) throw new Error(`${file}: a row without ${column}`);
  }
  return rows as Row[];
}

function expand(parsed: unknown, file: string): Record<string, unknown>[] {
  const table = parsed as { columns?: string[]; rows?: unknown[][] };
  const { columns, rows } = table;
  if (!Array.isArray(columns) || !Array.isArray(rows)) throw new Error(`${file}: neither rows nor columns and rows`);
  return rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])));
}
