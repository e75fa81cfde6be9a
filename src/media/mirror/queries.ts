import { statement } from '../../platform/db/statement.ts';

/**
 * Which images are meant: tables, sources, shows or null, people or null, kinds or null (`$1`-`$5`). `i` is a row of media.images.
 */
const CHOSEN = `i.table_name = any($1::text[]) and i.source = any($2::text[]) and i.live
  and ($3::uuid[] is null or i.show_id = any($3::uuid[])) and ($4::uuid[] is null or i.person_id = any($4::uuid[]))
  and ($5::text[] is null or i.kind = any($5::text[]))`;

/** Why an image is not even tried, or null. `$6` published licences, `$7` sources that may be fetched. */
const SKIPPED = `case
    when i.source_url is null then 'no_url'
    when btrim(coalesce(i.owner, '')) = '' or i.table_name in ('season_images', 'seasons') and i.season_number is null then 'no_identifier'
    when i.licence is null or not i.licence = any($6::text[]) then 'unlicensed'
    when not i.source = any($7::text[]) then 'source_off' end`;

/**
 * Values: those of `CHOSEN`, licences, live sources, force, run's beginning, at most so many of each table. Images with work to do, those
 * tried longest ago first, so that none waits behind others that never work (C3).
 */
export const DUE_IMAGES = statement(
  'media.mirror.due',
  `/* mirror */
select d.table_name, d.row_key, d.source, d.source_url, d.page, d.owner, d.kind, d.season_number, d.show_id, d.person_id,
  d.claimed_width, d.claimed_height, d.hosted_key, d.fetched_url, d.sha256, d.etag, d.last_modified, d.attempts
from (
  select i.*, s.source_url as fetched_url, s.sha256, s.etag, s.last_modified, coalesce(s.attempts, 0) as attempts, s.last_attempt_at,
    row_number() over (partition by i.table_name order by s.last_attempt_at nulls first, i.row_key) as place
  from media.images i left join media.fetch_state s on s.table_name = i.table_name and s.row_key = i.row_key
  where ${CHOSEN} and (${SKIPPED}) is null
    and coalesce(s.state, '') <> 'taken_down'
    and not exists (select from media.takedowns d where d.source_url = i.source_url and d.lifted_at is null)
    and (s.last_attempt_at is null or s.last_attempt_at < $9::timestamptz)
    and ($8::bool or case
      when s.state is null then i.hosted_key is null
      when s.state = 'skipped' or s.source_url is distinct from i.source_url then true
      when s.state in ('pending', 'failed') then s.next_attempt_at <= $9::timestamptz
      when s.state = 'stored' then i.hosted_key is null or s.next_attempt_at <= $9::timestamptz
      else false end)
) d where d.place <= $10::int
order by d.last_attempt_at nulls first, d.table_name, d.row_key`,
  {
    table_name: 'text',
    row_key: 'text',
    source: 'text',
    source_url: 'text',
    page: 'text?',
    owner: 'text',
    kind: 'text?',
    season_number: 'int4?',
    show_id: 'uuid?',
    person_id: 'uuid?',
    claimed_width: 'int4?',
    claimed_height: 'int4?',
    hosted_key: 'text?',
    fetched_url: 'text?',
    sha256: 'text?',
    etag: 'text?',
    last_modified: 'text?',
    attempts: 'int4',
  },
);

/** Values: those of `CHOSEN`, licences, live sources. How many images are not tried, by reason. */
export const COUNT_SKIPPED = statement(
  'media.mirror.countSkipped',
  `/* mirror */ select x.reason, count(*)::int as images from (select ${SKIPPED} as reason from media.images i where ${CHOSEN}) x
where x.reason is not null group by x.reason order by x.reason`,
  { reason: 'text', images: 'int4' },
);

/** Values: as `COUNT_SKIPPED`. Says so with each image that has no copy; writes only what is new. */
export const RECORD_SKIPPED = statement(
  'media.mirror.recordSkipped',
  `/* mirror */
with x as (select i.table_name, i.row_key, i.source_url, ${SKIPPED} as reason from media.images i where ${CHOSEN} and i.hosted_key is null),
written as (
  insert into media.fetch_state as s (table_name, row_key, source_url, state, reason)
  select x.table_name, x.row_key, coalesce(x.source_url, ''), 'skipped', x.reason from x where x.reason is not null
  on conflict on constraint fetch_state_pkey do update set state = 'skipped', reason = excluded.reason, detail = null, source_url = excluded.source_url
  where s.state <> 'taken_down' and (s.state, s.reason) is distinct from ('skipped', excluded.reason)
  returning 1
) select count(*)::int as written from written`,
  { written: 'int4' },
);

/** Values: hash, key. What is known of a file, and the database's time of saying so. */
export const KNOWN_FILE = statement(
  'media.mirror.known',
  `/* mirror */ select clock_timestamp() as seen_at, exists (select from media.objects o where o.sha256 = $1) as known,
  exists (select from media.removals r where r.key = $2 and r.done_at is null) as going,
  exists (select from media.takedowns d where d.sha256 = $1 and d.lifted_at is null) as taken_down`,
  { seen_at: 'timestamptz', known: 'bool', going: 'bool', taken_down: 'bool' },
);

/** Values: items (`media.record_tries`). */
export const RECORD_TRIES = statement(
  'media.mirror.record',
  '/* mirror */ select r.table_name, r.row_key, r.verdict from media.record_tries($1::jsonb) r',
  { table_name: 'text', row_key: 'text', verdict: 'text' },
);

/** The database's time, to which every `last_attempt_at` is compared. */
export const DATABASE_TIME = statement('media.time', 'select clock_timestamp() as now', { now: 'timestamptz' });

/** Values: table, rows or null, base of addresses, at most so many. */
export const REBUILD_URLS = statement(
  'media.rebuildUrls',
  '/* rebuildUrls */ select media.rebuild_urls($3, $1, $2::text[], $4::int) as changed',
  { changed: 'int8?' },
);

/** Values: table, rows or null, base. Copies whose stored address is not the present one. */
export const COUNT_STALE_URLS = statement(
  'media.countStaleUrls',
  `/* rebuildUrls */ select count(*)::int as stale from media.images i where i.table_name = $1 and i.hosted_key is not null
  and i.hosted_url is distinct from $3::text || '/' || i.hosted_key and ($2::text[] is null or i.row_key = any($2::text[]))`,
  { stale: 'int4' },
);

/** Values: tables, shows or null, people or null. The rows these filters mean. */
export const ROW_KEYS = statement(
  'media.rowKeys',
  `/* rebuildUrls */ select i.table_name, i.row_key from media.images i where i.table_name = any($1::text[])
  and (i.show_id = any($2::uuid[]) or i.person_id = any($3::uuid[]))`,
  { table_name: 'text', row_key: 'text' },
);
