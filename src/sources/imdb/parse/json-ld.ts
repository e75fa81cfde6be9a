import { isObject, type JsonObject } from '../../read.ts';
import { titleInHref } from '../ids.ts';
import { jsonLd } from './page.ts';
import { decoded } from './values.ts';

const TITLE_TYPES = new Set(['TVSeries', 'TVMiniSeries', 'Movie', 'TVSpecial', 'TVEpisode']);

/** The types of a JSON-LD object; a list of types is as good as one (`spec/sources-imdb.md` 6.2, 32). */
export function typesOf(object: JsonObject): string[] {
  const types = Array.isArray(object['@type']) ? object['@type'] : [object['@type']];
  return types.filter((type: unknown) => typeof type === 'string');
}

/** The title id in its `url` or `@id`, null when it has none. */
export function linkedId(object: JsonObject): string | null {
  const url = object['url'] ?? object['@id'];
  return titleInHref(typeof url === 'string' ? `${url}/` : url);
}

/** The page's description of a title: an object of a title type that is not about another one (6.2, 10). */
export function linkedTitle(html: string, id: string | null): JsonObject | null {
  const found = jsonLd(html).filter((object) => typesOf(object).some((type) => TITLE_TYPES.has(type)));
  return found.find((object) => id === null || (linkedId(object) ?? id) === id) ?? null;
}

/** Names in a text, an object with `name`, or lists of these; decoded, without repeats. */
export function namesIn(...values: readonly unknown[]): string[] {
  const names = values.flat(3).flatMap((value) => {
    const name = decoded(isObject(value) ? value['name'] : value);
    return name ?? [];
  });
  return [...new Set(names)];
}

/** The page's description of a person, null without one. */
export function linkedPerson(html: string): JsonObject | null {
  return jsonLd(html).find((object) => typesOf(object).includes('Person')) ?? null;
}
