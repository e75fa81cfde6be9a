import pg from 'pg';
import { parsers } from '../../src/platform/db/parsers.ts';
import type { TestDatabase } from '../helpers/database.ts';

type Rows = Record<string, unknown>[];

/** One transaction of the owner that is always rolled back, with what the checks of this folder need. */
export interface Session {
  sql(text: string, values?: unknown[]): Promise<Rows>;
  /** First column of the first row. */
  value(text: string, values?: unknown[]): Promise<unknown>;
  /** Runs a statement that must fail; returns its SQLSTATE, `accepted` when it went through. The transaction goes on. */
  refusal(text: string, values?: unknown[]): Promise<string>;
  /** The statement's plan as one text, with everything but index access made unattractive. */
  plan(text: string, values?: unknown[]): Promise<string>;
  /** Runs `fn` as this role, signed in as `user` if given. */
  as<T>(role: 'anon' | 'authenticated' | 'service_role', fn: () => Promise<T>, user?: string): Promise<T>;
}

/** A weakness of the predecessor that is gone: `check` passes with all migrations and fails with the baseline alone. */
export interface Repair {
  readonly id: string;
  readonly title: string;
  check(session: Session): Promise<void>;
}

export async function session<T>(database: TestDatabase, fn: (session: Session) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: database.url, types: parsers });
  await client.connect();
  try {
    await client.query('begin');
    return await fn(sessionOf(client));
  } finally {
    await client.query('rollback');
    await client.end();
  }
}

function sessionOf(client: pg.Client): Session {
  const sql = async (text: string, values?: unknown[]): Promise<Rows> =>
    (await client.query<Rows[number]>(text, values)).rows;
  return {
    sql,
    value: async (text, values) => Object.values((await sql(text, values))[0] ?? {})[0],
    async refusal(text, values) {
      await sql('savepoint attempt');
      try {
        await sql(text, values);
        // Constraints checked at the end of the transaction count too.
        await sql('set constraints all immediate');
        await sql('release savepoint attempt');
        return 'accepted';
      } catch (error) {
        await sql('rollback to savepoint attempt');
        return error instanceof pg.DatabaseError ? (error.code ?? 'unknown') : 'unknown';
      }
    },
    async plan(text, values) {
      await sql('set local enable_seqscan = off');
      await sql('set local enable_sort = off');
      await sql('set local enable_bitmapscan = on');
      const rows = await sql(`explain (costs off) ${text}`, values);
      return rows.map((row) => String(row['QUERY PLAN'])).join('\n');
    },
    async as(role, run, user) {
      await sql("select set_config('request.jwt.claims', $1, true)", [JSON.stringify({ sub: user, role })]);
      await sql(`set local role ${role}`);
      const result = await run();
      await sql('reset role');
      return result;
    },
  };
}

/** Rows most checks need: two shows with a season and an episode each, and a person. */
export async function arrange({ value }: Session): Promise<Fixture> {
  const id = async (text: string, values: unknown[]): Promise<string> =>
    String(await value(`${text} returning id`, values));
  const show = await id("insert into core.shows (name, imdb_id, tmdb_id) values ('First', 'tt101', 101)", []);
  const otherShow = await id("insert into core.shows (name, imdb_id, tmdb_id) values ('Second', 'tt102', 102)", []);
  const newSeason = 'insert into core.seasons (show_id, season_number) values ($1, 1)';
  const season = await id(newSeason, [show]);
  const otherSeason = await id(newSeason, [otherShow]);
  const newEpisode =
    'insert into core.episodes (show_id, season_id, season_number, episode_number) values ($1, $2, 1, 1)';
  return {
    show,
    otherShow,
    season,
    otherSeason,
    episode: await id(newEpisode, [show, season]),
    otherEpisode: await id(newEpisode, [otherShow, otherSeason]),
    person: await id("insert into core.people (full_name) values ('Ann')", []),
  };
}

export interface Fixture {
  readonly show: string;
  readonly otherShow: string;
  readonly season: string;
  readonly otherSeason: string;
  readonly episode: string;
  readonly otherEpisode: string;
  readonly person: string;
}
