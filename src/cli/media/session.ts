import { createDownloader } from '../../media/download/download.ts';
import { createOrigins } from '../../media/download/origins.ts';
import type { MirrorDependencies } from '../../media/mirror/mirror.ts';
import { openStore } from '../../media/stores/open.ts';
import type { Config } from '../../platform/config/types.ts';
import { openDatabase } from '../../platform/db/open.ts';
import { boundHeap } from '../../platform/memory.ts';
import { EXIT } from '../command.ts';

/** Flags of every command of `trr media` that writes. */
export const WRITING_FLAGS = {
  'dry-run': { type: 'boolean', description: 'Say what would be done; write nothing, neither here nor in the store' },
  json: { type: 'boolean', description: 'Print JSON lines' },
} as const;

export interface MediaSession {
  readonly deps: MirrorDependencies;
  /** Aborted by SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}

/** What mirroring needs beside an open database; to be closed. */
export async function mirrorDependencies(
  config: Config,
  db: MirrorDependencies['db'],
): Promise<MirrorDependencies & { close(): Promise<void> }> {
  const origins = createOrigins(config.tmdb.imageBaseUrl);
  const store = await openStore(config.media);
  const downloader = createDownloader({ origins, contactUrl: config.sources.contactUrl });
  return {
    db,
    store,
    downloader,
    base: config.media.cdnBaseUrl,
    licences: [...config.sources.publishLicences],
    live: Object.entries(origins).flatMap(([source, { gate }]) => (config.sources.live.has(gate) ? [source] : [])),
    async close() {
      await downloader.close();
      store.close();
    },
  };
}

/**
 * Opens what the commands of `trr media` need, runs `work` and closes everything. The first signal asks it to stop; a second one ends the
 * process. @throws DatabaseUnavailable
 */
export async function withMedia(
  config: Config,
  name: string,
  work: (session: MediaSession) => Promise<number>,
): Promise<number> {
  boundHeap();
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(EXIT.cancelled);
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const database = await openDatabase(config, { applicationName: name });
  try {
    const deps = await mirrorDependencies(config, database.db);
    try {
      return await work({ deps, signal: stop.signal });
    } finally {
      await deps.close();
    }
  } finally {
    await database.close();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
