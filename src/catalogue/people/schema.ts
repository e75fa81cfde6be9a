import Type from 'typebox';
import { Nullable, Uuid } from '../../platform/http/schemas.ts';
import { ExternalIds } from '../shows/schema.ts';

export const Person = Type.Object(
  { id: Uuid(), full_name: Type.String(), known_for: Nullable(Type.String()), external_ids: ExternalIds },
  { additionalProperties: false },
);
