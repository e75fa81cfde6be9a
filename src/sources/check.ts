import type { SourceKind } from './kinds.ts';
import { quotable } from './redact.ts';
import { shapeOf } from './shape.ts';
import type { SavedAnswer } from './snapshots/format.ts';

/** The shapes seen per kind: of the data in the answers, and of the records read from it. */
export interface Fingerprint {
  readonly version: 1;
  readonly kinds: Readonly<Record<string, KindShape>>;
}

export interface KindShape {
  /** Sorted paths, see `shapeOf`. */
  readonly payload: readonly string[];
  readonly record: readonly string[];
}

export interface CheckedKind extends KindShape {
  readonly answers: number;
  /** Answers the parser did not accept, one line each. */
  readonly failures: readonly string[];
}

export interface Checked {
  readonly kinds: Readonly<Record<string, CheckedKind>>;
  /** Answers of no kind, or without content (not 200). */
  readonly unread: number;
}

/** Runs the parser of its kind over every saved answer. An answer of several kinds is read by each. */
export async function checkAnswers(
  answers: readonly SavedAnswer[],
  kinds: Readonly<Record<string, SourceKind>>,
): Promise<Checked> {
  const found = new Map<string, { answers: number; failures: string[]; payload: Set<string>; record: Set<string> }>();
  let unread = 0;
  for (const answer of answers) {
    const names = Object.keys(kinds).filter(
      (name) => answer.status === 200 && kinds[name]?.answers?.(answer.url) === true,
    );
    if (names.length === 0) unread += 1;
    const body = names.length === 0 ? Buffer.alloc(0) : await answer.read();
    for (const name of names) {
      const kind = kinds[name];
      if (kind === undefined) continue;
      const entry = found.get(name) ?? { answers: 0, failures: [], payload: new Set(), record: new Set() };
      found.set(name, entry);
      entry.answers += 1;
      for (const path of shapeOf(payloadOf(kind, body))) entry.payload.add(path);
      const result = kind.parse(body);
      if (result.ok) for (const path of shapeOf(withoutRaw(result.value))) entry.record.add(path);
      else entry.failures.push(`${answer.url.pathname}: ${quotable(result.problem)}`);
    }
  }
  const sorted = [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { payload, record, ...entry }]) => {
      return [name, { ...entry, payload: [...payload].sort(), record: [...record].sort() }] as const;
    });
  return { kinds: Object.fromEntries(sorted), unread };
}

function payloadOf(kind: SourceKind, body: Buffer): unknown {
  if (kind.payload !== undefined) return kind.payload(body);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}

/** Records keep what they were read from in `raw`: that is the payload's shape. */
function withoutRaw(record: unknown): unknown {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return record;
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== 'raw'));
}

export function fingerprintOf(checked: Checked): Fingerprint {
  const kinds = Object.entries(checked.kinds).map(([name, { payload, record }]) => [name, { payload, record }]);
  return { version: 1, kinds: Object.fromEntries(kinds) };
}

export interface Drift {
  readonly kind: string;
  /** `payload` is what the source sends, `record` what our parser makes of it. */
  readonly of: 'payload' | 'record';
  readonly appeared: readonly string[];
  readonly vanished: readonly string[];
}

/** What changed since the fingerprint; a kind of which there are no answers now says nothing. */
export function driftSince(known: Fingerprint, checked: Checked): Drift[] {
  return Object.entries(checked.kinds).flatMap(([kind, now]) =>
    (['payload', 'record'] as const).flatMap((of) => {
      const before = new Set(known.kinds[kind]?.[of] ?? []);
      const after = new Set(now[of]);
      const appeared = now[of].filter((path) => !before.has(path));
      const vanished = [...before].filter((path) => !after.has(path));
      return appeared.length + vanished.length === 0 ? [] : [{ kind, of, appeared, vanished }];
    }),
  );
}

/** The fingerprint in a file's text; null when it is none. */
export function readFingerprint(text: string): Fingerprint | null {
  try {
    const value: unknown = JSON.parse(text);
    const isFingerprint =
      typeof value === 'object' && value !== null && 'version' in value && value.version === 1 && 'kinds' in value;
    return isFingerprint && typeof value.kinds === 'object' && value.kinds !== null ? (value as Fingerprint) : null;
  } catch {
    return null;
  }
}
