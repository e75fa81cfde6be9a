import Type, { type Static } from 'typebox';
import { CalendarDate, Nullable, PageQuery, Timestamp, Uuid } from '../../platform/http/schemas.ts';
import { Attribution } from '../attributions.ts';
import { CastMember } from '../cast/schema.ts';
import { ExternalIds } from '../external-ids.ts';
import { logoCopySchema, Picture } from '../images/picture.ts';
import { Image } from '../images/schema.ts';
import { Season } from '../seasons/schema.ts';

const closed = { additionalProperties: false } as const;

const showFields = {
  id: Uuid(),
  name: Type.String(),
  description: Nullable(Type.String()),
  premiere_date: Nullable(CalendarDate()),
  external_ids: ExternalIds,
  slug: Nullable(Type.String()),
  status: Nullable(Type.String({ description: 'As the source says, e.g. "Returning Series"' })),
  total_seasons: Nullable(Type.Integer({ description: 'Seasons numbered above 0' })),
  total_episodes: Nullable(Type.Integer()),
  most_recent_episode: Nullable(Type.String({ description: '`S1.E2 - Title (date)`' })),
};

export const Show = Type.Object(showFields, closed);

export const ListedShow = Type.Object(
  {
    ...showFields,
    poster: Type.Optional(Nullable(Picture)),
  },
  closed,
);

const logoFields = {
  tmdb_logo_path: Nullable(Type.String()),
  logo_path: Nullable(Type.String()),
  hosted_logo_key: Nullable(Type.String()),
  hosted_logo_url: Nullable(Type.String()),
  hosted_logo_sha256: Nullable(Type.String()),
  hosted_logo_content_type: Nullable(Type.String()),
  hosted_logo_bytes: Nullable(Type.Integer()),
  hosted_logo_etag: Nullable(Type.String()),
  hosted_logo_at: Nullable(Timestamp()),
  ...logoCopySchema,
  logo_licence: Nullable(Type.String()),
  logo_attribution: Nullable(Type.String({ description: 'Must be shown with the logo' })),
  logo_source_page_url: Nullable(Type.String()),
};

/** A network or production company. */
export const Organisation = Type.Object(
  { id: Type.Integer(), name: Type.String(), origin_country: Nullable(Type.String()), ...logoFields },
  closed,
);

export const WatchProviderGroup = Type.Object(
  {
    region: Type.String({ description: 'ISO 3166-1 country code' }),
    offer_type: Type.String({ description: 'flatrate, rent, buy, ads, free' }),
    link: Nullable(Type.String()),
    providers: Type.Array(
      Type.Object(
        {
          provider_id: Type.Integer(),
          provider_name: Type.String(),
          display_priority: Nullable(Type.Integer()),
          ...logoFields,
        },
        closed,
      ),
    ),
    attribution: Type.String({ description: 'Must be shown beside the offers' }),
  },
  closed,
);

const ProvenanceEntry = Type.Object(
  {
    source: Type.String(),
    at: Timestamp(),
    licence: Type.String(),
    via: Type.String(),
    reason: Type.Optional(Type.String()),
    confidence: Type.Optional(Type.Number()),
    sources: Type.Optional(
      Type.Array(Type.String(), {
        description: 'Of a list or a row that several sources state: all that may be named',
      }),
    ),
  },
  closed,
);

export const ShowDetail = Type.Object(
  {
    ...showFields,
    genres: Type.Array(Type.String()),
    keywords: Type.Array(Type.String()),
    tags: Type.Array(Type.String()),
    networks: Type.Array(Type.String()),
    streaming_providers: Type.Array(Type.String()),
    listed_on: Type.Array(Type.String()),
    tmdb_network_ids: Type.Array(Type.Integer()),
    tmdb_production_company_ids: Type.Array(Type.Integer()),
    tmdb_networks: Type.Array(Organisation),
    tmdb_production_companies: Type.Array(Organisation),
    watch_providers: Type.Array(WatchProviderGroup),
    alternative_names: Type.Array(
      Type.Object({ name: Type.String(), country: Nullable(Type.String()), type: Nullable(Type.String()) }, closed),
    ),
    show_type: Nullable(Type.String()),
    first_air_date: Nullable(CalendarDate()),
    last_air_date: Nullable(CalendarDate()),
    vote_average: Nullable(Type.Number()),
    vote_count: Nullable(Type.Integer()),
    most_recent_episode_air_date: Nullable(CalendarDate()),
    updated_at: Timestamp(),
    provenance: Type.Optional(
      Type.Record(Type.String(), ProvenanceEntry, {
        description: 'With include=provenance: by field of the stored show',
      }),
    ),
    attributions: Type.Optional(Type.Array(Attribution, { description: 'With include=provenance' })),
    seasons: Type.Optional(Type.Array(Season, { description: 'With include=seasons' })),
    cast: Type.Optional(Type.Array(CastMember, { description: 'With include=cast' })),
    images: Type.Optional(Type.Array(Image, { description: 'With include=images' })),
  },
  closed,
);

export const ListShowsQuery = Type.Object({
  ...PageQuery.properties,
  q: Type.Optional(
    Type.String({
      maxLength: 200,
      description: 'Name or alternative name: exact matches first, then prefixes, then similar ones',
    }),
  ),
  network: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Exact network name' })),
  genre: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Exact genre name' })),
  include: Type.Optional(
    Type.Array(Type.Literal('images'), {
      maxItems: 10,
      description: 'Comma separated; only `images`: a poster of each',
    }),
  ),
});
export type ListShowsQuery = Static<typeof ListShowsQuery>;

export const ShowQuery = Type.Object({
  include: Type.Optional(
    Type.Array(
      Type.Union(['provenance', 'seasons', 'cast', 'images', 'watch_providers'].map((name) => Type.Literal(name))),
      {
        maxItems: 10,
        description:
          'Comma separated: provenance, seasons, cast, images (the first 100 of each), watch_providers (always there)',
      },
    ),
  ),
});
