import { invalidInput } from '../../../platform/errors/problem.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The value in a JSON body; undefined when it is empty (then a required body is `missing`, C3).
 * @throws Problem 422 `json_invalid` with the position of the fault (C4)
 */
export function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  let text = '';
  try {
    text = utf8.decode(body);
  } catch (cause) {
    throw jsonInvalid(0, 'JSON decode error: the body is not UTF-8', cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const position = /at position (\d+)/.exec(cause instanceof Error ? cause.message : '')?.[1];
    throw jsonInvalid(position === undefined ? text.length : Number(position), 'JSON decode error', cause);
  }
}

function jsonInvalid(position: number, msg: string, cause: unknown) {
  const problem = invalidInput([{ type: 'json_invalid', loc: ['body', position], msg }]);
  problem.cause = cause;
  return problem;
}
