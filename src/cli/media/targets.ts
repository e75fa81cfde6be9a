import { statement } from '../../platform/db/statement.ts';
import type { Database } from '../../platform/db/types.ts';
import { repeated, UsageError } from '../command.ts';
import { readImdbIds, readTmdbIds } from '../pipeline-flags.ts';

/** Values: ids, IMDb ids, TMDb ids. Which show each of them names. */
const SHOWS = statement(
  'media.cli.shows',
  `/* media */ select s.id, s.imdb_id, s.tmdb_id from core.shows s
where s.id = any($1::uuid[]) or s.imdb_id = any($2::text[]) or s.tmdb_id = any($3::int[])`,
  { id: 'uuid', imdb_id: 'text?', tmdb_id: 'int4?' },
);

/** Values: ids, IMDb ids. Which person each of them names. */
const PEOPLE = statement(
  'media.cli.people',
  `/* media */ select p.id, p.external_ids ->> 'imdb' as imdb_id from core.people p
where p.id = any($1::uuid[]) or p.external_ids ->> 'imdb' = any($2::text[])
union select c.person_id, c.imdb_person_id from core.cast_photos c where c.imdb_person_id = any($2::text[])`,
  { id: 'uuid?', imdb_id: 'text?' },
);

export const SHOW_FLAGS = {
  'show-id': { type: 'string', description: 'Images of this show: our id; repeatable' },
  'imdb-id': { type: 'string', description: 'Images of this show: IMDb id; repeatable' },
  'tmdb-id': { type: 'string', description: 'Images of this show: TMDb id; repeatable' },
} as const;

export const PERSON_FLAGS = {
  'person-id': { type: 'string', description: 'Photos of this person: our id; repeatable' },
  'imdb-person-id': { type: 'string', description: 'Photos of this person: IMDb id; repeatable' },
} as const;

/**
 * The shows the flags name; null without any. An id nobody has is misuse: it must never mean everybody (`spec/media.md` C4).
 * @throws UsageError
 */
export async function readShows(db: Database, rawArgs: readonly string[]): Promise<string[] | null> {
  const ids = readUuids(rawArgs, '--show-id');
  const imdb = readImdbIds(rawArgs);
  const tmdb = readTmdbIds(rawArgs);
  if (ids.length + imdb.length + tmdb.length === 0) return null;
  const rows = await db.asService('shows named', (tx) => tx.query(SHOWS, [ids, imdb, tmdb]));
  const unknown = [
    ...ids.filter((id) => !rows.some((row) => row.id === id)).map((id) => `--show-id ${id}`),
    ...imdb.filter((id) => !rows.some((row) => row.imdb_id === id)).map((id) => `--imdb-id ${id}`),
    ...tmdb.filter((id) => !rows.some((row) => row.tmdb_id === id)).map((id) => `--tmdb-id ${id}`),
  ];
  if (unknown.length > 0) throw new UsageError(`no stored show has ${unknown.join(', ')}`);
  return rows.map(({ id }) => id);
}

/** The people the flags name; null without any. @throws UsageError */
export async function readPeople(db: Database, rawArgs: readonly string[]): Promise<string[] | null> {
  const ids = readUuids(rawArgs, '--person-id');
  const imdb = repeated(rawArgs, '--imdb-person-id');
  const wrong = imdb.find((id) => !/^nm\d+$/.test(id));
  if (wrong !== undefined) throw new UsageError(`--imdb-person-id must be "nm" and digits, not "${wrong}"`);
  if (ids.length + imdb.length === 0) return null;
  const rows = await db.asService('people named', (tx) => tx.query(PEOPLE, [ids, imdb]));
  const unknown = [
    ...ids.filter((id) => !rows.some((row) => row.id === id)).map((id) => `--person-id ${id}`),
    ...imdb.filter((id) => !rows.some((row) => row.imdb_id === id)).map((id) => `--imdb-person-id ${id}`),
  ];
  if (unknown.length > 0) throw new UsageError(`no stored person has ${unknown.join(', ')}`);
  return [...new Set(rows.flatMap(({ id }) => id ?? []))];
}

function readUuids(rawArgs: readonly string[], flag: string): string[] {
  return repeated(rawArgs, flag).map((id) => {
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))
      throw new UsageError(`${flag} must be a UUID, not "${id}"`);
    return id.toLowerCase();
  });
}

/**
 * Words of a repeatable flag that must be among those we know; `all`, or none, means all.
 * @throws UsageError naming the flag and what there is
 */
export function readWords<const T extends string>(rawArgs: readonly string[], flag: string, known: readonly T[]): T[] {
  const words = repeated(rawArgs, flag).flatMap((word) => word.split(','));
  const chosen = words
    .filter((word) => word !== 'all')
    .map((word) => {
      const found = known.find((one) => one === word);
      if (found === undefined) throw new UsageError(`${flag} must be one of ${known.join(', ')} or all, not "${word}"`);
      return found;
    });
  return chosen.length === 0 || words.includes('all') ? [...known] : chosen;
}
