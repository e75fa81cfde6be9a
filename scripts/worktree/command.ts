import { type ParseArgsConfig, parseArgs } from 'node:util';

/** Exit codes of all worktree commands: done, refused or failed, misuse. */
export const EXIT = { ok: 0, failed: 1, misuse: 2 } as const;

/** A request that makes no sense as it was written. */
export class Misuse extends Error {
  override readonly name = 'Misuse';
}

export interface Given {
  /** The one plain word, where there may be one. */
  readonly word: string | undefined;
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
}

/** Runs a command without ever asking anything: usage on misuse, one line on failure, an exit code always. */
export function run(
  usage: string,
  options: NonNullable<ParseArgsConfig['options']>,
  work: (given: Given) => number,
): void {
  try {
    const { values, positionals } = parse(options);
    if (positionals.length > 1) throw new Misuse(`one word at most, not ${positionals.length}`);
    process.exitCode = work({ word: positionals[0], flags: values });
  } catch (error) {
    const misuse = error instanceof Misuse;
    const message = error instanceof Error ? error.message.trim() : String(error);
    process.stderr.write(`${message}\n${misuse ? `usage: ${usage}\n` : ''}`);
    process.exitCode = misuse ? EXIT.misuse : EXIT.failed;
  }
}

function parse(options: NonNullable<ParseArgsConfig['options']>) {
  try {
    return parseArgs({ options, allowPositionals: true }) as { values: Given['flags']; positionals: string[] };
  } catch (error) {
    throw new Misuse(error instanceof Error ? error.message : String(error));
  }
}

export function say(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}
