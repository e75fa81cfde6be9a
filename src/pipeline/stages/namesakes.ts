import { type Row, statement } from '../../platform/db/statement.ts';
import type { ReviewQuestion } from '../plan.ts';

/**
 * Values: show, people about to join its cast. Pairs of people in that cast who have one name (spelling apart from case) and no kind of id
 * that both have: whoever knows both by an id of its own tells them apart, and is believed.
 */
export const NAMESAKES = statement(
  'pipeline.people.namesakes',
  `with cast_people as (
     select p.id, p.full_name, lower(btrim(p.full_name)) as name, p.external_ids from core.people p
     where p.id in (select unnest($2::uuid[])
       union select c.person_id from core.show_cast c where c.show_id = $1 and c.retired_at is null)
   )
   select a.id, a.full_name, a.external_ids, b.id as other_id, b.full_name as other_name, b.external_ids as other_ids
   from cast_people a join cast_people b on b.name = a.name and a.id < b.id
   where a.name <> '' and not exists (
     select from jsonb_each_text(a.external_ids) x where x.value is not null and b.external_ids ->> x.key is not null)
   order by a.id, b.id limit 100`,
  { id: 'uuid', full_name: 'text', external_ids: 'jsonb', other_id: 'uuid', other_name: 'text', other_ids: 'jsonb' },
);

/** The questions whether such pairs are one person; first the one who would be kept: whom TMDb knows, else who comes first. */
export function namesakeQuestions(showId: string, pairs: readonly Row<typeof NAMESAKES>[]): ReviewQuestion[] {
  return pairs.map((pair) => {
    const one = { id: pair.id, name: pair.full_name, detail: idsInWords(pair.external_ids) };
    const other = { id: pair.other_id, name: pair.other_name, detail: idsInWords(pair.other_ids) };
    const candidates = other.detail.includes('tmdb ') ? [other, one] : [one, other];
    return { kind: 'namesakes', showId, about: `${pair.id} ${pair.other_id}`, candidates };
  });
}

function idsInWords(ids: unknown): string {
  const known = Object.entries(ids as Readonly<Record<string, unknown>>).filter(([, value]) => value !== null);
  return known.length === 0 ? 'no id' : known.map(([scheme, value]) => `${scheme} ${String(value)}`).join(', ');
}
