/**
 * Pieces of SQL text shared by the catalogue's statements. They are put together when modules load; no value of a request
 * ever becomes part of a text.
 */

/** The show named by `$1` (uuid) or, when that is null, by `$2` (slug, current or old). Indexable: it is one scalar. */
export const SHOW_ID = 'coalesce($1::uuid, (select g.show_id from core.show_slugs g where g.slug = $2::text))';

/** What lists people read are sorted by, before the id (design 5). */
export const PEOPLE_ORDER = 'collate "und-x-icu"';

/**
 * Whether a field may be published: its provenance carries a licence in the parameter (a text array), or it has no provenance, which means
 * the predecessor's or our own data (design 8, Rights).
 */
export function licensed(alias: string, field: string, parameter: string): string {
  return `coalesce(${alias}.provenance -> '${field}' ->> 'licence' = any(${parameter}::text[]), true)`;
}

/** A column's value, or null when its licence is not published. */
export function published(alias: string, field: string, parameter: string): string {
  return `case when ${licensed(alias, field, parameter)} then ${alias}.${field} end`;
}

/**
 * Where our copy of an image is (`core.hosted_url`): its key under the base that is configured now, so that a new CDN needs no job
 * (`spec/media.md` C9); else the address stored with an adopted row; else this server's own path.
 * @param base the parameter holding the base, or null
 */
export function hostedUrl(alias: string, base: string, prefix: 'hosted_' | 'hosted_logo_' = 'hosted_'): string {
  return `core.hosted_url(${base}::text, ${alias}.${prefix}key, ${alias}.${prefix}url)`;
}

/**
 * An array column of which each value is judged by the sources that state it (`core.published_values`). Where one licence covers the
 * column, which is usual, that settles it without the function.
 */
export function publishedArray(alias: string, field: string, parameter: string): string {
  const entry = `${alias}.provenance -> '${field}'`;
  const whole = `${licensed(alias, field, parameter)} and not coalesce(${entry} ? 'licences', false)`;
  const column = `${alias}.${field}`;
  return `case when ${whole} then ${column} else core.published_values(${column}, ${entry}, ${parameter}::text[]) end`;
}

/**
 * The provenance of a row's fields as it may be shown: who states each, when and how. Of a list, every source that states any of its values
 * and may be shown (`sources`); what each of them said stays inside.
 */
export function shownProvenance(alias: string, parameter: string): string {
  const licence = "coalesce(e.value -> 'licences' ->> k.key, e.value ->> 'licence')";
  const sources = `(select jsonb_agg(k.key order by k.key) from jsonb_each(e.value -> 'values') k where ${licence} = any(${parameter}::text[]))`;
  return `coalesce((select jsonb_object_agg(e.key, (e.value - 'values' - 'licences')
        || case when e.value ? 'values' then jsonb_build_object('sources', ${sources}) else '{}' end)
      from jsonb_each(${alias}.provenance) e where e.value ->> 'licence' = any(${parameter}::text[])), '{}')`;
}

/** Notices that the sources of a row's fields require, as far as their values may be shown. `values`: rows of (source, text, url). */
export function attributionsOf(alias: string, parameter: string, values: string, more = 'false'): string {
  return `coalesce((select json_agg(json_build_object('source', n.source, 'text', n.text, 'url', n.url) order by n.source)
      from (values ${values}) n(source, text, url)
      where exists (select from jsonb_each(${alias}.provenance) e
          where e.value ->> 'source' = n.source and e.value ->> 'licence' = any(${parameter}::text[])
          or e.value -> 'values' ? n.source
            and coalesce(e.value -> 'licences' ->> n.source, e.value ->> 'licence') = any(${parameter}::text[]))
        or ${more}), '[]'::json)`;
}

/** `json_build_object` from member names and expressions, so that a statement reads like the answer it makes. */
export function jsonObject(members: Readonly<Record<string, string>>): string {
  const parts = Object.entries(members).map(([name, expression]) => `'${name}', ${expression}`);
  return `json_build_object(\n    ${parts.join(',\n    ')})`;
}

/** An array column as JSON, `[]` when there is none. */
export function jsonArray(expression: string): string {
  return `coalesce(to_json(${expression}), '[]'::json)`;
}

/**
 * Typed id columns and the rows of `core.external_ids` as one object; the typed column wins. Ids that are not known are absent.
 * @param stored a jsonb column with further ids, where the table has one
 */
export function externalIds(
  alias: string,
  entity: 'show_id' | 'season_id' | 'episode_id' | 'person_id',
  columns: Readonly<Record<string, string>>,
  parameter: string,
  stored?: string,
): string {
  const typed = Object.entries(columns).map(
    ([scheme, column]) => `'${scheme}', ${published(alias, column, parameter)}`,
  );
  const others = `coalesce((select jsonb_object_agg(x.scheme, x.value order by x.value desc)
      from core.external_ids x where x.${entity} = ${alias}.id and ${licensed('x', 'value', parameter)}), '{}')`;
  const parts = [
    others,
    ...(stored === undefined ? [] : [`jsonb_strip_nulls(${stored})`]),
    ...(typed.length === 0 ? [] : [`jsonb_strip_nulls(jsonb_build_object(${typed.join(', ')}))`]),
  ];
  return `(${parts.join(' || ')})`;
}
