import type { WorldEpisode, WorldSeason, WorldShow } from '../world/types.ts';
import type { World } from '../world/world.ts';
import { type Answer, errors, idOf, type Json, type Question } from './answer.ts';
import { appended, standalone } from './append.ts';
import { aggregateCredits } from './credits.ts';
import { imageFilter } from './images.ts';

/** `/tv/{id}/season/{n}` with everything that can be appended. */
export function seasonDetails(question: Question): Answer {
  return withSeason(question, (show, season) =>
    appended(seasonBody(question.world, show, season), question.query, (name) => seasonBlock(question, season, name)),
  );
}

/** `/tv/{id}/season/{n}/{block}` as an endpoint of its own. */
export function seasonBlockAlone(name: string): (question: Question) => Answer {
  return (question) =>
    withSeason(question, (_show, season) => {
      const block = seasonBlock(question, season, name);
      return block === undefined ? errors.notFound() : standalone(season.id, block);
    });
}

/** `/tv/{id}/season/{n}/episode/{m}`; `external_ids` and `images` can be appended. */
export function episodeDetails(question: Question): Answer {
  const number = idOf(question.parts[2]);
  if (number === undefined) return errors.badId();
  return withSeason(question, (show, season) => {
    const episode = season.episodes.find((candidate) => candidate.episode_number === number);
    if (episode === undefined) return errors.notFound();
    const { show_id: _show, episode_type: _type, ...body } = episodeBody(show, season, episode);
    return appended({ ...body, episode_type: episode.episode_type }, question.query, (name) => {
      if (name === 'images') return { stills: [] };
      if (name !== 'external_ids') return undefined;
      return {
        imdb_id: episode.imdb_id,
        freebase_mid: null,
        freebase_id: null,
        tvdb_id: null,
        tvrage_id: null,
        wikidata_id: null,
      };
    });
  });
}

function withSeason(question: Question, then: (show: WorldShow, season: WorldSeason) => Answer): Answer {
  const [id, number] = [idOf(question.parts[0]), idOf(question.parts[1])];
  if (id === undefined || number === undefined) return errors.badId();
  const show = question.world.show(id);
  const season = show?.seasons.find((candidate) => candidate.season_number === number);
  return show === undefined || season === undefined ? errors.notFound() : then(show, season);
}

function seasonBlock({ world, query }: Question, season: WorldSeason, name: string): Json | undefined {
  switch (name) {
    case 'external_ids':
      return { ...season.external_ids };
    case 'images':
      return { posters: imageFilter(query)(season.posters) };
    case 'aggregate_credits':
      return aggregateCredits(world, [season]);
    default:
      return undefined;
  }
}

export function seasonBody(_world: World, show: WorldShow, season: WorldSeason): Json {
  return {
    _id: season.object_id,
    air_date: season.air_date,
    episodes: season.episodes.map((episode) => episodeBody(show, season, episode)),
    name: season.name,
    networks: show.networks,
    overview: season.overview,
    id: season.id,
    poster_path: season.poster_path,
    season_number: season.season_number,
    vote_average: season.vote_average,
  };
}

export function episodeBody(show: WorldShow, season: WorldSeason, episode: WorldEpisode): Json {
  return {
    air_date: episode.air_date,
    episode_number: episode.episode_number,
    episode_type: episode.episode_type,
    id: episode.id,
    name: episode.name,
    overview: episode.overview,
    production_code: episode.production_code,
    runtime: episode.runtime,
    season_number: season.season_number,
    show_id: show.id,
    still_path: episode.still_path,
    vote_average: episode.vote_average,
    vote_count: episode.vote_count,
    crew: [],
    guest_stars: [],
  };
}
