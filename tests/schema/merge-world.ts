import fc from 'fast-check';
import type { TestDatabase } from '../helpers/database.ts';

/** What one of two shows has; small pools, so that two of them overlap a lot. Numbers stand for pool members. */
export interface ShowModel {
  readonly genres: readonly string[] | null;
  readonly claimed: readonly string[];
  readonly description: string | null;
  readonly hasImdb: boolean;
  readonly hasTmdb: boolean;
  readonly seasons: readonly SeasonModel[];
  readonly images: readonly number[];
  readonly primary: boolean;
  readonly cast: readonly (readonly [person: number, category: string, role: string | null])[];
  readonly appearances: readonly (readonly [person: number, episodes: readonly number[]])[];
  readonly offers: readonly (readonly [region: string, offer: string, provider: number])[];
  readonly names: readonly string[];
  readonly states: readonly (readonly [stage: string, status: string])[];
  readonly overridden: readonly string[];
}

export interface SeasonModel {
  readonly number: number;
  readonly overview: string | null;
  readonly posters: readonly string[];
  readonly members: readonly (readonly [person: number, role: string])[];
  readonly surveyed: boolean;
  readonly episodes: readonly EpisodeModel[];
}

export interface EpisodeModel {
  readonly number: number;
  readonly title: string | null;
  readonly hasImdb: boolean;
  readonly hasTmdb: boolean;
  readonly retired: boolean;
  readonly threads: number;
  readonly surveyed: boolean;
  /** Whether those of the season's old-style credits take part. */
  readonly joined: boolean;
}

export const PEOPLE = 4;
const few = <T>(item: fc.Arbitrary<T>, maxLength: number, by: (value: T) => unknown = (value) => value) =>
  fc.uniqueArray(item, { maxLength, selector: (value) => JSON.stringify(by(value)) });
const person = fc.nat({ max: PEOPLE - 1 });
const text = fc.constantFrom(null, '', 'one', 'two');

const episode: fc.Arbitrary<EpisodeModel> = fc.record({
  number: fc.nat({ max: 3 }),
  title: text,
  hasImdb: fc.boolean(),
  hasTmdb: fc.boolean(),
  retired: fc.boolean(),
  threads: fc.nat({ max: 2 }),
  surveyed: fc.boolean(),
  joined: fc.boolean(),
});

const season: fc.Arbitrary<SeasonModel> = fc.record({
  number: fc.nat({ max: 3 }),
  overview: text,
  posters: few(fc.constantFrom('/a.jpg', '/b.jpg', '/c.jpg'), 2),
  members: few(fc.tuple(person, fc.constantFrom('cast', 'host')), 3),
  surveyed: fc.boolean(),
  episodes: few(episode, 3, ({ number }) => number),
});

export const show: fc.Arbitrary<ShowModel> = fc.record({
  genres: fc.option(few(fc.constantFrom('Drama', 'Reality', 'ß', '😀'), 3), { nil: null }),
  claimed: few(fc.constantFrom('Drama', 'Reality'), 2),
  description: text,
  hasImdb: fc.boolean(),
  hasTmdb: fc.boolean(),
  seasons: few(season, 3, ({ number }) => number),
  images: few(fc.nat({ max: 4 }), 4),
  primary: fc.boolean(),
  cast: few(
    fc.tuple(person, fc.constantFrom('Self', 'Host'), fc.constantFrom(null, 'x', 'y')),
    4,
    ([who, category]) => [who, category],
  ),
  appearances: few(fc.tuple(person, few(fc.integer({ min: 1, max: 5 }), 4)), 3, ([who]) => who),
  offers: few(fc.tuple(fc.constantFrom('US', 'DE'), fc.constantFrom('buy', 'rent'), fc.nat({ max: 1 })), 4),
  names: few(fc.constantFrom('Alias', 'Other', 'Left', 'Right'), 3),
  states: few(
    fc.tuple(fc.constantFrom('seasons', 'cast'), fc.constantFrom('success', 'failed')),
    2,
    ([stage]) => stage,
  ),
  overridden: few(fc.constantFrom('description', 'genres', 'tags'), 2),
});

