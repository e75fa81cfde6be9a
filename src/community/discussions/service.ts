import type { Row, Statement } from '../../platform/db/statement.ts';
import type { Scope } from '../../platform/db/types.ts';
import { notFound, Problem } from '../../platform/errors/problem.ts';
import { decodeTimeCursor, type TimeKey, timePage } from '../../platform/http/cursor.ts';
import type { PublicAnswer } from '../../platform/http/public-answer.ts';
import {
  COUNTS_OF_POST,
  DELETE_POST,
  INSERT_POST,
  INSERT_THREAD,
  POST_BY_ID,
  POSTS,
  REACTIONS_OF_POST,
  REVISIONS,
  SET_REACTION,
  THREAD_BY_ID,
  THREADS,
  UPDATE_POST,
  UPDATE_THREAD,
} from './queries.ts';
import type { TimePage } from './schema.ts';

const THREADS_CURSOR = 'threads';
const POSTS_CURSOR = 'posts';

/** An episode's threads, newest first; none for an unknown episode (D1). */
export async function listThreads(scope: Scope, episode: string, page: TimePage): Promise<PublicAnswer> {
  const key = decodeTimeCursor(THREADS_CURSOR, page.cursor);
  return readPage(scope, THREADS_CURSOR, THREADS, [episode, page.limit, page.offset], key);
}

/** Top-level posts of a thread, or the replies to one of its posts; oldest first, none for an unknown thread (D8, D9). */
export async function listPosts(
  scope: Scope,
  thread: string,
  parent: string | undefined,
  page: TimePage,
): Promise<PublicAnswer> {
  const key = decodeTimeCursor(POSTS_CURSOR, page.cursor);
  const values = [thread, page.limit, page.offset];
  return parent === undefined
    ? readPage(scope, POSTS_CURSOR, POSTS, values, key)
    : readPage(scope, POSTS_CURSOR, { first: POSTS.replies, after: POSTS.repliesAfter }, [...values, parent], key);
}

type PageStatement = typeof THREADS.first;

async function readPage(
  scope: Scope,
  kind: string,
  statements: { readonly first: PageStatement; readonly after: PageStatement },
  values: readonly unknown[],
  key: TimeKey | undefined,
): Promise<PublicAnswer> {
  const row =
    key === undefined
      ? await scope.one(statements.first, values)
      : await scope.one(statements.after, [...values, key.time, key.id]);
  return timePage(kind, row);
}

export async function getThread(scope: Scope, thread: string): Promise<PublicAnswer> {
  return existing(await scope.one(THREAD_BY_ID, [thread]), 'Thread');
}

/** TR026 unknown type, TR027 unknown episode (D4, D5). */
export async function createThread(tx: Scope, episode: string, title: string, type: string): Promise<string> {
  return written(await tx.one(INSERT_THREAD, [episode, title, type]), 'Thread');
}

/** A new title for an own thread. */
export async function updateThread(tx: Scope, thread: string, title: string): Promise<string> {
  const row = await tx.one(UPDATE_THREAD, [thread, title]);
  return row === undefined ? refuse(tx, THREAD_BY_ID, thread, 'Thread') : row.body;
}

export async function getPost(scope: Scope, post: string): Promise<PublicAnswer> {
  return existing(await scope.one(POST_BY_ID, [post]), 'Post');
}

/** TR020 unknown thread, TR021 locked, TR023 and TR024 wrong parent, TR034 blocked (D13-D15). */
export async function createPost(
  tx: Scope,
  thread: string,
  body: string,
  parent: string | null | undefined,
): Promise<string> {
  return written(await tx.one(INSERT_POST, [thread, body, parent ?? null]), 'Post');
}

/** A new text for an own post; the old one is kept as a revision. */
export async function updatePost(tx: Scope, post: string, body: string): Promise<string> {
  const row = await tx.one(UPDATE_POST, [post, body]);
  return row?.body ?? refuse(tx, POST_BY_ID, post, 'Post');
}

/** Takes an own post back, or any as a moderator. Again: nothing. TR022 unknown or somebody else's. */
export async function deletePost(tx: Scope, post: string, reason: string | undefined): Promise<string> {
  await tx.one(DELETE_POST, [post, reason ?? null]);
  return written(await tx.one(POST_BY_ID, [post]), 'Post');
}

export async function getReactions(scope: Scope, post: string): Promise<PublicAnswer> {
  return existing(await scope.one(REACTIONS_OF_POST, [post]), 'Post');
}

/** `wanted` undefined: the other way round than it is (D17). TR025 unknown reaction, TR022, TR021. */
export async function setReaction(tx: Scope, post: string, reaction: string, wanted?: boolean): Promise<object> {
  const row = await tx.one(SET_REACTION, [post, reaction, wanted ?? null]);
  const counts = await tx.one(COUNTS_OF_POST, [post]);
  return { ...(row?.change as object), reactions: counts?.reactions ?? {} };
}

/** What an own post said before, oldest first; moderators see everybody's. */
export async function listRevisions(tx: Scope, post: string): Promise<string> {
  existing(await tx.one(POST_BY_ID, [post]), 'Post');
  return written(await tx.one(REVISIONS, [post]), 'Post');
}

function existing(row: Row<Statement<{ body: 'text' }>> | undefined, entity: string): PublicAnswer {
  if (row === undefined) throw notFound(entity);
  return row;
}

/** `returning` cannot be empty where triggers refuse by name; a row another policy hides is as good as none. */
function written(row: { readonly body: string | null } | undefined, entity: string): string {
  if (row?.body == null) throw notFound(entity);
  return row.body;
}

/** Why an update met no row: it is not there, or it is somebody else's. */
async function refuse(
  tx: Scope,
  byId: Statement<{ body: 'text' }>,
  id: string,
  entity: 'Thread' | 'Post',
): Promise<never> {
  const row = await tx.one(byId, [id]);
  if (row === undefined || (JSON.parse(row.body) as { is_deleted?: boolean }).is_deleted === true)
    throw notFound(entity);
  throw new Problem({
    status: 403,
    code: 'not_author',
    detail: `Only its author may change a ${entity.toLowerCase()}`,
  });
}
