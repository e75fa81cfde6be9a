import type pg from 'pg';
import { errorCode } from '../errors.ts';

/** Rows that a migration of ours would stop at; a person decides what becomes of them. */
export interface RowProblem {
  readonly id: string;
  /** What is wrong, and with which migration it collides. */
  readonly what: string;
  readonly count: number;
  /** Up to five of the keys concerned. */
  readonly examples: readonly string[];
}

interface Check {
  readonly id: string;
  readonly what: string;
  /** Gives one text column `key` per offending key. */
  readonly sql: string;
}

const twice = (key: string, table: string, where = 'true') =>
  `select ${key} as key from ${table} where ${where} group by ${key} having count(*) > 1`;
const cleaned = (column: string) => `lower(btrim(${column}))`;
const malformed = (column: string, table: string, pattern: string) =>
  `select quote_literal(${column}) as key from ${table} where btrim(${column}) <> '' and ${cleaned(column)} !~ '${pattern}'`;

const IMDB_PERSON = "external_ids ->> 'imdb'";
const TMDB_PERSON = "btrim(coalesce(external_ids ->> 'tmdb', external_ids ->> 'tmdb_id'))";

/** The duplicate queries the predecessor's operators ran by hand (`spec/schema.md` 13): they must find nothing. */
export const DUPLICATE_CHECKS: readonly Check[] = [
  {
    id: 'shows-imdb-id',
    what: 'shows that share an IMDb id: merge them, or empty the wrong id (0057)',
    sql: twice(cleaned('imdb_id'), 'core.shows', "btrim(imdb_id) <> ''"),
  },
  {
    id: 'shows-tmdb-id',
    what: 'shows that share a TMDb id: merge them, or empty the wrong id (0057)',
    sql: twice('tmdb_id::text', 'core.shows', 'tmdb_id is not null'),
  },
  {
    id: 'show-images-source',
    what: 'show images stored twice under one source id: keep one of each (0059)',
    sql: twice(
      "concat_ws(' ', show_id, source, source_image_id)",
      'core.show_images',
      'source_image_id is not null and show_id is not null',
    ),
  },
  {
    id: 'show-images-tmdb',
    what: 'TMDb images stored twice under one path: keep one of each (0059)',
    sql: twice(
      "concat_ws(' ', tmdb_id, source, kind, file_path)",
      'core.show_images',
      'tmdb_id is not null and file_path is not null',
    ),
  },
];

const CHECKS: readonly Check[] = [
  ...DUPLICATE_CHECKS,
  {
    id: 'shows-imdb-format',
    what: 'shows whose IMDb id is none (tt and digits): correct or empty it (0057)',
    sql: malformed('imdb_id', 'core.shows', '^tt[0-9]+$'),
  },
  {
    id: 'shows-tmdb-positive',
    what: 'shows whose TMDb id is not above 0: empty it (0057)',
    sql: 'select tmdb_id::text as key from core.shows where tmdb_id <= 0',
  },
  {
    id: 'episodes-imdb-id',
    what: 'episodes that share an IMDb id once blanks are gone: empty the wrong one (0057)',
    sql: twice(cleaned('imdb_episode_id'), 'core.episodes', "btrim(imdb_episode_id) <> ''"),
  },
  {
    id: 'episodes-imdb-format',
    what: 'episodes whose IMDb id is none (tt and digits): correct or empty it (0057)',
    sql: malformed('imdb_episode_id', 'core.episodes', '^tt[0-9]+$'),
  },
  {
    id: 'people-imdb-id',
    what: 'people who share an IMDb id: merge them, or take the wrong one away (0057)',
    sql: twice(cleaned(IMDB_PERSON), 'core.people', `btrim(${IMDB_PERSON}) <> ''`),
  },
  {
    id: 'people-tmdb-id',
    what: 'people who share a TMDb id: merge them, or take the wrong one away (0057)',
    sql: twice(TMDB_PERSON, 'core.people', `${TMDB_PERSON} <> ''`),
  },
  {
    id: 'people-ids-format',
    what: 'people whose external_ids hold no object, no IMDb name id (nm and digits) or no TMDb number (0057)',
    sql: `select id::text as key from core.people where jsonb_typeof(external_ids) <> 'object'
      or btrim(${IMDB_PERSON}) <> '' and ${cleaned(IMDB_PERSON)} !~ '^nm[0-9]+$'
      or ${TMDB_PERSON} <> '' and ${TMDB_PERSON} !~ '^[1-9][0-9]*$'`,
  },
  {
    id: 'episodes-filed-elsewhere',
    what: 'episodes filed under another show or season than their own, whose right place is taken: remove one of the two (0058)',
    sql: `select e.id::text as key from core.episodes e join core.seasons s on s.id = e.season_id
      join core.episodes o on o.show_id = s.show_id and o.season_number = s.season_number
        and o.episode_number = e.episode_number and o.id <> e.id
      where (e.show_id, e.season_number) is distinct from (s.show_id, s.season_number)`,
  },
  {
    id: 'season-images-filed-elsewhere',
    what: "season images filed under another season's number, whose right place is taken: remove one of the two (0058)",
    sql: `select i.id::text as key from core.season_images i join core.seasons s on s.id = i.season_id
      join core.season_images o on o.tmdb_series_id = i.tmdb_series_id and o.season_number = s.season_number
        and o.source = i.source and o.file_path = i.file_path and o.id <> i.id
      where i.season_number <> s.season_number`,
  },
  {
    id: 'cast-photos-address',
    what: 'photos without a key whose address another photo of the person has: remove one of the two (0059)',
    sql: `select p.id::text as key from core.cast_photos p join core.cast_photos o
        on o.person_id = p.person_id and o.source = p.source and o.id <> p.id and o.source_image_id is not null
        and o.image_url_canonical = split_part(coalesce(p.image_url, p.url), '?', 1)
      where p.source_image_id is null and p.image_url_canonical is null`,
  },
];

/** A table or column that is not there is a difference of structure, which is reported as such. */
const ABSENT = new Set(['42P01', '42703', '3F000']);

/**
 * Looks for rows our migrations would stop at. Reads only; opens savepoints, so it needs an open transaction.
 * @returns problems in a fixed order; empty when there are none.
 */
export async function findRowProblems(client: pg.ClientBase, checks: readonly Check[] = CHECKS): Promise<RowProblem[]> {
  const problems: RowProblem[] = [];
  for (const { id, what, sql } of checks) {
    await client.query('savepoint row_check');
    try {
      const { rows } = await client.query<{ count: number; examples: string[] | null }>(
        `select count(*)::int as count, (array_agg(key order by key))[1:5] as examples from (${sql}) found`,
      );
      const [row] = rows;
      if (row !== undefined && row.count > 0) {
        problems.push({ id: `rows:${id}`, what, count: row.count, examples: row.examples ?? [] });
      }
      await client.query('release savepoint row_check');
    } catch (error) {
      await client.query('rollback to savepoint row_check');
      if (!ABSENT.has(errorCode(error) ?? '')) throw error;
    }
  }
  return problems;
}
