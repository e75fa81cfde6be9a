import { readFile } from 'node:fs/promises';
import { defineCommand } from 'citty';
import { loadConfig } from '../../platform/config/load.ts';
import { errorCode } from '../../platform/db/errors.ts';
import { openOwner } from '../../platform/db/open.ts';
import { confirmationFor, readSql, type SqlAnswer, writeSql } from '../../platform/db/sql/run.ts';
import { refuseWrongDatabase } from '../../platform/db/verify/guard.ts';
import { EXIT, UsageError } from '../command.ts';
import { json, targetLine } from './common.ts';

export const sqlCommand = defineCommand({
  meta: { name: 'sql', description: 'Run one SQL statement as a role that can only read, for at most 30 s' },
  args: {
    statement: { type: 'positional', required: false, description: 'The statement' },
    json,
    file: { type: 'string', description: 'Read the statement from this file' },
    'dry-run': {
      type: 'boolean',
      description: 'With --write: run it, say how many rows it would change, take it back',
    },
    write: { type: 'boolean', description: 'Run as the owner, who may change everything; needs --confirm' },
    confirm: { type: 'string', description: 'HOST/DATABASE the statement is meant for, with --write' },
  },
  async run({ args }) {
    const statement = await statementOf(args.statement, args.file);
    if (args.confirm !== undefined && args.write !== true) throw new UsageError('--confirm goes with --write');
    if (args['dry-run'] === true && args.write !== true)
      throw new UsageError('--dry-run goes with --write: nothing else changes anything');
    const config = loadConfig();
    console.error(`trr: ${targetLine(config)}`);
    const owner = await openOwner(config, 'trr db sql');
    try {
      if (args.write === true) {
        const wanted = confirmationFor(owner.ownerUrl);
        if (args.confirm !== wanted) {
          throw new UsageError(`--write may change ${wanted}: say --confirm ${wanted} if you mean that database`);
        }
      }
      if (args.write === true) await refuseWrongDatabase(owner.ownerUrl);
      const dryRun = args['dry-run'] === true;
      const answer = await (args.write === true
        ? writeSql(owner.ownerUrl, statement, { dryRun })
        : readSql(owner.ownerUrl, statement));
      console.log(args.json === true ? asJson(answer) : asTable(answer));
      if (dryRun) console.error('trr: dry run: all of it was taken back');
      if (answer.truncated) console.error(`trr: stopped after ${answer.rows.length} rows: add a limit`);
      return answer.truncated ? EXIT.partial : EXIT.ok;
    } catch (error) {
      const code = errorCode(error);
      if (!(error instanceof Error) || code === undefined || !/^[0-9A-Z]{5}$/.test(code)) throw error;
      console.error(`trr: ${error.message.replaceAll(/\s*\n\s*/g, ' ')} (${code})${HINTS[code] ?? ''}`);
      return EXIT.failed;
    } finally {
      await owner.close();
    }
  },
});

const READS = ': this command reads only; a change needs --write --confirm HOST/DATABASE';
const HINTS: Readonly<Record<string, string>> = {
  '42501': ': the reading role may not do that; see docs/db/sql.md',
  '25006': READS,
  '42601': ': one statement at a time',
  '57014': ': it took longer than it may',
};

async function statementOf(word: string | undefined, file: string | undefined): Promise<string> {
  if ((word === undefined) === (file === undefined)) {
    throw new UsageError('give one statement, either as a word (quote it) or with --file FILE');
  }
  const text = word ?? (await readStatement(file ?? ''));
  if (text.trim() === '') throw new UsageError('the statement is empty');
  return text;
}

async function readStatement(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`--file ${file} cannot be read (${errorCode(error) ?? 'unknown error'})`);
  });
}

function asJson({ command, rowCount, columns, rows, truncated }: SqlAnswer): string {
  const objects = rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])));
  return JSON.stringify({ command, rowCount, rows: objects, truncated });
}

function asTable({ command, rowCount, columns, rows }: SqlAnswer): string {
  if (columns.length === 0) return `${command}${rowCount === null ? '' : ` ${rowCount}`}`;
  const cells = rows.map((row) => row.map(show));
  const widths = columns.map((name, at) => Math.max(name.length, ...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  const count = `(${rows.length} row${rows.length === 1 ? '' : 's'})`;
  return [line(columns), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line), count].join('\n');
}

function show(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // One row is one line, and a value from the database must not steer the terminal.
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, (char) => (char === '\n' ? '⏎' : '·'));
}
