import type { Scope } from '../../platform/db/types.ts';
import type { NotOk } from '../../platform/outcome.ts';
import type { ShowIdentity, StageName } from '../stage.ts';
import { fetchError } from '../unit.ts';
import { POSTPONE_UNIT } from './queries.ts';

export interface Postponed {
  readonly runId: string;
  readonly stage: StageName;
  readonly show: Pick<ShowIdentity, 'id' | 'name'>;
  readonly refusal: NotOk;
  readonly seconds: number;
}

/** Records that a unit waits for its source: visible as `pending`, with why and for how long; the stage's state stays as it was. */
export async function recordPostponed(tx: Scope, { runId, stage, show, refusal, seconds }: Postponed): Promise<void> {
  const { kind, detail, upstream, httpStatus } = fetchError(refusal);
  const event = { stage, subject: show.id, show: show.name, error: `${kind}: ${detail}`, seconds };
  await tx.query(POSTPONE_UNIT, [
    runId,
    stage,
    show.id,
    `tried again after ${seconds} s`,
    kind,
    detail.slice(0, 4000),
    upstream ?? null,
    httpStatus ?? null,
    JSON.stringify(event),
  ]);
}