export interface Pair {
  readonly left: string;
  readonly right: string;
  readonly people: readonly string[];
}

const TABLES = `core.shows, core.people, core.watch_providers, core.overrides, core.merges, core.external_ids, social.threads,
  surveys.surveys, games.games`;

/** Empties the database and fills it with these two shows; the last digit of every outside id tells whose it was. */
export async function build(database: TestDatabase, left: ShowModel, right: ShowModel): Promise<Pair> {
  await database.owner(`truncate ${TABLES} cascade`);
  await database.owner("insert into core.watch_providers (provider_id, provider_name) values (0, 'Zero'), (1, 'One')");
  const people: string[] = [];
  for (let n = 0; n < PEOPLE; n += 1) {
    people.push(await id(database, 'core.people', { full_name: `Person ${n}` }));
  }
  return {
    left: await addShow(database, 'Left', 1, left, people),
    right: await addShow(database, 'Right', 2, right, people),
    people,
  };
}

async function id(database: TestDatabase, table: string, row: Record<string, unknown>): Promise<string> {
  const names = Object.keys(row).join(', ');
  const [made] = await database.owner<{ made: Record<string, unknown> }>(
    `insert into ${table} (${names}) select ${names} from jsonb_populate_record(null::${table}, $1) returning to_jsonb(${table.split('.')[1]}) as made`,
    [JSON.stringify(row)],
  );
  return String(made?.made['id']);
}

async function addShow(
  database: TestDatabase,
  name: string,
  side: number,
  model: ShowModel,
  people: readonly string[],
): Promise<string> {
  const add = (table: string, row: Record<string, unknown>) => id(database, table, row);
  const values = model.claimed.filter((genre) => model.genres?.includes(genre));
  const entry = { source: 'tmdb', at: '2025-01-01T00:00:00Z', licence: 'tmdb', via: 'live', values: { tmdb: values } };
  const showId = await add('core.shows', {
    name,
    description: model.description,
    genres: model.genres,
    imdb_id: model.hasImdb ? `tt90${side}` : null,
    tmdb_id: model.hasTmdb ? 900 + side : null,
    tmdb_meta: { [name]: side, both: model.description },
    needs_imdb_resolution: !model.hasImdb,
    needs_tmdb_resolution: !model.hasTmdb,
    provenance: values.length > 0 ? { genres: entry } : {},
  });
  for (const [at, image] of model.images.entries()) {
    const imageId = await add('core.show_images', {
      show_id: showId,
      source: image % 2 === 0 ? 'tmdb' : 'imdb',
      kind: 'poster',
      source_image_id: `image-${image}`,
      url: `https://example.org/${side}/${image}`,
      width: side === 1 ? 100 : null,
      metadata: { [name]: image },
      provenance: {},
    });
    if (model.primary && at === 0)
      await database.owner('update core.shows set primary_poster_image_id = $2 where id = $1', [showId, imageId]);
  }
  for (const one of model.seasons) await addSeason(database, showId, side, one, people);
  for (const [who, category, role] of model.cast)
    await add('core.show_cast', {
      show_id: showId,
      person_id: people[who],
      credit_category: category,
      role,
      missing_count: side - 1,
      provenance: {},
    });
  for (const [who, episodes] of model.appearances)
    await add('core.episode_appearances', {
      show_id: showId,
      person_id: people[who],
      seasons: episodes,
      tmdb_season_ids: [],
      imdb_episode_title_ids: episodes.map((episode) => `tt${episode}`),
      tmdb_episode_ids: episodes,
      provenance: {},
    });
  for (const [region, offer_type, provider_id] of model.offers)
    await add('core.show_watch_providers', {
      show_id: showId,
      region,
      offer_type,
      provider_id,
      link: side === 1 ? null : 'https://example.org/watch',
      fetched_at: '2025-01-01T00:00:00Z',
      provenance: {},
      created_at: '2025-01-01T00:00:00Z',
      updated_at: '2025-01-01T00:00:00Z',
    });
  for (const alias of model.names)
    await add('core.alternative_names', { show_id: showId, name: alias, source: 'tmdb', provenance: {} });
  await add('core.external_ids', { show_id: showId, scheme: 'eidr', value: `eidr-${side}`, provenance: {} });
  for (const [table_name, status] of model.states)
    await add('core.sync_state', {
      show_id: showId,
      table_name,
      status,
      attempts: 1,
      created_at: '2025-01-01T00:00:00Z',
      updated_at: '2025-01-01T00:00:00Z',
    });
  await database.owner("insert into pipeline.show_checks (show_id, source, etag) values ($1, 'tmdb', 'e')", [showId]);
  await database.owner('insert into surveys.surveys (show_id, title) values ($1, $2)', [showId, `${name} survey`]);
  for (const field of model.overridden) {
    const value = field === 'description' ? null : [`${name} ${field}`];
    await database.owner(
      "insert into core.overrides (table_name, row_key, field, value, actor) values ('shows', $1, $2, $3, 'test')",
      [showId, field, JSON.stringify(value)],
    );
    await database.owner(
      `update core.shows s set ${field} = p.${field} from jsonb_populate_record(null::core.shows, $2) p where s.id = $1`,
      [showId, JSON.stringify({ [field]: value })],
    );
  }
  return showId;
}

