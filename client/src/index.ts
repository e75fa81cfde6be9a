export {
  type Answer,
  type CallOptions,
  type ClientOptions,
  createClient,
  type TokenSource,
  type TrrClient,
} from './client.ts';
export * from './live/index.ts';
export type { Args, Item, ListId, OperationId, Result } from './operations.ts';
export { type InputError, TrrProblem } from './problem.ts';
export type { RetryPolicy } from './retry.ts';
