import { createHash, randomUUID } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Outcome } from '../../platform/outcome.ts';
import { secretsOf } from '../fetcher/outcomes.ts';
import { withoutCredentials } from '../redact.ts';
import type { SourceRegistry } from '../registry.ts';
import type { SourceRequest, SourceResponse } from '../types.ts';
import { readIndex } from './folder.ts';
import { type IndexEntry, isObject, keptHeaders, SnapshotError, type SnapshotIndex } from './format.ts';

export interface Recorder {
  /** Keeps a final answer (200, 404, 410); anything else is passing and is not kept. */
  write(request: SourceRequest, outcome: Outcome<SourceResponse>): Promise<void>;
  /** Waits until everything is on disk. */
  close(): Promise<void>;
}

/**
 * Records into a snapshot folder, beside what is there; an answer to the same request replaces the older one. Bodies and index
 * appear by rename, so a reader never sees half a file. One process records into a folder at a time.
 * @throws SnapshotError when the folder cannot be made or written, or has an index that is not one
 */
export function openRecorder(folder: string, registry: SourceRegistry): Recorder {
  try {
    mkdirSync(join(folder, 'bodies'), { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? error.code : error;
    throw new SnapshotError(`cannot record into ${folder} (${why}): name a folder that can be written`, {
      cause: error,
    });
  }
  const indexPath = join(folder, 'index.json');
  const entries = new Map<string, unknown>();
  if (existsSync(indexPath)) {
    for (const entry of readIndex(indexPath).entries) entries.set(identity(entry), entry);
  }
  let saving: Promise<void> = Promise.resolve();
  let dirty = false;

  /** Several answers waiting for the disk become one write of the index. */
  function saveIndex(): Promise<void> {
    if (!dirty) {
      dirty = true;
      const save = async () => {
        dirty = false;
        const index = { version: 1, entries: [...entries.values()] } as Omit<SnapshotIndex, 'entries'>;
        await writeAtomically(indexPath, `${JSON.stringify(index, null, 2)}\n`);
      };
      saving = saving.then(save, save);
    }
    return saving;
  }

  return {
    async write(request, outcome) {
      const answer = keepable(outcome);
      if (answer === null) return;
      const url = registry.canonical(withoutCredentials(new URL(request.url)));
      const requestBody = request.body === undefined ? undefined : sha256(request.body);
      const identifier = sha256(`${request.method} ${url.href} ${requestBody ?? ''}`).slice(0, 16);
      const body = answer.body.length === 0 ? null : `bodies/${slug(url)}-${identifier}${extension(answer.headers)}`;
      if (body !== null)
        await writeAtomically(
          join(folder, body),
          withoutSecrets(request.keepable?.(answer.body) ?? answer.body, secretsOf(request)),
        );
      const entry: IndexEntry = {
        method: request.method,
        url: url.href,
        status: answer.status,
        headers: keptHeaders(Object.entries(answer.headers)),
        body,
        at: answer.at,
        ...(requestBody === undefined ? {} : { requestBody }),
        ...(answer.redirectedTo === undefined ? {} : { redirectedTo: answer.redirectedTo }),
      };
      entries.set(identity(entry), entry);
      await saveIndex();
    },
    close: () => saving,
  };
}

type Answer = Pick<SourceResponse, 'status' | 'headers' | 'body' | 'at' | 'redirectedTo'>;

function keepable(outcome: Outcome<SourceResponse>): Answer | null {
  if (outcome.kind === 'ok') return outcome.value;
  if (outcome.kind !== 'not_found' && outcome.kind !== 'gone') return null;
  const status = outcome.kind === 'gone' ? 410 : 404;
  return { status, headers: {}, body: Buffer.alloc(0), at: new Date().toISOString() };
}

function identity(entry: unknown): string {
  if (!isObject(entry)) return randomUUID();
  return JSON.stringify([entry['method'], entry['url'], entry['requestBody'] ?? null]);
}

/** A source that echoes a credential must not put it into a file people share. */
function withoutSecrets(body: Buffer, secrets: readonly string[]): Buffer {
  const found = secrets.filter((secret) => secret.length >= 6 && body.includes(secret));
  if (found.length === 0) return body;
  let text = body.toString('latin1');
  for (const secret of found) text = text.replaceAll(secret, '[redacted]');
  return Buffer.from(text, 'latin1');
}

async function writeAtomically(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}.tmp`;
  await writeFile(temporary, content);
  await rename(temporary, path);
}

function slug(url: URL): string {
  return url.pathname
    .replace(/^\/3\//, '')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60);
}

function extension(headers: Readonly<Record<string, string>>): string {
  const type = headers['content-type'] ?? '';
  if (type.includes('json')) return '.json';
  return type.includes('html') ? '.html' : '.bin';
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
