import Type from 'typebox';
import { CalendarDate, Nullable, Uuid } from '../../platform/http/schemas.ts';
import { ExternalIds } from '../external-ids.ts';
import { Picture } from '../images/picture.ts';

export const Season = Type.Object(
  {
    show_name: Nullable(Type.String()),
    imdb_episode_ids: Type.Array(Type.String()),
    tmdb_episode_ids: Type.Array(Type.Integer()),
    id: Uuid(),
    show_id: Uuid(),
    season_number: Type.Integer({ description: '0 holds the specials' }),
    title: Nullable(Type.String()),
    premiere_date: Nullable(CalendarDate()),
    external_ids: ExternalIds,
    overview: Nullable(Type.String()),
    poster_url: Nullable(Type.String({ description: 'At the source' })),
    poster: Nullable(Picture),
    episode_count: Type.Integer(),
  },
  { additionalProperties: false },
);

/** A number of any size: one that no season has is unknown, not malformed (S7). */
export const SeasonParams = { number: Type.Integer({ description: 'Season number' }) };
