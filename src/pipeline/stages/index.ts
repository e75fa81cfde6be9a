import { ofSources } from '../parts.ts';
import type { Stage, StageName } from '../stage.ts';
import type { StageSources } from '../stage-sources.ts';
import { tmdbAppearances } from './appearances.ts';
import { castStage } from './cast.ts';
import { detailsStage } from './details.ts';
import { entitiesStage } from './entities.ts';
import { episodesStage } from './episodes.ts';
import { fandomStage } from './fandom/stage.ts';
import { imdbAppearances } from './imdb/appearances.ts';
import { imdbCast, imdbPeople } from './imdb/cast.ts';
import { imdbDetails } from './imdb/details.ts';
import { imdbEpisodes } from './imdb/episodes.ts';
import { imdbVoices } from './imdb/voices.ts';
import { tmdbPeople } from './people.ts';
import { castPhotosStage } from './photos/stage.ts';
import { providersStage } from './providers.ts';
import { resolveStage } from './resolve.ts';
import { seasonImagesStage } from './season-images.ts';
import { seasonsStage } from './seasons.ts';
import { showImagesStage } from './show-images.ts';
import { totalsStage } from './totals.ts';

export { missingSeasons } from './season-facts.ts';

/** All stages in the order in which they run for a show, with the parts of those sources that are on. */
export function createStages(sources: StageSources): readonly Stage[] {
  const voices = imdbVoices(sources);
  const ofEpisodes = sources.limits?.imdbEpisodes === false ? [] : voices;
  const ofCast = sources.limits?.imdbCast === false ? [] : voices;
  const othersKnowPeople = ofCast.length > 0 || sources.fandom !== undefined || sources.limits?.galleries === true;
  const profiles = othersKnowPeople ? sources.tmdbPeople : undefined;
  const part = (stage: unknown): Stage => {
    const { published } = sources;
    return { ...(stage as Stage), ...(published === undefined ? {} : { published }) };
  };
  return [
    part(resolveStage),
    several('details', [], [part(detailsStage), ...voices.map((voice) => part(imdbDetails(voice)))]),
    part(entitiesStage),
    part(providersStage),
    part(seasonsStage),
    several('episodes', ['seasons'], [part(episodesStage), ...ofEpisodes.map((voice) => part(imdbEpisodes(voice)))]),
    several(
      'people',
      ['details'],
      [part(tmdbPeople(profiles)), ...ofCast.map((voice) => part(imdbPeople(voice, sources)))],
    ),
    several('cast', ['people'], [part(castStage), ...ofCast.map((voice) => part(imdbCast(voice, sources)))]),
    several(
      'appearances',
      ['people'],
      [part(tmdbAppearances), ...(ofCast.length === 0 ? [] : [part(imdbAppearances(ofCast, sources))])],
    ),
    part(fandomStage(sources.fandom, sources.limits)),
    part(showImagesStage),
    part(seasonImagesStage),
    castPhotosStage(sources, part),
    part(totalsStage),
  ];
}

/** A stage of one source is that stage; the others come together. */
function several(name: StageName, needs: readonly StageName[], parts: readonly Stage[]): Stage {
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : ofSources(name, needs, parts);
}

/** The stages with TMDb alone. */
export const STAGES: readonly Stage[] = createStages({});

/** @throws Error for a name that is no stage (a bug: names are checked where they are read). */
export function stageByName(name: StageName): Stage {
  const stage = STAGES.find((candidate) => candidate.name === name);
  if (stage === undefined) throw new Error(`no such stage: ${name}`);
  return stage;
}
