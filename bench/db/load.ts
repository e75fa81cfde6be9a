import type pg from 'pg';

/** How much of everything. */
export interface Size {
  readonly shows: number;
  readonly people: number;
  readonly imagesPerShow: number;
  readonly users: number;
  readonly threads: number;
  readonly posts: number;
  readonly conversations: number;
  readonly messages: number;
}

export const FULL: Size = {
  shows: 1_000,
  people: 20_000,
  imagesPerShow: 200,
  users: 20_000,
  threads: 20_000,
  posts: 1_000_000,
  conversations: 20_000,
  messages: 400_000,
};

/** Everything by a tenth: for trying the bench itself. */
export const SMALL: Size = {
  shows: 200,
  people: 2_000,
  imagesPerShow: 100,
  users: 2_000,
  threads: 2_000,
  posts: 100_000,
  conversations: 2_000,
  messages: 40_000,
};

/** Ids of the rows the statements ask for: `md5(kind || number)` as a uuid. */
export const uuid = (kind: string, n: number | string) => `md5('${kind}' || ${n})::uuid`;

/** Shows with 300 episodes; the others have 60. Show 1 has discussions and surveys, show 2 has none. */
const LONG = '(1, 2)';
const WORDS = `array['Survivor', 'Island', 'Real', 'Housewives', 'House', 'Love', 'Kitchen', 'Top', 'Race', 'Idol', 'Bake', 'Traitors',
  'Castle', 'Beach', 'Bachelor', 'Queens', 'Below', 'Deck', 'Big', 'Brother']`;

/**
 * Fills an empty, migrated database, set by set. Triggers and foreign keys sleep meanwhile (`replica`), so copied names and
 * slugs are written here; needs a superuser.
 * @returns rows by table
 */
export async function load(client: pg.Client, size: Size): Promise<Map<string, number>> {
  await client.query("set session_replication_role = 'replica'; set synchronous_commit = off; set work_mem = '64MB'");
  for (const [index, text] of [...catalogue(size), ...community(size)].entries()) {
    try {
      await client.query(text);
    } catch (error) {
      throw new Error(`statement ${index + 1} of the load failed: ${text.slice(0, 80)}`, { cause: error });
    }
  }
  await client.query("set session_replication_role = 'origin'; reset synchronous_commit; reset work_mem");
  await client.query('vacuum analyze');
  const { rows } = await client.query<{ name: string; n: string }>(
    `select relid::regclass::text as name, n_live_tup as n from pg_stat_user_tables where n_live_tup > 0 order by 2 desc`,
  );
  return new Map(rows.map(({ name, n }) => [name, Number(n)]));
}

