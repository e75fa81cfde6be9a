import { resolve } from 'node:path';
import { isKind, type Surroundings } from './kinds.ts';
import { type Decision, type Pattern, RULES, type Rule } from './rules.ts';
import { type Call, callsOf, VALUE_FLAGS } from './unwrap.ts';
import type { Word } from './words.ts';

export interface Judgement {
  /** `none`: no rule speaks about it; the agent's or the person's own judgement holds. */
  readonly decision: Decision | 'none';
  /** The rule that decided. */
  readonly rule: Rule | null;
  /** The call it decided about, in plain words. */
  readonly call: string;
}

const ORDER: readonly (Decision | 'none')[] = ['none', 'allow', 'warn', 'ask', 'deny'];
/** Redirections that write nothing anybody misses. */
const HARMLESS = /^(\/dev\/(null|stdout|stderr)|\d+|-)$/;

/**
 * Judges a shell command: the strictest decision over all calls in it. It is allowed without a question only when every call is,
 * and the text could be read to its end. Unknown programs have no decision; a deny rule holds however the call is wrapped.
 */
export function decide(text: string, around: Surroundings): Judgement {
  const { calls, complete } = callsOf(text);
  let { cwd } = around;
  const judged = calls.map((call) => {
    const judgement = judge(call, { ...around, cwd });
    cwd = folderAfter(call, cwd, around.home);
    return judgement;
  });
  const strict = judged.filter(({ decision }) => ORDER.indexOf(decision) >= ORDER.indexOf('warn'));
  const [worst] = strict.sort((a, b) => ORDER.indexOf(b.decision) - ORDER.indexOf(a.decision));
  if (worst !== undefined) return worst;
  const [first] = judged;
  const allowed = complete && first !== undefined && judged.every(({ decision }) => decision === 'allow');
  return allowed ? first : { decision: 'none', rule: null, call: '' };
}

/** Where the next call runs: `cd / && rm -rf *` is about the root. A folder known only at run time changes nothing. */
function folderAfter({ program, words }: Call, cwd: string, home: string): string {
  if (program.text !== 'cd' && program.text !== 'pushd') return cwd;
  const target = words.find(({ text }) => !text.startsWith('-'))?.text ?? '~';
  const folder = target.replace(/^(~|\$HOME|\$\{HOME\})(?=\/|$)/, home);
  return /[$`*?]/.test(folder) ? cwd : resolve(cwd, folder);
}

function judge(call: Call, around: Surroundings): Judgement {
  const spoken = [call.program, ...call.words].map(({ text }) => text).join(' ');
  const said = RULES.filter((rule) => rule.match.some((pattern) => matches(pattern, call, around)));
  const [rule] = said.sort((a, b) => ORDER.indexOf(b.decision) - ORDER.indexOf(a.decision));
  if (rule === undefined) return { decision: 'none', rule: null, call: spoken };
  // A program whose name is known only when it runs: what would be refused is asked about.
  if (call.program.open) return { decision: rule.decision === 'deny' ? 'ask' : 'none', rule, call: spoken };
  if (rule.decision === 'allow' && !isPlain(call)) return { decision: 'none', rule: null, call: spoken };
  return { decision: rule.decision, rule, call: spoken };
}

/** Neither other rights nor other variables nor a file written: only then "allowed" means what the rule means. */
function isPlain({ redirections, assigned, wrappers }: Call): boolean {
  return (
    !assigned &&
    wrappers.every((name) => name === 'npx' || name === 'time' || name === 'timeout') &&
    redirections.every(({ operator, target }) => operator.startsWith('<') || HARMLESS.test(target.text))
  );
}

function matches(pattern: Pattern, call: Call, around: Surroundings): boolean {
  const { programs, commands, flags = [], without = [], word, writes, fed } = pattern;
  const name = call.program.text;
  if (!programs.includes('*') && !programs.includes(name) && !call.program.open) return false;
  const { plain, given } = sorted(name, call.words);
  const length = commands === undefined ? 0 : commandLength(commands, plain, call.words);
  if (length === null) return false;
  if (!flags.every((group) => group.some((flag) => isGiven(flag, given)))) return false;
  if (without.some((flag) => isGiven(flag, given))) return false;
  if (word !== undefined && !isKind(word, plain.slice(length), around)) return false;
  if (fed === true && !isFed(call)) return false;
  if (writes !== undefined) {
    return call.redirections.some(
      ({ operator, target }) => writes.operators.includes(operator) && isKind(writes.kind, [target], around),
    );
  }
  return true;
}

/** A shell without a script of its own reads what it is fed; one that is given `<(...)` or `"$(...)"` runs that. */
function isFed({ words, piped, redirections }: Call): boolean {
  const script = words.filter(({ text }) => !text.startsWith('-'));
  if (script.some(({ text }) => /^<\(|\$\((curl|wget)\b/.test(text))) return true;
  const own = words.some(({ text }) => /^-[a-z]*c/.test(text)) || script.length > 0;
  return !own && (piped || redirections.some(({ operator }) => operator.startsWith('<')));
}

/** Plain words and flags; flags of the program that take a value take it along. Behind `--` everything is plain. */
function sorted(program: string, words: readonly Word[]): { plain: Word[]; given: string[] } {
  const values = VALUE_FLAGS[program] ?? [];
  const plain: Word[] = [];
  const given: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (word === undefined) break;
    // npm hands what stands behind its `--` to the script, whose flags are judged here too.
    if (word.text === '--' && program !== 'npm') return { plain: [...plain, ...words.slice(at + 1)], given };
    if (!word.text.startsWith('-') || word.text === '-') plain.push(word);
    else {
      given.push(word.text);
      if (values.includes(word.text)) at++;
    }
  }
  return { plain, given };
}

/** How many plain words the command has that fits, or null. A command like `-S` is a flag. */
function commandLength(commands: readonly string[], plain: readonly Word[], words: readonly Word[]): number | null {
  for (const command of commands) {
    if (command.startsWith('-')) {
      if (words.some(({ text }) => text.startsWith(command))) return 0;
      continue;
    }
    const parts = command.split(' ');
    if (parts.every((part, at) => fits(part, plain[at]?.text))) return parts.length;
  }
  return null;
}

function fits(part: string, text: string | undefined): boolean {
  if (text === undefined) return false;
  return new RegExp(`^${part.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(text);
}

/** Short flags also in a cluster (`-rf`), long ones also with a value, or cut short as git and npm accept them. */
function isGiven(flag: string, given: readonly string[]): boolean {
  return given.some((text) => {
    if (text === flag) return true;
    if (!flag.startsWith('--')) return flag.length === 2 && /^-[A-Za-z]+$/.test(text) && text.includes(flag.charAt(1));
    const [name = ''] = text.split('=');
    return name === flag || (name.length >= 5 && flag.startsWith(name));
  });
}
