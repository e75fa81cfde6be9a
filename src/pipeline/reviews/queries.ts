import { statement } from '../../platform/db/statement.ts';

/** A question is asked once. A decision stands until the candidates are others; what was accepted and is asked again did not help. */
export const ASK_REVIEW = statement(
  'pipeline.reviews.ask',
  `insert into pipeline.reviews as r (kind, show_id, about, candidates, run_id) values ($1, $2, $3, $4::jsonb, $5)
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

/** Newest first. What has settled itself (the id came from elsewhere) is not open any more. */
export const LIST_REVIEWS = statement(
  'pipeline.reviews.list',
  `select ${COLUMNS} from pipeline.reviews r join core.shows s on s.id = r.show_id
   where r.status = $1 and ($2::timestamptz is null or (r.created_at, r.id) < ($2, $3::uuid))
     and (r.status <> 'open' or r.kind <> 'tmdb_id' or s.tmdb_id is null)
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
