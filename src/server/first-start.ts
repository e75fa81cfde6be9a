import type { Config } from '../platform/config/types.ts';
import { seedDatabase } from '../platform/db/migrate/reset.ts';
import type { OpenedDatabase } from '../platform/db/open.ts';

/** Marks the runs of first starts in `pipeline.runs`. */
const WHO = 'first start';

/** The seed's one show (spec/schema.md 11); a catalogue holding nothing else counts as empty. */
const SEED_SHOW = 'd1fdacc4-ccb0-4d52-8096-89889db83282';

/**
 * Fills an empty embedded database, so that whoever types `npm start` sees a catalogue: the seed, then the sample through the same
 * pipeline as every other import, from saved answers, without the network. Does nothing when somebody has already imported anything or
 * a first start has finished; one that was interrupted is finished by the next.
 */
export async function prepareFirstStart(
  _config: Config,
  database: OpenedDatabase,
  onProgress: (line: string) => void,
): Promise<void> {
  if (!(await isFirstStart(database))) return;
  onProgress('first start: filling the empty database with the sample');
  await seedDatabase(database.ownerUrl);
}

async function isFirstStart({ db }: OpenedDatabase): Promise<boolean> {
  const [row] = await db.asService('first start', (tx) =>
    tx.raw<{ first: boolean }>(
      `select not exists (select from pipeline.runs where who <> $1 or status in ('succeeded', 'partial'))
          and (not exists (select from core.shows where id <> $2::uuid) or exists (select from pipeline.runs)) as first`,
      [WHO, SEED_SHOW],
    ),
  );
  return row?.first === true;
}
