export type RefusalReason =
  | 'newer'
  | 'foreign'
  | 'pending'
  | 'changed'
  | 'gap'
  | 'failed'
  | 'busy'
  | 'bad_file'
  | 'not_allowed';

/** Migrating was refused or failed; the message is one line that says what is wrong and what to do. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused';
  readonly reason: RefusalReason;
  /** Versions concerned, in order. */
  readonly versions: readonly string[];

  constructor(reason: RefusalReason, message: string, versions: readonly string[] = [], cause?: unknown) {
    super(message.replaceAll(/\s*\n\s*/g, ' '), cause === undefined ? {} : { cause });
    this.reason = reason;
    this.versions = versions;
  }
}
