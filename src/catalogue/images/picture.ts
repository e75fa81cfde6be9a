import Type from 'typebox';
import { Nullable } from '../../platform/http/schemas.ts';
import { ATTRIBUTIONS } from '../attributions.ts';
import { hostedUrl, jsonObject, licensed } from '../sql.ts';

export const Variant = Type.Object(
  {
    size: Type.Integer({ description: 'The width to ask for: 200, 500 or 1000' }),
    width: Type.Integer({ description: 'Its width: `size`, or less when the original is smaller' }),
    height: Nullable(Type.Integer()),
    format: Type.Union([Type.Literal('webp'), Type.Literal('avif')]),
    bytes: Type.Integer(),
    url: Type.String(),
  },
  { additionalProperties: false },
);

/** What every image brings along about our copy of it. */
export const copySchema = {
  hosted_width: Nullable(Type.Integer({ description: 'Of our copy, as it really is' })),
  hosted_height: Nullable(Type.Integer()),
  placeholder: Nullable(Type.String({ description: 'A tiny blurred preview as a data URI' })),
  variants: Type.Array(Variant, { description: 'Smaller versions, smallest first' }),
};

/** As `copySchema`, of a network, company or watch provider, whose one image is its logo. */
export const logoCopySchema = {
  logo_width: copySchema.hosted_width,
  logo_height: copySchema.hosted_height,
  logo_placeholder: copySchema.placeholder,
  logo_variants: copySchema.variants,
};

/** And about its rights: they must be shown with it. */
export const rightsSchema = {
  licence: Type.String({ description: 'Tag of the licence it is published under' }),
  attribution: Type.String({ description: 'Must be shown with the image' }),
  source_page_url: Nullable(Type.String({ description: 'Where it comes from' })),
};

/** An image that belongs to something else: a still, a poster. */
export const Picture = Type.Object(
  {
    url: Type.String({ description: 'Our copy when there is one, else the source; a path is one of this server' }),
    hosted_url: Nullable(Type.String()),
    ...copySchema,
    ...rightsSchema,
  },
  { additionalProperties: false },
);

/** Members of `copySchema`. @param picture an expression, or the name of a column, that gives `core.picture` */
export function copyMembers(picture: string): Record<string, string> {
  return {
    hosted_width: `(${picture} ->> 'width')::int`,
    hosted_height: `(${picture} ->> 'height')::int`,
    placeholder: `${picture} ->> 'placeholder'`,
    variants: `coalesce(${picture} -> 'variants', '[]'::json)`,
  };
}

/** Members of `rightsSchema` of an image of TMDb, whose provenance is that of `field`. @param page an expression */
export function tmdbRights(alias: string, field: string, page: string): Record<string, string> {
  return {
    licence: `coalesce(${alias}.provenance -> '${field}' ->> 'licence', 'tmdb')`,
    attribution: `'${ATTRIBUTIONS['tmdb']?.text ?? ''}'`,
    source_page_url: page,
  };
}

/** Members of `logoCopySchema`. @param picture as for `copyMembers` */
export function logoCopyMembers(picture: string): Record<string, string> {
  const { hosted_width = '', hosted_height = '', placeholder = '', variants = '' } = copyMembers(picture);
  return {
    logo_width: hosted_width,
    logo_height: hosted_height,
    logo_placeholder: placeholder,
    logo_variants: variants,
  };
}

/** Our copy as `core.picture` has it; the function is asked only where there is one. */
export function pictureOf(alias: string, base: string, prefix: 'hosted_' | 'hosted_logo_' = 'hosted_'): string {
  const sha256 = `${alias}.${prefix}sha256`;
  return `case when ${sha256} is not null then core.picture(${sha256}, ${base}::text) end`;
}

/**
 * Our copy of each row as `k.picture`, looked up once: without `offset 0` the planner puts the call in the place of every mention.
 * @param picture a `pictureOf`
 */
export function copyOnce(picture: string): string {
  return `(select ${picture} as picture offset 0) k`;
}

/**
 * A `Picture` of a row that has one image: its path at TMDb in `field`, its address there in `original`; null when there is none or it may
 * not be shown.
 * @param licences, base parameters
 */
export function pictureObject(
  alias: string,
  {
    field,
    original,
    page,
    licences,
    base,
  }: Readonly<Record<'field' | 'original' | 'page' | 'licences' | 'base', string>>,
): string {
  const hosted = hostedUrl(alias, base);
  const object = jsonObject({
    url: `coalesce(${hosted}, ${alias}.${original})`,
    hosted_url: hosted,
    ...copyMembers('k.picture'),
    ...tmdbRights(alias, field, page),
  });
  return `case when ${alias}.${field} is not null and ${licensed(alias, field, licences)}
    then (select ${object} from ${copyOnce(pictureOf(alias, base))}) end`;
}
