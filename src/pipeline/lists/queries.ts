import { statement } from '../../platform/db/statement.ts';

/** Stored shows a candidate may be: by its ids in the show's own columns or among its outside ids. More than one is a conflict. */
export const CANDIDATE_ROWS = statement(
  'pipeline.lists.candidate_rows',
  `select s.id, s.name, s.imdb_id, s.tmdb_id, s.premiere_date, s.most_recent_episode, s.listed_on, s.genres,
     s.imdb_title, s.imdb_content_rating, s.imdb_rating_value, s.imdb_rating_count, s.imdb_end_year, s.imdb_meta, s.imdb_fetched_at,
     s.needs_imdb_resolution, s.needs_tmdb_resolution, s.provenance,
     (select greatest(s.tmdb_fetched_at, k.checked_at) from (values (1)) one
      left join pipeline.show_checks k on k.show_id = s.id and k.source = 'tmdb') as known_at,
     exists (select 1 from core.external_ids x where x.show_id = s.id and x.scheme = 'imdb' and x.value = $1
       and x.provenance -> 'value' ->> 'source' = 'merge') as merged_imdb,
     exists (select 1 from core.external_ids x where x.show_id = s.id and x.scheme = 'tmdb' and x.value = $2::int4::text
       and x.provenance -> 'value' ->> 'source' = 'merge') as merged_tmdb
   from core.shows s
   where s.imdb_id = $1 or s.tmdb_id = $2
     or s.id in (select x.show_id from core.external_ids x
                 where x.show_id is not null and x.scheme = 'imdb' and x.value = $1)
     or s.id in (select x.show_id from core.external_ids x
                 where x.show_id is not null and x.scheme = 'tmdb' and x.value = $2::text)
   order by s.imdb_id = $1 desc nulls last, s.id
   limit 3`,
  {
    id: 'uuid',
    name: 'text',
    imdb_id: 'text?',
    tmdb_id: 'int4?',
    premiere_date: 'date?',
    most_recent_episode: 'text?',
    listed_on: '_text?',
    genres: '_text?',
    imdb_title: 'text?',
    imdb_content_rating: 'text?',
    imdb_rating_value: 'numeric?',
    imdb_rating_count: 'int4?',
    imdb_end_year: 'int4?',
    imdb_meta: 'jsonb?',
    imdb_fetched_at: 'timestamptz?',
    needs_imdb_resolution: 'bool',
    needs_tmdb_resolution: 'bool',
    provenance: 'jsonb',
    known_at: 'timestamptz?',
    // The candidate's id came to the show with another that was merged into it.
    merged_imdb: 'bool',
    merged_tmdb: 'bool',
  },
);

/** Values: run, candidates by name. Those the run is through with. */
export const FINISHED_CANDIDATES = statement(
  'pipeline.lists.finished',
  `select subject from pipeline.run_shows where run_id = $1 and subject = any($2::text[])`,
  { subject: 'text' },
);

/** Values: run, a candidate's name. Its show, when the run has stored the candidate before: its job was put back or taken over since. */
export const LISTED_BEFORE = statement(
  'pipeline.lists.listed_before',
  `select s.id from pipeline.run_units u join core.shows s on s.id = u.show_id
   where u.run_id = $1 and u.stage = 'lists' and u.subject = $2 and u.status = 'succeeded'`,
  { id: 'uuid' },
);
