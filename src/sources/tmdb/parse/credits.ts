import { integer, isObject, type JsonObject, objects, readAll, text } from '../../read.ts';

export interface TmdbCredit {
  readonly personId: number;
  readonly name: string;
  readonly knownFor: string | null;
  readonly profilePath: string | null;
  readonly episodeCount: number | null;
}

export interface TmdbCastCredit extends TmdbCredit {
  /** Characters with the episodes each appears in, in the source's order; `character` null when unnamed. */
  readonly roles: readonly { readonly character: string | null; readonly episodeCount: number | null }[];
  /** The source's billing, 0 first; gaps are usual. */
  readonly order: number | null;
}

export interface TmdbCrewCredit extends TmdbCredit {
  readonly department: string | null;
  readonly jobs: readonly { readonly job: string | null; readonly episodeCount: number | null }[];
}

export interface TmdbCredits {
  readonly cast: readonly TmdbCastCredit[];
  readonly crew: readonly TmdbCrewCredit[];
}

/** An `aggregate_credits` block; undefined when it is not one. People without id or name are dropped. */
export function readAggregateCredits(block: unknown): TmdbCredits | undefined {
  if (!isObject(block)) return undefined;
  const cast = readAll(block['cast'], castCredit);
  const crew = readAll(block['crew'] ?? [], crewCredit);
  return cast === undefined || crew === undefined ? undefined : { cast, crew };
}

/** `guest_stars` or a plain cast list: one character each, no counts. */
export function readCast(list: unknown): readonly TmdbCastCredit[] | undefined {
  return objects(list)?.flatMap((item) => {
    const credit = readCredit(item);
    if (credit === undefined) return [];
    const character = text(item['character']) ?? null;
    return [{ ...credit, roles: [{ character, episodeCount: null }], order: integer(item['order']) ?? null }];
  });
}

/** An episode's `crew`: one job each. */
export function readCrew(list: unknown): readonly TmdbCrewCredit[] | undefined {
  return objects(list)?.flatMap((item) => {
    const credit = readCredit(item);
    if (credit === undefined) return [];
    const jobs = [{ job: text(item['job']) ?? null, episodeCount: null }];
    return [{ ...credit, department: text(item['department']) ?? null, jobs }];
  });
}

function castCredit(item: JsonObject): TmdbCastCredit | undefined {
  const credit = readCredit(item);
  if (credit === undefined) return undefined;
  const roles = (objects(item['roles']) ?? []).map((role) => ({
    character: text(role['character']) ?? null,
    episodeCount: count(role['episode_count']),
  }));
  return { ...credit, roles, order: integer(item['order']) ?? null };
}

function crewCredit(item: JsonObject): TmdbCrewCredit | undefined {
  const credit = readCredit(item);
  if (credit === undefined) return undefined;
  const jobs = (objects(item['jobs']) ?? []).map((job) => ({
    job: text(job['job']) ?? null,
    episodeCount: count(job['episode_count']),
  }));
  return { ...credit, department: text(item['department']) ?? null, jobs };
}

function readCredit(item: JsonObject): TmdbCredit | undefined {
  const personId = integer(item['id']);
  const name = text(item['name']) ?? text(item['original_name']);
  if (personId === undefined || name === undefined) return undefined;
  return {
    personId,
    name,
    knownFor: text(item['known_for_department']) ?? null,
    profilePath: text(item['profile_path']) ?? null,
    episodeCount: count(item['total_episode_count']),
  };
}

function count(value: unknown): number | null {
  const number = integer(value);
  return number === undefined || number < 0 ? null : number;
}
