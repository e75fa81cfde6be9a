import { statement } from '../platform/db/statement.ts';

const SHOW_COLUMNS = `
  s.id, s.name, s.imdb_id, s.tmdb_id, s.premiere_date, s.most_recent_episode, s.show_total_seasons,
  coalesce(s.tmdb_meta ->> 'number_of_seasons', '') = '0' as lists_no_season,
  (select count(distinct e.season_number)::int4 from core.seasons e
    where e.show_id = s.id and e.season_number > 0 and e.retired_at is null) as season_count,
  s.tmdb_status,
  exists (select from core.episodes e where e.show_id = s.id and e.retired_at is null
    and e.air_date between current_date - 30 and current_date + 14) as airs_now,
  checked.checked_at, checked.etag, checked.last_modified, changed.checked_at as changed_at,
  st.states, st.attempted_at`;

/** `$1` are the stages asked for; the states of the others are needed too, because stages build on each other. */
const SHOW_FROM = `
  from core.shows s
  left join pipeline.show_checks checked on checked.show_id = s.id and checked.source = 'tmdb'
  left join pipeline.show_checks changed on changed.show_id = s.id and changed.source = 'tmdb-changes'
  cross join lateral (
    select coalesce(jsonb_object_agg(y.table_name, jsonb_build_object(
             'status', y.status, 'lastSuccessAt', y.last_success_at, 'lastAttemptAt', y.last_attempt_at,
             'marker', y.last_seen_most_recent_episode, 'reason', y.reason)), '{}') as states,
           coalesce(max(y.last_attempt_at) filter (where y.table_name = any($1::text[])), '-infinity') as attempted_at
    from core.sync_state y where y.show_id = s.id
  ) st`;

const SHOW_TYPES = {
  id: 'uuid',
  name: 'text',
  imdb_id: 'text?',
  tmdb_id: 'int4?',
  premiere_date: 'date?',
  most_recent_episode: 'text?',
  show_total_seasons: 'int4?',
  lists_no_season: 'bool',
  season_count: 'int4',
  tmdb_status: 'text?',
  airs_now: 'bool',
  checked_at: 'timestamptz?',
  etag: 'text?',
  last_modified: 'text?',
  changed_at: 'timestamptz?',
  states: 'jsonb',
  attempted_at: 'timestamptz',
  unfinished: '_text',
  done_in_run: '_text',
} as const;

/** Stages of the show that a run is through with: it goes on behind them after a lost worker, a pause or a resumption. */
const doneInRun = (run: string) => `
  (select coalesce(array_agg(u.stage), '{}') from pipeline.run_units u
    where ${run}::uuid is not null and u.show_id = s.id and u.run_id = ${run} and u.status not in ('pending', 'running')) as done_in_run`;

/**
 * One page of shows, longest not attempted first; `$6`, `$7` are the last row's attempt time and id, `$9` the run that is taken up
 * again, if one is.
 */
export const SELECT_SHOWS = statement(
  'pipeline.shows.page',
  `select ${SHOW_COLUMNS}, '{}'::text[] as unfinished, ${doneInRun('$9')} ${SHOW_FROM}
   where s.retired_at is null
     and ($2::bool or s.id = any($3::uuid[]) or s.tmdb_id = any($4::int4[]) or s.imdb_id = any($5::text[]))
     and (st.attempted_at, s.id) > ($6::timestamptz, $7::uuid)
   order by st.attempted_at, s.id
   limit $8`,
  SHOW_TYPES,
);

/**
 * One show, with everything a decision needs. `unfinished`: stages whose last success was in a run of the last day that broke off;
 * what follows completes that work. The same goes for this run (`$3`).
 */
export const SELECT_SHOW = statement(
  'pipeline.shows.one',
  `select ${SHOW_COLUMNS},
     (select coalesce(array_agg(distinct u.stage), '{}') from pipeline.run_units u
      join pipeline.runs r on r.id = u.run_id
      join core.sync_state y on y.show_id = u.show_id and y.table_name = u.stage and y.last_success_at = u.finished_at
      where u.show_id = s.id and u.status = 'succeeded' 
        and (r.status in ('interrupted', 'cancelled') or r.error is not null or r.id = $3)
        and u.finished_at > now() - interval '1 day') as unfinished, ${doneInRun('$3')}
   ${SHOW_FROM} where s.id = $2`,
  SHOW_TYPES,
);

/** Which of the asked ids exist. */
export const SELECT_KNOWN_IDS = statement(
  'pipeline.shows.known',
  `select s.id, s.tmdb_id, s.imdb_id from core.shows s
   where s.retired_at is null
     and (s.id = any($1::uuid[]) or s.tmdb_id = any($2::int4[]) or s.imdb_id = any($3::text[]))`,
  { id: 'uuid', tmdb_id: 'int4?', imdb_id: 'text?' },
);

export const SELECT_CURSOR = statement(
  'pipeline.feed.cursor',
  `select cursor from pipeline.feed_cursors where source = $1 and feed = $2`,
  { cursor: 'text?' },
);

/** Stored shows among those a feed named, and as of when each is known completely. */
export const NAMED_SHOWS = statement(
  'pipeline.feed.named',
  `select s.tmdb_id, c.checked_at from core.shows s
   left join pipeline.show_checks c on c.show_id = s.id and c.source = 'tmdb'
   where s.tmdb_id = any($1::int4[]) and s.retired_at is null`,
  { tmdb_id: 'int4?', checked_at: 'timestamptz?' },
);

/** Remembers what the change feed named and how far it was read, in one statement so that neither is lost. */
export const RECORD_CHANGES = statement(
  'pipeline.feed.record',
  `with named as (
     insert into pipeline.show_checks (show_id, source, checked_at)
     select s.id, 'tmdb-changes', $3::timestamptz from core.shows s where s.tmdb_id = any($4::int4[])
     on conflict (show_id, source) do update set checked_at = excluded.checked_at
     returning 1
   ), moved as (
     insert into pipeline.feed_cursors (source, feed, cursor, checked_at) values ($1, $2, $3::text, $3::timestamptz)
     on conflict (source, feed) do update set cursor = excluded.cursor, checked_at = excluded.checked_at
     returning 1
   )
   select (select count(*)::int4 from named) as shows, (select count(*)::int4 from moved) as cursors`,
  { shows: 'int4', cursors: 'int4' },
);

/** The source confirmed (or delivered) this show. */
export const RECORD_CHECK = statement(
  'pipeline.checks.record',
  `insert into pipeline.show_checks (show_id, source, etag, last_modified, checked_at)
   values ($1, 'tmdb', $2, $3, $4)
   on conflict (show_id, source) do update
     set etag = excluded.etag, last_modified = excluded.last_modified, checked_at = excluded.checked_at
   returning 1 as done`,
  { done: 'int4' },
);
