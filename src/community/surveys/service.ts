import type { Scope } from '../../platform/db/types.ts';
import { notFound, Problem } from '../../platform/errors/problem.ts';
import { decodeTimeCursor, timePage } from '../../platform/http/cursor.ts';
import type { PublicAnswer } from '../../platform/http/public-answer.ts';
import { RESULTS, SUBMIT, SURVEY_BY_ID, SURVEYS } from './queries.ts';

const CURSOR = 'surveys';

export interface SurveyFilter {
  readonly limit: number;
  readonly offset: number;
  readonly cursor?: string;
  /** Empty: all. */
  readonly status?: string;
  readonly show_id?: string;
  readonly season_id?: string;
  readonly episode_id?: string;
}

/** Surveys, newest first (U1, U2). That others than published are for administrators is the route's business. */
export async function listSurveys(scope: Scope, filter: SurveyFilter): Promise<PublicAnswer> {
  const key = decodeTimeCursor(CURSOR, filter.cursor);
  const values = [
    filter.status === '' ? null : (filter.status ?? 'published'),
    filter.limit,
    filter.offset,
    filter.show_id ?? null,
    filter.season_id ?? null,
    filter.episode_id ?? null,
  ];
  const row =
    key === undefined
      ? await scope.one(SURVEYS.first, values)
      : await scope.one(SURVEYS.after, [...values, key.time, key.id]);
  return timePage(CURSOR, row);
}

/** A survey with its questions and options (U5). @throws Problem 404, also for a draft somebody may not see */
export async function getSurvey(scope: Scope, survey: string): Promise<PublicAnswer> {
  const row = await scope.one(SURVEY_BY_ID, [survey]);
  if (row === undefined) throw notFound('Survey');
  return row;
}

/** Live results (U6-U8). @throws Problem 404 (decision U7) */
export async function getResults(scope: Scope, survey: string): Promise<PublicAnswer> {
  const row = await scope.one(RESULTS, [survey]);
  if (row === undefined) throw notFound('Survey');
  return row;
}

export interface Submitting {
  readonly answers: readonly { readonly question_id: string; readonly answer?: unknown }[];
  /** Without a signed-in user: the id of the anonymous key, and the address when the key was made just now. */
  readonly anonymous: { readonly id: string; readonly addressHash: string | null } | null;
}

/** Stores a response with all its answers, or nothing, and reads the results that include it (U9-U18). TR010-TR019. */
export async function submit(tx: Scope, survey: string, given: Submitting): Promise<{ id: string; results: string }> {
  const { anonymous } = given;
  const row = await tx.one(SUBMIT, [
    survey,
    JSON.stringify(given.answers),
    anonymous?.id ?? null,
    anonymous?.addressHash ?? null,
  ]);
  if (row?.id == null) throw new Error('surveys.submit_response gave no id');
  return { id: row.id, results: (await getResults(tx, survey)).body };
}

/** Whoever asks for drafts or archived surveys without being an administrator. */
export function adminsOnly(): Problem {
  return new Problem({
    status: 403,
    code: 'admin_required',
    detail: 'Only administrators see surveys that are not published: leave out status',
  });
}