function catalogue({ shows, people, imagesPerShow }: Size): string[] {
  const episodesOf = `case when s.n in ${LONG} then 30 else 12 end`;
  const seasonsOf = `case when s.n in ${LONG} then 10 else 5 end`;
  return [
    `insert into core.shows (id, name, description, premiere_date, imdb_id, tmdb_id, genres, networks, tmdb_network_ids,
       tmdb_production_company_ids, show_total_seasons, show_total_episodes, provenance)
     select ${uuid('show', 'n')}, w[1 + n % 20] || ' ' || w[1 + n / 20 % 20] || ' ' || n, repeat('A sentence about it. ', 12),
       date '2000-01-01' + n, 'tt' || (1000000 + n), n, array['Reality', (array['Competition', 'Romance', 'Cooking', 'Drama'])[1 + n % 4]],
       array['Network ' || n % 20], array[n % 20], array[n % 20], 5, 60,
       '{"name": {"source": "tmdb", "at": "2026-01-01T00:00:00Z", "licence": "tmdb"}}'
     from generate_series(1, ${shows}) as n, (select ${WORDS} as w) words`,
    `insert into core.show_slugs (slug, show_id) select 'show-' || n, ${uuid('show', 'n')} from generate_series(1, ${shows}) as n`,
    `insert into core.alternative_names (id, show_id, name, source)
     select ${uuid('name', "n || '.' || k")}, ${uuid('show', 'n')}, 'Serie ' || n || ' ' || k, 'tmdb'
     from generate_series(1, ${shows}) as n, generate_series(1, 3) as k`,
    `insert into core.seasons (id, show_id, season_number, name, show_name, tmdb_season_id)
     select ${uuid('season', "s.n || '.' || k")}, s.id, k, 'Season ' || k, s.name, s.n * 100 + k
     from (select id, name, tmdb_id as n from core.shows) s, lateral generate_series(1, ${seasonsOf}) as k`,
    `insert into core.episodes (id, show_id, season_id, season_number, episode_number, title, synopsis, air_date, show_name,
       imdb_episode_id, tmdb_episode_id, tmdb_series_id)
     select ${uuid('episode', "s.n || '.' || k || '.' || e")}, s.id, ${uuid('season', "s.n || '.' || k")}, k, e, 'Episode ' || e,
       repeat('What happens. ', 10), date '2000-01-01' + s.n + k * 100 + e * 7, s.name,
       'tt' || (20000000 + s.n * 1000 + k * 50 + e), s.n * 1000 + k * 50 + e, s.n
     from (select id, name, tmdb_id as n from core.shows) s, lateral generate_series(1, ${seasonsOf}) as k,
       lateral generate_series(1, ${episodesOf}) as e`,
    `insert into core.external_ids (id, show_id, scheme, value)
     select ${uuid('external', "n || '.' || k")}, ${uuid('show', 'n')}, (array['tvdb', 'wikidata'])[k], n::text
     from generate_series(1, ${shows}) as n, generate_series(1, 2) as k`,
    `insert into core.people (id, full_name, external_ids)
     select ${uuid('person', 'n')}, (array['Ann', 'Ben', 'Cleo', 'Dev', 'Eve', 'Finn'])[1 + n % 6] || ' ' || md5(n::text),
       jsonb_build_object('imdb', 'nm' || n, 'tmdb', n::text)
     from generate_series(1, ${people}) as n`,
    `insert into core.show_cast (id, show_id, person_id, billing_order, role, show_name, cast_member_name)
     select ${uuid('cast', "s.n || '.' || k")}, s.id, ${uuid('person', `1 + (s.n * 20 + k) % ${people}`)}, k, 'Self', s.name, p.full_name
     from (select id, name, tmdb_id as n from core.shows) s, generate_series(1, 20) as k,
       lateral (select full_name from core.people where id = ${uuid('person', `1 + (s.n * 20 + k) % ${people}`)}) p`,
    `insert into core.episode_appearances (show_id, person_id, seasons, tmdb_show_id)
     select c.show_id, c.person_id, array[1, 2], 1 from core.show_cast c`,
    `insert into core.cast_photos (person_id, source, source_image_id, url)
     select id, 'tmdb', '/' || md5(id::text), 'https://image.tmdb.org/' || md5(id::text) from core.people`,
    `insert into core.cast_tmdb (person_id, tmdb_id, name) select id, (external_ids ->> 'tmdb')::integer, full_name from core.people`,
    `insert into core.cast_fandom (person_id, source, source_url) select id, 'fandom', 'https://example.fandom.com/' || full_name from core.people`,
    `insert into core.cast_memberships (id, show_id, person_id) select ${uuid('membership', 'c.id')}, show_id, person_id from core.show_cast c`,
    `insert into core.episode_cast (episode_id, cast_membership_id)
     select e.id, m.id from core.episodes e join core.cast_memberships m using (show_id) where e.episode_number = 1 and e.season_number = 1`,
    `insert into core.show_images (id, show_id, tmdb_id, source, kind, source_image_id, file_path, url, width, height, position, provenance)
     select ${uuid('image', "n || '.' || k")}, ${uuid('show', 'n')}, n, 'tmdb', (array['poster', 'backdrop', 'logo'])[1 + k % 3],
       '/' || md5(n || 'x' || k), '/' || md5(n || 'x' || k), 'https://image.tmdb.org/t/p/original/' || md5(n || 'x' || k), 1000, 1500, k,
       '{"file_path": {"source": "tmdb", "at": "2026-01-01T00:00:00Z", "licence": "tmdb"}}'
     from generate_series(1, ${shows}) as n, generate_series(1, ${imagesPerShow}) as k`,
    `update core.shows set primary_poster_image_id = ${uuid('image', "tmdb_id || '.3'")}`,
    `insert into core.season_images (show_id, season_id, tmdb_series_id, season_number, file_path, width, height, aspect_ratio)
     select s.show_id, s.id, s.tmdb_season_id / 100, s.season_number, '/' || md5(s.id || 'x' || k), 2, 3, 0.667
     from core.seasons s, generate_series(1, 3) as k`,
    `insert into core.networks (id, name) select n, 'Network ' || n from generate_series(0, 19) as n`,
    `insert into core.production_companies (id, name) select n, 'Company ' || n from generate_series(0, 19) as n`,
    `insert into core.watch_providers (provider_id, provider_name) select n, 'Provider ' || n from generate_series(0, 99) as n`,
    `insert into core.show_watch_providers (show_id, region, offer_type, provider_id)
     select ${uuid('show', 'n')}, 'US', 'flatrate', p from generate_series(1, ${shows}) as n, generate_series(0, 9) as p`,
    `insert into core.sync_state (table_name, show_id, status) select stage, id, 'success'
     from core.shows, unnest(array['details', 'seasons', 'episodes', 'people', 'cast', 'show-images']) as stage`,
    `insert into core.overrides (table_name, row_key, field, value, actor)
     select 'people', id::text, 'full_name', '"Somebody"', 'bench' from core.people limit 5000`,
    `insert into pipeline.runs (id, who, command) select ${uuid('run', 'n')}, 'bench', 'sync' from generate_series(1, 100) as n`,
    `insert into pipeline.run_units (run_id, stage, subject, show_id)
     select ${uuid('run', '1 + x.tmdb_id % 100')}, stage, x.id::text, x.id
     from core.shows x, unnest(array['details', 'seasons', 'episodes', 'people', 'cast', 'show-images']) as stage`,
    `insert into pipeline.show_checks (show_id, source) select id, source from core.shows, unnest(array['tmdb', 'imdb']) as source`,
  ];
}

