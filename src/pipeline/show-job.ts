import type { Database, Scope, Transaction } from '../platform/db/types.ts';
import type { NotOk, Outcome } from '../platform/outcome.ts';
import type { ShowBundle, TmdbSource } from '../sources/tmdb/source.ts';
import { type Ending, sendPlan } from './apply.ts';
import { RECORD_CHECK } from './queries.ts';
import { type RetryPolicies, retryAfter } from './retry.ts';
import { recordPostponed } from './runs/postponed.ts';
import { PARTIAL_SEPARATOR, recordEnding } from './runs/record.ts';
import type { DueStage, SelectedShow } from './selection.ts';
import { createShowSources, type ShowSources } from './show-sources.ts';
import type { ShowIdentity, Stage, StageFetch, StageName } from './stage.ts';
import { missingSeasons } from './stages/season-facts.ts';
import { CONDITIONAL_REASONS } from './state.ts';
import {
  type Clock,
  fetchStage,
  identityAfter,
  NO_PLAN,
  recordUnit,
  runUnit,
  type StageStatuses,
  satisfied,
  type UnitResult,
  type UnitWriter,
} from './unit.ts';

export interface JobEnvironment {
  readonly db: Database;
  readonly tmdb: TmdbSource;
  /** All stages there are, in the order in which they run. */
  readonly stages: readonly Stage[];
  readonly runId: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onUnit: (result: UnitResult) => void;
  readonly retry: RetryPolicies;
}

/** How a show's job ends, each in the transaction of its last unit. */
export interface ShowEnd {
  /** Refused fetches of this show so far, by stage. */
  readonly tried: Readonly<Partial<Record<StageName, number>>>;
  done(tx: Scope, outcome: 'done' | 'unchanged'): Promise<void>;
  /** The show is to be taken up again after so many seconds, at the stage whose tries went up. */
  postpone(tx: Scope, seconds: number, tried: ShowEnd['tried']): Promise<void>;
}

/**
 * `unchanged`: the source confirmed what is stored, no unit ran. `cancelled`: stopped between two units. `postponed`: a source refused
 * for the moment, the rest comes later.
 */
export type ShowOutcome = 'done' | 'unchanged' | 'cancelled' | 'postponed';

/** Runs a show's due stages in order, each as a unit with its own transaction. Payloads are fetched once and shared. */
export async function runShow(
  env: JobEnvironment,
  show: SelectedShow,
  due: readonly DueStage[],
  end: ShowEnd,
): Promise<ShowOutcome> {
  const heard = listen(env.tmdb);
  const sources = createShowSources({
    tmdb: heard.tmdb,
    signal: env.signal,
    now: () => env.clock.now(),
    onlySeasons: onlyMissing(show, due),
  });
  const asked = env.clock.now().toISOString();
  if (await confirmedUnchanged(show, due, sources, env.stages)) {
    await env.db.asService('show unchanged', async (tx) => {
      await tx.query(RECORD_CHECK, checkValues(show, show.validators, asked));
      await end.done(tx, 'unchanged');
    });
    return 'unchanged';
  }
  const job = new ShowJob(env, show, due, sources, end, async (tx, statuses) => {
    if (coversAll(env, show, due, statuses) && heard.last?.kind === 'ok') {
      await tx.query(RECORD_CHECK, checkValues(show, heard.last.value.validators, heard.last.at));
    }
    await end.done(tx, 'done');
  });
  return job.run();
}

/** One show's stages on their way; knows what has become of each. */
class ShowJob {
  readonly #env: JobEnvironment;
  readonly #due: readonly DueStage[];
  readonly #sources: ShowSources;
  readonly #end: ShowEnd;
  readonly #finish: (tx: Scope, statuses: StageStatuses) => Promise<void>;
  readonly #statuses: StageStatuses;
  /** Stages of this show's present round of work that succeeded, also in a run that broke off. */
  readonly #done: StageName[];
  /** Records of units that had nothing to do: they cost no transaction of their own. */
  readonly #waiting: Ending[] = [];
  #show: ShowIdentity;

