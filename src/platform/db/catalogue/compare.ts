import type { Fact } from './facts.ts';

/** How a database differs from what is expected, one object at a time. */
export interface Difference {
  /** The fact's id: what `--accept` names. */
  readonly id: string;
  readonly kind: string;
  readonly how: 'missing' | 'extra' | 'changed';
  readonly on: string;
  readonly name: string;
  readonly expected: string | null;
  readonly found: string | null;
}

/**
 * Compares two lists of facts by id. What belongs to an object that is itself missing or extra is not listed: the object's own
 * line says it. Pure; in the order expected first, then what is extra.
 */
export function differences(expected: readonly Fact[], found: readonly Fact[]): Difference[] {
  const wanted = new Map(expected.map((fact) => [fact.id, fact]));
  const there = new Map(found.map((fact) => [fact.id, fact]));
  const all: Difference[] = [];
  for (const fact of expected) {
    const other = there.get(fact.id);
    if (other === undefined) all.push(difference('missing', fact, fact.text, null));
    else if (other.text !== fact.text) all.push(difference('changed', fact, fact.text, other.text));
  }
  for (const fact of found) {
    if (!wanted.has(fact.id)) all.push(difference('extra', fact, null, fact.text));
  }
  const whole = new Set(all.filter(isWholeObject).map(({ how, on }) => `${how} ${on}`));
  return all.filter((one) => isWholeObject(one) || !whole.has(`${one.how} ${one.on}`));
}

const WHOLE = new Set(['schema', 'table', 'view', 'function']);

function isWholeObject({ how, kind }: Difference): boolean {
  return how !== 'changed' && WHOLE.has(kind);
}

function difference(how: Difference['how'], fact: Fact, expected: string | null, found: string | null): Difference {
  return { id: fact.id, kind: fact.kind, how, on: fact.on, name: fact.name, expected, found };
}

/** `missing column core.shows.name: expected text not null`, one line. */
export function lineOf(one: Difference): string {
  const what = `${one.how} ${one.kind} ${one.on}${one.name === '' ? '' : `.${one.name}`}`;
  if (one.how === 'missing') return `${what}: expected ${one.expected}`;
  if (one.how === 'extra') return `${what}: ${one.found}`;
  return `${what}: expected ${one.expected}, found ${one.found}`;
}
