import { statement } from '../../platform/db/statement.ts';

const DIMENSION_TYPES = {
  id: 'int4',
  name: 'text',
  origin_country: 'text?',
  tmdb_logo_path: 'text?',
  tmdb_meta: 'jsonb?',
  tmdb_fetched_at: 'timestamptz?',
  provenance: 'jsonb',
} as const;

export const NETWORKS = statement(
  'pipeline.networks.by_id',
  `select id, name, origin_country, tmdb_logo_path, tmdb_meta, tmdb_fetched_at, provenance
   from core.networks where id = any($1::int4[]) order by id`,
  DIMENSION_TYPES,
);

export const COMPANIES = statement(
  'pipeline.production_companies.by_id',
  `select id, name, origin_country, tmdb_logo_path, tmdb_meta, tmdb_fetched_at, provenance
   from core.production_companies where id = any($1::int4[]) order by id`,
  DIMENSION_TYPES,
);

export const WATCH_PROVIDERS = statement(
  'pipeline.watch_providers.by_id',
  `select provider_id, provider_name, tmdb_logo_path, tmdb_meta, tmdb_fetched_at, provenance
   from core.watch_providers where provider_id = any($1::int4[]) order by provider_id`,
  {
    provider_id: 'int4',
    provider_name: 'text',
    tmdb_logo_path: 'text?',
    tmdb_meta: 'jsonb?',
    tmdb_fetched_at: 'timestamptz?',
    provenance: 'jsonb',
  },
);

export const WATCH_OFFERS = statement(
  'pipeline.show_watch_providers.of_show',
  `select show_id, region, offer_type, provider_id, display_priority, link, fetched_at, provenance
   from core.show_watch_providers where show_id = $1 order by region, offer_type, provider_id`,
  {
    show_id: 'uuid',
    region: 'text',
    offer_type: 'text',
    provider_id: 'int4',
    display_priority: 'int4?',
    link: 'text?',
    fetched_at: 'timestamptz',
    provenance: 'jsonb',
  },
);

export const SHOW_STREAMING = statement(
  'pipeline.show.streaming',
  'select id, streaming_providers, provenance from core.shows where id = $1',
  { id: 'uuid', streaming_providers: '_text?', provenance: 'jsonb' },
);
