import { SURVIVOR_US } from '../../tests/simulator/world/survivor.ts';
import type { World } from '../../tests/simulator/world/world.ts';

/** How many of the most recent seasons the sample shows. */
const SEASONS = 3;

/**
 * Survivor (US) cut down to facts: the open data set's seasons, episodes, dates, running times and castaways, the show's public ids and
 * its network. What the simulator makes up for tests (pictures, votes, offers, other ids) goes, because a sample must not
 * claim things about a real show.
 */
export function cutToFacts(world: World): void {
  world.edit(SURVIVOR_US.tmdbId, (show) => {
    const premiere = show.seasons[0]?.air_date ?? null;
    show.first_air_date = premiere;
    show.seasons = show.seasons.slice(-SEASONS);
    show.popularity = 0;
    show.vote_average = 0;
    show.vote_count = 0;
    show.production_companies = [];
    show.alternative_titles = [];
    show.keywords = [];
    show.content_ratings = [];
    show.watch = {};
    show.images = { backdrops: [], logos: [], posters: [] };
    show.external_ids = {
      ...show.external_ids,
      imdb_id: SURVIVOR_US.imdbId,
      tvdb_id: null,
      wikidata_id: null,
      instagram_id: null,
    };
    for (const season of show.seasons) {
      season.poster_path = null;
      season.posters = [];
      season.external_ids = { ...season.external_ids, tvdb_id: null };
      for (const episode of season.episodes) {
        Object.assign(episode, { still_path: null, vote_average: 0, vote_count: 0, imdb_id: null });
      }
    }
  });
  for (const personId of castOf(world)) {
    world.editPerson(personId, (person) => {
      person.popularity = 0;
      person.profiles = [];
      person.external_ids = { ...person.external_ids, imdb_id: null };
    });
  }
}

function castOf(world: World): Set<number> {
  const show = world.show(SURVIVOR_US.tmdbId);
  return new Set(show?.seasons.flatMap((season) => season.cast.map((credit) => credit.person_id)));
}
