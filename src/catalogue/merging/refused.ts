const MISUSE = new Set(['merge_same', 'ambiguous', 'unknown_field', 'bad_value']);

/** A merge, split or override that cannot be done; `message` is one line for a person. */
export class Refused extends Error {
  override readonly name = 'Refused';
  /** Stable: `merged_away`, `target_retired`, `ambiguous`, ... */
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }

  /** The request itself is wrong, whatever the database holds. */
  get misuse(): boolean {
    return MISUSE.has(this.code);
  }
}

/** Classes of SQLSTATE that mean "your input", not "the database is broken". */
const INPUT = /^(22|23|55000|P0002|TR)/;

/**
 * Runs `work`; what the database refuses by name becomes a `Refused` with the name of the rule (the constraint) as code.
 * @throws Refused
 */
export async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') throw error;
    if (!INPUT.test(error.code)) throw error;
    const rule = 'constraint' in error && typeof error.constraint === 'string' ? error.constraint : error.code;
    const hint = 'hint' in error && typeof error.hint === 'string' && error.hint !== '' ? ` (${error.hint})` : '';
    throw new Refused(rule, `${error.message}${hint}`, error);
  }
}
