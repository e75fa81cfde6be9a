import type { WorldEpisode, WorldImage, WorldSeason, WorldShow } from '../world/types.ts';
import type { World } from '../world/world.ts';
import { type Answer, answer, errors, idOf, type Json, paged, type Question } from './answer.ts';
import { appended, standalone } from './append.ts';
import { aggregateCredits } from './credits.ts';
import { imageFilter } from './images.ts';
import { episodeBody, seasonBody } from './season.ts';

/** `/tv/{id}` with everything that can be appended. */
export function tvDetails(question: Question): Answer {
  return withShow(question, (show) =>
    appended(tvBody(question.world, show), question.query, (name) => {
      const number = idOf(/^season\/(\d+)$/.exec(name)?.[1]);
      if (number === undefined) return tvBlock(question, show, name);
      const season = show.seasons.find((candidate) => candidate.season_number === number);
      return season === undefined ? undefined : seasonBody(question.world, show, season);
    }),
  );
}

/** `/tv/{id}/{block}` as an endpoint of its own. */
export function tvBlockAlone(name: string): (question: Question) => Answer {
  return (question) =>
    withShow(question, (show) => {
      const block = tvBlock(question, show, name);
      return block === undefined ? errors.notFound() : standalone(show.id, block);
    });
}

export function withShow(question: Question, then: (show: WorldShow) => Answer): Answer {
  const id = idOf(question.parts[0]);
  if (id === undefined) return errors.badId();
  const show = question.world.show(id);
  return show === undefined ? errors.notFound() : then(show);
}

function tvBlock({ world, query }: Question, show: WorldShow, name: string): Json | undefined {
  const filter = imageFilter(query);
  switch (name) {
    case 'external_ids':
      return { ...show.external_ids };
    case 'alternative_titles':
      return { results: show.alternative_titles };
    case 'keywords':
      return { results: show.keywords };
    case 'content_ratings':
      return { results: show.content_ratings };
    case 'watch/providers':
      return { results: show.watch };
    case 'images': {
      const { backdrops, logos, posters } = show.images;
      return { backdrops: filter(backdrops), logos: filter(logos), posters: filter(posters) };
    }
    case 'aggregate_credits':
      return aggregateCredits(world, show.seasons);
    default:
      return undefined;
  }
}

/** Totals leave the specials (season 0) out, as upstream does; the season list has them. */
export function tvBody(world: World, show: WorldShow): Json {
  const regular = show.seasons.filter((season) => season.season_number > 0);
  const aired = lastAndNext(world, show);
  return {
    adult: show.adult,
    backdrop_path: bestPath(show.images.backdrops),
    created_by: show.created_by,
    episode_run_time: show.episode_run_time,
    first_air_date: show.first_air_date ?? earliest(regular) ?? '',
    genres: show.genres,
    homepage: show.homepage,
    id: show.id,
    in_production: show.in_production,
    languages: show.languages,
    last_air_date: aired.last?.episode.air_date ?? null,
    last_episode_to_air: aired.last === undefined ? null : episodeSummary(show, aired.last),
    name: show.name,
    next_episode_to_air: aired.next === undefined ? null : episodeSummary(show, aired.next),
    networks: show.networks,
    number_of_episodes: regular.reduce((sum, season) => sum + season.episodes.length, 0),
    number_of_seasons: regular.length,
    origin_country: show.origin_country,
    original_language: show.original_language,
    original_name: show.original_name,
    overview: show.overview,
    popularity: show.popularity,
    poster_path: bestPath(show.images.posters),
    production_companies: show.production_companies,
    production_countries: show.production_countries,
    seasons: show.seasons.map((season) => ({
      air_date: season.air_date,
      episode_count: season.episodes.length,
      id: season.id,
      name: season.name,
      overview: season.overview,
      poster_path: season.poster_path,
      season_number: season.season_number,
      vote_average: season.vote_average,
    })),
    spoken_languages: show.spoken_languages,
    status: show.status,
    tagline: show.tagline,
    type: show.type,
    vote_average: show.vote_average,
    vote_count: show.vote_count,
  };
}

/** A show as lists, searches and finds carry it. */
export function tvSummary(world: World, show: WorldShow): Json {
  const body = tvBody(world, show);
  const keep = [
    'adult',
    'backdrop_path',
    'id',
    'name',
    'original_name',
    'overview',
    'poster_path',
    'original_language',
    'popularity',
    'first_air_date',
    'vote_average',
    'vote_count',
    'origin_country',
  ];
  return {
    ...Object.fromEntries(keep.map((key) => [key, body[key]])),
    media_type: 'tv',
    genre_ids: show.genres.map((genre) => genre.id),
  };
}

/** `/search/tv`: names that contain the query, any case. */
export function searchTv({ world, query }: Question): Answer {
  const wanted = (query.get('query') ?? '').trim().toLowerCase();
  const found = [...world.showIds()].flatMap((id) => {
    const show = world.show(id);
    return show !== undefined && wanted !== '' && show.name.toLowerCase().includes(wanted) ? [show] : [];
  });
  const page = paged(query, found.length, 20);
  if (page === undefined) return errors.badPage();
  const results = found.slice(page.from, page.to).map((show) => {
    const { media_type: _, ...summary } = tvSummary(world, show);
    return summary;
  });
  return answer({ page: page.page, results, total_pages: page.pages, total_results: found.length });
}

/** `/watch/providers/tv`. */
export function watchProviders({ world, query }: Question): Answer {
  const region = query.get('watch_region');
  const results = world.providers().filter((provider) => region === null || region in provider.display_priorities);
  return answer({ results });
}

interface Aired {
  season: WorldSeason;
  episode: WorldEpisode;
}

function lastAndNext(world: World, show: WorldShow): { last?: Aired; next?: Aired } {
  const found: { last?: Aired; next?: Aired } = {};
  for (const season of show.seasons) {
    if (season.season_number === 0) continue;
    for (const episode of season.episodes) {
      const date = episode.air_date;
      if (!date) continue;
      if (date <= world.today) {
        if ((found.last?.episode.air_date ?? '') <= date) found.last = { season, episode };
      } else if (found.next === undefined || date < (found.next.episode.air_date ?? '')) {
        found.next = { season, episode };
      }
    }
  }
  return found;
}

function episodeSummary(show: WorldShow, { season, episode }: Aired): Json {
  const { crew: _crew, guest_stars: _guests, ...summary } = episodeBody(show, season, episode);
  return summary;
}

const earliest = (seasons: readonly WorldSeason[]): string | undefined =>
  seasons
    .flatMap((s) => [s.air_date, ...s.episodes.map((e) => e.air_date)])
    .filter((date): date is string => Boolean(date))
    .sort()[0];

/** The path TMDb would call the show's picture: the image with the best vote. */
const bestPath = (images: readonly WorldImage[]): string | null =>
  images.toSorted((a, b) => b.vote_average - a.vote_average)[0]?.file_path ?? null;
