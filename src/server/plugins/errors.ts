import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { databaseProblem } from '../../platform/errors/database.ts';
import { Problem } from '../../platform/errors/problem.ts';

/** Fastify's own errors that are the client's doing, by code; everything else of ours is a 500. */
const FASTIFY_PROBLEMS: Record<string, { status: number; code: string; detail: string; retryable?: boolean }> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, code: 'body_too_large', detail: 'The request body is too large' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    code: 'unsupported_media_type',
    detail: 'The request body must be application/json',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    code: 'bad_request',
    detail: 'The request body does not have the announced length',
  },
  FST_ERR_BAD_URL: { status: 400, code: 'bad_url', detail: 'The path is not properly percent-encoded UTF-8' },
  FST_ERR_MAX_PARAM_LENGTH: { status: 414, code: 'path_too_long', detail: 'A part of the path is too long' },
  FST_ERR_HANDLER_TIMEOUT: {
    status: 504,
    code: 'request_timeout',
    detail: 'The request took too long and was given up',
    retryable: true,
  },
};

/** The one place where an error becomes an answer (decisions C1, C2, C10). */
export function errorsPlugin(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => sendProblem(toProblem(error, request), request, reply));
  app.setNotFoundHandler((request, reply) =>
    sendProblem(new Problem({ status: 404, code: 'not_found', detail: 'Not Found' }), request, reply),
  );
}

/** What `error` means to a client. Unknown errors are a 500 whose cause is only logged. */
export function toProblem(error: unknown, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = FASTIFY_PROBLEMS[code];
  if (known !== undefined) {
    return new Problem({ ...known, ...(known.retryable ? { retryAfterMs: 2_000 } : {}), cause: error });
  }
  const operation = request.routeOptions.schema?.operationId ?? request.method;
  return (
    databaseProblem(error, operation) ??
    new Problem({ status: 500, code: 'internal_error', detail: 'Internal Server Error', cause: error })
  );
}

/** Sends a problem object; `application/problem+json` only when Accept names it. */
export function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (problem.status >= 500) {
    request.log.error({ err: problem.cause ?? problem, code: problem.code }, problem.message);
  }
  const asProblem = acceptsProblemJson(request.headers.accept);
  const { retryAfterMs } = problem;
  // Every 422 has the list clients of the predecessor read, also one that the database found (C2).
  const errors =
    problem.errors ??
    (problem.status === 422 ? [{ type: problem.code, loc: ['body'], msg: problem.message }] : undefined);
  const body = {
    type: `urn:trr:problem:${problem.code}`,
    title: STATUS_CODES[problem.status] ?? 'Error',
    status: problem.status,
    detail: errors !== undefined && !asProblem ? errors : problem.message,
    code: problem.code,
    retryable: problem.retryable,
    request_id: request.id,
    ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
    ...(errors !== undefined && asProblem ? { errors } : {}),
  };
  if (retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(retryAfterMs / 1000));
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .header('cache-control', 'no-store')
    .header('content-type', asProblem ? 'application/problem+json; charset=utf-8' : 'application/json; charset=utf-8')
    .send(JSON.stringify(body));
}

function acceptsProblemJson(accept: string | undefined): boolean {
  if (accept === undefined || !accept.includes('problem+json')) return false;
  return accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    return type === 'application/problem+json' && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}
