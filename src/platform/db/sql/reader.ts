import { createHmac } from 'node:crypto';
import pg from 'pg';
import { connectionError, DatabaseUnavailable, errorCode } from '../errors.ts';
import { withOwner } from '../owner.ts';
import { clientConfig } from '../session.ts';
import { hasPassword, targetOf } from '../url.ts';

/** The role migration 0081 makes: select only. */
export const READER_ROLE = 'trr_reader';

/** Longest statement of the reader, in milliseconds. */
export const READER_TIMEOUT_MS = 30_000;

const SETTINGS = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  statement_timeout: String(READER_TIMEOUT_MS),
  lock_timeout: '5000',
  default_transaction_read_only: 'on',
};

/**
 * Connects as `trr_reader`. It logs in, rather than being switched to: a role taken on by `set role` can be put off again, even
 * inside one statement (`do`, `set_config`). Its password is derived from the owner's and set at the first use, which is all
 * that is written.
 * @param ownerUrl owner's URL with its password
 * @throws DatabaseUnavailable when the role is missing or cannot log in; nothing falls back to the owner.
 */
export async function connectReader(ownerUrl: string): Promise<pg.Client> {
  if (!hasPassword(ownerUrl)) {
    throw unusable(ownerUrl, 'the database URL has no password to derive that of the reading role from');
  }
  const url = readerUrl(ownerUrl);
  let login = await tryLogin(url);
  // The role belongs to the whole server: somebody with another owner's password may set theirs in between.
  for (let attempt = 1; attempt <= 3 && !(login instanceof pg.Client); attempt += 1) {
    await allowLogin(ownerUrl, new URL(url).password);
    login = await tryLogin(url);
  }
  if (login instanceof pg.Client) return login;
  throw unusable(ownerUrl, login.message, login);
}

function unusable(url: string, why: string, cause?: unknown): DatabaseUnavailable {
  return new DatabaseUnavailable(
    'authentication',
    `${targetOf(url)} does not let ${READER_ROLE} log in: ${why}`,
    'use a database URL with the password of a role that may alter roles, or the write mode (--write), which runs as the owner',
    cause,
  );
}

/** Poolers of the hosted platform want `role.project` as user name. */
function readerUrl(ownerUrl: string): string {
  const url = new URL(ownerUrl);
  const [, project] = /^[^.]+\.(.+)$/.exec(decodeURIComponent(url.username)) ?? [];
  url.password = createHmac('sha256', decodeURIComponent(url.password)).update(READER_ROLE).digest('base64url');
  url.username = project === undefined ? READER_ROLE : `${READER_ROLE}.${project}`;
  return url.toString();
}

/** Wrong password, no login, no such role. */
const NOT_YET = new Set(['28P01', '28000', '42704']);

async function tryLogin(url: string): Promise<pg.Client | Error> {
  const client = new pg.Client(clientConfig(url, 'trr db sql', SETTINGS));
  client.on('error', () => undefined); // the running statement reports it
  try {
    await client.connect();
    const { rows } = await client.query<{ reader: boolean }>('select session_user = $1 as reader', [READER_ROLE]);
    if (rows[0]?.reader !== true) throw new Error('the server logs it in as somebody else');
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    if (error instanceof Error && NOT_YET.has(errorCode(error) ?? '')) return error;
    throw connectionError(error, url) ?? error;
  }
}

async function allowLogin(ownerUrl: string, password: string): Promise<void> {
  await withOwner(ownerUrl, async (client) => {
    const { rowCount } = await client.query('select from pg_roles where rolname = $1', [READER_ROLE]);
    if (rowCount === 0) {
      throw new DatabaseUnavailable(
        'not_migrated',
        `${targetOf(ownerUrl)} has no role ${READER_ROLE}`,
        'run trr db migrate',
      );
    }
    try {
      await client.query(`alter role ${READER_ROLE} login password ${pg.escapeLiteral(password)}`);
    } catch (error) {
      // Another process did the same in this moment ("tuple concurrently updated").
      if (errorCode(error) !== 'XX000') throw error;
    }
  }).catch((error: unknown) => {
    if (errorCode(error) !== '42501') throw error;
    throw unusable(ownerUrl, 'the user of the URL may not alter that role', error);
  });
}
