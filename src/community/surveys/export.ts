import { createHash } from 'node:crypto';
import { stringify } from 'csv-stringify/sync';
import type { Row } from '../../platform/db/statement.ts';
import type { Scope } from '../../platform/db/types.ts';
import { EXPORT } from './queries.ts';

const PAGE = 500;
const FIRST = '00000000-0000-0000-0000-000000000000';

export interface ExportQuestion {
  readonly id: string;
  readonly prompt: string;
}

/** Runs something in a transaction that may read responses. */
type Read = <T>(fn: (tx: Scope) => Promise<T>) => Promise<T>;

/** All responses as a JSON array, in pieces: one transaction per page, so that nothing is held while a client reads slowly. */
export async function* exportJson(read: Read, survey: string): AsyncGenerator<string> {
  let separator = '[';
  for await (const rows of pages(read, survey)) {
    for (const row of rows) {
      const { id: response_id, signed_in, submitted_at, answers } = row;
      const record = { response_id, respondent: respondent(survey, row), signed_in, submitted_at, answers };
      yield `${separator}\n${JSON.stringify(record)}`;
      separator = ',';
    }
  }
  yield separator === '[' ? '[]\n' : '\n]\n';
}

/**
 * All responses as CSV (RFC 4180), a column per question headed by its prompt; several choices are separated by "; ". Cells that a
 * spreadsheet would take for a formula are escaped.
 */
export async function* exportCsv(
  read: Read,
  survey: string,
  questions: readonly ExportQuestion[],
): AsyncGenerator<string> {
  const header = ['response_id', 'respondent', 'signed_in', 'submitted_at', ...questions.map(({ prompt }) => prompt)];
  yield csv([header]);
  for await (const rows of pages(read, survey)) {
    yield csv(
      rows.map((row) => [
        row.id,
        respondent(survey, row),
        String(row.signed_in),
        row.submitted_at ?? '',
        ...questions.map(({ id }) => cell((row.answers as Record<string, unknown>)[id])),
      ]),
    );
  }
}

type Response = Row<typeof EXPORT>;

async function* pages(read: Read, survey: string): AsyncGenerator<Response[]> {
  let after = FIRST;
  for (;;) {
    const rows = await read((tx) => tx.query(EXPORT, [survey, after, PAGE]));
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE) return;
    after = rows.at(-1)?.id ?? after;
  }
}

/** The same for the same person in this survey; says nothing about them elsewhere. */
function respondent(survey: string, { author }: Response): string {
  return createHash('sha256').update(`${survey} ${author}`).digest('base64url').slice(0, 16);
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  return Array.isArray(value) ? value.map(String).join('; ') : String(value);
}

function csv(rows: readonly (readonly string[])[]): string {
  return stringify(rows as string[][], { escape_formulas: true, record_delimiter: 'windows' });
}
