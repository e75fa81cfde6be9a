import { defineCommand } from 'citty';
import { loadConfig } from '../platform/config/load.ts';
import { EXIT, withRest } from './command.ts';
import { awaitWorkers, decideHandOver, HAND_OVER_FLAGS, handOver } from './hand-over.ts';
import { DECISION_FLAGS, FILTER_FLAGS, RUN_FLAGS, readDecision, readFilter, readStages } from './pipeline-flags.ts';
import { readConcurrency, whoAmI, withPipeline } from './pipeline-session.ts';
import { createProgress, printPlan, printSummary } from './progress.ts';
import { VERSION } from './version.ts';

/** `trr sync [stage...]`: brings stored shows up to date with their sources. */
export const syncCommand = withRest(
  defineCommand({
    meta: { name: 'sync', description: 'Bring stored shows up to date (all stages, or those named)' },
    args: { ...FILTER_FLAGS, ...DECISION_FLAGS, ...RUN_FLAGS, ...HAND_OVER_FLAGS },
    async run({ args, rawArgs }) {
      const stages = readStages(args._);
      const filter = readFilter(args, rawArgs);
      const decision = readDecision(args);
      const concurrency = readConcurrency(args.concurrency);
      const config = loadConfig();
      const options = { json: args.json === true, verbose: args.verbose === true, dryRun: args['dry-run'] === true };
      return withPipeline(config, args, 'trr sync', async ({ deps, signal }) => {
        const { planSync } = await import('../pipeline/dry-run.ts');
        const { runSync } = await import('../pipeline/runner.ts');
        const progress = createProgress(options);
        const order = { command: 'sync', filter, stages, decision } as const;
        const to = await decideHandOver(deps.db, args, order);
        if (to.to === 'workers') {
          const id = await handOver(deps.db, order, to.priority);
          return awaitWorkers(deps.db, id, to.wait, { signal, progress, options, verb: 'sync' });
        }
        const request = {
          command: 'sync',
          who: whoAmI(),
          params: { stages, filter, decision, concurrency },
          codeVersion: VERSION,
          filter,
          stages,
          decision,
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
