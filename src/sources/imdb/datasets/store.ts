import { mkdtempSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { notOk, type Outcome, ok, type Via } from '../../../platform/outcome.ts';
import type { Fetcher, SourceRequest, StreamedAnswer, Validators } from '../../types.ts';
import type { DatasetName } from './files.ts';

/** A dataset at hand. */
export interface DatasetFile {
  readonly path: string;
  /** Changes when its content does. */
  readonly version: string;
  /** As of when it speaks, ISO 8601 UTC. */
  readonly at: string;
  readonly via: Via;
}

export interface DatasetStoreOptions {
  readonly fetcher: Fetcher;
  readonly baseUrl: string;
  /** Where downloaded files stay. */
  readonly folder: string;
  /** Files an operator brought: read there, never asked for. */
  readonly given: string | null;
  readonly now?: () => number;
  /** Pause before another try, milliseconds; for tests. */
  readonly pauseMs?: number;
}

/** What is known of a downloaded file, beside it as JSON. */
interface Kept {
  readonly etag?: string;
  readonly lastModified?: string;
  readonly bytes: number;
  readonly downloadedAt: string;
  readonly checkedAt: string;
}

/** What is known of a file that has come only in part. */
interface Begun {
  readonly etag?: string;
  readonly lastModified?: string;
}

/** IMDb renews the files daily; asking more often than once in this time brings nothing (`spec/sources-imdb.md` 8.1). */
const CHECK_AFTER_MS = 20 * 60 * 60 * 1000;
/** Well above the largest file there is (principals, under a gigabyte). */
const MAX_BYTES = 8 * 1024 ** 3;
const DOWNLOAD_MS = 60 * 60 * 1000;
const TRIES = 4;

/**
 * IMDb's files on this machine: asked for conditionally at most once a day, resumed where a download broke off, and replaced only by a
 * whole new one. A refusal or a failure keeps the file there is.
 */
export class DatasetStore {
  readonly #options: DatasetStoreOptions;
  #scratch: string | undefined;

  constructor(options: DatasetStoreOptions) {
    this.#options = options;
  }

  async file(name: DatasetName, signal?: AbortSignal): Promise<Outcome<DatasetFile>> {
    const { given, fetcher } = this.#options;
    if (given !== null) return givenFile(given, name);
    if (fetcher.access('imdb-datasets') !== 'live') return this.#fromSnapshot(name, signal);
    await mkdir(this.#options.folder, { recursive: true });
    const path = join(this.#options.folder, `${name}.tsv.gz`);
    const kept = await readJson<Kept>(`${path}.json`);
    const now = this.#now();
    const usable = kept !== null && (await sizeOf(path)) === kept.bytes;
    if (usable && now - Date.parse(kept.checkedAt) < CHECK_AFTER_MS) return ok(fileOf(path, kept), live(kept));
    const outcome = await this.#download(name, path, usable ? kept : null, signal);
    if (outcome.kind === 'ok') return ok(fileOf(path, outcome.value), live(outcome.value));
    if (!usable) return outcome;
    // What is there stays good; when IMDb was last asked is remembered only when it answered.
    const checked = outcome.kind === 'not_modified' ? { ...kept, checkedAt: new Date(now).toISOString() } : kept;
    await writeJson(`${path}.json`, checked);
    return ok(fileOf(path, checked), live(checked));
  }

  /** Forgets a file that turned out to be broken, so that the next time brings a new one. */
  async discard(name: DatasetName): Promise<void> {
    const path = join(this.#options.folder, `${name}.tsv.gz`);
    await Promise.all([rm(`${path}.json`, { force: true }), rm(path, { force: true })]);
  }

  async close(): Promise<void> {
    if (this.#scratch !== undefined) await rm(this.#scratch, { recursive: true, force: true });
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  /** A folder for this process alone, for what saved answers bring: it never mixes with what was downloaded. */
  scratch(): string {
    this.#scratch ??= mkdtempSync(join(tmpdir(), 'trr-imdb-datasets-'));
    return this.#scratch;
  }

  async #fromSnapshot(name: DatasetName, signal?: AbortSignal): Promise<Outcome<DatasetFile>> {
    const outcome = await this.#options.fetcher.fetch(this.#request(name), signal);
    if (outcome.kind !== 'ok') return outcome;
    const path = join(this.scratch(), `${name}.tsv.gz`);
    await writeFile(path, outcome.value.body);
    const { at, via } = outcome;
    return ok({ path, version: `${at}/${outcome.value.body.length}`, at, via }, { at, via });
  }

  async #download(name: DatasetName, path: string, kept: Kept | null, signal?: AbortSignal): Promise<Outcome<Kept>> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(name, path, kept, signal);
      if (outcome.kind !== 'transport' || attempt >= TRIES || signal?.aborted === true) return outcome;
      await sleep((this.#options.pauseMs ?? 2000) * 2 ** attempt, undefined, { ref: false });
    }
  }

  async #attempt(name: DatasetName, path: string, kept: Kept | null, signal?: AbortSignal): Promise<Outcome<Kept>> {
    const part = `${path}.part`;
    const begun = await readJson<Begun>(`${part}.json`);
    const have = begun === null ? 0 : ((await sizeOf(part)) ?? 0);
    const resume = begun?.etag !== undefined && have > 0 ? { etag: begun.etag, from: have } : null;
    const request = this.#request(name, resume, kept);
    let local: string | undefined;
    const outcome = await this.#options.fetcher.stream(
      request,
      async (answer) => {
        local = await receive(answer, part, resume?.from ?? 0);
      },
      signal,
    );
    // Nothing is left to send: what is there is whole or broken, which only a new start can tell.
    if (outcome.kind !== 'ok' && outcome.status === 416) await rm(`${part}.json`, { force: true });
    if (outcome.kind !== 'ok') return outcome;
    if (local !== undefined) return notOk('transport', `imdb-datasets: ${name}: ${local}`);
    const { etag, lastModified } = (await readJson<Begun>(`${part}.json`)) ?? {};
    const at = new Date(this.#now()).toISOString();
    const next: Kept = {
      ...(etag === undefined ? {} : { etag }),
      ...(lastModified === undefined ? {} : { lastModified }),
      bytes: (await sizeOf(part)) ?? 0,
      downloadedAt: at,
      checkedAt: at,
    };
    await rename(part, path);
    await writeJson(`${path}.json`, next);
    await rm(`${part}.json`, { force: true });
    return ok(next, { at, via: 'live' });
  }

  #request(
    name: DatasetName,
    resume: { readonly etag: string; readonly from: number } | null = null,
    kept: Validators | null = null,
  ): SourceRequest {
    const range = resume === null ? {} : { range: `bytes=${resume.from}-`, 'if-range': resume.etag };
    return {
      source: 'imdb-datasets',
      method: 'GET',
      url: `${this.#options.baseUrl}/${name}.tsv.gz`,
      // The file is packed already; another packing would make ranges meaningless.
      headers: { accept: '*/*', 'accept-encoding': 'identity', ...range },
      timeoutMs: DOWNLOAD_MS,
      ...(kept === null || resume !== null ? {} : { validators: validatorsOf(kept) }),
    };
  }
}

/** Writes an answer's bytes behind those that are there; answers with what went wrong on this machine, if anything. */
async function receive(answer: StreamedAnswer, part: string, have: number): Promise<string | undefined> {
  // A server that sends everything again, or another version, starts from nothing.
  const from = answer.status === 206 ? have : 0;
  const range = answer.headers['content-range'];
  if (from > 0 && range !== undefined && !range.startsWith(`bytes ${from}-`))
    return 'another part was sent than asked for';
  await writeJson(`${part}.json`, answer.validators);
  const file = await open(part, from > 0 ? 'r+' : 'w');
  let at = from;
  try {
    for await (const chunk of answer.body) {
      if (at + chunk.byteLength > MAX_BYTES) return `larger than ${MAX_BYTES} bytes`;
      let written = 0;
      try {
        written = (await file.write(chunk, 0, chunk.byteLength, at)).bytesWritten;
      } catch (error) {
        return `cannot be written: ${error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'}`;
      }
      if (written < chunk.byteLength) return 'cannot be written: the disk is full';
      at += written;
    }
    await file.truncate(at);
  } finally {
    await file.close();
  }
  const announced = Number(answer.headers['content-length']);
  return Number.isInteger(announced) && at - from !== announced ? 'the answer was cut off' : undefined;
}

async function givenFile(folder: string, name: DatasetName): Promise<Outcome<DatasetFile>> {
  for (const ending of ['tsv.gz', 'tsv']) {
    const path = join(folder, `${name}.${ending}`);
    const stats = await stat(path).catch(() => null);
    if (stats?.isFile() !== true) continue;
    const at = stats.mtime.toISOString();
    return ok({ path, version: `${stats.mtimeMs}/${stats.size}`, at, via: 'snapshot' }, { at, via: 'snapshot' });
  }
  return notOk('not_found', `imdb-datasets: IMDB_DATASETS_DIR has neither ${name}.tsv.gz nor ${name}.tsv`);
}

function fileOf(path: string, kept: Kept): DatasetFile {
  const version = kept.etag ?? kept.lastModified ?? kept.downloadedAt;
  return { path, version, ...live(kept) };
}

function live(kept: Kept): { at: string; via: 'live' } {
  return { at: kept.downloadedAt, via: 'live' };
}

function validatorsOf({ etag, lastModified }: Validators): Validators {
  return { ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }) };
}

async function sizeOf(path: string): Promise<number | null> {
  return (await stat(path).catch(() => null))?.size ?? null;
}

async function readJson<T extends object>(path: string): Promise<T | null> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as T) : null;
  } catch {
    // Absent or half written: as if nothing were known.
    return null;
  }
}

async function writeJson(path: string, value: object): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify(value));
  await rename(`${path}.new`, path);
}
