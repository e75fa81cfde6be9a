import { isObject, type JsonObject, lacking, objects, type Parsed, parsed, unexpected } from '../../read.ts';
import { decoded, text, whole } from './values.ts';

/** A person's credit as the predecessor's third-party credits API tells it (`spec/sources-imdb.md` 3.1). */
export interface ImdbApiCredit {
  readonly nameId: string;
  /** The id where there is no name. */
  readonly name: string;
  readonly category: string | null;
  readonly characters: readonly string[];
  readonly episodeCount: number;
  /** What the catalogue's predecessor called it: `cast` for actors, else the category in lower case. */
  readonly role: string;
}

export interface ImdbApiCredits {
  readonly credits: readonly ImdbApiCredit[];
  readonly totalCount: number | null;
  readonly nextPageToken: string | null;
}

/** Categories of people who are seen; crew rows have roles too (6.2, 18). */
const CAST = new Set(['actor', 'actress', 'self']);

/**
 * Saved answers of that API, for reading archives only: nothing here asks it, since it is nobody's licensed source (6.2, 17). One record
 * per person; counts of split credits are added up. Must find the list `credits`.
 */
export function parseApiCredits(body: Uint8Array): Parsed<ImdbApiCredits> {
  let payload: unknown;
  try {
    payload = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch {
    return unexpected('the payload is not JSON');
  }
  const listed = isObject(payload) ? objects(payload['credits']) : undefined;
  if (!isObject(payload) || listed === undefined) return lacking('credits (a list)');
  const people = new Map<string, ImdbApiCredit>();
  for (const item of listed) {
    const credit = readCredit(item);
    if (credit === undefined) continue;
    const known = people.get(credit.nameId);
    people.set(credit.nameId, known === undefined ? credit : joined(known, credit));
  }
  return parsed({
    credits: [...people.values()],
    totalCount: whole(payload['totalCount']) ?? null,
    nextPageToken: text(payload['nextPageToken']) ?? null,
  });
}

function joined(a: ImdbApiCredit, b: ImdbApiCredit): ImdbApiCredit {
  const category = a.category ?? b.category;
  return {
    nameId: a.nameId,
    name: a.name === a.nameId ? b.name : a.name,
    category,
    characters: [...new Set([...a.characters, ...b.characters])],
    episodeCount: a.episodeCount + b.episodeCount,
    role: roleOf(category),
  };
}

function roleOf(category: string | null): string {
  const word = category?.toLowerCase() ?? 'cast';
  return word === 'actor' || word === 'actress' ? 'cast' : word;
}

function readCredit(item: JsonObject): ImdbApiCredit | undefined {
  const nameId = personId(item) ?? personId(item['name']) ?? personId(item['person']);
  const category = firstText(item, ['category', 'jobCategory', 'job', 'creditCategory']) ?? null;
  const characters = [...new Set(['characters', 'character', 'roles', 'role'].flatMap((key) => namesIn(item[key])))];
  if (nameId === undefined || category === null || !CAST.has(category.toLowerCase())) return undefined;
  const remarks = ['attributes', 'attribute', 'notes', 'note', 'attributesText'].flatMap((key) =>
    namesIn(item[key], ['text', 'name', 'value']),
  );
  if ([...characters, ...remarks].some((word) => /uncredited/i.test(word))) return undefined;
  const name =
    nameOf(item['name']) ?? nameOf(item['person']) ?? firstText(item, ['displayName', 'name', 'nameText']) ?? nameId;
  return { nameId, name, category, characters, episodeCount: countOf(item), role: roleOf(category) };
}

function firstText(object: JsonObject, keys: readonly string[]): string | undefined {
  return keys.map((key) => decoded(object[key])).find((value) => value !== undefined);
}

/** An `nm...` id in one of the usual keys; an object there is looked into once. */
function personId(value: unknown, nested = true): string | undefined {
  if (!isObject(value)) return undefined;
  for (const key of ['nameId', 'name_id', 'personId', 'person_id', 'id']) {
    const inner = value[key];
    const own = /nm\d{1,12}/i.exec(text(inner) ?? '')?.[0]?.toLowerCase();
    const found = own ?? (nested ? personId(inner, false) : undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

const NAME_KEYS = ['displayName', 'name', 'nameText', 'text'];

function nameOf(value: unknown): string | undefined {
  return isObject(value) ? firstText(value, NAME_KEYS) : decoded(value);
}

/** Texts of a text, an object or a list of these. */
function namesIn(value: unknown, keys: readonly string[] = ['name', 'displayName', 'nameText', 'text']): string[] {
  if (Array.isArray(value))
    return value.slice(0, 1000).flatMap((item: unknown) => (Array.isArray(item) ? [] : namesIn(item, keys)));
  const found = isObject(value) ? firstText(value, keys) : decoded(value);
  return found === undefined ? [] : [found];
}

function countOf(item: JsonObject): number {
  const direct = whole(item['episodeCount']) ?? whole(item['episode_count']);
  const { episodes } = item;
  if (direct !== undefined || episodes === undefined) return direct ?? 0;
  if (Array.isArray(episodes)) return episodes.length;
  const keys = ['count', 'total', 'episodeCount', 'episode_count'];
  return isObject(episodes) ? (keys.map((key) => whole(episodes[key])).find((count) => count !== undefined) ?? 0) : 0;
}
