import { statement } from '../../platform/db/statement.ts';

/**
 * A question is asked once; about two people, in one of their shows. A decision stands until the candidates are others; what was accepted and
 * is asked again did not help.
 */
export const ASK_REVIEW = statement(
  'pipeline.reviews.ask',
  `insert into pipeline.reviews as r (kind, show_id, about, candidates, run_id)
   select $1::text, $2::uuid, $3::text, $4::jsonb, $5::uuid
   where $1 <> 'namesakes' or not exists (
     select from pipeline.reviews o where o.kind = 'namesakes' and o.about = $3 and o.show_id <> $2)
   on conflict (show_id, kind, about) do update set candidates = excluded.candidates, run_id = excluded.run_id, status = 'open',
     choice = null, decided_by = null, decided_at = null, reason = null
   where r.status = 'accepted' or r.candidates <> excluded.candidates
   returning id`,
  { id: 'uuid' },
);

const COLUMNS = `r.id, r.kind, r.show_id, s.name as show_name, r.about, r.candidates, r.status, r.run_id, r.choice, r.decided_by,
  r.decided_at, r.reason, r.created_at`;
const TYPES = {
  id: 'uuid',
  kind: 'text',
  show_id: 'uuid',
  show_name: 'text',
  about: 'text',
  candidates: 'jsonb',
  status: 'text',
  run_id: 'uuid?',
  choice: 'text?',
  decided_by: 'text?',
  decided_at: 'timestamptz?',
  reason: 'text?',
  created_at: 'timestamptz',
} as const;

/** Newest first. What has settled itself (the id came from elsewhere, the two people are one) is not open any more. */
export const LIST_REVIEWS = statement(
  'pipeline.reviews.list',
  `select ${COLUMNS} from pipeline.reviews r join core.shows s on s.id = r.show_id
   where r.status = $1 and ($2::timestamptz is null or (r.created_at, r.id) < ($2, $3::uuid))
     and (r.status <> 'open' or case r.kind
       when 'tmdb_id' then s.tmdb_id is null
       when 'namesakes' then
         (select count(*) from core.people p where p.id = any(string_to_array(r.about, ' ')::uuid[])) = 2
       else true end)
   order by r.created_at desc, r.id desc limit $4`,
  TYPES,
);

/** By the beginning of its id; at most two, so that doubt can be told. */
export const FIND_REVIEW = statement(
  'pipeline.reviews.find',
  `select ${COLUMNS} from pipeline.reviews r join core.shows s on s.id = r.show_id where starts_with(r.id::text, $1) limit 2`,
  TYPES,
);

export const DECIDE_REVIEW = statement(
  'pipeline.reviews.decide',
  `update pipeline.reviews set status = $2, choice = $3, decided_by = $4, reason = $5, decided_at = clock_timestamp()
   where id = $1 and status = 'open' returning id`,
  { id: 'uuid' },
);
