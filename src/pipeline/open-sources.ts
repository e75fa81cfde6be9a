import { join } from 'node:path';
import { sheetAt } from '../platform/config/sheet.ts';
import type { Config } from '../platform/config/types.ts';
import type { Database } from '../platform/db/types.ts';
import { createFandomSource } from '../sources/fandom/client.ts';
import { createImdbSource } from '../sources/imdb/client.ts';
import { createImdbDatasets } from '../sources/imdb/datasets/source.ts';
import { createSheetSource } from '../sources/sheet/client.ts';
import { createOverrideLookup } from '../sources/sheet/lookup.ts';
import type { OverrideLookup, SheetSource } from '../sources/sheet/source.ts';
import { createTmdbSource } from '../sources/tmdb/client.ts';
import type { TmdbClient } from '../sources/tmdb/source.ts';
import type { Fetcher } from '../sources/types.ts';
import type { StageSources, StageWish } from './stage-sources.ts';
import { TRACKED_SERIES } from './stages/imdb/queries.ts';

export interface OpenedSources {
  readonly tmdb: TmdbClient;
  readonly stages: StageSources;
  /** The same, asking for as much as an order wants and believing its override sheet. */
  stagesFor(wish: Pick<StageWish, 'limits' | 'sheet'>): StageSources;
  /** Removes what was kept for this process alone; the fetcher is its owner's. */
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Told what does not stop anything: a sheet that cannot be read. */
  readonly warn?: (line: string) => void;
}

export type SourcesConfig = Pick<Config, 'dataDir' | 'tmdb' | 'imdb' | 'imdbDatasets' | 'fandom' | 'sheet' | 'sources'>;

/** How long a sheet is believed before it is read again. */
const SHEET_MS = 10 * 60 * 1000;

/** Opens the sources that are on: switched on for live requests, or at hand as saved answers or files. */
export function openSources(
  fetcher: Fetcher,
  config: SourcesConfig,
  db: Pick<Database, 'asService'>,
  { warn = () => undefined }: OpenOptions = {},
): OpenedSources {
  const tmdb = createTmdbSource(fetcher, config.tmdb);
  const { folder } = config.imdbDatasets;
  const hasDatasets = folder !== null || fetcher.access('imdb-datasets') !== 'off';
  const datasets = hasDatasets
    ? createImdbDatasets({
        fetcher,
        baseUrl: config.imdbDatasets.baseUrl,
        folder: join(config.dataDir, 'imdb-datasets'),
        given: folder,
        tracked: () => trackedSeries(db),
      })
    : undefined;
  const hasWikis = config.fandom.wikis.length > 0 && fetcher.access('fandom') !== 'off';
  const stages: StageSources = {
    tmdbPeople: tmdb,
    ...(fetcher.access('imdb-web') === 'off' ? {} : { imdb: createImdbSource(fetcher, config.imdb) }),
    ...(datasets === undefined ? {} : { datasets }),
    ...(hasWikis ? { fandom: createFandomSource(fetcher, config.fandom) } : {}),
    ...(config.sheet === null ? {} : { sheet: remembered(createSheetSource(fetcher, config.sheet), warn) }),
    published: config.sources.publishLicences,
  };
  return {
    tmdb,
    stages,
    stagesFor({ limits = {}, sheet }) {
      if (sheet === undefined) return { ...stages, limits };
      return { ...stages, limits, sheet: remembered(createSheetSource(fetcher, sheetAt(sheet)), warn) };
    },
    close: async () => datasets?.close(),
  };
}

async function trackedSeries(db: Pick<Database, 'asService'>): Promise<string[]> {
  const rows = await db.asService('tracked series', (tx) => tx.query(TRACKED_SERIES, []));
  return rows.flatMap(({ imdb_id: id }) => id ?? []);
}

/** The sheet, read once for all shows of a while; one that cannot be read says nothing until then (`spec/pipeline.md` 6.6). */
function remembered(sheet: SheetSource, warn: (line: string) => void): NonNullable<StageSources['sheet']> {
  let lookup: Promise<OverrideLookup> | undefined;
  let readAt = 0;
  return async (show) => {
    if (lookup === undefined || Date.now() - readAt > SHEET_MS) {
      readAt = Date.now();
      lookup = sheet.overrides().then((outcome) => {
        if (outcome.kind === 'ok') return createOverrideLookup(outcome.value);
        warn(`override sheet: ${outcome.kind}: ${outcome.detail}; going on without it`);
        return () => null;
      });
    }
    return (await lookup)(show);
  };
}
