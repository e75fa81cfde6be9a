import type { Row } from '../../platform/db/statement.ts';
import type { CHANGES_AFTER } from './queries.ts';

/** What the API shows of each table, and what it calls a row of it. Everything else stays inside. */
const PUBLIC: Readonly<Record<string, { readonly kind: string; readonly fields: readonly string[] }>> = {
  'core.shows': {
    kind: 'show',
    fields: [
      'name',
      'description',
      'premiere_date',
      'imdb_id',
      'tmdb_id',
      'tvdb_id',
      'tvrage_id',
      'wikidata_id',
      'facebook_id',
      'instagram_id',
      'twitter_id',
      'show_total_seasons',
      'show_total_episodes',
      'most_recent_episode',
      'most_recent_episode_air_date',
      'genres',
      'keywords',
      'tags',
      'networks',
      'streaming_providers',
      'listed_on',
      'tmdb_status',
      'tmdb_type',
      'tmdb_first_air_date',
      'tmdb_last_air_date',
      'tmdb_vote_average',
      'tmdb_vote_count',
      'tmdb_network_ids',
      'tmdb_production_company_ids',
    ],
  },
  'core.seasons': {
    kind: 'season',
    fields: ['season_number', 'name', 'title', 'overview', 'air_date', 'premiere_date', 'poster_path'],
  },
  'core.episodes': {
    kind: 'episode',
    fields: [
      'season_number',
      'episode_number',
      'title',
      'overview',
      'synopsis',
      'air_date',
      'runtime',
      'episode_type',
      'still_path',
      'imdb_episode_id',
      'tmdb_episode_id',
      'tmdb_vote_average',
      'tmdb_vote_count',
      'imdb_rating',
      'imdb_vote_count',
    ],
  },
  'core.people': { kind: 'person', fields: ['full_name', 'known_for', 'external_ids'] },
  'core.show_cast': { kind: 'credit', fields: ['role', 'billing_order', 'credit_category', 'person_id'] },
  'core.show_images': { kind: 'show_image', fields: ['kind', 'url', 'file_path', 'width', 'height', 'hosted_url'] },
  'core.season_images': { kind: 'season_image', fields: ['kind', 'file_path', 'width', 'height', 'hosted_url'] },
  'core.alternative_names': { kind: 'alternative_name', fields: ['name', 'country', 'type'] },
  'core.show_watch_providers': { kind: 'watch_offer', fields: ['link', 'display_priority'] },
};

export const PUBLIC_TABLES: readonly string[] = Object.keys(PUBLIC);

export interface PublicChange {
  readonly at: string;
  readonly kind: string;
  /** The row's id; of a watch offer show, region, type and provider with slashes between. */
  readonly id: string;
  readonly show_id: string | null;
  /** `retire`: hidden, may come back. */
  readonly op: string;
  /** Only of `update`, `retire` and `return`: fields whose new value may be shown. */
  readonly fields: Readonly<Record<string, PublicField>> | null;
}

export interface PublicField {
  /** Absent when the earlier value may not be shown. */
  readonly old?: unknown;
  readonly new: unknown;
  readonly source: string | null;
}

interface StoredField {
  readonly old: unknown;
  readonly new: unknown;
  readonly source?: string;
  readonly licences?: readonly string[];
  readonly old_licences?: readonly string[];
}

/**
 * A change as strangers may see it: public fields whose values are under published licences only; undefined when nothing of it is left.
 * A value that no source claims counts as published, as everywhere (decision 9).
 */
export function publicChange(row: Row<typeof CHANGES_AFTER>, published: ReadonlySet<string>): PublicChange | undefined {
  const shown = PUBLIC[row.table_name];
  if (shown === undefined) return undefined;
  const may = (licences: readonly string[] = []) => licences.every((licence) => published.has(licence));
  const base = { at: row.at, kind: shown.kind, id: row.row_key, show_id: row.show_id, op: row.op };
  if (row.fields === null) {
    // Came or went whole, or only hidden: known by its id alone, if any of its values could be seen.
    const seen = row.licences.length === 0 || row.licences.some((licence) => published.has(licence));
    return seen ? { ...base, fields: null } : undefined;
  }
  const fields: Record<string, PublicField> = {};
  for (const [name, stored] of Object.entries(row.fields as Record<string, StoredField>)) {
    if (!shown.fields.includes(name) || !may(stored.licences)) continue;
    const old = may(stored.old_licences) ? { old: stored.old } : {};
    fields[name] = { ...old, new: stored.new, source: stored.source ?? null };
  }
  if (Object.keys(fields).length === 0 && row.op === 'update') return undefined;
  return { ...base, fields };
}
