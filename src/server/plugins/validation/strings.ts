import type { InputError } from '../../../platform/errors/problem.ts';

const MAX_DEPTH = 100;

/**
 * What PostgreSQL or a UTF-8 client cannot hold, anywhere in a value: NUL, lone surrogates, and nesting so deep that a
 * recursive reader would fail. Iterative, so that the check itself cannot.
 */
export function stringErrors(value: unknown, part: 'path' | 'query' | 'body'): InputError[] {
  const errors: InputError[] = [];
  const open: { value: unknown; loc: (string | number)[] }[] = [{ value, loc: [part] }];
  for (let next = open.pop(); next !== undefined && errors.length < 100; next = open.pop()) {
    const { value: current, loc } = next;
    if (typeof current === 'string') {
      if (!isStorable(current)) errors.push(unstorable(loc));
    } else if (typeof current === 'object' && current !== null) {
      if (loc.length > MAX_DEPTH) {
        errors.push({ type: 'recursion_loop', loc: [part], msg: `Input is nested more than ${MAX_DEPTH} levels deep` });
        break;
      }
      for (const [key, inner] of Object.entries(current)) {
        const innerLoc = [...loc, Array.isArray(current) ? Number(key) : key];
        if (key === '__proto__' || !isStorable(key)) errors.push(unstorable([...loc, '(field name)']));
        else open.push({ value: inner, loc: innerLoc });
      }
    }
  }
  return errors;
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

function unstorable(loc: (string | number)[]): InputError {
  return { type: 'string_unicode', loc, msg: 'Text must not contain NUL characters or lone surrogates' };
}
