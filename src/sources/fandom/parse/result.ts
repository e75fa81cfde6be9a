import type { FailureKind } from '../../../platform/outcome.ts';
import { quotable } from '../../redact.ts';

/** Why a saved or fetched body is not the page it should be. */
export type NotReadReason =
  | 'missing' // no such page
  | 'redirect' // only points to `target`
  | 'disambiguation' // lists pages of that name in `links`
  | 'challenge'
  | 'login'
  | 'consent'
  | 'busy' // the wiki asks to come back later
  | 'denied'
  | 'other_kind' // a page, but about something else
  | 'layout'; // nothing we know

export interface NotRead {
  readonly ok: false;
  /** The outcome it stands for. */
  readonly kind: FailureKind;
  readonly reason: NotReadReason;
  /** One line, for a person. */
  readonly problem: string;
  /** Page titles it points to. */
  readonly links: readonly string[];
}

export interface Read<T> {
  readonly ok: true;
  readonly value: T;
  /** Parts that are there and could not be read. */
  readonly missing: readonly string[];
}

/** Like `Parsed`, with the outcome a failure stands for. */
export type PageResult<T> = Read<T> | NotRead;

const KINDS: Readonly<Record<NotReadReason, FailureKind>> = {
  missing: 'not_found',
  redirect: 'not_found',
  disambiguation: 'not_found',
  challenge: 'challenged',
  login: 'forbidden',
  consent: 'forbidden',
  denied: 'forbidden',
  busy: 'rate_limited',
  other_kind: 'schema_changed',
  layout: 'schema_changed',
};

export function read<T>(value: T, missing: readonly string[] = []): Read<T> {
  return { ok: true, value, missing };
}

export function notRead(reason: NotReadReason, problem: string, links: readonly string[] = []): NotRead {
  return { ok: false, kind: KINDS[reason], reason, problem: quotable(problem), links };
}

/** Below the least a parser must find: names what it did not. */
export function lacksLayout(...names: readonly string[]): NotRead {
  return notRead('layout', `missing: ${names.join(', ')}`);
}
