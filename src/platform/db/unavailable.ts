/**
 * The database cannot be used: unreachable, wrong, too old, newer than the code, or the embedded server cannot start.
 * The message is one line for a person: what is wrong and what to do. Never contains credentials. CLI exit code 1.
 */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
}
