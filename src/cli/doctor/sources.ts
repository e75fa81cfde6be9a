import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../platform/config/types.ts';
import { notOk, type Outcome, ok as outcomeOk } from '../../platform/outcome.ts';
import { createFandomSource } from '../../sources/fandom/client.ts';
import { createFetcher } from '../../sources/fetcher/fetcher.ts';
import { DATASET_NAMES } from '../../sources/imdb/datasets/files.ts';
import { SOURCE_KINDS } from '../../sources/kinds.ts';
import { createSheetSource } from '../../sources/sheet/client.ts';
import { createAsk } from '../../sources/tmdb/ask.ts';
import { changesRequest } from '../../sources/tmdb/requests.ts';
import type { Fetcher, SourceName } from '../../sources/types.ts';
import { type Check, type Context, type Finding, fail, ok, skipped, warn } from './check.ts';

interface Probe {
  readonly source: SourceName;
  /** What is asked, in a few words. */
  readonly asks: string;
  /** Why there is nothing to ask although the source is on; null when there is. */
  unready(config: Config): Finding | null;
  ask(fetcher: Fetcher, config: Config, signal: AbortSignal): Promise<Outcome<unknown>>;
}

/** A show that IMDb has had for decades. */
const KNOWN_TITLE = 'tt0239195';

const TMDB: Probe = {
  source: 'tmdb',
  asks: 'the change feed',
  unready: ({ tmdb }) =>
    tmdb.bearer === null && tmdb.apiKey === null
      ? skipped('no key: set TMDB_BEARER_TOKEN or TMDB_API_KEY to fetch live; snapshots work without')
      : null,
  ask(fetcher, { tmdb }, signal) {
    const today = new Date().toISOString().slice(0, 10);
    return createAsk(fetcher, tmdb)(changesRequest('tv', today, today, 1), { signal });
  },
};

const DATASETS: Probe = {
  source: 'imdb-datasets',
  asks: 'the first byte of title.ratings',
  unready({ imdbDatasets: { folder } }) {
    if (folder === null) return null;
    const missing = DATASET_NAMES.filter((name) =>
      ['.tsv.gz', '.tsv'].every((end) => !existsSync(join(folder, name + end))),
    );
    if (missing.length === 0) return ok(`files in ${folder}, nothing is downloaded`);
    return fail(`IMDB_DATASETS_DIR lacks ${missing.map((name) => `${name}.tsv.gz`).join(', ')}`);
  },
  ask: (fetcher, { imdbDatasets }, signal) =>
    fetcher.stream(
      {
        source: 'imdb-datasets',
        method: 'GET',
        url: `${imdbDatasets.baseUrl}/title.ratings.tsv.gz`,
        headers: { accept: '*/*', 'accept-encoding': 'identity', range: 'bytes=0-0' },
      },
      async ({ body }) => {
        // A server that ignores the range sends the whole file: one piece is enough to know.
        for await (const _piece of body) break;
      },
      signal,
    ),
};

const IMDB_PAGES: Probe = {
  source: 'imdb-web',
  asks: `the page of ${KNOWN_TITLE}`,
  unready: () => null,
  ask: async (fetcher, config, signal) =>
    (await SOURCE_KINDS['imdb:title']?.fetch?.(KNOWN_TITLE, fetcher, config, signal)) ??
    notOk('not_found', 'imdb-web: title pages cannot be asked for'),
};

const FANDOM: Probe = {
  source: 'fandom',
  asks: 'its rules and one revision',
  unready: ({ fandom }) =>
    fandom.wikis.some(({ enabled }) => enabled) ? null : skipped('no wiki: set TRR_FANDOM_WIKIS'),
  async ask(fetcher, { fandom }, signal) {
    const source = createFandomSource(fetcher, fandom);
    for (const wiki of fandom.wikis.filter(({ enabled }) => enabled)) {
      const outcome = await source.revisions(wiki, [1], { signal });
      if (outcome.kind !== 'ok') return outcome;
    }
    return outcomeOk(null, { at: '', via: 'live' });
  },
};

const SHEET: Probe = {
  source: 'sheet',
  asks: 'the override sheet',
  unready: ({ sheet }) => (sheet === null ? skipped('none configured (TRR_OVERRIDES_SHEET)') : null),
  ask: (fetcher, { sheet }, signal) => createSheetSource(fetcher, sheet).overrides({ signal }),
};

/** One cheap question to each metadata source, by the way all questions go: one attempt, no retries. */
export const sources: readonly Check[] = [TMDB, DATASETS, IMDB_PAGES, FANDOM, SHEET].map((probe) => ({
  name: probe.source,
  run: async (context) => [await ask(probe, context)],
}));

async function ask(probe: Probe, { config, offline, signal }: Context): Promise<Finding> {
  // A sheet in a file needs neither switch nor network.
  const local = probe.source === 'sheet' && config.sheet?.kind === 'file';
  if (!local && !config.sources.live.has(probe.source)) {
    return skipped(`off (TRR_LIVE_SOURCES does not name ${probe.source}); snapshots still work`);
  }
  const unready = probe.unready(config);
  if (unready !== null) return unready;
  if (offline && !local) return skipped('--offline');
  const fetcher = createFetcher({ config, retry: { attempts: 1 } });
  try {
    const started = performance.now();
    const outcome = await probe.ask(fetcher, config, signal);
    return judge(probe, outcome, Math.round(performance.now() - started));
  } finally {
    await fetcher.close();
  }
}

const FIXES: Readonly<Record<string, string>> = {
  forbidden: 'check its credential and docs/runbooks/blocked-source.md',
  challenged: 'it wants a person: switch it off, see docs/runbooks/blocked-source.md',
  transport: 'check the network, or try again later',
  schema_changed: 'its answers changed: trr source fetch shows what is missing',
};

function judge({ asks }: Probe, outcome: Outcome<unknown>, ms: number): Finding {
  if (outcome.kind === 'ok') return ok(`answers (${asks}, ${ms} ms)`);
  const fix = FIXES[outcome.kind];
  const text = `${outcome.kind}: ${outcome.detail}${fix === undefined ? '' : `: ${fix}`}`;
  return outcome.kind === 'rate_limited' ? warn(`${text}: lower its rate (TMDB_RATE)`) : fail(text);
}
