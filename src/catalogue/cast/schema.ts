import Type from 'typebox';
import { Nullable, Uuid } from '../../platform/http/schemas.ts';
import { Person } from '../people/schema.ts';

export const CastMember = Type.Object(
  {
    id: Uuid(),
    show_id: Uuid(),
    season_id: Nullable(Uuid()),
    person_id: Uuid(),
    role: Nullable(Type.String()),
    billing_order: Nullable(Type.Integer()),
    notes: Type.Null({ description: 'Kept for clients' }),
    person: Person,
    credit_category: Type.String({ description: 'Self, cast or a crew department' }),
  },
  { additionalProperties: false },
);
