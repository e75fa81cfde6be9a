import type { Static } from 'typebox';
import { errorCode } from '../../platform/db/errors.ts';
import type { Scope } from '../../platform/db/types.ts';
import { invalidInput, notFound, Problem } from '../../platform/errors/problem.ts';
import { decodeCursor, decodeTimeCursor, encodeCursor, timePage } from '../../platform/http/cursor.ts';
import type { PublicAnswer } from '../../platform/http/public-answer.ts';
import {
  BEGIN_CONVERSATION,
  BLOCK,
  BLOCKS,
  CONVERSATION_BY_ID,
  CONVERSATIONS,
  INSERT_MESSAGE,
  MARK_READ,
  MESSAGES,
  UNBLOCK,
  UNREAD_TOTAL,
} from './queries.ts';
import type { MessagesQuery, ReadUntil } from './schema.ts';

const CONVERSATIONS_CURSOR = 'conversations';

/** The conversation with somebody, begun when there is none (X3-X5). */
export async function beginConversation(tx: Scope, other: string): Promise<string> {
  const row = await tx.one(BEGIN_CONVERSATION, [other]);
  return getConversation(tx, row?.id ?? '');
}

/** @throws Problem 404, also for whoever is no member: that it exists is not told (X8). */
export async function getConversation(tx: Scope, conversation: string): Promise<string> {
  const row = await tx.one(CONVERSATION_BY_ID, [conversation]);
  if (row === undefined) throw conversationNotFound();
  return row.body;
}

/** Own conversations, the last message first (X6). */
export async function listConversations(
  tx: Scope,
  page: { readonly limit: number; readonly offset: number; readonly cursor?: string },
): Promise<PublicAnswer> {
  const key =
    page.cursor === undefined ? [null, null, null] : decodeCursor(CONVERSATIONS_CURSOR, page.cursor, isConversationKey);
  const row = await tx.one(CONVERSATIONS, [page.limit, page.offset, ...key]);
  if (row === undefined) throw new Error('an aggregate without group by gave no row');
  const { body, more, last_time: time, last_created: created, last_id: id } = row;
  const goesOn = more && time !== null && created !== null && id !== null;
  return { body, next: goesOn ? encodeCursor(CONVERSATIONS_CURSOR, [time, created, id]) : undefined };
}

function isConversationKey(key: readonly unknown[]): boolean {
  const [time, created, id] = key;
  const isTime = (value: unknown) => typeof value === 'string' && /^\d{4}-\d{2}-\d{2} [\d:.]{8,15}\+00$/.test(value);
  return (
    key.length === 3 &&
    (time === '-infinity' || isTime(time)) &&
    isTime(created) &&
    typeof id === 'string' &&
    /^[0-9a-f-]{36}$/.test(id)
  );
}

/** Messages of an own conversation (X7, X8). */
export async function listMessages(
  tx: Scope,
  conversation: string,
  query: Static<typeof MessagesQuery>,
): Promise<PublicAnswer> {
  const kind = `messages ${query.order}`;
  const key = decodeTimeCursor(kind, query.cursor);
  const { first, after } = MESSAGES[query.order];
  const values = [conversation, query.limit, query.offset];
  const row = key === undefined ? await tx.one(first, values) : await tx.one(after, [...values, key.time, key.id]);
  if (row?.member !== true) throw conversationNotFound();
  return timePage(kind, row);
}

/** TR030 not a member, TR034 blocked (X9, X10). */
export async function sendMessage(tx: Scope, conversation: string, body: string): Promise<string> {
  const row = await tx.one(INSERT_MESSAGE, [conversation, body]);
  if (row?.body == null) throw conversationNotFound();
  return row.body;
}

/** The message of a receipt. @throws Problem 422 when none is named */
export function messageOf(body: Static<typeof ReadUntil>): string {
  const message = body.message_id ?? body.last_read_message_id;
  if (message !== undefined) return message;
  throw invalidInput([{ type: 'missing', loc: ['body', 'message_id'], msg: 'Field required' }]);
}

/** TR030 not a member, TR033 a message of another conversation (X11, X12). Never moves back. */
export async function markRead(tx: Scope, conversation: string, message: string): Promise<string> {
  const row = await tx.one(MARK_READ, [conversation, message]);
  if (row?.body == null) throw conversationNotFound();
  return row.body;
}

export async function unreadTotal(tx: Scope): Promise<string> {
  return (await tx.one(UNREAD_TOTAL))?.body ?? '{}';
}

export async function listBlocks(tx: Scope): Promise<string> {
  return (await tx.one(BLOCKS))?.body ?? '[]';
}

/** Keeps somebody away: neither can write to the other. Again changes nothing. */
export async function block(tx: Scope, caller: string, user: string): Promise<object> {
  if (user === caller) {
    throw new Problem({ status: 400, code: 'block_of_oneself', detail: 'Nobody can block themselves' });
  }
  await tx.query(BLOCK, [user]).catch((error: unknown) => {
    throw errorCode(error) === '23503' ? notFound('User') : error;
  });
  return { user_id: user, blocked: true };
}

export async function unblock(tx: Scope, user: string): Promise<object> {
  await tx.query(UNBLOCK, [user]);
  return { user_id: user, blocked: false };
}

function conversationNotFound(): Problem {
  return new Problem({
    status: 404,
    code: 'conversation_not_found',
    detail: "Conversation not found or you don't have access",
  });
}
