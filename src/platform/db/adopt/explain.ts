import type { Difference } from '../catalogue/compare.ts';
import { lineOf } from '../catalogue/compare.ts';
import type { MigrationFile } from '../migrate/files.ts';

/** Objects that migrations from 0052 on set anew; the rest is structure they build on. */
const BEHAVIOUR = new Set(['function', 'trigger', 'policy', 'grant', 'column grant', 'view rights', 'table', 'schema']);

/**
 * One line about a difference: what it is, and what upgrading makes of it. `later` are the migrations from 0052 on.
 */
export function explain(one: Difference, later: readonly MigrationFile[]): string {
  return `${lineOf(one)} - ${consequence(one, later)}`;
}

function consequence(one: Difference, later: readonly MigrationFile[]): string {
  if (one.kind === 'grant' || one.kind === 'column grant') {
    return 'the migrations take all grants back and give their own';
  }
  const file = migrationNaming(one, later);
  if (one.kind === 'function') {
    if (one.how === 'missing') return 'nothing to do: the migrations bring what they need';
    if (file !== undefined) return `${file} replaces or drops it; an own repair in it is lost`;
    return 'no migration names it: it stays as it is';
  }
  if (one.kind === 'policy' || one.kind === 'trigger') {
    if (one.how === 'missing') return 'the migrations set what they need';
    if (file !== undefined) return `${file} replaces or drops it`;
    return `no migration names it: it stays and keeps its effect, so drop it unless it is meant`;
  }
  if (one.kind === 'table' && one.how === 'changed') return 'the migrations switch row security on everywhere';
  if (one.kind === 'view rights') return "the migrations give every view its caller's rights";
  if (BEHAVIOUR.has(one.kind) && one.how === 'missing') return 'migrations will fail without it: restore it first';
  return STRUCTURE[one.how];
}

const STRUCTURE = {
  missing: 'the migrations build on it and may fail, and nothing brings it back: restore it first',
  extra: 'it stays as it is; this program does not use it',
  changed: 'it stays as it is; migrations and program expect the other',
} as const;

/** First migration that names this object: `0062`, or undefined. Policies and triggers set in a loop are named by pattern. */
function migrationNaming(one: Difference, later: readonly MigrationFile[]): string | undefined {
  const [qualified = ''] = one.on.split('(');
  const name = one.kind === 'function' ? `${qualified}(` : one.name;
  return later.find(({ text }) => text.includes(name))?.version;
}
