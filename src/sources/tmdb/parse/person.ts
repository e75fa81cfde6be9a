import {
  boolean,
  date,
  decimal,
  defined,
  field,
  integer,
  type JsonObject,
  lacking,
  type Parsed,
  parsed,
  readObject,
  text,
  texts,
} from '../../read.ts';
import { readExternalIds, type TmdbExternalIds } from './external-ids.ts';
import { readImages, type TmdbImage } from './images.ts';

export interface TmdbPerson {
  readonly id: number;
  readonly name: string;
  readonly alsoKnownAs?: readonly string[];
  readonly biography?: string | null;
  readonly birthday?: string | null;
  readonly deathday?: string | null;
  /** 0 unset, 1 female, 2 male, 3 non-binary. */
  readonly gender?: number | null;
  readonly adult?: boolean | null;
  readonly homepage?: string | null;
  readonly knownForDepartment?: string | null;
  readonly placeOfBirth?: string | null;
  readonly popularity?: number | null;
  readonly profilePath?: string | null;
  readonly imdbId?: string | null;
  readonly externalIds?: TmdbExternalIds;
  /** Profile pictures in the source's order. */
  readonly profiles?: readonly TmdbImage[];
  readonly raw: JsonObject;
}

export const PERSON_BLOCKS = ['external_ids', 'images'] as const;

/** `/person/{id}`. Must find `id`, a name and `known_for_department` or `also_known_as`, which tell a person from a show. */
export function parsePerson(body: Uint8Array): Parsed<TmdbPerson> {
  const payload = readObject(body);
  if (!payload.ok) return payload;
  const raw = payload.value;
  const id = integer(raw['id']);
  const name = text(raw['name']);
  const isPerson = 'known_for_department' in raw || 'also_known_as' in raw;
  if (id === undefined || name === undefined || !isPerson) {
    const lacks = [
      id === undefined ? 'id (an integer)' : '',
      name === undefined ? 'name (text)' : '',
      isPerson ? '' : 'known_for_department or also_known_as',
    ];
    return lacking(...lacks);
  }
  const externalIds = readExternalIds(raw['external_ids']);
  const profiles = readImages(raw['images'])?.profiles;
  const person: TmdbPerson = defined({
    id,
    name,
    alsoKnownAs: texts(raw['also_known_as']),
    biography: field(raw, 'biography', text),
    birthday: field(raw, 'birthday', date),
    deathday: field(raw, 'deathday', date),
    gender: field(raw, 'gender', (value) =>
      [0, 1, 2, 3].includes(Number(integer(value))) ? integer(value) : undefined,
    ),
    adult: field(raw, 'adult', boolean),
    homepage: field(raw, 'homepage', text),
    knownForDepartment: field(raw, 'known_for_department', text),
    placeOfBirth: field(raw, 'place_of_birth', text),
    popularity: field(raw, 'popularity', decimal),
    profilePath: field(raw, 'profile_path', text),
    imdbId: field(raw, 'imdb_id', text),
    externalIds,
    profiles,
    raw,
  });
  const has = { external_ids: externalIds, images: profiles };
  return parsed(
    person,
    PERSON_BLOCKS.filter((block) => has[block] === undefined),
  );
}

/** `/tv/{id}/external_ids` and `/person/{id}/external_ids`. Must find `id` and at least one known id field. */
export function parseExternalIds(body: Uint8Array): Parsed<{ readonly id: number; readonly ids: TmdbExternalIds }> {
  const payload = readObject(body);
  if (!payload.ok) return payload;
  const id = integer(payload.value['id']);
  const ids = readExternalIds(payload.value) ?? {};
  if (id === undefined || Object.keys(ids).length === 0) return lacking('id and at least one of imdb_id, tvdb_id, ...');
  return parsed({ id, ids });
}
