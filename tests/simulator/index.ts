/** The simulator's door: everything a test or a bench needs. */
export { type SimulatorChild, spawnSimulator } from './child.ts';
export type { Fault, FaultRule } from './faults.ts';
export { pictureFor } from './image-host.ts';
export type { RateLimit } from './limiter.ts';
export type { Counts, LoggedRequest } from './meter.ts';
export {
  SIMULATOR_API_KEY,
  SIMULATOR_BEARER,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from './server.ts';
export * from './world/edits.ts';
export {
  GENERATED_LIST,
  type GeneratedOptions,
  generatedImdbId,
  generatedShowId,
  generatedWorld,
} from './world/generated.ts';
export { joinedWorld } from './world/joined.ts';
export { personId, SURVIVOR_LIST, SURVIVOR_US, survivorWorld } from './world/survivor.ts';
export { defaultSurvivorDir, REDUCED_SURVIVOR_DIR } from './world/survivor-data.ts';
export type { WorldEpisode, WorldPerson, WorldSeason, WorldShow } from './world/types.ts';
export { createWorld, type World, type WorldTotals } from './world/world.ts';
