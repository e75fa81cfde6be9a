/** A kind of export: its rows with their provenance, in a stable order; columns named as the API names them. */
export interface ExportQuery {
  readonly sql: string;
  /** Where a value's provenance stands, for columns that are not called as in their table; null: own bookkeeping, always shown. */
  readonly origins: Readonly<Record<string, string | null>>;
  /** Fields whose licence decides about the row: without any of them a row says nothing. */
  readonly essential: readonly string[];
}

const OWN = { id: null, show_id: null, season_id: null, person_id: null, show_name: null, slug: null } as const;

export const EXPORTS: Readonly<Record<string, ExportQuery>> = {
  shows: {
    sql: `select s.id, s.name, g.slug, s.description, s.premiere_date::text, s.imdb_id, s.tmdb_id, s.tvdb_id, s.wikidata_id, s.tmdb_status as status,
        s.tmdb_type as show_type, s.show_total_seasons as total_seasons, s.show_total_episodes as total_episodes, s.most_recent_episode,
        s.genres, s.networks, s.keywords, s.tmdb_vote_average::text as vote_average, s.tmdb_vote_count as vote_count, s.provenance
      from core.shows s left join core.show_slugs g on g.show_id = s.id and g.is_current
      where s.retired_at is null order by s.name collate "und-x-icu", s.id`,
    origins: {
      ...OWN,
      status: 'tmdb_status',
      show_type: 'tmdb_type',
      total_seasons: null,
      total_episodes: null,
      vote_average: 'tmdb_vote_average',
      vote_count: 'tmdb_vote_count',
    },
    essential: ['name'],
  },
  cast: {
    sql: `select c.id, c.show_id, s.name as show_name, c.person_id, p.full_name, p.external_ids, c.role, c.credit_category, c.billing_order,
        c.provenance || jsonb_build_object('full_name', p.provenance -> 'full_name', 'external_ids', p.provenance -> 'external_ids') as provenance
      from core.show_cast c join core.shows s on s.id = c.show_id join core.people p on p.id = c.person_id
      where c.retired_at is null and s.retired_at is null
      order by s.name collate "und-x-icu", s.id, c.billing_order nulls last, c.id`,
    origins: OWN,
    essential: ['role', 'billing_order', 'full_name'],
  },
  appearances: {
    sql: `select a.id, a.show_id, a.show_name, a.person_id, a.cast_member_name as full_name, a.seasons,
        nullif(greatest(a.total_episodes, cardinality(a.tmdb_episode_ids)), 0) as total_episodes,
        a.imdb_episode_title_ids, a.tmdb_episode_ids,
        a.provenance || jsonb_build_object('full_name', p.provenance -> 'full_name') as provenance
      from core.episode_appearances a join core.shows s on s.id = a.show_id join core.people p on p.id = a.person_id
      where s.retired_at is null order by a.show_name collate "und-x-icu", a.show_id, a.cast_member_name, a.id`,
    // Who is known by seasons only has no count of episodes: that is not none.
    origins: { ...OWN, total_episodes: 'imdb_episode_title_ids' },
    essential: ['imdb_episode_title_ids', 'seasons'],
  },
  images: {
    sql: `select * from (
        select i.id, 'show' as "of", i.show_id, null::uuid as season_id, null::uuid as person_id, i.kind, i.source, i.file_path, i.url, i.hosted_url,
          i.width, i.height, i.iso_639_1 as language, i.provenance
        from core.show_images i where i.retired_at is null and i.archived_at is null
        union all
        select i.id, 'season', i.show_id, i.season_id, null, i.kind, i.source, i.file_path, i.url_original, i.hosted_url, i.width, i.height,
          i.iso_639_1, i.provenance
        from core.season_images i where i.retired_at is null and i.archived_at is null
        union all
        select i.id, 'person', null, null, i.person_id, 'photo', i.source, null, i.url, i.hosted_url, i.width, i.height, null, i.provenance
        from core.cast_photos i where i.archived_at is null
      ) images order by show_id nulls last, season_id nulls first, person_id, kind, id`,
    origins: {
      ...OWN,
      of: null,
      kind: null,
      source: null,
      hosted_url: 'url',
      width: 'url',
      height: 'url',
      language: 'url',
    },
    essential: ['url', 'file_path'],
  },
};