async function addSeason(
  database: TestDatabase,
  showId: string,
  side: number,
  model: SeasonModel,
  people: readonly string[],
): Promise<void> {
  const add = (table: string, row: Record<string, unknown>) => id(database, table, row);
  const label = `${side}.${model.number}`;
  const seasonId = await add('core.seasons', {
    show_id: showId,
    season_number: model.number,
    overview: model.overview,
    tmdb_series_id: 900 + side,
    tmdb_season_id: 9000 + side * 10 + model.number,
    external_ids: { [`side${side}`]: label },
    language: 'en-US',
    provenance: {},
  });
  for (const file_path of model.posters)
    await add('core.season_images', {
      show_id: showId,
      season_id: seasonId,
      season_number: model.number,
      tmdb_series_id: 900 + side,
      source: 'tmdb',
      kind: 'poster',
      file_path,
      width: side,
      height: 1,
      aspect_ratio: 1,
      hosted_key: side === 2 ? `key${file_path}` : null,
      provenance: {},
    });
  const members: string[] = [];
  for (const [who, role] of model.members)
    members.push(
      await add('core.cast_memberships', { show_id: showId, season_id: seasonId, person_id: people[who], role }),
    );
  if (model.surveyed)
    await database.owner("insert into games.games (show_id, season_id, title, game_type) values ($1, $2, $3, 'quiz')", [
      showId,
      seasonId,
      `game ${label}`,
    ]);
  for (const episode of model.episodes) {
    const episodeId = await add('core.episodes', {
      show_id: showId,
      season_id: seasonId,
      season_number: model.number,
      episode_number: episode.number,
      title: episode.title,
      imdb_episode_id: episode.hasImdb ? `tt9${side}${model.number}${episode.number}` : null,
      tmdb_episode_id: episode.hasTmdb ? Number(`9${side}${model.number}${episode.number}`) : null,
      retired_at: episode.retired ? '2025-01-01T00:00:00Z' : null,
      missing_count: episode.retired ? 2 : 0,
      external_ids: {},
      provenance: episode.title === null ? {} : { title: { source: `side${side}` } },
    });
    for (let n = 0; n < episode.threads; n += 1) {
      const title = `thread ${label}.${episode.number}.${n}`;
      await database.owner(
        `with t as (insert into social.threads (episode_id, title, type) values ($1, $2, 'general') returning id)
         insert into social.posts (thread_id, body) select id, 'post' from t`,
        [episodeId, title],
      );
    }
    if (episode.surveyed)
      await database.owner(
        'insert into surveys.surveys (show_id, season_id, episode_id, title) values ($1, $2, $3, $4)',
        [showId, seasonId, episodeId, `survey ${label}.${episode.number}`],
      );
    if (episode.joined)
      for (const member of members)
        await database.owner('insert into core.episode_cast (episode_id, cast_membership_id) values ($1, $2)', [
          episodeId,
          member,
        ]);
  }
}

