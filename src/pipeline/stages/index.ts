import type { Stage, StageName } from '../stage.ts';
import { castStage } from './cast.ts';
import { detailsStage } from './details.ts';
import { entitiesStage } from './entities.ts';
import { episodesStage } from './episodes.ts';
import { peopleStage } from './people.ts';
import { providersStage } from './providers.ts';
import { resolveStage } from './resolve.ts';
import { seasonImagesStage } from './season-images.ts';
import { seasonsStage } from './seasons.ts';
import { showImagesStage } from './show-images.ts';
import { totalsStage } from './totals.ts';

export { missingSeasons } from './season-facts.ts';

/** All stages in the order in which they run for a show. */
export const STAGES: readonly Stage[] = [
  resolveStage as Stage,
  detailsStage as Stage,
  entitiesStage as Stage,
  providersStage as Stage,
  seasonsStage as Stage,
  episodesStage as Stage,
  peopleStage as Stage,
  castStage as Stage,
  showImagesStage as Stage,
  seasonImagesStage as Stage,
  totalsStage as Stage,
];

/** @throws Error for a name that is no stage (a bug: names are checked where they are read). */
export function stageByName(name: StageName): Stage {
  const stage = STAGES.find((candidate) => candidate.name === name);
  if (stage === undefined) throw new Error(`no such stage: ${name}`);
  return stage;
}
