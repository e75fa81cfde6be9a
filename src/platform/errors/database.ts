import { CONSTRAINT_ERRORS, OWN_ERRORS } from './named.ts';
import { Problem } from './problem.ts';

/** Socket errors and pg's own texts that mean "no connection", not "the query is wrong". */
const UNREACHABLE_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EPIPE',
  'ENOENT',
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '3D000',
  '28P01',
  '28000',
]);
const UNREACHABLE_TEXT =
  /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|not queryable|cannot use a pool after calling end/i;
/** Serialization failure, deadlock, lock not available: the same request may pass a moment later. */
const CONTENTION_CODES = new Set(['40001', '40P01', '55P03']);

const RETRY_AFTER_MS = 2_000;

/**
 * What a client may know about an error from the database (decision C10), or undefined when the error is not one.
 * Unreachable: 503 with `Retry-After`; cancelled by `statement_timeout`: 504; named errors and violated constraints: their own
 * status (`named.ts`); any other SQLSTATE: 500. Never internals.
 * @param operation the route's operation id, named in the 500's detail
 */
export function databaseProblem(error: unknown, operation: string): Problem | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const unreachable =
    UNREACHABLE_CODES.has(code) ||
    code.startsWith('08') ||
    error.name === 'DatabaseUnavailable' ||
    UNREACHABLE_TEXT.test(error.message);
  if (unreachable) {
    return retryable(503, 'database_unavailable', 'The database cannot be reached at the moment', error);
  }
  if (code === '57014') return retryable(504, 'query_timeout', 'The database took too long to answer', error);
  if (CONTENTION_CODES.has(code)) {
    return retryable(503, 'database_busy', 'The request met a concurrent change; try again', error);
  }
  const own = OWN_ERRORS[code];
  if (own) {
    const headers = own.status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {};
    return new Problem({ ...own, detail: error.message, headers, cause: error });
  }
  const constraint = CONSTRAINT_ERRORS[code];
  // 42501 is row security's refusal of a new row, and also a grant that is missing: the latter is our fault, not the client's.
  const ours = code === '42501' && !('routine' in error && error.routine === 'ExecWithCheckOptions');
  if (constraint && !ours) return new Problem({ ...constraint, cause: error });
  // SQLSTATE: five upper-case characters; Node's and Fastify's own codes are longer words.
  if (/^[0-9A-Z]{5}$/.test(code) && 'severity' in error) {
    return new Problem({
      status: 500,
      code: 'database_error',
      detail: `Database error during ${operation}`,
      cause: error,
    });
  }
  return undefined;
}

function retryable(status: number, code: string, detail: string, cause: Error): Problem {
  return new Problem({ status, code, detail, retryable: true, retryAfterMs: RETRY_AFTER_MS, cause });
}
