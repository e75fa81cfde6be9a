import Type, { type Static } from 'typebox';
import { Check } from 'typebox/value';
import type { ImportSources } from '../lists/collect.ts';
import { importWork } from '../lists/import.ts';
import { DEFAULT_STAGES, STAGE_NAMES } from '../stage.ts';
import type { StageWish } from '../stage-sources.ts';
import type { DecisionOptions } from '../state.ts';
import { type SyncOrder, syncWork } from '../sync.ts';
import type { JobMemory, Work } from '../work.ts';

/** What a run is asked to do, apart from who carries it out and how. */
export type Order = StageWish &
  (
    | ({ readonly command: 'sync' } & SyncOrder)
    | { readonly command: 'import'; readonly sources: ImportSources; readonly decision: DecisionOptions }
  );

/** Every show, every stage but downloading pictures, what is due: the nightly sync. */
export const SYNC_ALL: Order = {
  command: 'sync',
  filter: { all: true, showIds: [], tmdbIds: [], imdbIds: [] },
  stages: DEFAULT_STAGES,
  decision: { force: false, incremental: true, resume: true, since: null },
};

/** As it stands in the run's record; `readOrder` reads it back. */
export function orderParams(order: Order): Record<string, unknown> {
  const { command: _, ...params } = order;
  return params;
}

const Stages = Type.Array(Type.String());
const Decision = Type.Object({
  force: Type.Boolean(),
  incremental: Type.Boolean(),
  resume: Type.Boolean(),
  since: Type.Union([Type.String(), Type.Null()]),
  refresh: Type.Optional(Type.Array(Type.String())),
});
const Wish = {
  stages: Stages,
  // A limit this version does not know would be broken silently.
  limits: Type.Optional(
    Type.Object(
      {
        cast: Type.Optional(Type.Integer({ minimum: 0 })),
        gallery: Type.Optional(Type.Integer({ minimum: 0 })),
        galleries: Type.Optional(Type.Boolean()),
        imdbEpisodes: Type.Optional(Type.Boolean()),
        imdbCast: Type.Optional(Type.Boolean()),
      },
      { additionalProperties: false },
    ),
  ),
  sheet: Type.Optional(Type.String()),
};
const SyncParams = Type.Object({
  ...Wish,
  decision: Decision,
  filter: Type.Object({
    all: Type.Boolean(),
    showIds: Type.Array(Type.String()),
    tmdbIds: Type.Array(Type.Integer()),
    imdbIds: Type.Array(Type.String()),
    limit: Type.Optional(Type.Integer({ minimum: 0 })),
  }),
});
const ImportParams = Type.Object({
  ...Wish,
  decision: Decision,
  sources: Type.Object({
    tmdbLists: Type.Array(Type.String()),
    tmdbIds: Type.Array(Type.Integer()),
    imdbIds: Type.Array(Type.String()),
  }),
});

/** The order of a recorded run; undefined when this version cannot carry it out. */
export function readOrder(command: string, params: unknown): Order | undefined {
  if (command === 'sync' && Check(SyncParams, params) && knownStages(params)) {
    return { command, ...params } as unknown as Order;
  }
  if (command === 'import' && Check(ImportParams, params) && knownStages(params)) {
    return { command, ...params } as unknown as Order;
  }
  return undefined;
}

function knownStages({ stages }: Static<typeof SyncParams> | Static<typeof ImportParams>): boolean {
  return stages.every((stage) => (STAGE_NAMES as readonly string[]).includes(stage));
}

/** Hands the order's work to `use`, whatever its jobs look like. */
export function withWork<R>(order: Order, use: <T extends JobMemory & object>(work: Work<T>) => R): R {
  return order.command === 'sync' ? use(syncWork(order)) : use(importWork(order));
}
