import type { operations } from './types.generated.ts';

export type OperationId = keyof operations & string;

type Part<Op extends OperationId, Name extends 'path' | 'query'> = operations[Op]['parameters'] extends {
  [K in Name]?: infer P;
}
  ? NonNullable<P>
  : unknown;

type Body<Op extends OperationId> = operations[Op] extends {
  requestBody: { content: { 'application/json': infer B } };
}
  ? { body: B }
  : operations[Op] extends { requestBody?: { content: { 'application/json': infer B } } }
    ? { body?: B }
    : unknown;

type Given<T> = [T] extends [never] ? unknown : T;

/** Path, query and body of an operation in one flat object. */
export type Args<Op extends OperationId> = Given<Part<Op, 'path'>> & Given<Part<Op, 'query'>> & Body<Op>;

type Success<R> = R extends { 200: { content: infer C } } ? C : never;

/** Body of the successful answer; text for what is not JSON. */
export type Result<Op extends OperationId> =
  Success<operations[Op]['responses']> extends { 'application/json': infer T } ? T : string;

/** Operations that answer with a list. */
export type ListId = { [Op in OperationId]: Result<Op> extends readonly unknown[] ? Op : never }[OperationId];

export type Item<Op extends ListId> = Result<Op> extends readonly (infer T)[] ? T : never;
