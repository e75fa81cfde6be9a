import Type from 'typebox';
import { CalendarDate, Nullable, Uuid } from '../../platform/http/schemas.ts';
import { ExternalIds } from '../external-ids.ts';
import { Picture } from '../images/picture.ts';

export const Episode = Type.Object(
  {
    show_name: Nullable(Type.String()),
    id: Uuid(),
    season_id: Uuid(),
    episode_number: Type.Integer(),
    title: Nullable(Type.String()),
    air_date: Nullable(CalendarDate()),
    synopsis: Nullable(Type.String()),
    external_ids: ExternalIds,
    show_id: Uuid(),
    season_number: Type.Integer(),
    runtime: Nullable(Type.Integer({ description: 'Minutes' })),
    episode_type: Nullable(Type.String()),
    still_url: Nullable(Type.String({ description: 'At the source' })),
    still: Nullable(Picture),
  },
  { additionalProperties: false },
);
