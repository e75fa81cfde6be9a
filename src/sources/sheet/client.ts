import { readFile, stat } from 'node:fs/promises';
import type { SheetConfig } from '../../platform/config/sheet.ts';
import { notOk, type Outcome, ok } from '../../platform/outcome.ts';
import { describeRequest } from '../redact.ts';
import type { Fetcher } from '../types.ts';
import { parseSheet, SHEET_LIMITS } from './parse.ts';
import type { OverrideSheet, SheetSource } from './source.ts';

const TIMEOUT_MS = 20_000;

/** The configured override sheet, at its address (through the fetcher, `sheet` in `TRR_LIVE_SOURCES`) or in a file. */
export function createSheetSource(fetcher: Fetcher, config: SheetConfig): SheetSource {
  return {
    async overrides({ signal } = {}) {
      if (config === null) return notOk('not_found', 'sheet: no override sheet is configured: set TRR_OVERRIDES_SHEET');
      return config.kind === 'file' ? readSheetFile(config.path) : fetchSheet(fetcher, config.url, signal);
    },
  };
}

export async function fetchSheet(
  fetcher: Fetcher,
  address: string,
  signal?: AbortSignal,
): Promise<Outcome<OverrideSheet>> {
  const url = publishedCsv(address);
  const headers = { accept: 'text/csv, text/plain;q=0.9, */*;q=0.1' };
  const request = {
    source: 'sheet',
    method: 'GET',
    url,
    headers,
    maxBytes: SHEET_LIMITS.bytes,
    timeoutMs: TIMEOUT_MS,
  } as const;
  const outcome = await fetcher.fetch(request, signal);
  if (outcome.kind !== 'ok') return outcome;
  const { body, at, via } = outcome.value;
  const result = parseSheet(body);
  if (result.ok) return ok(result.value, { at, via });
  return notOk('schema_changed', `sheet: ${describeRequest('GET', url)}: ${result.problem}`, {
    status: outcome.value.status,
  });
}

/** Google's published form: `/pubhtml` is a page, `/pub?output=csv` the data. Other addresses are taken as they are. */
export function publishedCsv(address: string): string {
  const url = new URL(address);
  if (url.hostname !== 'docs.google.com' || !/\/pub(html)?$/.test(url.pathname)) return url.href;
  url.pathname = url.pathname.replace(/\/pubhtml$/, '/pub');
  url.searchParams.set('output', 'csv');
  url.hash = '';
  return url.href;
}

async function readSheetFile(path: string): Promise<Outcome<OverrideSheet>> {
  let body: Uint8Array;
  try {
    const stats = await stat(path);
    // A pipe would be waited for without end.
    if (!stats.isFile()) return notOk('not_found', `sheet: ${path} is not a file`);
    if (stats.size > SHEET_LIMITS.bytes)
      return notOk('schema_changed', `sheet: ${path} is larger than ${SHEET_LIMITS.bytes} bytes`);
    body = await readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return notOk('not_found', `sheet: cannot read ${path} (${code})`);
  }
  const result = parseSheet(body);
  if (!result.ok) return notOk('schema_changed', `sheet: ${path}: ${result.problem}`);
  return ok(result.value, { at: new Date().toISOString(), via: 'snapshot' });
}
