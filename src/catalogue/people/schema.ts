import Type, { type Static } from 'typebox';
import { CalendarDate, Nullable, PageQuery, Timestamp, Uuid } from '../../platform/http/schemas.ts';
import { Attribution } from '../attributions.ts';
import { ExternalIds } from '../external-ids.ts';
import { copySchema, Picture } from '../images/picture.ts';

const closed = { additionalProperties: false } as const;

const personMembers = {
  id: Uuid(),
  full_name: Type.String(),
  known_for: Nullable(Type.String()),
  external_ids: ExternalIds,
};
export const Person = Type.Object(personMembers, closed);

export const PersonDetail = Type.Object(
  {
    ...personMembers,
    show_count: Type.Integer({ description: 'Shows the person has a credit in' }),
    photo_url: Nullable(Type.String({ description: 'The first photo that may be shown' })),
    photo: Nullable(Picture),
    updated_at: Timestamp(),
    provenance: Type.Optional(
      Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown()), {
        description: 'With include=provenance: by field',
      }),
    ),
    attributions: Type.Optional(Type.Array(Attribution, { description: 'With include=provenance' })),
  },
  closed,
);

const ShowReference = { show_id: Uuid(), show_name: Type.String(), show_slug: Nullable(Type.String()) };

export const Credit = Type.Object(
  {
    id: Uuid(),
    ...ShowReference,
    premiere_date: Nullable(CalendarDate()),
    credit_category: Type.String({ description: 'Self, cast or a crew department' }),
    role: Nullable(Type.String()),
    billing_order: Nullable(Type.Integer()),
    episode_count: Nullable(Type.Integer({ description: 'Episodes the person appears in, where known' })),
    seasons: Type.Array(Type.Integer(), { description: 'Seasons the person appears in, where known' }),
  },
  closed,
);

export const Appearance = Type.Object(
  {
    ...ShowReference,
    seasons: Type.Array(Type.Integer()),
    total_episodes: Nullable(Type.Integer()),
    episodes: Type.Array(
      Type.Object(
        {
          id: Uuid(),
          season_number: Type.Integer(),
          episode_number: Type.Integer(),
          title: Nullable(Type.String()),
          air_date: Nullable(CalendarDate()),
        },
        closed,
      ),
      { description: 'As far as the episodes are in the catalogue' },
    ),
  },
  closed,
);

export const Photo = Type.Object(
  {
    id: Uuid(),
    source: Type.String(),
    url: Type.String({ description: 'Our copy when there is one, else the source' }),
    hosted_url: Nullable(Type.String()),
    thumb_url: Nullable(Type.String()),
    width: Nullable(Type.Integer()),
    height: Nullable(Type.Integer()),
    caption: Nullable(Type.String()),
    context_type: Nullable(Type.String()),
    season: Nullable(Type.Integer()),
    source_page_url: Nullable(Type.String()),
    licence: Nullable(Type.String()),
    attribution: Nullable(Type.String({ description: 'Must be shown with the photo' })),
    ...copySchema,
    lookalike_of: Nullable(Type.String({ format: 'uuid', description: 'A better photo that looks the same' })),
  },
  closed,
);

export const PeopleQuery = Type.Object({
  ...PageQuery.properties,
  q: Type.Optional(Type.String({ maxLength: 200, description: 'Name: beginnings and similar ones, best first' })),
});
export type PeopleQuery = Static<typeof PeopleQuery>;

export const PersonQuery = Type.Object({
  include: Type.Optional(
    Type.Array(Type.Literal('provenance'), { maxItems: 10, description: 'Comma separated; only `provenance`' }),
  ),
});
