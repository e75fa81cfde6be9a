import { ATTRIBUTION_VALUES, ATTRIBUTIONS } from '../attributions.ts';
import { copyOnce, logoCopyMembers, pictureOf } from '../images/picture.ts';
import {
  attributionsOf,
  externalIds,
  hostedUrl,
  jsonArray,
  jsonObject,
  licensed,
  published,
  publishedArray,
  shownProvenance,
} from '../sql.ts';

const ID_COLUMNS = {
  imdb: 'imdb_id',
  tmdb: 'tmdb_id',
  tvdb: 'tvdb_id',
  tvrage: 'tvrage_id',
  wikidata: 'wikidata_id',
  facebook: 'facebook_id',
  instagram: 'instagram_id',
  twitter: 'twitter_id',
};

/** A show may be shown when its name may be: nothing else of it means anything without. */
export function isVisible(licences: string, alias = 's'): string {
  return `${alias}.retired_at is null and ${licensed(alias, 'name', licences)}`;
}

/** The show `s` has parameter `n` among the values of an array column that may be shown; the first half is what the index finds. */
export function hasValue(column: string, n: number): string {
  return `s.${column} @> array[$${n}::text] and $${n}::text = any(${publishedArray('s', column, '$3')})`;
}

/** Members of `Show`, for a row `s` of core.shows. `licences`: the parameter holding the published licence tags. */
export function showMembers(licences: string): Record<string, string> {
  const field = (name: string) => published('s', name, licences);
  return {
    id: 's.id',
    name: 's.name',
    description: field('description'),
    premiere_date: field('premiere_date'),
    external_ids: externalIds('s', 'show_id', ID_COLUMNS, licences),
    slug: '(select g.slug from core.show_slugs g where g.show_id = s.id and g.is_current)',
    status: field('tmdb_status'),
    total_seasons: field('show_total_seasons'),
    total_episodes: field('show_total_episodes'),
    most_recent_episode: field('most_recent_episode'),
  };
}

/** Members of `ShowDetail`; `base`: the parameter holding where hosted images are. Entity lists come in the order of the id arrays; ids without a row are skipped (S4). */
export function detailMembers(licences: string, base: string): Record<string, string> {
  const field = (name: string) => published('s', name, licences);
  const values = (name: string) => publishedArray('s', name, licences);
  const array = (name: string) => jsonArray(values(name));
  return {
    ...showMembers(licences),
    genres: array('genres'),
    keywords: array('keywords'),
    tags: array('tags'),
    networks: array('networks'),
    streaming_providers: array('streaming_providers'),
    listed_on: array('listed_on'),
    tmdb_network_ids: array('tmdb_network_ids'),
    tmdb_production_company_ids: array('tmdb_production_company_ids'),
    tmdb_networks: organisations('network', values('tmdb_network_ids'), licences, base),
    tmdb_production_companies: organisations('company', values('tmdb_production_company_ids'), licences, base),
    watch_providers: watchProviders(licences, base),
    alternative_names: `coalesce((select json_agg(json_build_object('name', a.name, 'country', a.country, 'type', a.type)
      order by a.name collate "und-x-icu", a.country nulls first, a.type nulls first, a.id)
      from core.alternative_names a where a.show_id = s.id and ${licensed('a', 'name', licences)}), '[]'::json)`,
    show_type: field('tmdb_type'),
    first_air_date: field('tmdb_first_air_date'),
    last_air_date: field('tmdb_last_air_date'),
    vote_average: `(${field('tmdb_vote_average')})::float8`,
    vote_count: field('tmdb_vote_count'),
    most_recent_episode_air_date: field('most_recent_episode_air_date'),
    updated_at: 's.updated_at',
  };
}

/** Extra members of `?include=provenance`. */
export function provenanceMembers(licences: string): Record<string, string> {
  const offers = `n.source = 'justwatch' and exists (select from core.show_watch_providers o where o.show_id = s.id)`;
  return {
    provenance: shownProvenance('s', licences),
    attributions: attributionsOf('s', licences, ATTRIBUTION_VALUES, offers),
  };
}

/** Our copy of the logo of each row, looked up once, for `logoMembers`; as `k.picture`. */
export function logoCopy(alias: string, licences: string, base: string): string {
  const picture = pictureOf(alias, base, 'hosted_logo_');
  return `cross join lateral ${copyOnce(`case when ${licensed(alias, 'tmdb_logo_path', licences)} then ${picture} end`)}`;
}

