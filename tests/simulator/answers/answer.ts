import type { World } from '../world/world.ts';

export type Json = Record<string, unknown>;

/** What an endpoint says, before headers, compression and faults. */
export interface Answer {
  readonly status: number;
  readonly body: Json;
}

export interface Question {
  readonly world: World;
  /** The path's variable parts, in order. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  /** Now in milliseconds (the change feeds default to the last 24 hours). */
  readonly now: number;
}

export const answer = (body: Json): Answer => ({ status: 200, body });

/** TMDb's error bodies: `success` false, its own code, a sentence. */
function refusal(status: number, code: number, message: string): Answer {
  return { status, body: { success: false, status_code: code, status_message: message } };
}

export const errors = {
  badKey: () => refusal(401, 7, 'Invalid API key: You must be granted a valid key.'),
  notFound: () => refusal(404, 34, 'The resource you requested could not be found.'),
  badId: () => refusal(404, 6, 'Invalid id: The pre-requisite id is invalid or not found.'),
  badPage: () => refusal(400, 22, 'Invalid page: Pages start at 1 and max at 500. They are expected to be an integer.'),
  badDates: () => refusal(422, 20, 'Invalid date range: Should be a range no longer than 14 days.'),
  badSource: () => refusal(400, 5, 'Invalid parameters: Your request parameters are incorrect.'),
  tooManyAppended: () =>
    refusal(400, 27, 'Too many append to response objects: The maximum number of remote calls is 20.'),
  overLimit: (count: number, limit: number) =>
    refusal(429, 25, `Your request count (${count}) is over the allowed limit of (${limit}).`),
  internal: (status: number) => refusal(status, 11, 'Internal error: Something went wrong, contact TMDb.'),
  badMethod: () => refusal(405, 405, 'Invalid method: This endpoint does not support that method.'),
};

/** A positive whole number written in digits only, else undefined. */
export function idOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** TMDb's page envelope over numbered items; `undefined` for a page it would refuse. */
export function paged(
  query: URLSearchParams,
  total: number,
  size: number,
): { page: number; pages: number; from: number; to: number } | undefined {
  const text = query.get('page') ?? '1';
  const page = idOf(text);
  if (page === undefined || page < 1 || page > 500) return undefined;
  return {
    page,
    pages: Math.max(1, Math.ceil(total / size)),
    from: (page - 1) * size,
    to: Math.min(page * size, total),
  };
}
