import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type NotOk, notOk, type Outcome, ok, type Via } from '../../../platform/outcome.ts';
import { extractSeries, idNumber, oddRows } from './extract.ts';
import { type DatasetSeries, datasetFacts } from './facts.ts';
import { DATASET_NAMES, type DatasetName } from './files.ts';
import { withFolderLock } from './lock.ts';
import { DatasetError } from './read-file.ts';
import { readSeries, type SeriesRecord } from './series.ts';
import { type DatasetFile, DatasetStore, type DatasetStoreOptions } from './store.ts';

export interface ImdbDatasets {
  /**
   * What IMDb's datasets say about a series. Reads the files once for all series asked for at about the same time and for those that are
   * tracked anyway; later answers come from what was kept. `not_found` when the datasets do not know the id (yet).
   */
  series(imdbId: string, options?: { readonly signal?: AbortSignal }): Promise<Outcome<DatasetSeries>>;
  /** Removes what was kept for this process alone. */
  close(): Promise<void>;
}

export interface ImdbDatasetsOptions extends DatasetStoreOptions {
  /** All series that somebody may ask about, `tt` and digits; asked for before the files are read. */
  readonly tracked: () => Promise<readonly string[]>;
  /** How long questions are gathered before the files are read for them, milliseconds. */
  readonly gatherMs?: number;
}

/** What was picked out of the files; `extract.json` in the folder of downloads. */
interface Extract {
  readonly folder: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly covered: readonly string[];
  readonly at: string;
  readonly via: Via;
  readonly odd: number;
}

const FORMAT = 1;
const GATHER_MS = 100;
/** The files are looked at again after this long in a process that keeps running. */
const RECHECK_MS = 20 * 60 * 60 * 1000;

/** IMDb's datasets behind one fetcher (`spec/sources-imdb.md` 8.1). */
export function createImdbDatasets(options: ImdbDatasetsOptions): ImdbDatasets {
  const kept = new KeptExtract(options);
  return {
    async series(imdbId, { signal } = {}) {
      if (Number.isNaN(idNumber(imdbId)))
        return notOk('not_found', `imdb-datasets: not an IMDb id: ${imdbId.slice(0, 40)}`);
      const read = await readKept(kept, imdbId, signal);
      if ('kind' in read) return read;
      const { record, extract } = read;
      if (record.title === undefined && record.episodes.length === 0 && record.principals.length === 0) {
        return notOk('not_found', `imdb-datasets: ${imdbId} is not in the datasets`);
      }
      return ok(datasetFacts(record), { at: extract.at, via: extract.via });
    },
    close: () => kept.close(),
  };
}

async function readKept(
  kept: KeptExtract,
  imdbId: string,
  signal?: AbortSignal,
): Promise<{ readonly record: SeriesRecord; readonly extract: Extract } | NotOk> {
  for (;;) {
    const extract = await kept.covering(imdbId, signal);
    if ('kind' in extract) return extract;
    const record = readSeries(extract.folder, imdbId);
    // Another process may have put a newer one in its place while we were reading.
    if (isComplete(extract.folder)) return { record, extract };
  }
}

class KeptExtract {
  readonly #options: ImdbDatasetsOptions;
  readonly #store: DatasetStore;
  #current: Extract | undefined;
  #covered = new Set<string>();
  #checkedAt = 0;
  #wanted = new Set<string>();
  #reading: Promise<NotOk | undefined> | undefined;

  constructor(options: ImdbDatasetsOptions) {
    this.#options = options;
    this.#store = new DatasetStore(options);
  }

