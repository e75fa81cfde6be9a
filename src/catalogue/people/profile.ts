import type { ProfileFacts } from '../../platform/facts.ts';
import type { RowRules, RowValues } from '../provenance/merge-row.ts';

/** `core.cast_tmdb` mirrors TMDb's page about a person (`spec/pipeline.md` 8.11). */
export const PROFILE_RULES: RowRules = Object.fromEntries(
  [
    'name',
    'also_known_as',
    'biography',
    'birthday',
    'deathday',
    'gender',
    'adult',
    'homepage',
    'known_for_department',
    'place_of_birth',
    'popularity',
    'profile_path',
    'imdb_id',
    'freebase_mid',
    'freebase_id',
    'tvrage_id',
    'wikidata_id',
    'facebook_id',
    'instagram_id',
    'tiktok_id',
    'twitter_id',
    'youtube_id',
  ].map((column) => [column, 'mirror' as const]),
);

export function profileValues(facts: ProfileFacts): RowValues {
  const ids = facts.externalIds;
  return {
    name: facts.name,
    also_known_as: facts.alsoKnownAs,
    biography: facts.biography,
    birthday: facts.birthDate,
    deathday: facts.deathDate,
    gender: facts.gender,
    adult: facts.adult,
    homepage: facts.homepage,
    known_for_department: facts.department,
    place_of_birth: facts.birthPlace,
    popularity: facts.popularity,
    profile_path: facts.profilePath,
    imdb_id: facts.imdbId ?? (ids === undefined ? undefined : null),
    freebase_mid: ids?.['freebaseMid'],
    freebase_id: ids?.['freebase'],
    tvrage_id: ids?.['tvrage'],
    wikidata_id: ids?.['wikidata'],
    facebook_id: ids?.['facebook'],
    instagram_id: ids?.['instagram'],
    tiktok_id: ids?.['tiktok'],
    twitter_id: ids?.['twitter'],
    youtube_id: ids?.['youtube'],
  };
}
