import { randomUUID } from 'node:crypto';
import type { TestDatabase } from '../../helpers/database.ts';

/**
 * What a history happens to: two episodes, six people (the last is an administrator), a direct conversation of the first two, a group
 * of the first three, a published survey. Everything is new, so that one history never meets another.
 */
export interface World {
  readonly users: readonly string[];
  readonly episodes: readonly string[];
  /** Direct, then group. */
  readonly conversations: readonly string[];
  readonly survey: string;
  readonly question: string;
  readonly channels: readonly string[];
  readonly threads: string[];
  readonly posts: string[];
  readonly messages: { readonly id: string; readonly conversation: string }[];
  anonymous: number;
}

export const ADMIN = 5;

/** Functions of the test itself, beside the schema. They are called by the owner, who may become anybody. */
const FUNCTIONS = `
create schema histories;
grant usage on schema histories to anon, authenticated;
insert into core.shows (id, name) values ('a0000000-0000-4000-8000-0000000000aa', 'Histories');

create function histories.world() returns jsonb language plpgsql as $$
declare
  users uuid[]; season uuid; episodes uuid[]; direct uuid; crowd uuid; survey uuid; question uuid; n integer;
begin
  with made as (insert into identity.users (id) select gen_random_uuid() from generate_series(1, 6) returning id)
  select array_agg(id order by id) into users from made;
  insert into identity.admins (user_id, granted_by) values (users[6], 'test');
  select coalesce(max(season_number), 0) + 1 into n from core.seasons;
  insert into core.seasons (show_id, season_number) values ('a0000000-0000-4000-8000-0000000000aa', n) returning id into season;
  with made as (
    insert into core.episodes (show_id, season_id, season_number, episode_number)
    select 'a0000000-0000-4000-8000-0000000000aa', season, n, e from generate_series(1, 2) e returning id)
  select array_agg(id) into episodes from made;
  insert into social.dm_conversations (is_group, direct_key) values (false, users[1] || ':' || users[2]) returning id into direct;
  insert into social.dm_conversations (is_group) values (true) returning id into crowd;
  insert into social.dm_members (conversation_id, user_id)
  values (direct, users[1]), (direct, users[2]), (crowd, users[1]), (crowd, users[2]), (crowd, users[3]);
  insert into surveys.surveys (show_id, title, status) values ('a0000000-0000-4000-8000-0000000000aa', 'Who goes?', 'published') returning id into survey;
  insert into surveys.questions (survey_id, question_order, prompt, question_type) values (survey, 1, 'Who?', 'single_choice') returning id into question;
  insert into surveys.options (question_id, option_order, label, value) values (question, 1, 'A', 'a'), (question, 2, 'B', 'b');
  return jsonb_build_object('users', users, 'episodes', episodes, 'direct', direct, 'crowd', crowd, 'survey', survey, 'question', question);
end
$$;

-- What row security shows of the given rows to each of these people; nobody signed in where there are none. One function per role: plans are made for a role.
create function histories.seen_by_anon(p_threads uuid[], p_survey uuid) returns text[] language plpgsql as $$
declare
  keys text[];
begin
  perform set_config('role', 'anon', true), set_config('request.jwt.claims', '', true);
  select array_agg(k.key) into keys from (
    select 'thread:' || t.id || ':' || t.title as key from social.threads t where t.id = any (p_threads)
    union all select 'post:' || p.id || ':' || p.body from social.posts p where p.thread_id = any (p_threads)
    union all select 'survey:' || s.id from surveys.surveys s where s.id = p_survey) k;
  return keys;
end
$$;
create function histories.seen_by_users(p_users uuid[], p_threads uuid[], p_conversations uuid[], p_survey uuid) returns table (viewer uuid, keys text[])
language plpgsql as $$
declare
  open text[] := array(select 'open:' || f.user_id || ':' || f.conversation_id from unnest(p_conversations) c (id)
    cross join lateral live.may_follow(p_users, array_fill(c.id, array[cardinality(p_users)])) f);
begin
  perform set_config('role', 'authenticated', true);
  foreach viewer in array p_users loop
    perform set_config('request.jwt.claims', jsonb_build_object('sub', viewer, 'role', 'authenticated')::text, true);
    select array_agg(k.key) into keys from (
      select 'thread:' || t.id || ':' || t.title as key from social.threads t where t.id = any (p_threads)
      union all select 'post:' || p.id || ':' || p.body from social.posts p where p.thread_id = any (p_threads)
      union all select 'reaction:' || r.post_id || ':' || r.user_id || ':' || r.reaction from social.reactions r
        where r.post_id in (select p.id from social.posts p where p.thread_id = any (p_threads))
      union all select 'message:' || m.id || ':' || m.body from social.dm_messages m where m.conversation_id = any (p_conversations)
      union all select 'conversation:' || c.id from social.dm_conversations c where c.id = any (p_conversations)
      union all select 'open:' || right(o.key, 36) from unnest(open) o (key) where o.key like 'open:' || viewer || ':%'
      union all select 'survey:' || s.id from surveys.surveys s where s.id = p_survey) k;
    return next;
  end loop;
end
$$;
`;

