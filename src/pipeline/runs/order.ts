import type { ImportSources } from '../lists/collect.ts';
import { DEFAULT_STAGES } from '../stage.ts';
import type { StageWish } from '../stage-sources.ts';
import type { DecisionOptions } from '../state.ts';
import type { SyncOrder } from '../sync.ts';

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

/** As it stands in the run's record; `readOrder` (order-work.ts) reads it back. */
export function orderParams(order: Order): Record<string, unknown> {
  const { command: _, ...params } = order;
  return params;
}
