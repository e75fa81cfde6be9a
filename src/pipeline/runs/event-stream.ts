import { Readable } from 'node:stream';
import type { Database } from '../../platform/db/types.ts';
import { followRun } from './follow.ts';

/** A comment this often keeps proxies from closing a quiet stream. */
const BEAT_MS = 15_000;
/** A stream ends after this long; clients come back with the number of the last event they have. */
export const LONGEST_MS = 3_600_000;

/**
 * A run's events as server-sent events: `id` is the event's number, `event` its kind, `data` the rest as JSON. Ends with the run.
 */
export function runEventStream(db: Database, runId: string, after: number, closing: AbortSignal): Readable {
  const gone = new AbortController();
  const signal = AbortSignal.any([closing, gone.signal, AbortSignal.timeout(LONGEST_MS)]);
  const stream = Readable.from(frames(db, runId, after, signal), { objectMode: false });
  stream.once('close', () => gone.abort());
  return stream;
}

async function* frames(db: Database, runId: string, after: number, signal: AbortSignal): AsyncGenerator<string> {
  // At once, so that the client knows that it is connected.
  yield ': connected\n\n';
  let said = performance.now();
  for await (const page of followRun(db, runId, after, signal)) {
    const now = performance.now();
    if (page.length > 0) {
      yield page.map(({ seq, kind, at, payload }) => frame(seq, kind, { at, ...(payload as object) })).join('');
      said = now;
    } else if (now - said > BEAT_MS) {
      yield ': still here\n\n';
      said = now;
    }
  }
}

function frame(id: string, event: string, data: object): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
