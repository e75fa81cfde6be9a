import {
  ALL_IMAGES,
  type ImageFilter,
  type MirrorDependencies,
  type MirrorSummary,
  mirror,
} from '../../media/mirror/mirror.ts';
import { statement } from '../../platform/db/statement.ts';
import type { Stage } from '../stage.ts';

/** Values: show. Who has a credit in it. */
const PEOPLE_OF_SHOW = statement(
  'pipeline.mirror.people',
  '/* mirror */ select distinct c.person_id from core.show_cast c where c.show_id = $1::uuid and c.retired_at is null',
  { person_id: 'uuid' },
);

/** All stages with this one; pictures come after what names them. */
export function withMirror(stages: readonly Stage[], mirrorStage: Stage<MirrorSummary[], null>): readonly Stage[] {
  const at = stages.findIndex(({ name }) => name === 'totals');
  return stages.toSpliced(at, 0, mirrorStage as Stage);
}

/** Several shows are at work at once; the hosts' own limits hold over all of them. */
const CONCURRENCY = 8;

/**
 * Copies of a show's images: its own, its seasons', its people's, and logos that still have none. Unlike other stages it writes while it
 * fetches, one transaction per batch (`src/media/mirror/recorder.ts`): a file that is stored and not recorded would be fetched twice.
 * @param dryRun look, and neither fetch nor write
 */
export function createMirrorStage(deps: MirrorDependencies, dryRun: boolean): Stage<MirrorSummary[], null> {
  const run = (filter: Partial<ImageFilter>, signal: AbortSignal) =>
    mirror(deps, {
      filter: { ...ALL_IMAGES, ...filter },
      limit: null,
      force: false,
      dryRun,
      signal,
      concurrency: CONCURRENCY,
    });
  return {
    name: 'mirror',
    needs: [],
    applies: () => true,
    async fetch(show, sources) {
      const people = await deps.db.asService('people of show', (tx) => tx.query(PEOPLE_OF_SHOW, [show.id]));
      const ofShow = { showIds: [show.id], tables: ['show_images', 'season_images', 'seasons', 'episodes'] } as const;
      const ofPeople = { personIds: people.map(({ person_id: id }) => id), tables: ['cast_photos'] } as const;
      const logos = { tables: ['networks', 'production_companies', 'watch_providers'] } as const;
      const facts = await sources.shared('mirror', async (signal = new AbortController().signal) => [
        await run(ofShow, signal),
        await run(ofPeople, signal),
        await run(logos, signal),
      ]);
      return { kind: 'facts', facts, at: sources.now(), via: 'live', missing: [] };
    },
    load: async () => null,
    plan(facts) {
      const failed = facts.reduce((sum, { failed: images }) => sum + images, 0);
      const planned = facts.reduce((sum, { planned: images }) => sum + images, 0);
      return {
        changes: [],
        partial: failed === 0 ? [] : [`${failed} images (trr media usage says why)`],
        warnings: planned === 0 ? [] : [`${planned} images would be fetched`],
      };
    },
  };
}
