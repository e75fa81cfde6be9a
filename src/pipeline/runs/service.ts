import { randomUUID } from 'node:crypto';
import type { Scope } from '../../platform/db/types.ts';
import { invalidInput, notFound, Problem } from '../../platform/errors/problem.ts';
import { DEFAULT_STAGES, STAGE_NAMES } from '../stage.ts';
import { LIVE_WORKERS } from '../worker-queries.ts';
import { requestCancel, takeUpByWorkers } from './control.ts';
import { type Order, orderParams } from './order.ts';
import { APPEND_EVENT, QUEUE_RUN, RUN_TOTALS } from './queries.ts';
import { queueValues } from './run-record.ts';
import type { NewRun } from './schema.ts';

export interface RunStateAnswer {
  readonly id: string;
  readonly status: string;
  readonly workers: number;
}

/** Queues a run for the workers. @throws Problem 422 for an order that makes no sense */
export async function startRun(tx: Scope, body: NewRun, who: string, codeVersion: string): Promise<RunStateAnswer> {
  const order = orderOf(body);
  const id = randomUUID();
  const run = { who, command: order.command, params: orderParams(order), codeVersion };
  await tx.query(QUEUE_RUN, queueValues(id, { ...run, priority: body.priority, after: null, schedule: null }));
  await tx.query(APPEND_EVENT, [id, 'queued', { who }]);
  return answer(tx, id, 'queued');
}

/** @throws Problem 404, and 409 when it has ended already */
export async function cancelRun(tx: Scope, id: string): Promise<RunStateAnswer> {
  const status = await requestCancel(tx, id);
  if (status === undefined) throw notFound('Run');
  if (!['running', 'cancelled'].includes(status)) {
    throw new Problem({ status: 409, code: 'run_ended', detail: `The run has ended: it ${status}` });
  }
  return answer(tx, id, status);
}

/** @throws Problem 404, and 409 when there is nothing to take up */
export async function resumeRun(tx: Scope, id: string): Promise<RunStateAnswer> {
  const run = await tx.one(RUN_TOTALS, [id]);
  if (run === undefined) throw notFound('Run');
  if (!(await takeUpByWorkers(tx, id))) {
    throw new Problem({
      status: 409,
      code: 'run_not_resumable',
      detail: `There is nothing to resume: the run is ${run.status}`,
    });
  }
  return answer(tx, id, 'queued');
}

async function answer(tx: Scope, id: string, status: string): Promise<RunStateAnswer> {
  return { id, status, workers: (await tx.query(LIVE_WORKERS, [[]])).length };
}

function orderOf(body: NewRun): Order {
  const decision = { force: body.force, incremental: body.incremental, resume: body.resume, since: body.since ?? null };
  const stages = body.stages === undefined ? DEFAULT_STAGES : STAGE_NAMES.filter((name) => body.stages?.includes(name));
  const tmdbIds = body.tmdb_ids ?? [];
  const imdbIds = body.imdb_ids ?? [];
  if (body.command === 'sync') {
    if (body.tmdb_lists !== undefined) throw wrong('tmdb_lists', 'Only an import has lists');
    const showIds = (body.show_ids ?? []).map((id) => id.toLowerCase());
    const all = showIds.length + tmdbIds.length + imdbIds.length === 0;
    const limit = body.limit === undefined ? {} : { limit: body.limit };
    return { command: 'sync', stages, decision, filter: { all, showIds, tmdbIds, imdbIds, ...limit } };
  }
  if (body.show_ids !== undefined) throw wrong('show_ids', 'Only a sync has stored shows');
  const tmdbLists = body.tmdb_lists ?? [];
  if (tmdbLists.length + tmdbIds.length + imdbIds.length === 0) {
    throw wrong('tmdb_lists', 'An import needs tmdb_lists, tmdb_ids or imdb_ids');
  }
  const maxShows = body.limit === undefined ? {} : { maxShows: body.limit };
  return { command: 'import', stages, decision, sources: { tmdbLists, tmdbIds, imdbIds, ...maxShows } };
}

function wrong(field: string, msg: string): Problem {
  return invalidInput([{ type: 'value_error', loc: ['body', field], msg }]);
}
