import { statement } from '../../platform/db/statement.ts';

/** All keys the database knows, and what it thinks is under them. */
export const KNOWN_KEYS = statement(
  'media.upkeep.knownKeys',
  '/* media */ select k.key, k.sha256, k.bytes, k.etag, k.what from media.known_keys k',
  { key: 'text', sha256: 'text?', bytes: 'int8?', etag: 'text?', what: 'text' },
);

/** Keys whose removal has begun and not ended: of a run that was killed, or of a store that refused. */
export const OPEN_REMOVALS = statement(
  'media.upkeep.openRemovals',
  '/* media */ select r.key from media.removals r where r.done_at is null order by r.key',
  { key: 'text' },
);

export const CONDEMN = statement(
  'media.upkeep.condemn',
  '/* media */ select c.marked, c.cleared from media.condemn_unreferenced() c',
  { marked: 'int8?', cleared: 'int8?' },
);

/** Files that nothing refers to, with the keys of their smaller versions, and since when. */
export const UNREFERENCED = statement(
  'media.upkeep.unreferenced',
  `/* media */ select u.sha256, u.key, u.condemned_at,
  coalesce((select array_agg(v.key order by v.key) from media.variants v where v.sha256 = u.sha256), '{}') as variants
from media.unreferenced u order by u.key`,
  { sha256: 'text', key: 'text', condemned_at: 'timestamptz?', variants: '_text' },
);

export const STRAYS = statement(
  'media.upkeep.strays',
  '/* media */ select s.key, s.first_seen_at from media.strays s order by s.key',
  {
    key: 'text',
    first_seen_at: 'timestamptz',
  },
);

/** Values: strays `[{key, bytes}]`: all there are. */
export const NOTE_STRAYS = statement(
  'media.upkeep.noteStrays',
  '/* media */ select media.note_strays($1::jsonb)::text as done',
  {
    done: 'text?',
  },
);

/** Values: files by content, stray keys, reason. The keys to delete. */
export const BEGIN_REMOVAL = statement(
  'media.upkeep.beginRemoval',
  '/* media */ select r.key from media.begin_removal($1::text[], $2::text[], $3) r',
  { key: 'text' },
);

/** Values: deleted keys, failed `[{key, error}]`. */
export const END_REMOVAL = statement(
  'media.upkeep.endRemoval',
  '/* media */ select media.end_removal($1::text[], $2::jsonb)::text as done',
  { done: 'text?' },
);

/** Values: files by content, keys, reason. How many images wait to be fetched again. */
export const FETCH_AGAIN = statement(
  'media.upkeep.fetchAgain',
  '/* media */ select media.fetch_again($1::text[], $2::text[], $3) as images',
  { images: 'int8?' },
);

/** Values: files by content. */
export const MAKE_AGAIN = statement(
  'media.upkeep.makeAgain',
  '/* media */ select media.make_again($1::text[]) as files',
  {
    files: 'int8?',
  },
);

/** Values: contents, keys, addresses, images `table:id`. What is meant, by content and by address. */
export const NAMED_IMAGES = statement(
  'media.takedown.named',
  `/* takedown */
select i.table_name, i.row_key, i.source_url, i.hosted_sha256 as sha256 from media.images i
where i.hosted_sha256 = any($1::text[]) or i.hosted_key = any($2::text[]) or i.source_url = any($3::text[])
  or i.table_name || ':' || i.row_key = any($4::text[])
  or i.hosted_sha256 in (select v.sha256 from media.variants v where v.key = any($2::text[])
    union all select a.sha256 from media.aliases a where a.key = any($2::text[]))
order by i.table_name, i.row_key`,
  { table_name: 'text', row_key: 'text', source_url: 'text?', sha256: 'text?' },
);

/** Values: contents, addresses, reason, who. The images that were hidden. */
export const TAKE_DOWN = statement(
  'media.takedown.apply',
  `/* takedown */ select t.table_name, t.row_key, t.source_url, t.sha256
from media.take_down($1::text[], $2::text[], $3, $4) t`,
  { table_name: 'text', row_key: 'text', source_url: 'text?', sha256: 'text?' },
);

/** Values: contents. Keys of files and their smaller versions. */
export const KEYS_OF_FILES = statement(
  'media.takedown.keys',
  `/* takedown */ select o.key from media.objects o where o.sha256 = any($1::text[])
union all select v.key from media.variants v where v.sha256 = any($1::text[])
union all select a.key from media.aliases a where a.sha256 = any($1::text[]) order by 1`,
  { key: 'text' },
);

/** Values: contents, addresses. Lets them be mirrored again; how many blocks were lifted. */
export const LIFT_TAKEDOWNS = statement(
  'media.takedown.lift',
  `/* takedown */
with lifted as (
  update media.takedowns d set lifted_at = now()
  where d.lifted_at is null and (d.sha256 = any($1::text[]) or d.source_url = any($2::text[])) returning d.sha256, d.source_url
), states as (
  update media.fetch_state s set state = 'pending', reason = null, attempts = 0, last_attempt_at = null, next_attempt_at = now()
  where s.state = 'taken_down' and exists (select from lifted) and not exists (
    select from media.takedowns d where d.lifted_at is null and d.source_url = s.source_url and not d.source_url = any($2::text[]))
)
select count(*)::int as lifted from lifted`,
  { lifted: 'int4' },
);

/** By table and source: images, how many have a copy, in how many files of how many bytes. */
export const USAGE = statement(
  'media.usage.images',
  `/* usage */
select i.table_name, i.source, count(*)::int as images, count(i.hosted_sha256)::int as hosted,
  count(distinct i.hosted_sha256)::int as files,
  coalesce((select sum(o.bytes) from media.objects o where o.sha256 = any(array_agg(i.hosted_sha256))), 0)::int8 as bytes
from media.images i group by i.table_name, i.source order by i.table_name, i.source`,
  { table_name: 'text', source: 'text', images: 'int4', hosted: 'int4', files: 'int4', bytes: 'int8' },
);

/** Of the whole store, as the database knows it. */
export const USAGE_TOTALS = statement(
  'media.usage.totals',
  `/* usage */
select (select count(*) from media.objects)::int as files, (select coalesce(sum(o.bytes), 0) from media.objects o)::int8 as file_bytes,
  (select count(*) from media.variants)::int as variants, (select coalesce(sum(v.bytes), 0) from media.variants v)::int8 as variant_bytes,
  (select count(*) from media.objects o where o.condemned_at is not null)::int as condemned,
  (select count(*) from media.strays)::int as strays, (select coalesce(sum(s.bytes), 0) from media.strays s)::int8 as stray_bytes,
  (select count(*) from media.removals r where r.done_at is null)::int as removals,
  (select count(*) from media.takedowns d where d.lifted_at is null)::int as takedowns`,
  {
    files: 'int4',
    file_bytes: 'int8',
    variants: 'int4',
    variant_bytes: 'int8',
    condemned: 'int4',
    strays: 'int4',
    stray_bytes: 'int8',
    removals: 'int4',
    takedowns: 'int4',
  },
);

/** How the tries stand: by table, state and reason. */
export const USAGE_STATES = statement(
  'media.usage.states',
  `/* usage */ select s.table_name, s.state, s.reason, count(*)::int as images, count(*) filter (where s.size_differs)::int as size_differs
from media.fetch_state s group by s.table_name, s.state, s.reason order by s.table_name, s.state, s.reason nulls first`,
  { table_name: 'text', state: 'text', reason: 'text?', images: 'int4', size_differs: 'int4' },
);
