import type { WorldPerson } from '../world/types.ts';
import { type Answer, errors, idOf, type Json, type Question } from './answer.ts';
import { appended, standalone } from './append.ts';
import { profilePath } from './credits.ts';

/** `/person/{id}`; `external_ids` and `images` can be appended. */
export function personDetails(question: Question): Answer {
  return withPerson(question, (person) =>
    appended(personBody(person), question.query, (name) => personBlock(person, name)),
  );
}

export function personBlockAlone(name: string): (question: Question) => Answer {
  return (question) =>
    withPerson(question, (person) => {
      const block = personBlock(person, name);
      return block === undefined ? errors.notFound() : standalone(person.id, block);
    });
}

function withPerson(question: Question, then: (person: WorldPerson) => Answer): Answer {
  const id = idOf(question.parts[0]);
  if (id === undefined) return errors.badId();
  const person = question.world.person(id);
  return person === undefined ? errors.notFound() : then(person);
}

function personBlock(person: WorldPerson, name: string): Json | undefined {
  if (name === 'external_ids') return { ...person.external_ids };
  return name === 'images' ? { profiles: person.profiles } : undefined;
}

function personBody(person: WorldPerson): Json {
  return {
    adult: person.adult,
    also_known_as: person.also_known_as,
    biography: person.biography,
    birthday: person.birthday,
    deathday: person.deathday,
    gender: person.gender,
    homepage: person.homepage,
    id: person.id,
    imdb_id: person.external_ids.imdb_id,
    known_for_department: person.known_for_department,
    name: person.name,
    place_of_birth: person.place_of_birth,
    popularity: person.popularity,
    profile_path: profilePath(person),
  };
}