export async function prepareWorlds(database: TestDatabase): Promise<void> {
  await database.owner(FUNCTIONS);
}

export async function createWorld(database: TestDatabase): Promise<World> {
  const [row] = await database.owner<{ world: WorldRow }>('select histories.world()');
  if (row === undefined) throw new Error('no world');
  const { users, episodes, direct, crowd, survey, question } = row.world;
  const conversations = [direct, crowd];
  return {
    users,
    episodes,
    conversations,
    survey,
    question,
    channels: [
      ...episodes.map((id) => `discussions:episode:${id}`),
      ...conversations.map((id) => `dms:conversation:${id}`),
      `surveys:survey:${survey}`,
    ],
    threads: [],
    posts: [],
    messages: [],
    anonymous: 0,
  };
}

interface WorldRow {
  readonly users: string[];
  readonly episodes: string[];
  readonly direct: string;
  readonly crowd: string;
  readonly survey: string;
  readonly question: string;
}

/** What each person can select at one moment; the key of nobody is ''. */
export type Seen = ReadonlyMap<string, ReadonlySet<string>>;

export async function lookAround(database: TestDatabase, world: World): Promise<Seen> {
  const [anonymous, users] = await Promise.all([
    database.owner<{ keys: string[] | null }>('select histories.seen_by_anon($1::uuid[], $2::uuid) as keys', [
      world.threads,
      world.survey,
    ]),
    database.owner<{ viewer: string; keys: string[] | null }>(
      'select viewer, keys from histories.seen_by_users($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid)',
      [world.users, world.threads, world.conversations, world.survey],
    ),
  ]);
  return new Map([
    ['', new Set(anonymous[0]?.keys ?? [])],
    ...users.map(({ viewer, keys }): [string, Set<string>] => [viewer, new Set(keys ?? [])]),
  ]);
}

export interface StoredEvent {
  readonly channel: string;
  readonly offset: number;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly actor: string | null;
}

export async function storedEvents(database: TestDatabase, channels: readonly string[]): Promise<StoredEvent[]> {
  return database.owner<Record<keyof StoredEvent, never>>(
    'select channel, event_offset::int as "offset", type, payload, actor from live.events where channel = any ($1) order by channel, event_offset',
    [channels],
  );
}

/** Where each channel stands, as the table says; with what is still to be numbered or told. */
export async function heads(
  database: TestDatabase,
  channels: readonly string[],
): Promise<{ channel: string; offset: number; epoch: string; waiting: number }[]> {
  return database.owner(
    `select n.name as channel, coalesce(c.last_offset, 0)::int as "offset", live.epoch() as epoch,
  (select count(*) from live.outbox o where o.channel = n.name)::int + (select count(*) from live.stale s where s.channel = n.name)::int as waiting
from unnest($1::text[]) n (name) left join live.channels c on c.name = n.name`,
    [channels],
  );
}

/** Simulated time passes for the database, too, where it compares times. */
export async function age(database: TestDatabase, channels: readonly string[], ms: number): Promise<void> {
  await database.owner(
    'update live.channels set digested_at = digested_at - make_interval(secs => $2::float8 / 1000) where name = any ($1) and digested_at is not null',
    [channels, ms],
  );
}

export const anonymousKey = (n: number): string => `${randomUUID()}-${n}`;
