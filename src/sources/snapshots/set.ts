import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { withoutCredentials } from '../redact.ts';
import type { SourceRegistry } from '../registry.ts';
import type { SourceName, SourceRequest, SourceResponse } from '../types.ts';
import { readFolder } from './folder.ts';
import { type SavedAnswer, SnapshotError } from './format.ts';
import { readHar } from './har.ts';
import { type Candidate, choose, matchKey } from './match.ts';

/** Saved answers that stand in for the network. */
export interface SnapshotSet {
  readonly size: number;
  /** Sources with at least one saved answer. */
  readonly sources: ReadonlySet<SourceName>;
  /**
   * The saved answer to a request, null when there is none.
   * @throws SnapshotError when its body cannot be read
   */
  answer(request: SourceRequest): Promise<SourceResponse | null>;
}

/**
 * Opens a snapshot folder (`index.json` inside) or a HAR file.
 * @throws SnapshotError
 */
export function openSnapshots(path: string, registry: SourceRegistry): SnapshotSet {
  const answers = readAnswers(path, registry);
  const byKey = new Map<string, Candidate[]>();
  for (const answer of answers) {
    const match = matchKey(answer.method, answer.url);
    const known = byKey.get(match.key);
    if (known === undefined) byKey.set(match.key, [{ match, answer }]);
    else known.push({ match, answer });
  }
  return {
    size: answers.length,
    sources: new Set(answers.flatMap(({ url }) => registry.sourceOf(url) ?? [])),
    async answer(request) {
      const url = registry.canonical(withoutCredentials(new URL(request.url)));
      const wanted = matchKey(request.method, url);
      const found = choose(wanted, hashOf(request.body), byKey.get(wanted.key) ?? []);
      if (found === null) return null;
      const { status, headers, at, redirectedTo } = found.answer;
      const body = await found.answer.read();
      // No validators: an old answer's ETag must never make a live host say "unchanged".
      return {
        status,
        headers,
        body,
        at,
        via: 'snapshot',
        validators: {},
        missingAppended: found.missing,
        ...(redirectedTo === undefined ? {} : { redirectedTo }),
      };
    },
  };
}

/**
 * All answers of a snapshot folder or HAR file; bodies are read when asked for.
 * @throws SnapshotError
 */
export function readAnswers(path: string, registry: SourceRegistry): SavedAnswer[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined)
    throw new SnapshotError(`no snapshots at ${path}: give a folder with index.json or a HAR file`);
  return stats.isDirectory() ? readFolder(path, registry) : readHar(path, registry);
}

function hashOf(body: string | undefined): string | null {
  return body === undefined ? null : createHash('sha256').update(body).digest('hex');
}