/** Thread 1 and conversation 1 of user 1 are hot; survey 1 is the one everybody answers. */
function community({ shows, users, threads, posts, conversations, messages }: Size): string[] {
  const perThread = Math.floor((posts * 0.9) / threads);
  return [
    `insert into identity.users (id, email) select ${uuid('user', 'n')}, 'user' || n || '@example.org' from generate_series(1, ${users}) as n`,
    `insert into identity.accounts (issuer, subject, user_id)
     select 'https://issuer.example', 'subject ' || n, ${uuid('user', 'n')} from generate_series(1, ${users}) as n`,
    `insert into social.profiles (user_id, handle) select ${uuid('user', 'n')}, 'user_' || n from generate_series(1, ${users}) as n`,
    `insert into identity.admins (user_id, granted_by) values (${uuid('user', 2)}, 'bench')`,
    `insert into social.threads (id, episode_id, title, type, created_by, created_at)
     select ${uuid('thread', 'n')}, ${uuid('episode', `(3 + n % ${shows - 2}) || '.1.' || (1 + n % 12)`)}, 'What a night ' || n,
       (array['episode_live', 'post_episode', 'spoilers', 'general'])[1 + n % 4], ${uuid('user', `1 + n % ${users}`)},
       timestamptz '2026-01-01' + n * interval '1 minute'
     from generate_series(1, ${threads}) as n`,
    // Ten percent of all posts in thread 1, the rest spread; every fifth a reply to the first post of its thread.
    `insert into social.posts (id, thread_id, user_id, body, created_at)
     select ${uuid('post', "'hot' || k")}, ${uuid('thread', 1)}, ${uuid('user', `1 + k % ${users}`)}, repeat('I think that. ', 1 + k % 20),
       timestamptz '2026-02-01' + k * interval '1 second'
     from generate_series(1, ${posts / 10}) as k`,
    `insert into social.posts (id, thread_id, parent_post_id, user_id, body, created_at)
     select ${uuid('post', "t || '.' || k")}, ${uuid('thread', 't')},
       case when k > 1 and k % 5 = 0 then ${uuid('post', "t || '.1'")} end, ${uuid('user', `1 + (t * 7 + k) % ${users}`)},
       repeat('I think that. ', 1 + k % 20), timestamptz '2026-02-01' + (k * 97 + t) * interval '1 second'
     from generate_series(1, ${threads}) as t, generate_series(1, ${perThread}) as k`,
    `insert into social.reactions (post_id, user_id, reaction)
     select ${uuid('post', "'hot' || k")}, ${uuid('user', `1 + (k + u) % ${users}`)}, (array['upvote', 'lol', 'fire', 'heart'])[1 + u % 4]
     from generate_series(1, ${posts / 10}) as k, generate_series(1, 3) as u`,
    `insert into social.dm_conversations (id, direct_key, last_message_at, created_at)
     select ${uuid('conversation', 'n')}, least(a, b) || ':' || greatest(a, b), timestamptz '2026-03-01' + n * interval '1 second', timestamptz '2026-01-01'
     from generate_series(1, ${conversations}) as n, lateral (select ${uuid('user', memberA(users))}::text as a, ${uuid('user', memberB(users))}::text as b) m`,
    `insert into social.dm_members (conversation_id, user_id)
     select ${uuid('conversation', 'n')}, u from generate_series(1, ${conversations}) as n,
       lateral (values (${uuid('user', memberA(users))}), (${uuid('user', memberB(users))})) as m (u)`,
    `insert into social.dm_messages (id, conversation_id, sender_id, body, created_at)
     select ${uuid('message', "n || '.' || k")}, ${uuid('conversation', 'n')}, case k % 2 when 0 then ${uuid('user', memberA(users))} else ${uuid('user', memberB(users))} end,
       repeat('Did you see that? ', 1 + k % 5), timestamptz '2026-03-01' + n * interval '1 second' - k * interval '1 minute'
     from generate_series(1, ${conversations}) as n, generate_series(1, ${messages / conversations}) as k`,
    `insert into social.dm_read_receipts (conversation_id, user_id, last_read_message_id, last_read_at)
     select m.conversation_id, m.user_id, null, timestamptz '2026-02-28 23:50' from social.dm_members m`,
    `insert into surveys.surveys (id, show_id, title, status)
     select ${uuid('survey', 'n')}, ${uuid('show', `3 + n % ${shows - 2}`)}, 'Who goes home ' || n,
       (array['published', 'published', 'published', 'draft', 'archived'])[1 + n % 5]
     from generate_series(0, 999) as n`,
    `insert into surveys.questions (id, survey_id, question_order, prompt, question_type, config)
     select ${uuid('question', "n || '.' || q")}, ${uuid('survey', 'n')}, q, 'Question ' || q,
       (array['single_choice', 'multiple_choice', 'numeric'])[q], case q when 3 then '{"min": 1, "max": 5}' else '{}' end::jsonb
     from generate_series(0, 999) as n, generate_series(1, 3) as q`,
    `insert into surveys.options (question_id, option_order, label, value)
     select ${uuid('question', "n || '.' || q")}, o, 'Option ' || o, 'o' || o
     from generate_series(0, 999) as n, generate_series(1, 2) as q, generate_series(1, 6) as o`,
    `update surveys.questions q set is_draft = true from surveys.surveys s where s.id = q.survey_id and s.status = 'draft'`,
    `update surveys.options o set is_draft = true from surveys.questions q where q.id = o.question_id and q.is_draft`,
    `insert into surveys.responses (id, survey_id, user_id, submitted_at)
     select ${uuid('response', "n || '.' || k")}, ${uuid('survey', 'n')}, ${uuid('user', `1 + (n * 31 + k) % ${users}`)}, now()
     from generate_series(1, 100) as n, generate_series(1, 500) as k`,
    `insert into surveys.answers (survey_id, response_id, question_id, answer)
     select ${uuid('survey', 'n')}, ${uuid('response', "n || '.' || k")}, ${uuid('question', "n || '.' || q")},
       case q when 1 then jsonb_build_object('value', 'o' || 1 + k % 6) when 2 then jsonb_build_object('value', jsonb_build_array('o' || 1 + k % 3, 'o5'))
         else jsonb_build_object('value', 1 + k % 5) end
     from generate_series(1, 100) as n, generate_series(1, 500) as k, generate_series(1, 3) as q`,
    // The counters their triggers would have kept.
    `insert into surveys.response_tallies (survey_id, shard, signed_in)
     select survey_id, shard, counted_signed_in from surveys.recount() where question_id is null`,
    `insert into surveys.tallies (survey_id, question_id, kind, bucket, shard, signed_in)
     select survey_id, question_id, kind, bucket, shard, counted_signed_in from surveys.recount() where question_id is not null`,
  ];
}

/** User 1 has a hundred conversations; otherwise two people once each. */
const memberA = (users: number) => `case when n <= 100 then 1 else 1 + (n * 13) % ${users} end`;
const memberB = (users: number) =>
  `case when n <= 100 then 1000 + n else 1 + (n * 13 + 1 + n / ${users}) % ${users} end`;
