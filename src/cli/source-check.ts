import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineCommand } from 'citty';
import { loadConfig } from '../platform/config/load.ts';
import {
  type Checked,
  checkAnswers,
  type Drift,
  driftSince,
  type Fingerprint,
  fingerprintOf,
  readFingerprint,
} from '../sources/check.ts';
import { SOURCE_KINDS } from '../sources/kinds.ts';
import { createRegistry } from '../sources/registry.ts';
import { type SavedAnswer, SnapshotError } from '../sources/snapshots/format.ts';
import { readAnswers } from '../sources/snapshots/set.ts';
import { EXIT, type ExitCode, UsageError } from './command.ts';

/** `trr source check`: do the parsers still read what the sources send, and has its shape changed. */
export const checkCommand = defineCommand({
  meta: { name: 'check', description: 'Run the parsers over saved answers and report how their shape changed' },
  args: {
    snapshots: { type: 'positional', required: true, description: 'snapshot folder or .har file' },
    fingerprint: {
      type: 'string',
      valueHint: 'FILE',
      description: 'The recorded shapes (default: shapes.json in the folder, or beside the .har file)',
    },
    update: { type: 'boolean', description: 'Record the shapes as they are now' },
    json: { type: 'boolean', description: 'Print one JSON object' },
  },
  async run({ args }): Promise<ExitCode> {
    const answers = open(args.snapshots);
    const file = args.fingerprint ?? defaultFile(args.snapshots);
    const known = args.update === true ? null : readKnown(file);
    const checked = await read(answers);
    const drift = known === null ? [] : driftSince(known, checked);
    const failed = Object.values(checked.kinds).some(({ failures }) => failures.length > 0);
    // Shapes of answers that could not be read are no base to compare with.
    const updated = args.update === true && !failed;
    if (updated) save(file, fingerprintOf(checked));
    if (args.json) console.log(JSON.stringify(asJson(checked, drift, updated ? file : null)));
    else print(checked, drift, updated ? file : null);
    if (failed) return EXIT.failed;
    return drift.length > 0 ? EXIT.partial : EXIT.ok;
  },
});

function open(path: string): SavedAnswer[] {
  try {
    return readAnswers(path, createRegistry(loadConfig()));
  } catch (error) {
    if (error instanceof SnapshotError) throw new UsageError(error.message);
    throw error;
  }
}

async function read(answers: readonly SavedAnswer[]): Promise<Checked> {
  try {
    return await checkAnswers(answers, SOURCE_KINDS);
  } catch (error) {
    if (error instanceof SnapshotError) throw new UsageError(error.message);
    throw error;
  }
}

function defaultFile(path: string): string {
  return statSync(path).isDirectory() ? join(path, 'shapes.json') : `${path}.shapes.json`;
}

function readKnown(file: string): Fingerprint {
  if (!existsSync(file)) throw new UsageError(`no recorded shapes at ${file}: record them with --update`);
  const known = readFingerprint(readFileSync(file, 'utf8'));
  if (known === null) throw new UsageError(`${file} holds no recorded shapes: record them with --update`);
  return known;
}

function save(file: string, fingerprint: Fingerprint): void {
  try {
    writeFileSync(file, `${JSON.stringify(fingerprint, null, 2)}\n`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new UsageError(`cannot write ${file} (${code}): name another file with --fingerprint`);
  }
}

function asJson({ kinds, unread }: Checked, drift: readonly Drift[], updated: string | null) {
  const read = Object.entries(kinds).map(([kind, { answers, failures }]) => ({ kind, answers, failures }));
  return { kinds: read, unread, drift, updated };
}

function print({ kinds, unread }: Checked, drift: readonly Drift[], updated: string | null): void {
  for (const [kind, { answers, failures }] of Object.entries(kinds)) {
    console.log(`${kind}: ${answers} answers, ${failures.length} not readable`);
    for (const line of failures) console.log(`  schema_changed: ${line}`);
    for (const { of, appeared, vanished } of drift.filter((change) => change.kind === kind)) {
      for (const path of vanished) console.log(`  - ${of} ${path}`);
      for (const path of appeared) console.log(`  + ${of} ${path}`);
    }
  }
  if (unread > 0) console.log(`${unread} answers of no known kind or without content`);
  if (updated !== null) console.log(`recorded in ${updated}`);
  else if (drift.length === 0) console.log('no drift');
}
