import { parseArgs as parseNodeArgs } from 'node:util';
import type { ArgsDef, CommandDef } from 'citty';

/** Wrong use of the command line: one line naming the argument and the fix; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Exit codes of every command (design 7). */
export const EXIT = { ok: 0, failed: 1, misuse: 2, partial: 3, cancelled: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A command whose words after the flags are a list (`trr sync seasons episodes`), found in `args._`. */
const restNames = new WeakMap<object, string>();

/** Lets `command` take any number of positional words; without it, words it has no name for are refused. */
export function withRest<C extends object>(command: C, name: string): C {
  restNames.set(command, name);
  return command;
}

/**
 * Refuses what citty would ignore: unknown flags, flags without their value, words nobody asked for.
 * @throws UsageError
 */
export function assertKnownArgs(command: CommandDef<ArgsDef>, args: ArgsDef, rawArgs: readonly string[]): void {
  const options: Record<string, { type: 'string' | 'boolean'; short?: string; multiple: true }> = {};
  let positionals = 0;
  for (const [name, definition] of Object.entries(args)) {
    if (definition.type === 'positional') {
      positionals += 1;
      continue;
    }
    const type = definition.type === 'boolean' ? 'boolean' : 'string';
    options[name] = { type, multiple: true };
    for (const alias of aliases(definition)) {
      if (alias.length === 1) options[name].short = alias;
      else options[alias] = { type, multiple: true };
    }
  }
  const found = parseOrRefuse(rawArgs, options);
  if (found.length > positionals && !restNames.has(command)) {
    throw new UsageError(
      `unexpected argument "${found[positionals]}": this command takes ${positionals === 0 ? 'flags only' : `${positionals} word(s)`}`,
    );
  }
}

/** citty's types know no alias on positional arguments. */
function aliases(definition: ArgsDef[string]): string[] {
  return 'alias' in definition ? [definition.alias ?? []].flat() : [];
}

function parseOrRefuse(
  rawArgs: readonly string[],
  options: NonNullable<Parameters<typeof parseNodeArgs>[0]>['options'],
): string[] {
  try {
    return parseNodeArgs({
      args: [...rawArgs],
      options: options ?? {},
      strict: true,
      allowPositionals: true,
      allowNegative: true,
    }).positionals;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const ambiguous = /^Option '(?:-\w, )?(--[\w-]+).*' argument is ambiguous/.exec(message)?.[1];
    if (ambiguous !== undefined) {
      throw new UsageError(`${ambiguous} needs a value; one that begins with a dash is written ${ambiguous}=-...`);
    }
    throw new UsageError(
      message.split('\n')[0]?.replace(/\. To specify a positional argument.*$/, '') ?? 'bad arguments',
    );
  }
}

/**
 * All values of a repeatable flag, in order: `--tmdb-id 1 --tmdb-id=2` gives `['1', '2']`. citty keeps only the last one.
 * Blank values are refused.
 * @throws UsageError
 */
export function repeated(rawArgs: readonly string[], ...flags: readonly string[]): string[] {
  const values: string[] = [];
  for (let i = 0; i < rawArgs.length; i++) {
    const word = rawArgs[i] ?? '';
    if (word === '--') break;
    const [flag = '', inline] = splitOnce(word);
    if (!flags.includes(flag)) continue;
    const value = inline ?? rawArgs[++i];
    if (value === undefined || value.trim() === '') throw new UsageError(`${flag} needs a value`);
    values.push(value.trim());
  }
  return values;
}

function splitOnce(word: string): [string, string | undefined] {
  const at = word.indexOf('=');
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

/**
 * A whole number given as text.
 * @throws UsageError naming the flag
 */
export function integerArg(
  flag: string,
  value: string | undefined,
  range: { min: number; max?: number },
): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  const max = range.max ?? Number.MAX_SAFE_INTEGER;
  if (!/^\d+$/.test(value) || number < range.min || number > max) {
    throw new UsageError(
      `${flag} must be a whole number from ${range.min}${range.max === undefined ? '' : ` to ${range.max}`}, not "${value}"`,
    );
  }
  return number;
}
