/** Result of one check of a database: one line. */
export interface Check {
  readonly status: 'PASS' | 'WARN' | 'FAIL';
  readonly name: string;
  readonly text: string;
}
