import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { withOwner } from '../../src/platform/db/owner.ts';
import { sharedNow } from './wire.ts';

export interface World {
  readonly user: string;
  /** One thread of one episode each: the channels. */
  readonly stages: readonly Stage[];
}

export interface Stage {
  readonly thread: string;
  readonly channel: string;
}

/** Somebody, and threads of different episodes to post in. */
export async function makeWorld(ownerUrl: string, stages: number): Promise<World> {
  return withOwner(ownerUrl, async (client) => {
    const one = async (text: string, values: unknown[] = []): Promise<string> =>
      (await client.query<{ id: string }>(text, values)).rows[0]?.id ?? '';
    const user = randomUUID();
    await client.query('insert into identity.users (id) values ($1)', [user]);
    const show = await one("insert into core.shows (name) values ('Bench') returning id");
    const season = await one('insert into core.seasons (show_id, season_number) values ($1, 1) returning id', [show]);
    const made: Stage[] = [];
    for (let number = 1; number <= stages; number++) {
      const episode = await one(
        'insert into core.episodes (show_id, season_id, season_number, episode_number) values ($1, $2, 1, $3) returning id',
        [show, season, number],
      );
      const thread = await one(
        "insert into social.threads (episode_id, title, type, created_by) values ($1, 'Live', 'episode_live', $2) returning id",
        [episode, user],
      );
      made.push({ thread, channel: `discussions:episode:${episode}` });
    }
    await client.query('analyze');
    return { user, stages: made };
  });
}

export interface Author {
  /** Writes a post in a transaction as `authenticated`, as the API does. Answers its id, and when its commit was known. */
  post(thread: string, body: string): Promise<{ id: string; at: number }>;
  end(): Promise<void>;
}

export async function openAuthor(ownerUrl: string, user: string): Promise<Author> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  const claims = pg.escapeLiteral(JSON.stringify({ sub: user, role: 'authenticated' }));
  const begin = `begin; select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${claims}, true)`;
  return {
    async post(thread, body) {
      await client.query(begin);
      const { rows } = await client.query<{ id: string }>({
        name: 'post',
        text: 'insert into social.posts (thread_id, user_id, body) values ($1, identity.uid(), $2) returning id',
        values: [thread, body],
      });
      await client.query('commit');
      return { id: rows[0]?.id ?? '', at: sharedNow() };
    },
    end: () => client.end(),
  };
}

/** A post of about a kilobyte. */
export const BODY = 'What is she even talking about? '.repeat(28);
