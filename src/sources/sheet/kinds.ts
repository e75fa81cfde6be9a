import type { SourceKind } from '../kinds.ts';
import { fetchSheet } from './client.ts';
import { parseSheet } from './parse.ts';

/** What `trr source parse|fetch` can do for the override sheet. */
export const SHEET_KINDS: Readonly<Record<string, SourceKind>> = {
  'sheet:overrides': {
    id: 'an https address of the sheet',
    parse: parseSheet,
    accepts: (id) => URL.parse(id)?.protocol === 'https:',
    fetch: (id, fetcher, _config, signal) => fetchSheet(fetcher, id, signal),
  },
};