/**
 * Every item of these shows as a line that says what it is, but not whose: one that both have gives the same line twice.
 * @returns lines in order, as often as they occur
 */
export async function items(database: TestDatabase, shows: readonly string[]): Promise<string[]> {
  const rows = await database.owner<{ line: string }>(
    `with s as (select * from core.shows where id = any ($1::uuid[])),
     season as (select * from core.seasons where show_id in (select id from s)),
     episode as (select * from core.episodes where show_id in (select id from s))
     select concat_ws(' ', 'season', season_number) as line from season
     union all select concat_ws(' ', 'episode', season_number, episode_number) from episode
     union all select concat_ws(' ', 'poster', n.season_number, i.source, i.file_path)
       from core.season_images i join season n on n.id = i.season_id
     union all select concat_ws(' ', 'image', source, source_image_id) from core.show_images where show_id in (select id from s)
     union all select concat_ws(' ', 'cast', person_id, credit_category) from core.show_cast where show_id in (select id from s)
     union all select concat_ws(' ', 'appears', person_id) from core.episode_appearances where show_id in (select id from s)
     union all select concat_ws(' ', 'appears', person_id, e) from core.episode_appearances
       cross join unnest(imdb_episode_title_ids || array(select 'tmdb ' || x from unnest(tmdb_episode_ids) x)
         || array(select 'season ' || x from unnest(seasons) x)) e where show_id in (select id from s)
     union all select concat_ws(' ', 'member', m.person_id, m.role, n.season_number)
       from core.cast_memberships m left join core.seasons n on n.id = m.season_id where m.show_id in (select id from s)
     union all select concat_ws(' ', 'joined', m.person_id, m.role, e.season_number, e.episode_number)
       from core.episode_cast c join core.cast_memberships m on m.id = c.cast_membership_id join episode e on e.id = c.episode_id
     union all select concat_ws(' ', 'offer', region, offer_type, provider_id)
       from core.show_watch_providers where show_id in (select id from s)
     union all select concat_ws(' ', 'name', name, source) from core.alternative_names
       where show_id in (select id from s) and source <> 'merge'
     union all select concat_ws(' ', 'slug', slug) from core.show_slugs where show_id in (select id from s)
     union all select concat_ws(' ', 'id', scheme, value) from core.external_ids
       where show_id in (select id from s) and scheme not in ('imdb', 'tmdb')
     union all select concat_ws(' ', 'show id', v) from (
       select imdb_id as v from s union all select tmdb_id::text from s
       union all select value from core.external_ids where show_id in (select id from s) and scheme in ('imdb', 'tmdb')) ids
       where v is not null
     union all select concat_ws(' ', 'season id', v) from (
       select tmdb_season_id::text as v from season
       union all select value from core.external_ids where season_id in (select id from season) and scheme = 'tmdb') ids
     union all select concat_ws(' ', 'episode id', v) from (
       select imdb_episode_id as v from episode union all select tmdb_episode_id::text from episode
       union all select value from core.external_ids where episode_id in (select id from episode)) ids where v is not null
     union all select concat_ws(' ', 'survey', v.title, n.season_number, e.episode_number) from surveys.surveys v
       left join core.seasons n on n.id = v.season_id left join core.episodes e on e.id = v.episode_id
       where v.show_id in (select id from s)
     union all select concat_ws(' ', 'game', g.title, n.season_number) from games.games g
       left join core.seasons n on n.id = g.season_id where g.show_id in (select id from s)
     union all select concat_ws(' ', 'thread', t.title, e.season_number, e.episode_number, count(p.id)) from social.threads t
       join episode e on e.id = t.episode_id left join social.posts p on p.thread_id = t.id
       group by t.title, e.season_number, e.episode_number
     union all select concat_ws(' ', 'genre', g) from s cross join unnest(genres) g
       where not exists (select 1 from core.overrides o where o.field = 'genres')
     union all select concat_ws(' ', 'meta', k) from s cross join jsonb_object_keys(tmdb_meta) k
     union all select concat_ws(' ', 'override', o.field) from core.overrides o where o.row_key in (select id::text from s)
     order by 1`,
    [shows],
  );
  return rows.map(({ line }) => line).sort();
}
