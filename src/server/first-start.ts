import { join } from 'node:path';
import { PROJECT_ROOT } from '../platform/config/load.ts';
import type { Config } from '../platform/config/types.ts';
import { seedDatabase } from '../platform/db/migrate/reset.ts';
import type { OpenedDatabase } from '../platform/db/open.ts';
import { VERSION } from './version.ts';

/** Saved answers in TMDb's own formats (sample/README.md), and the list in them that names the sample's shows. */
const SAMPLE_SNAPSHOTS = join(PROJECT_ROOT, 'sample', 'snapshots');
const SAMPLE_LIST = '1';

/** The made-up show's made-up wiki. */
const SAMPLE_WIKI = {
  wiki: 'lastlantern.fandom.com',
  shows: ['tt90001000'],
  galleryTitle: '{name}/Gallery',
  seasonTitle: null,
  personTemplates: [],
  enabled: true,
};

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
  config: Config,
  database: OpenedDatabase,
  signal: AbortSignal,
  onProgress: (line: string) => void,
): Promise<void> {
  if (!(await isFirstStart(database))) return;
  onProgress('first start: filling the empty database with the sample');
  await seedDatabase(database.ownerUrl);
  // A catalogue without the sample is still worth serving.
  const status = await importSample(config, database, signal).catch((error: unknown) => String(error).split('\n')[0]);
  if (status !== 'succeeded') onProgress(`the sample was not imported completely: ${status} (see trr runs list)`);
}

/** Loads the pipeline only here: later starts do without it. */
async function importSample(config: Config, database: OpenedDatabase, signal: AbortSignal): Promise<string> {
  const [{ runImport }, { createStages }, { DEFAULT_STAGES }, { createFetcher }, { openSources }] = await Promise.all([
    import('../pipeline/lists/import.ts'),
    import('../pipeline/stages/index.ts'),
    import('../pipeline/stage.ts'),
    import('../sources/fetcher/fetcher.ts'),
    import('../pipeline/open-sources.ts'),
  ]);
  const fetcher = createFetcher({ config, snapshots: SAMPLE_SNAPSHOTS, offline: true });
  const opened = openSources(fetcher, { ...config, fandom: { ...config.fandom, wikis: [SAMPLE_WIKI] } }, database.db);
  try {
    const deps = {
      db: database.db,
      ownerUrl: database.ownerUrl,
      tmdb: opened.tmdb,
      stages: createStages(opened.stages),
      requestCounts: () => fetcher.counts(),
    };
    const sources = { tmdbLists: [SAMPLE_LIST], tmdbIds: [], imdbIds: [] };
    const summary = await runImport(deps, {
      command: 'import',
      who: WHO,
      params: { sources },
      codeVersion: VERSION,
      sources,
      stages: DEFAULT_STAGES,
      decision: { force: false, incremental: true, resume: true, since: null },
      concurrency: 4,
      signal,
      reporter: {},
    });
    return summary.status;
  } finally {
    await opened.close();
    await fetcher.close();
  }
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
