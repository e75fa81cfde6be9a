import { mutated, type Random, swapped } from './mutate.ts';
import type { FuzzTarget } from './target.ts';

export interface Finding {
  readonly target: string;
  readonly problem: string;
  readonly body: Buffer;
}

export interface Tried {
  readonly finding: Finding | null;
  readonly milliseconds: number;
}

/**
 * Reads one mutated page: no crash; a record can be written as JSON; a page about somebody else is never taken, and a page whose ids
 * were mixed up only for its own subject.
 */
export function tryOnce(target: FuzzTarget, random: Random): Tried {
  const way = random();
  if (way < 0.25 && target.foreign !== undefined) {
    const { body, names } = mutated(target.foreign, random);
    return judge(
      target,
      body,
      `foreign page, ${names.join(' ')}`,
      (record) => `took a page about another subject: ${subjectOf(target, record)}`,
    );
  }
  if (way < 0.5 && target.ids !== undefined && target.subject !== undefined) {
    const [own] = target.ids;
    const body = swapped(target.page, target.ids, random);
    return judge(target, body, 'swapped ids', (record) => {
      const subject = subjectOf(target, record);
      return subject === null || subject === own ? null : `a record about ${subject} instead of ${own}`;
    });
  }
  const { body, names } = mutated(target.page, random);
  return judge(target, body, names.join(' '), () => null);
}

function subjectOf(target: FuzzTarget, record: unknown): string | null {
  return target.subject?.(record) ?? null;
}

function judge(target: FuzzTarget, body: Buffer, how: string, objection: (record: unknown) => string | null): Tried {
  const started = performance.now();
  let problem: string | null = null;
  try {
    const result = target.parse(body);
    if (result.ok) {
      JSON.stringify(result.value);
      problem = objection(result.value);
    } else if (result.problem.includes('\n')) problem = 'a problem of more than one line';
  } catch (error) {
    problem = `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
  const milliseconds = performance.now() - started;
  const finding = problem === null ? null : { target: target.name, problem: `${how}: ${problem}`, body };
  return { finding, milliseconds };
}
