import { statement } from '../../platform/db/statement.ts';

/** Values: source, target, actor, reason. The answer is a `MergeReport`; rules and errors: migration 0077. */
export const MERGE = {
  show: statement('catalogue.merging.merge_shows', 'select core.merge_shows($1, $2, $3, $4) as report', {
    report: 'jsonb',
  }),
  person: statement('catalogue.merging.merge_people', 'select core.merge_people($1, $2, $3, $4) as report', {
    report: 'jsonb',
  }),
} as const;

/** Values: merge, actor. The answer is a `SplitReport`; migration 0078. */
export const SPLIT = {
  show: statement('catalogue.merging.split_shows', 'select core.split_shows($1, $2) as report', { report: 'jsonb' }),
  person: statement('catalogue.merging.split_people', 'select core.split_people($1, $2) as report', {
    report: 'jsonb',
  }),
} as const;

/**
 * Shows a person may mean: by uuid, slug, IMDb id, TMDb id (bare or `tmdb:1`), id of any scheme (`tvdb:1`), or name (whole,
 * whatever its case). Values: the reference, the limit. The strongest kind of match alone counts.
 */
export const FIND_SHOWS = statement(
  'catalogue.merging.find_shows',
  `with matches as (
     select s.id, 1 as kind from core.shows s where s.id::text = lower($1::text)
     union all select g.show_id, 2 from core.show_slugs g where g.slug = $1
     union all select s.id, 2 from core.shows s where s.imdb_id = $1
     union all select s.id, 2 from core.shows s where 'tmdb:' || s.tmdb_id = $1
     union all select x.show_id, 3 from core.external_ids x
       where x.show_id is not null and (x.scheme || ':' || x.value = $1 or (x.scheme = 'imdb' and x.value = $1))
     union all select s.id, 4 from core.shows s where s.tmdb_id::text = $1
     union all select s.id, 5 from core.shows s where lower(s.name) = lower($1)
   )
   select s.id, s.name, s.imdb_id as imdb, s.tmdb_id::text as tmdb
   from core.shows s
   where s.id in (select m.id from matches m where m.kind = (select min(kind) from matches))
   order by s.created_at, s.id limit $2`,
  { id: 'uuid', name: 'text', imdb: 'text?', tmdb: 'text?' },
);

/** People by uuid, IMDb id (`nm...`), id of any scheme (`tmdb:1`), or whole name; as `FIND_SHOWS`. */
export const FIND_PEOPLE = statement(
  'catalogue.merging.find_people',
  `with matches as (
     select p.id, 1 as kind from core.people p where p.id::text = lower($1::text)
     union all select p.id, 2 from core.people p where p.external_ids ->> 'imdb' = $1
     union all select p.id, 2 from core.people p where $1 like 'tmdb:%' and p.external_ids ->> 'tmdb' = substr($1, 6)
     union all select x.person_id, 3 from core.external_ids x
       where x.person_id is not null and (x.scheme || ':' || x.value = $1 or (x.scheme = 'imdb' and x.value = $1))
     union all select p.id, 5 from core.people p where lower(p.full_name) = lower($1)
   )
   select p.id, p.full_name as name, p.external_ids ->> 'imdb' as imdb, p.external_ids ->> 'tmdb' as tmdb
   from core.people p
   where p.id in (select m.id from matches m where m.kind = (select min(kind) from matches))
   order by p.created_at, p.id limit $2`,
  { id: 'uuid', name: 'text', imdb: 'text?', tmdb: 'text?' },
);

/** Merges that stand, by the beginning of their id, by the source's id or by its name. Values: kind, reference, limit. */
export const FIND_MERGES = statement(
  'catalogue.merging.find_merges',
  `select m.id, m.source_id, m.source_name, m.target_id, m.target_name, to_jsonb(m.merged_at) #>> '{}' as merged_at
   from core.merges m
   where m.kind = $1 and m.undone_at is null
     and (m.source_id::text = lower($2::text) or lower(m.source_name) = lower($2)
       or ($2 ~ '^[0-9a-fA-F-]{4,36}$' and m.id::text like lower($2) || '%'))
   order by m.merged_at desc, m.id limit $3`,
  { id: 'uuid', source_id: 'uuid', source_name: 'text', target_id: 'uuid', target_name: 'text', merged_at: 'text?' },
);

/** The newest merges of a kind, undone ones too. Values: kind, limit; time and id of the last one seen, or null. */
export const LIST_MERGES = statement(
  'catalogue.merging.list_merges',
  `select m.id, m.source_id, m.source_name, m.target_id, m.target_name, m.actor, m.reason, m.merged_at, m.undone_at, m.undone_by
   from core.merges m where m.kind = $1 and ($3::timestamptz is null or (m.merged_at, m.id) < ($3, $4::uuid))
   order by m.merged_at desc, m.id desc limit $2`,
  {
    id: 'uuid',
    source_id: 'uuid',
    source_name: 'text',
    target_id: 'uuid',
    target_name: 'text',
    actor: 'text',
    reason: 'text?',
    merged_at: 'timestamptz',
    undone_at: 'timestamptz?',
    undone_by: 'text?',
  },
);

/** Values: action, target's type and id, before, after, reason or null. In the name of whoever the transaction acts for. */
export const RECORD = statement(
  'catalogue.merging.record',
  'select identity.record_action($1, $2, $3, $4::jsonb, $5::jsonb, $6) as id',
  { id: 'int8?' },
);
