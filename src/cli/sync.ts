import { defineCommand } from 'citty';
import type { Stage } from '../pipeline/stage.ts';
import type { RunDependencies } from '../pipeline/work.ts';
import { loadConfig } from '../platform/config/load.ts';
import type { Config } from '../platform/config/types.ts';
import { EXIT, UsageError, withRest } from './command.ts';
import { awaitWorkers, decideHandOver, HAND_OVER_FLAGS, handOver } from './hand-over.ts';
import { DECISION_FLAGS, FILTER_FLAGS, RUN_FLAGS, readDecision, readFilter, readStages } from './pipeline-flags.ts';
import { type PipelineSession, readConcurrency, whoAmI, withPipeline } from './pipeline-session.ts';
import { createProgress, printPlan, printSummary } from './progress.ts';
import { ownWish, readLimits, SOURCE_FLAGS, withSheet } from './source-flags.ts';
import { VERSION } from './version.ts';

/** `trr sync [stage...]`: brings stored shows up to date with their sources. */
export const syncCommand = withRest(
  defineCommand({
    meta: { name: 'sync', description: 'Bring stored shows up to date (all stages but mirror, or those named)' },
    args: { ...FILTER_FLAGS, ...DECISION_FLAGS, ...RUN_FLAGS, ...SOURCE_FLAGS, ...HAND_OVER_FLAGS },
    async run({ args, rawArgs }) {
      const stages = readStages(args._);
      const filter = readFilter(args, rawArgs);
      const decision = readDecision(args);
      const concurrency = readConcurrency(args.concurrency);
      const limits = readLimits(args);
      if (stages.includes('mirror') && args.offline === true) {
        throw new UsageError('the stage mirror downloads pictures: it cannot run --offline');
      }
      const config = withSheet(loadConfig(), args);
      const options = { json: args.json === true, verbose: args.verbose === true, dryRun: args['dry-run'] === true };
      return withPipeline(config, { ...args, limits }, 'trr sync', async (session) => {
        const { signal } = session;
        const media = stages.includes('mirror') ? await openMirror(config, session, options.dryRun) : undefined;
        const deps = media?.deps ?? session.deps;
        const { planSync } = await import('../pipeline/dry-run.ts');
        const { runSync } = await import('../pipeline/runner.ts');
        const progress = createProgress(options);
        const order = { command: 'sync', filter, stages, decision } as const;
        const own = stages.includes('mirror') ? 'the stage mirror' : ownWish(args);
        const to = await decideHandOver(deps.db, { ...args, ownWish: own }, order);
        if (to.to === 'workers') {
          const id = await handOver(deps.db, order, to.priority);
          return awaitWorkers(deps.db, id, to.wait, { signal, progress, options, verb: 'sync' });
        }
        const request = {
          command: 'sync',
          who: whoAmI(),
          params: { stages, filter, decision, concurrency, limits },
          codeVersion: VERSION,
          filter,
          stages,
          decision,
          concurrency,
          signal,
          reporter: progress,
        };
        const work = options.dryRun
          ? planSync(deps, { ...request, onPlan: (result) => printPlan(result, options.json) })
          : runSync(deps, request);
        const summary = await work.finally(() => media?.close());
        progress.end();
        if (summary.shows.total === 0 && summary.status === 'succeeded' && !options.json) {
          for (const warning of summary.warnings) console.log(`warning: ${warning}`);
          console.log('no shows matched, or all of them are up to date');
          return EXIT.ok;
        }
        return printSummary('sync', summary, options);
      });
    },
  }),
  'stage',
);

/** The session with the stage `mirror`, which only runs by name. Pictures come after what names them. */
async function openMirror(
  config: Config,
  { deps, signal }: PipelineSession,
  dryRun: boolean,
): Promise<{ deps: RunDependencies; close(): Promise<void> }> {
  const { createMirrorStage } = await import('../pipeline/stages/mirror.ts');
  const { mirrorDependencies } = await import('./media/session.ts');
  const media = await mirrorDependencies(config, deps.db);
  const stage = createMirrorStage(media, dryRun, signal) as Stage;
  const at = deps.stages.findIndex(({ name }) => name === 'totals');
  return { deps: { ...deps, stages: deps.stages.toSpliced(at, 0, stage) }, close: media.close };
}
