import { readFile } from 'node:fs/promises';
import { defineCommand } from 'citty';
import { loadConfig } from '../platform/config/load.ts';
import { createFetcher } from '../sources/fetcher/fetcher.ts';
import { recordJson, SOURCE_KINDS, type SourceKind } from '../sources/kinds.ts';
import { SnapshotError } from '../sources/snapshots/format.ts';
import type { Fetcher } from '../sources/types.ts';
import { EXIT, type ExitCode, UsageError } from './command.ts';
import { checkCommand } from './source-check.ts';

const KIND_HELP = `what it is: ${Object.keys(SOURCE_KINDS).join(', ')}`;

const parseCommand = defineCommand({
  meta: { name: 'parse', description: 'Print the typed record of a saved page or payload as JSON' },
  args: {
    kind: { type: 'positional', required: true, description: KIND_HELP },
    file: { type: 'positional', required: true, description: 'the saved body' },
    json: { type: 'boolean', description: 'Report failures as JSON too' },
  },
  async run({ args }): Promise<ExitCode> {
    const kind = kindNamed(args.kind);
    const result = kind.parse(await readInput(args.file));
    if (!result.ok) {
      return refuse(
        result.kind ?? 'schema_changed',
        `${args.file} is not a ${args.kind} payload: ${result.problem}`,
        args.json,
      );
    }
    console.log(recordJson(result.value));
    return EXIT.ok;
  },
});

const fetchCommand = defineCommand({
  meta: { name: 'fetch', description: 'Ask a source, or snapshots of it, and print the typed record as JSON' },
  args: {
    kind: { type: 'positional', required: true, description: KIND_HELP },
    id: {
      type: 'positional',
      required: true,
      description: 'which one: seasons as show/season, episodes as show/season/episode, wiki pages as wiki/title',
    },
    record: { type: 'string', valueHint: 'DIR', description: 'Write the answer into a snapshot folder' },
    snapshots: { type: 'string', valueHint: 'DIR|FILE.har', description: 'Answer from snapshots where they can' },
    offline: { type: 'boolean', description: 'Never use the network' },
    json: { type: 'boolean', description: 'Print the whole outcome: kind, via, missing blocks, value' },
  },
  async run({ args }): Promise<ExitCode> {
    const kind = kindNamed(args.kind);
    if (kind.fetch === undefined)
      throw new UsageError(`${args.kind} can only be read from a file: use trr source parse`);
    if (!kind.accepts(args.id)) throw new UsageError(`"${args.id}" does not name a ${args.kind}: expected ${kind.id}`);
    const config = loadConfig();
    const fetcher = openFetcher({
      config,
      offline: args.offline === true,
      ...(args.record === undefined ? {} : { record: args.record }),
      ...(args.snapshots === undefined ? {} : { snapshots: args.snapshots }),
    });
    const cancel = new AbortController();
    const stop = () => cancel.abort();
    process.once('SIGINT', stop);
    try {
      const outcome = await kind.fetch(args.id, fetcher, config, cancel.signal);
      if (cancel.signal.aborted) return EXIT.cancelled;
      if (outcome.kind !== 'ok') return refuse(outcome.kind, outcome.detail, args.json);
      console.log(recordJson(args.json ? outcome : outcome.value));
      if (outcome.missing.length === 0) return EXIT.ok;
      console.error(`partial: without ${outcome.missing.join(', ')}`);
      return EXIT.partial;
    } finally {
      process.off('SIGINT', stop);
      await fetcher.close();
    }
  },
});

/** `trr source parse|fetch|check`: what a source says, without the database. */
export const sourceCommand = defineCommand({
  meta: { name: 'source', description: 'Read what a source says, from a file or live, without the database' },
  subCommands: { parse: parseCommand, fetch: fetchCommand, check: checkCommand },
});

function kindNamed(name: string): SourceKind {
  const kind = Object.hasOwn(SOURCE_KINDS, name) ? SOURCE_KINDS[name] : undefined;
  if (kind !== undefined) return kind;
  throw new UsageError(`unknown kind "${name}": expected one of ${Object.keys(SOURCE_KINDS).join(', ')}`);
}

async function readInput(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new UsageError(`cannot read ${path} (${code}): give a saved page or payload`);
  }
}

function openFetcher(options: Parameters<typeof createFetcher>[0]): Fetcher {
  try {
    return createFetcher(options);
  } catch (error) {
    if (error instanceof SnapshotError) throw new UsageError(error.message);
    throw error;
  }
}

function refuse(kind: string, detail: string, json: boolean | undefined): ExitCode {
  if (json) console.log(JSON.stringify({ kind, detail }));
  else console.error(`${kind}: ${detail}`);
  return EXIT.failed;
}
