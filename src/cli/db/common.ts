import type { Config } from '../../platform/config/types.ts';
import { isLocalUrl, maskUrl } from '../../platform/db/url.ts';

/** Flags most commands of `trr db` have. */
export const json = { type: 'boolean', description: 'Print JSON' } as const;
export const dryRun = { type: 'boolean', description: 'Say what would happen and change nothing' } as const;

/** Prints the value as one line of JSON, or the text for a person. */
export function print(asJson: boolean | undefined, value: unknown, text: string): void {
  console.log(asJson === true ? JSON.stringify(value) : text);
}

/** Which database the configuration names, and where that comes from; never with the password. */
export function describeTarget({ database, dataDir }: Config): { url: string; from: string } {
  if (database.kind === 'embedded') return { url: `embedded server in ${dataDir}`, from: 'no database URL is set' };
  return { url: maskUrl(database.url), from: database.variable };
}

/**
 * One line for people who are about to work on a database: which one, where the program has that from, and that it is on another machine where
 * it is.
 */
export function targetLine(config: Config): string {
  const { url, from } = describeTarget(config);
  const away = config.database.kind === 'url' && !isLocalUrl(config.database.url);
  return `${url} (from ${from})${away ? ', on another machine' : ''}`;
}
