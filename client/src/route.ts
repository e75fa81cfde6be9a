/** What a call needs to know of an operation at run time. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path with `{name}` in place of path arguments. */
  readonly path: string;
  /** Names of the query arguments. */
  readonly query: readonly string[];
  /** Whether the operation takes a JSON body, given as the argument `body`. */
  readonly body: boolean;
}
