import { statement } from '../../platform/db/statement.ts';
import { externalIds, jsonObject, licensed, published } from '../sql.ts';

/** `Person`, for a row `p` of core.people. */
export function personObject(licences: string): string {
  return jsonObject({
    id: 'p.id',
    full_name: 'p.full_name',
    known_for: published('p', 'known_for', licences),
    external_ids: externalIds('p', 'person_id', {}, licences, 'p.external_ids'),
  });
}

/** A person without a name that may be shown is not shown at all. */
export function isVisiblePerson(licences: string): string {
  return licensed('p', 'full_name', licences);
}

/** Values: person id, licences. */
export const GET_PERSON = statement(
  'catalogue.people.get',
  `/* getPerson */ select ${personObject('$2')}::text as body from core.people p
where p.id = $1::uuid and ${isVisiblePerson('$2')}`,
  { body: 'text' },
);
