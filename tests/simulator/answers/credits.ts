import type { WorldCastCredit, WorldCrewCredit, WorldPerson, WorldSeason } from '../world/types.ts';
import type { World } from '../world/world.ts';
import type { Json } from './answer.ts';

interface Role {
  credit_id: string;
  text: string;
  episode_count: number;
}

/**
 * `aggregate_credits` over some seasons: one entry per person, one role per character (its first credit id), episodes summed.
 * Crew is grouped by person and department.
 */
export function aggregateCredits(world: World, seasons: readonly WorldSeason[]): Json {
  const cast = group(
    seasons.flatMap((s) => s.cast),
    (c: WorldCastCredit) => `${c.person_id}`,
    (c) => c.character,
  );
  const crew = group(
    seasons.flatMap((s) => s.crew),
    (c: WorldCrewCredit) => `${c.person_id}/${c.department}`,
    (c) => c.job,
  );
  return {
    cast: cast.map(({ first, roles }, order) => ({
      ...personFields(world, first.person_id),
      roles: roles.map(({ text, ...role }) => ({
        credit_id: role.credit_id,
        character: text,
        episode_count: role.episode_count,
      })),
      total_episode_count: total(roles),
      order,
    })),
    crew: crew.map(({ first, roles }) => ({
      ...personFields(world, first.person_id),
      jobs: roles.map(({ text, ...role }) => ({
        credit_id: role.credit_id,
        job: text,
        episode_count: role.episode_count,
      })),
      department: first.department,
      total_episode_count: total(roles),
    })),
  };
}

function group<C extends { credit_id: string; episode_count: number }>(
  credits: readonly C[],
  keyOf: (credit: C) => string,
  textOf: (credit: C) => string,
): { first: C; roles: Role[] }[] {
  const groups = new Map<string, { first: C; roles: Map<string, Role> }>();
  for (const credit of credits) {
    const entry = groups.get(keyOf(credit)) ?? { first: credit, roles: new Map<string, Role>() };
    groups.set(keyOf(credit), entry);
    const text = textOf(credit);
    const role = entry.roles.get(text) ?? { credit_id: credit.credit_id, text, episode_count: 0 };
    role.episode_count += credit.episode_count;
    entry.roles.set(text, role);
  }
  return [...groups.values()].map(({ first, roles }) => ({ first, roles: [...roles.values()] }));
}

const total = (roles: readonly Role[]) => roles.reduce((sum, role) => sum + role.episode_count, 0);

/** The part of a person that every credit repeats. */
export function personFields(world: World, id: number): Json {
  const person = world.person(id);
  if (person === undefined) throw new Error(`the world credits person ${id} and does not know them`);
  return {
    adult: person.adult,
    gender: person.gender,
    id,
    known_for_department: person.known_for_department,
    name: person.name,
    original_name: person.original_name,
    popularity: person.popularity,
    profile_path: profilePath(person),
  };
}

export const profilePath = (person: WorldPerson): string | null => person.profiles[0]?.file_path ?? null;
