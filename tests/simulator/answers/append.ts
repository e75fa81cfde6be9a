import { type Answer, answer, errors, type Json } from './answer.ts';

/** The blocks an endpoint can append, by name; a function is given the name (`season/3`). */
export type Blocks = (name: string) => Json | undefined;

/**
 * Adds what `append_to_response` names. As upstream: at most 20 names, unknown names are ignored, an appended block has no
 * `id` of its own.
 */
export function appended(body: Json, query: URLSearchParams, blocks: Blocks): Answer {
  const names = [
    ...new Set(
      (query.get('append_to_response') ?? '')
        .split(',')
        .map((name) => name.trim())
        .filter(Boolean),
    ),
  ];
  if (names.length > 20) return errors.tooManyAppended();
  const whole: Json = { ...body };
  for (const name of names) {
    const block = blocks(name);
    if (block !== undefined) whole[name] = block;
  }
  return answer(whole);
}

/** A block as an endpoint of its own: the same with the id of what it belongs to. */
export function standalone(id: number | string, block: Json): Answer {
  return answer({ id, ...block });
}
