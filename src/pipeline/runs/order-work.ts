import Type, { type Static } from 'typebox';
import { Check } from 'typebox/value';
import { importWork } from '../lists/import.ts';
import { STAGE_NAMES } from '../stage.ts';
import { syncWork } from '../sync.ts';
import type { JobMemory, Work } from '../work.ts';
import type { Order } from './order.ts';

// Apart from order.ts, so that a server, which only writes orders down, does not load the pipeline.

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
