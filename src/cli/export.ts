import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { defineCommand } from 'citty';
import { stringify } from 'csv-stringify/sync';
import { EXPORTS } from '../catalogue/exports/queries.ts';
import { type ExportRow, exportRows } from '../catalogue/exports/service.ts';
import { loadConfig } from '../platform/config/load.ts';
import { writeBackup } from '../platform/db/backup/write.ts';
import { openDatabase } from '../platform/db/open.ts';
import { EXIT, type ExitCode, UsageError } from './command.ts';

const KINDS = Object.keys(EXPORTS);

/** `trr export`: the catalogue for spreadsheets and notebooks, or everything for another database. */
export const exportCommand = defineCommand({
  meta: {
    name: 'export',
    description: `Write ${KINDS.join(', ')} as JSON lines or CSV; with --all everything, for trr import --all`,
  },
  args: {
    what: { type: 'positional', required: false, description: `One of ${KINDS.join(', ')}` },
    all: { type: 'boolean', description: 'A backup of the whole database (a file ending in .gz is compressed)' },
    format: { type: 'string', description: 'jsonl or csv', default: 'jsonl' },
    licences: {
      type: 'string',
      description: 'Only values under these licences, comma separated, or all (default TRR_PUBLISH_LICENCES)',
    },
    out: { type: 'string', description: 'File to write; default: standard output' },
  },
  async run({ args }) {
    const { what, format, out } = args;
    if (args.all === true) {
      if (what !== undefined || args.licences !== undefined)
        throw new UsageError('--all goes with --out only: a backup has everything');
      if (out === undefined) throw new UsageError('--all needs --out FILE');
      return backUp(out);
    }
    if (what === undefined || !KINDS.includes(what)) {
      throw new UsageError(
        `export needs one of ${KINDS.join(', ')}${what === undefined ? ', or --all' : `, not "${what}"`}`,
      );
    }
    if (format !== 'jsonl' && format !== 'csv') throw new UsageError(`--format must be jsonl or csv, not "${format}"`);
    const config = loadConfig();
    const licences = readLicences(args.licences) ?? config.sources.publishLicences;
    const database = await openDatabase(config, { applicationName: 'trr export' });
    try {
      const count = await intoFile(out, async (stream) => {
        let first = true;
        return exportRows(database.db, what, licences === 'all' ? null : licences, async (rows) => {
          await write(
            stream,
            format === 'csv' ? csv(rows, first) : rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
          );
          first = false;
        });
      });
      console.error(`${count} rows`);
      return EXIT.ok;
    } finally {
      await database.close();
    }
  },
});

async function backUp(out: string): Promise<ExitCode> {
  const database = await openDatabase(loadConfig(), { applicationName: 'trr export' });
  try {
    const counts = await intoFile(out, (stream) => writeBackup(database.ownerUrl, stream));
    console.error(`${[...counts.values()].reduce((sum, count) => sum + count, 0)} rows of ${counts.size} tables`);
    return EXIT.ok;
  } finally {
    await database.close();
  }
}

/** A file appears under its name when it is complete. */
async function intoFile<T>(out: string | undefined, work: (stream: Writable) => Promise<T>): Promise<T> {
  if (out === undefined) return work(process.stdout);
  const unfinished = `${out}.unfinished`;
  const file = createWriteStream(unfinished);
  const stream = out.endsWith('.gz') ? createGzip() : file;
  if (stream !== file) stream.pipe(file);
  try {
    const result = await work(stream);
    if (!stream.writableEnded) stream.end();
    await finished(file);
    await rename(unfinished, out);
    return result;
  } catch (error) {
    file.destroy();
    await rm(unfinished, { force: true });
    throw error;
  }
}

async function write(stream: Writable, text: string): Promise<void> {
  if (!stream.write(text)) await new Promise((resolve) => stream.once('drain', resolve));
}

/** Lists and objects become JSON in their cell. A cell that a spreadsheet would take for a formula is quoted by an apostrophe. */
function csv(rows: readonly ExportRow[], header: boolean): string {
  return stringify(
    rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cell(value)]))),
    { header },
  );
}

function cell(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
}

function readLicences(text: string | undefined): ReadonlySet<string> | 'all' | undefined {
  if (text === undefined) return undefined;
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new UsageError('--licences must name licences, comma separated, or be all');
  return names.includes('all') ? 'all' : new Set(names);
}