/** Logo members shared by networks, companies and watch providers; beside `logoCopy`. */
function logoMembers(alias: string, licences: string, base: string, page: string): Record<string, string> {
  const logo = (expression: string) =>
    `case when ${licensed(alias, 'tmdb_logo_path', licences)} then ${expression} end`;
  const ofLogo = (expression: string) =>
    `case when ${alias}.tmdb_logo_path is not null and ${licensed(alias, 'tmdb_logo_path', licences)} then ${expression} end`;
  return {
    tmdb_logo_path: logo(`${alias}.tmdb_logo_path`),
    logo_path: logo(`${alias}.logo_path`),
    hosted_logo_key: logo(`${alias}.hosted_logo_key`),
    hosted_logo_url: logo(hostedUrl(alias, base, 'hosted_logo_')),
    hosted_logo_sha256: logo(`${alias}.hosted_logo_sha256`),
    hosted_logo_content_type: logo(`${alias}.hosted_logo_content_type`),
    // A JSON number: proven to be one that JavaScript holds exactly.
    hosted_logo_bytes: logo(
      `case when ${alias}.hosted_logo_bytes < 9007199254740992 then ${alias}.hosted_logo_bytes end`,
    ),
    hosted_logo_etag: logo(`${alias}.hosted_logo_etag`),
    hosted_logo_at: logo(`${alias}.hosted_logo_at`),
    ...logoCopyMembers('k.picture'),
    logo_licence: ofLogo(`coalesce(${alias}.provenance -> 'tmdb_logo_path' ->> 'licence', 'tmdb')`),
    logo_attribution: ofLogo(`'${ATTRIBUTIONS['tmdb']?.text ?? ''}'`),
    logo_source_page_url: ofLogo(page),
  };
}

/** Members of a network or company, for a row `n` and its `logoCopy`. */
export function organisationMembers(
  licences: string,
  base: string,
  kind: 'network' | 'company',
): Record<string, string> {
  return {
    id: 'n.id',
    name: 'n.name',
    origin_country: published('n', 'origin_country', licences),
    ...logoMembers('n', licences, base, `'https://www.themoviedb.org/${kind}/' || n.id`),
  };
}

/** `limit 1` keeps a lookup per id: an array's length is unknown to the planner, which would else read the whole table. */
function organisations(kind: 'network' | 'company', ids: string, licences: string, base: string): string {
  const table = kind === 'network' ? 'core.networks' : 'core.production_companies';
  return `coalesce((select json_agg(${jsonObject(organisationMembers(licences, base, kind))} order by i.position)
      from unnest(${ids}) with ordinality i(id, position)
      cross join lateral (select e.* from ${table} e where e.id = i.id limit 1) n ${logoCopy('n', licences, base)}
      where ${licensed('n', 'name', licences)}), '[]'::json)`;
}

/** Groups by (region, offer type); inside a group by priority, then name whatever its case (S5). */
export function watchProviders(licences: string, base: string, condition = 'true'): string {
  const order = 'o.display_priority nulls last, lower(w.provider_name) collate "und-x-icu", w.provider_id';
  const provider = {
    provider_id: 'w.provider_id',
    provider_name: 'w.provider_name',
    display_priority: 'o.display_priority',
    ...logoMembers('w', licences, base, `'https://www.themoviedb.org'`),
  };
  const notice = ATTRIBUTIONS['justwatch']?.text.replaceAll("'", "''") ?? '';
  return `coalesce((select json_agg(json_build_object('region', g.region, 'offer_type', g.offer_type, 'link', g.link,
        'providers', g.providers, 'attribution', '${notice}') order by g.region collate "C", g.offer_type collate "C")
      from (select o.region, o.offer_type, (array_agg(o.link order by ${order}) filter (where o.link is not null))[1] as link,
          json_agg(${jsonObject(provider)} order by ${order}) as providers
        from core.show_watch_providers o
        cross join lateral (select p.* from core.watch_providers p where p.provider_id = o.provider_id limit 1) w ${logoCopy('w', licences, base)}
        where o.show_id = s.id and ${condition} and btrim(w.provider_name) <> '' and ${licensed('w', 'provider_name', licences)}
          and ${licensed('o', 'link', licences)} and ${licensed('o', 'display_priority', licences)}
        group by o.region, o.offer_type) g), '[]'::json)`;
}
