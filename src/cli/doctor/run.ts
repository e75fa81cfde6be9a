import { StoreError } from '../../media/stores/store.ts';
import { DatabaseUnavailable, serverRefusal } from '../../platform/db/errors.ts';
import { MigrationRefused } from '../../platform/db/migrate/refused.ts';
import { type Check, type Context, type Finding, fail } from './check.ts';
import { redactor } from './redact.ts';

export interface Result extends Finding {
  readonly check: string;
  /** How long the whole check took, milliseconds. */
  readonly ms: number;
}

/** The embedded database is made at its first start, which may take longer than any question to somebody else. */
const EMBEDDED_MS = 120_000;

/**
 * Runs all checks at once, each for its time at most; what does not answer is a finding like any other.
 * @returns the findings in the order of the checks, and whether something still hangs that the process must not wait for
 */
export async function runChecks(
  checks: readonly Check[],
  context: Omit<Context, 'signal'>,
  limitMs: number,
): Promise<{ readonly results: readonly Result[]; readonly hanging: boolean }> {
  const redact = redactor(context.environment);
  const embedded = context.config.database.kind === 'embedded';
  const limitOf = ({ needsDatabase }: Check) => (needsDatabase === true && embedded ? EMBEDDED_MS : limitMs);
  const done = await Promise.all(checks.map((check) => timed(check, context, limitOf(check))));
  const results = done.flatMap(({ check, ms, findings }) =>
    findings.map(({ status, text }) => ({ check, status, text: redact(text), ms })),
  );
  return { results, hanging: done.some(({ hanging }) => hanging) };
}

interface Timed {
  readonly check: string;
  readonly ms: number;
  readonly findings: readonly Finding[];
  readonly hanging: boolean;
}

async function timed(check: Check, context: Omit<Context, 'signal'>, limitMs: number): Promise<Timed> {
  const started = performance.now();
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), limitMs);
  });
  const work = check.run({ ...context, signal: stop.signal }).catch((error: unknown) => [fail(lineOf(error))]);
  const findings = await Promise.race([work, limit]);
  clearTimeout(timer);
  stop.abort();
  return {
    check: check.name,
    ms: Math.round(performance.now() - started),
    findings: findings ?? [fail(`no answer within ${limitMs / 1000} s`)],
    hanging: findings === null,
  };
}

function lineOf(error: unknown): string {
  if (error instanceof DatabaseUnavailable) return error.line;
  if (error instanceof MigrationRefused || error instanceof StoreError) return error.message;
  const refusal = serverRefusal(error);
  if (refusal !== undefined) return refusal;
  return error instanceof Error ? `${error.name}: ${error.message}`.replaceAll(/\s*\n\s*/g, ' ') : String(error);
}
