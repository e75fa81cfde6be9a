import { addDays } from './ids.ts';
import type { WorldEpisode, WorldSeason, WorldShow } from './types.ts';
import type { EditOptions, World } from './world.ts';

/** The usual things that happen upstream, as one-liners for tests. Each is an ordinary `World.edit`. */

/** Appends an episode a week after the season's last one. Returns it. */
export function addEpisode(
  world: World,
  showId: number,
  seasonNumber: number,
  fields: Partial<WorldEpisode> = {},
  options: EditOptions = {},
): WorldEpisode {
  let added: WorldEpisode | undefined;
  world.edit(
    showId,
    (show) => {
      const season = seasonOf(show, seasonNumber);
      const last = season.episodes.at(-1);
      added = {
        id: (last?.id ?? season.id) + 1,
        episode_number: (last?.episode_number ?? 0) + 1,
        name: `Episode ${(last?.episode_number ?? 0) + 1}`,
        overview: '',
        air_date: last?.air_date ? addDays(last.air_date, 7) : null,
        episode_type: 'standard',
        production_code: '',
        runtime: last?.runtime ?? null,
        still_path: null,
        vote_average: 0,
        vote_count: 0,
        imdb_id: null,
        ...fields,
      };
      season.episodes.push(added);
    },
    options,
  );
  if (added === undefined) throw new Error('the edit did not run');
  return added;
}

export function dropEpisode(world: World, showId: number, seasonNumber: number, episodeNumber: number): void {
  world.edit(showId, (show) => {
    const season = seasonOf(show, seasonNumber);
    season.episodes = season.episodes.filter((episode) => episode.episode_number !== episodeNumber);
  });
}

export function dropSeason(world: World, showId: number, seasonNumber: number): void {
  world.edit(showId, (show) => {
    seasonOf(show, seasonNumber);
    show.seasons = show.seasons.filter((season) => season.season_number !== seasonNumber);
  });
}

export function renameShow(world: World, showId: number, name: string, options: EditOptions = {}): void {
  world.edit(
    showId,
    (show) => {
      show.name = name;
    },
    options,
  );
}

/** Removes a watch provider from one region or from all; empty groups and regions vanish, as they do upstream. */
export function withdrawProvider(world: World, showId: number, providerId: number, region?: string): void {
  world.edit(showId, (show) => {
    for (const [code, offers] of Object.entries(show.watch)) {
      if (region !== undefined && code !== region) continue;
      for (const type of ['flatrate', 'rent', 'buy', 'free', 'ads'] as const) {
        const left = offers[type]?.filter((offer) => offer.provider_id !== providerId) ?? [];
        if (left.length === 0) delete offers[type];
        else offers[type] = left;
      }
      if (Object.keys(offers).every((key) => key === 'link')) delete show.watch[code];
    }
  });
}

/** Takes a person out of every season of a show. */
export function dropCredit(world: World, showId: number, personId: number): void {
  world.edit(showId, (show) => {
    for (const season of show.seasons) {
      season.cast = season.cast.filter((credit) => credit.person_id !== personId);
      season.crew = season.crew.filter((credit) => credit.person_id !== personId);
    }
  });
}

function seasonOf(show: WorldShow, seasonNumber: number): WorldSeason {
  const season = show.seasons.find((candidate) => candidate.season_number === seasonNumber);
  if (season === undefined) throw new Error(`show ${show.id} has no season ${seasonNumber}`);
  return season;
}