  /** An extract that holds the series, or why there is none. */
  async covering(imdbId: string, signal?: AbortSignal): Promise<Extract | NotOk> {
    for (;;) {
      const current = this.#current;
      const fresh = this.#now() - this.#checkedAt < RECHECK_MS;
      if (current !== undefined && fresh && this.#covered.has(imdbId) && isComplete(current.folder)) return current;
      if (signal?.aborted === true) return notOk('transport', 'imdb-datasets: cancelled');
      this.#wanted.add(imdbId);
      // Whoever asks while the files are being read waits for the next reading.
      this.#reading ??= this.#read(signal).finally(() => {
        this.#reading = undefined;
      });
      const failure = await this.#reading;
      if (failure !== undefined) return failure;
    }
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  async #read(signal?: AbortSignal): Promise<NotOk | undefined> {
    await sleep(this.#options.gatherMs ?? GATHER_MS);
    try {
      if (this.#isOwnFolder()) return await this.#update(this.#store.scratch(), signal);
      const { folder } = this.#options;
      await mkdir(folder, { recursive: true });
      return await withFolderLock(join(folder, 'lock'), signal, () => this.#update(folder, signal));
    } catch (error) {
      if (signal?.aborted === true) return notOk('transport', 'imdb-datasets: cancelled');
      if (!(error instanceof DatasetError)) throw error;
      const kind = error.failure === 'schema' ? 'schema_changed' : 'transport';
      return notOk(kind, `imdb-datasets: ${error.message}`);
    }
  }

  /** Saved answers and given files are read for this process alone. */
  #isOwnFolder(): boolean {
    return this.#options.given !== null || this.#options.fetcher.access('imdb-datasets') !== 'live';
  }

  async #update(folder: string, signal?: AbortSignal): Promise<NotOk | undefined> {
    const files: Partial<Record<DatasetName, DatasetFile>> = {};
    for (const name of DATASET_NAMES) {
      const outcome = await this.#store.file(name, signal);
      if (outcome.kind !== 'ok') return outcome;
      files[name] = outcome.value;
    }
    const all = files as Record<DatasetName, DatasetFile>;
    const versions = Object.fromEntries(DATASET_NAMES.map((name) => [name, all[name].version]));
    const known = await this.#known(folder, versions);
    const wanted = this.#wanted;
    this.#wanted = new Set();
    if (known !== undefined && [...wanted].every((id) => known.covered.includes(id))) return this.#use(known);
    const series = new Set([...(known?.covered ?? []), ...(await this.#options.tracked()), ...wanted]);
    return this.#extract(folder, all, versions, [...series], signal);
  }

  async #extract(
    folder: string,
    files: Readonly<Record<DatasetName, DatasetFile>>,
    versions: Readonly<Record<string, string>>,
    series: readonly string[],
    signal?: AbortSignal,
  ): Promise<undefined> {
    const target = join(folder, `extract-${randomUUID()}`);
    try {
      const counts = await extractSeries(files, series, target, signal);
      await writeFile(join(target, COMPLETE), '');
      const { at, via } = newest(Object.values(files));
      const extract: Extract = { folder: target, versions, covered: series, at, via, odd: oddRows(counts) };
      await writeFile(join(folder, 'extract.json.new'), JSON.stringify({ format: FORMAT, ...extract }));
      await rename(join(folder, 'extract.json.new'), join(folder, 'extract.json'));
      await this.#removeOld(folder, target);
      return this.#use(extract);
    } catch (error) {
      await rm(target, { recursive: true, force: true });
      if (error instanceof DatasetError && error.failure === 'corrupt' && !this.#isOwnFolder())
        await this.#discard(error);
      throw error;
    }
  }

  async #discard(error: DatasetError): Promise<void> {
    const name = DATASET_NAMES.find((one) => error.message.startsWith(`${one}:`));
    if (name !== undefined) await this.#store.discard(name);
  }

  #use(extract: Extract): undefined {
    this.#current = extract;
    this.#covered = new Set(extract.covered);
    this.#checkedAt = this.#now();
  }

  /** The kept extract when it was made from these very files. */
  async #known(folder: string, versions: Readonly<Record<string, string>>): Promise<Extract | undefined> {
    try {
      const read = JSON.parse(await readFile(join(folder, 'extract.json'), 'utf8')) as Extract & { format: number };
      const same = DATASET_NAMES.every((name) => read.versions[name] === versions[name]);
      return read.format === FORMAT && same && isComplete(read.folder) ? read : undefined;
    } catch {
      // None yet, or one that cannot be read: a new one is made.
      return undefined;
    }
  }

  /** Another process may still be reading the one before. */
  async #removeOld(folder: string, current: string): Promise<void> {
    const before = this.#current?.folder;
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      if (name.startsWith('extract-') && path !== current && path !== before)
        await rm(path, { recursive: true, force: true });
    }
  }
}

const COMPLETE = 'complete';

function isComplete(folder: string): boolean {
  return existsSync(join(folder, COMPLETE));
}

function newest(files: readonly DatasetFile[]): { at: string; via: Via } {
  const at = files.reduce((latest, file) => (file.at > latest ? file.at : latest), '');
  return { at, via: files.some((file) => file.via === 'snapshot') ? 'snapshot' : 'live' };
}
