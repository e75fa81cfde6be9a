import { CronExpressionParser } from 'cron-parser';
import type { EnvReader } from './read.ts';

export interface PipelineConfig {
  /** When the workers' nightly sequence begins, UTC (`TRR_NIGHTLY`); null: never. */
  readonly nightly: string | null;
  /** Records of ended runs are kept for so many days (`TRR_KEEP_RUNS_DAYS`); 0: for ever. */
  readonly keepRunsDays: number;
  /** The history of changes goes back so many days (`TRR_KEEP_CHANGES_DAYS`); 0: for ever. */
  readonly keepChangesDays: number;
}

export function readPipeline(env: EnvReader): PipelineConfig {
  const cron = env.text('TRR_NIGHTLY') ?? '0 3 * * *';
  if (cron !== 'off' && !isCron(cron)) {
    env.problems.push(`TRR_NIGHTLY must be a cron expression of five fields like "0 3 * * *", or off, not "${cron}"`);
  }
  return {
    nightly: cron === 'off' ? null : cron,
    keepRunsDays: env.number('TRR_KEEP_RUNS_DAYS', 90, { min: 0, max: 3650 }),
    keepChangesDays: env.number('TRR_KEEP_CHANGES_DAYS', 400, { min: 0, max: 3650 }),
  };
}

function isCron(text: string): boolean {
  if (text.split(/\s+/).length !== 5) return false;
  try {
    CronExpressionParser.parse(text);
    return true;
  } catch {
    return false;
  }
}