  constructor(
    env: JobEnvironment,
    show: SelectedShow,
    due: readonly DueStage[],
    sources: ShowSources,
    end: ShowEnd,
    finish: (tx: Scope, statuses: StageStatuses) => Promise<void>,
  ) {
    this.#env = env;
    this.#due = due;
    this.#sources = sources;
    this.#end = end;
    this.#finish = finish;
    this.#show = show.identity;
    this.#done = [...show.unfinished];
    this.#statuses = storedStatuses(show, due);
  }

  async run(): Promise<ShowOutcome> {
    for (const [index, { stage: name, reason }] of this.#due.entries()) {
      if (this.#env.signal.aborted) return 'cancelled';
      const stage = this.#env.stages.find((one) => one.name === name);
      if (stage === undefined) throw new Error(`unknown stage: ${name}`);
      const begun = performance.now();
      const result = await this.#runStage(stage, reason, index === this.#due.length - 1);
      if (result === undefined) return 'cancelled';
      if (result === 'postponed') return result;
      this.#env.onUnit({ ...result, seconds: (performance.now() - begun) / 1000 });
    }
    return 'done';
  }

  /** Undefined when the run was cancelled while the stage was fetching. */
  async #runStage(stage: Stage, reason: string, last: boolean): Promise<UnitResult | 'postponed' | undefined> {
    const show = this.#show;
    const writer = this.#writer(stage, last);
    const base = { stage: stage.name, subject: show.id, showId: show.id, showName: show.name };
    const blocked = blockedBy(stage, this.#statuses);
    const applies = stage.applies(show);
    let result: UnitResult;
    if (applies !== true || blocked !== undefined) {
      result =
        applies === true
          ? { ...base, status: 'skipped', reason: blocked ?? null }
          : { ...base, status: 'not_applicable', reason: applies };
      if (last) await recordUnit(this.#env.db, result, show.mostRecentEpisode, writer);
      else this.#waiting.push(writer.ending(result, show.mostRecentEpisode));
    } else {
      const fetched = await fetchStage(this.#env.db, stage, show, this.#sources);
      if (this.#env.signal.aborted) return undefined;
      const refusal = passingRefusal(fetched);
      if (refusal !== undefined && (await this.#postponed(stage, refusal))) return 'postponed';
      result = await runUnit(this.#env.db, stage, show, fetched, reason, this.#env.clock, writer);
      this.#waiting.length = 0;
    }
    this.#statuses.set(stage.name, result.status);
    if (result.status === 'succeeded') this.#done.push(stage.name);
    if (result.plan !== undefined) this.#show = identityAfter(show, result.plan);
    return result;
  }

  /** Whether the source only asks for patience, and the show was put back. */
  async #postponed(stage: Stage, refusal: NotOk): Promise<boolean> {
    const tried = this.#end.tried[stage.name] ?? 0;
    const seconds = retryAfter(this.#env.retry, stage.name, refusal.kind, tried);
    if (seconds === undefined) return false;
    await this.#env.db.asService('unit postponed', async (tx) => {
      this.#sendWaiting(tx);
      await this.#end.postpone(tx, seconds, { ...this.#end.tried, [stage.name]: tried + 1 });
      await recordPostponed(tx, { runId: this.#env.runId, stage: stage.name, show: this.#show, refusal, seconds });
    });
    return true;
  }

  #sendWaiting(tx: Transaction): void {
    for (const ending of this.#waiting) sendPlan(tx, NO_PLAN, ending);
  }

  #writer(stage: Stage, last: boolean): UnitWriter {
    const startedAt = this.#env.clock.now();
    let status: UnitResult['status'] = 'failed';
    return {
      runId: this.#env.runId,
      before: (tx) => this.#sendWaiting(tx),
      ending: (result, marker) => {
        status = result.status;
        const done = marker === this.#show.mostRecentEpisode ? [] : this.#done;
        const finishedAt = this.#env.clock.now();
        return recordEnding({ runId: this.#env.runId, result, marker, done, startedAt, finishedAt });
      },
      after: async (tx) => {
        if (last) await this.#finish(tx, new Map([...this.#statuses, [stage.name, status]]));
      },
    };
  }
}

/** The refusal that kept a fetch from its facts, or from a part of them that is named with the kind of refusal (`season 3: transport`). */
function passingRefusal(fetched: StageFetch<unknown>): NotOk | undefined {
  if (fetched.kind === 'failed') return fetched.reason;
  if (fetched.kind === 'nothing') return undefined;
  const part = fetched.missing.find((name) => PASSING.test(name));
  const kind = part === undefined ? undefined : (PASSING.exec(part)?.[1] as 'rate_limited' | 'transport');
  return part === undefined || kind === undefined ? undefined : { kind, detail: part };
}

const PASSING = /: (rate_limited|transport)$/;

/** What the needs of stages that are not due now look like: their last recorded result. */
export function storedStatuses(show: SelectedShow, due: readonly DueStage[]): StageStatuses {
  const running = new Set(due.map(({ stage }) => stage));
  const statuses: StageStatuses = new Map();
  for (const [name, state] of Object.entries(show.states)) {
    const stage = name as StageName;
    if (running.has(stage)) continue;
    // A stage that once succeeded left rows to build on, whatever its last try was.
    if (state.lastSuccessAt !== null || state.status === 'partial') statuses.set(stage, 'succeeded');
    else if (state.status === 'not_applicable') statuses.set(stage, 'not_applicable');
    else statuses.set(stage, 'failed');
  }
  return statuses;
}

/** Why a stage cannot run: the first of its needs that has no result to build on. */
export function blockedBy(stage: Stage, statuses: StageStatuses): string | undefined {
  for (const need of stage.needs) {
    const status = statuses.get(need);
    if (!satisfied(status)) return `needs ${need}: ${status === undefined ? 'has never run for this show' : status}`;
  }
  return undefined;
}

/** Asks whether anything changed when that is all the due stages want to know, and TMDb the only one who could tell. */
export async function confirmedUnchanged(
  show: SelectedShow,
  due: readonly DueStage[],
  sources: ShowSources,
  stages: readonly Stage[],
): Promise<boolean> {
  const { tmdbId } = show.identity;
  const others = new Set(stages.filter((stage) => asksOthers(stage, show.identity)).map(({ name }) => name));
  const conditional = due.every(({ stage, reason }) => CONDITIONAL_REASONS.has(reason) && !others.has(stage));
  if (tmdbId === null || !conditional || Object.keys(show.validators).length === 0) return false;
  return (await sources.probeShow(tmdbId, show.validators)).kind === 'not_modified';
}

/** TMDb's "unchanged" says nothing about what IMDb or a wiki would answer. */
function asksOthers(stage: Stage, show: ShowIdentity): boolean {
  return [stage, ...(stage.parts ?? [])].some((part) => part.source !== undefined && part.applies(show) === true);
}

/** The seasons that the last, partial run of a stage missed, unless the show has changed upstream since. */
export function onlyMissing(
  show: SelectedShow,
  due: readonly DueStage[],
): Partial<Record<StageName, readonly number[]>> {
  const only: Partial<Record<StageName, readonly number[]>> = {};
  for (const { stage, reason } of due) {
    const state = show.states[stage];
    if (reason !== 'status-partial' || state?.reason == null || state.lastAttemptAt === null) continue;
    if (show.changedAt !== null && Date.parse(show.changedAt) >= Date.parse(state.lastAttemptAt)) continue;
    const seasons = missingSeasons(state.reason.split(PARTIAL_SEPARATOR));
    if (seasons !== undefined) only[stage] = seasons;
  }
  return only;
}

/** True when every stage has had its say in this job: only then do the new validators stand for all that is stored. */
function coversAll(
  env: JobEnvironment,
  show: SelectedShow,
  due: readonly DueStage[],
  statuses: StageStatuses,
): boolean {
  const ran = new Set(due.map(({ stage }) => stage));
  return env.stages.every(({ name }) =>
    ran.has(name) ? satisfied(statuses.get(name)) : show.states[name]?.status === 'not_applicable',
  );
}

/** `at`: as of when the source's word is known. */
function checkValues(show: SelectedShow, validators: ShowBundle['validators'], at: string): unknown[] {
  return [show.identity.id, validators.etag ?? null, validators.lastModified ?? null, at];
}

/** The source, with its last answer about the show remembered. */
function listen(tmdb: TmdbSource): { readonly tmdb: TmdbSource; readonly last: Outcome<ShowBundle> | undefined } {
  let last: Outcome<ShowBundle> | undefined;
  return {
    tmdb: {
      ...tmdb,
      show: async (tmdbId, options) => {
        last = await tmdb.show(tmdbId, options);
        return last;
      },
    },
    get last() {
      return last;
    },
  };
}
