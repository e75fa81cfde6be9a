/** What an error of the database means to a client: a stable name and an HTTP status. Tabulated in `docs/db/errors.md`. */
export interface NamedError {
  readonly code: string;
  readonly status: number;
}

/**
 * Errors our own functions and triggers raise, by SQLSTATE. Class `TR` is not used by the standard or by PostgreSQL. Their
 * messages are written for clients and hold nothing internal. `tests/schema/errors.test.ts` keeps this list, the migrations
 * and the page equal.
 */
export const OWN_ERRORS: Readonly<Record<string, NamedError>> = {
  TR001: { code: 'authentication_required', status: 401 },
  TR002: { code: 'moderator_required', status: 403 },
  TR004: { code: 'account_deleted', status: 401 },
  TR005: { code: 'record_is_final', status: 403 },
  TR010: { code: 'survey_not_found', status: 404 },
  TR011: { code: 'survey_closed', status: 400 },
  TR012: { code: 'already_submitted', status: 409 },
  TR013: { code: 'invalid_answer', status: 422 },
  TR014: { code: 'unknown_question', status: 422 },
  TR015: { code: 'duplicate_question', status: 422 },
  TR016: { code: 'no_answers', status: 422 },
  TR017: { code: 'response_is_final', status: 409 },
  TR018: { code: 'bad_anonymous_key', status: 400 },
  TR019: { code: 'too_many_answers', status: 429 },
  TR020: { code: 'thread_not_found', status: 404 },
  TR021: { code: 'thread_locked', status: 403 },
  TR022: { code: 'post_not_found', status: 404 },
  TR023: { code: 'parent_in_other_thread', status: 400 },
  TR024: { code: 'parent_not_found', status: 404 },
  TR025: { code: 'invalid_reaction', status: 400 },
  TR026: { code: 'invalid_thread_type', status: 400 },
  TR027: { code: 'episode_not_found', status: 404 },
  TR030: { code: 'conversation_not_found', status: 404 },
  TR031: { code: 'conversation_with_oneself', status: 400 },
  TR032: { code: 'user_not_found', status: 404 },
  TR033: { code: 'message_not_found', status: 404 },
  TR034: { code: 'blocked', status: 403 },
  TR035: { code: 'invalid_report_target', status: 422 },
  TR036: { code: 'report_not_found', status: 404 },
  TR040: { code: 'game_not_found', status: 404 },
  TR041: { code: 'game_closed', status: 400 },
  TR042: { code: 'play_through_is_final', status: 409 },
  TR043: { code: 'play_through_not_found', status: 404 },
};

/**
 * Constraints and values, by SQLSTATE: what a client caused, in words of ours, because PostgreSQL's may quote stored values.
 * A service that knows better (which name is taken) answers before this list does.
 */
export const CONSTRAINT_ERRORS: Readonly<Record<string, NamedError & { readonly detail: string }>> = {
  '23502': { code: 'value_missing', status: 422, detail: 'A required value is missing' },
  '23503': {
    code: 'reference_conflict',
    status: 409,
    detail: 'The request refers to something that does not exist or is in use',
  },
  '23505': { code: 'already_exists', status: 409, detail: 'This exists already' },
  '23514': { code: 'value_not_allowed', status: 422, detail: 'A value is outside of what is allowed' },
  '22001': { code: 'value_too_long', status: 422, detail: 'A value is too long' },
  '22003': { code: 'value_not_allowed', status: 422, detail: 'A number is too large' },
  '22021': { code: 'value_not_allowed', status: 422, detail: 'A text holds characters that cannot be stored' },
  '22P05': { code: 'value_not_allowed', status: 422, detail: 'A text holds characters that cannot be stored' },
  '42501': { code: 'not_allowed', status: 403, detail: 'You may not do this' },
};
