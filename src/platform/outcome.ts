/**
 * What came of asking a source for something. Outcomes are values: a refusal, a missing page or a changed layout is an
 * ordinary answer that the caller must look at; exceptions are kept for bugs.
 */
export type Outcome<T> = Ok<T> | NotOk;

export interface Ok<T> {
  readonly kind: 'ok';
  readonly value: T;
  /** When the source answered (or when the snapshot was recorded), ISO 8601 UTC. */
  readonly at: string;
  readonly via: Via;
  /** Blocks that were asked for and are absent from the answer, by the source's own names (`images`, `season/3`). */
  readonly missing: readonly string[];
}

/** How a value reached us; part of every provenance entry. */
export type Via = 'live' | 'snapshot';

export type FailureKind =
  | 'not_modified'
  | 'not_found'
  | 'gone'
  | 'challenged'
  | 'forbidden'
  | 'rate_limited'
  | 'schema_changed'
  | 'transport'
  | 'not_recorded';

export interface NotOk {
  readonly kind: FailureKind;
  /** One line for a person; never contains credentials or whole bodies. */
  readonly detail: string;
  /** HTTP status when there was an answer. */
  readonly status?: number;
  /** The source's own error code, when it sent one (TMDb: `status_code`). */
  readonly sourceCode?: number;
}

export function ok<T>(value: T, meta: { at: string; via: Via; missing?: readonly string[] }): Ok<T> {
  return { kind: 'ok', value, at: meta.at, via: meta.via, missing: meta.missing ?? [] };
}

export function notOk(kind: FailureKind, detail: string, extra: { status?: number; sourceCode?: number } = {}): NotOk {
  return { kind, detail, ...extra };
}

/** Applies `fn` to the value of an `ok` outcome and keeps its time, way and missing blocks. */
export function mapOutcome<A, B>(outcome: Outcome<A>, fn: (value: A) => B): Outcome<B> {
  return outcome.kind === 'ok' ? { ...outcome, value: fn(outcome.value) } : outcome;
}
