import { defineCommand } from 'citty';
import { orderParams } from '../pipeline/runs/order.ts';
import { equipped } from '../pipeline/work.ts';
import { loadConfig } from '../platform/config/load.ts';
import { EXIT, UsageError, withRest } from './command.ts';
import { awaitWorkers, decideHandOver, HAND_OVER_FLAGS, handOver } from './hand-over.ts';
import { DECISION_FLAGS, FILTER_FLAGS, RUN_FLAGS, readDecision, readFilter, readStages } from './pipeline-flags.ts';
import { readConcurrency, whoAmI, withPipeline } from './pipeline-session.ts';
import { createProgress, printPlan, printSummary } from './progress.ts';
import { readWish, SOURCE_FLAGS } from './source-flags.ts';
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
      const wish = readWish(args);
      if (stages.includes('mirror') && args.offline === true) {
        throw new UsageError('the stage mirror downloads pictures: it cannot run --offline');
      }
      const options = { json: args.json === true, verbose: args.verbose === true, dryRun: args['dry-run'] === true };
      return withPipeline(loadConfig(), args, 'trr sync', async (session) => {
        const { signal } = session;
        const { db } = session.deps;
        const { planSync } = await import('../pipeline/dry-run.ts');
        const { runSync } = await import('../pipeline/runner.ts');
        const progress = createProgress(options);
        const order = { command: 'sync', filter, stages, decision, ...wish } as const;
        const to = await decideHandOver(db, args, order);
        if (to.to === 'workers') {
          const id = await handOver(db, order, to.priority);
          return awaitWorkers(db, id, to.wait, { signal, progress, options, verb: 'sync' });
        }
        const deps = await equipped(session.deps, { ...order, dryRun: options.dryRun });
        const request = {
          ...order,
          who: whoAmI(),
          params: { ...orderParams(order), concurrency },
          codeVersion: VERSION,
          concurrency,
          signal,
          reporter: progress,
        };
        const summary = options.dryRun
          ? await planSync(deps, { ...request, onPlan: (result) => printPlan(result, options.json) })
          : await runSync(deps, request);
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
