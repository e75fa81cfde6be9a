import type { Static } from 'typebox';
import type { Scope } from '../../platform/db/types.ts';
import { notFound } from '../../platform/errors/problem.ts';
import { decodeTimeCursor, timePage } from '../../platform/http/cursor.ts';
import type { PublicAnswer } from '../../platform/http/public-answer.ts';
import { getPost, getThread } from '../discussions/service.ts';
import { REPORT, REPORT_BY_ID, REPORTS, RESOLVE, RESTORE_POST, SET_LOCK, SET_REMOVED } from './queries.ts';
import type { NewReport, ReportsQuery, Resolution } from './schema.ts';

const CURSOR = 'reports';

/** Reports something to the moderators; the same again while it is open gives the same report. */
export async function report(tx: Scope, given: Static<typeof NewReport>): Promise<object> {
  const row = await tx.one(REPORT, [given.type, given.id, given.reason, given.note ?? null]);
  return { id: row?.id };
}

/** What waits for a moderator, oldest first. */
export async function listReports(tx: Scope, query: Static<typeof ReportsQuery>): Promise<PublicAnswer> {
  const key = decodeTimeCursor(CURSOR, query.cursor);
  const values = [query.status, query.limit, query.offset];
  const row =
    key === undefined
      ? await tx.one(REPORTS.first, values)
      : await tx.one(REPORTS.after, [...values, key.time, key.id]);
  return timePage(CURSOR, row);
}

/** Closes a report, or decides it the other way. TR036 unknown. */
export async function resolve(tx: Scope, id: string, decision: Static<typeof Resolution>): Promise<string> {
  await tx.one(RESOLVE, [id, decision.status === 'dismissed', decision.reason ?? null]);
  const row = await tx.one(REPORT_BY_ID, [id]);
  if (row === undefined) throw notFound('Report');
  return row.body;
}

/** Stops or allows posts and reactions. TR020 unknown thread. */
export async function setLock(tx: Scope, thread: string, locked: boolean, reason: string | null): Promise<string> {
  await tx.one(SET_LOCK, [thread, locked, reason]);
  return (await getThread(tx, thread)).body;
}

/** Takes a thread with its posts out of sight, or back. TR020 unknown thread. */
export async function setRemoved(tx: Scope, thread: string, removed: boolean, reason: string | null): Promise<string> {
  await tx.one(SET_REMOVED, [thread, removed, reason]);
  return (await getThread(tx, thread)).body;
}

/** Brings back a post that was taken back, with its last text. TR022 unknown post. */
export async function restorePost(tx: Scope, post: string, reason: string | null): Promise<string> {
  await tx.one(RESTORE_POST, [post, reason]);
  return (await getPost(tx, post)).body;
}
