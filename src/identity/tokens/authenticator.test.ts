import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../tests/helpers/database.ts';
import { localToken, testAuthenticator } from '../../../tests/helpers/tokens.ts';
import type { Authentication } from '../../platform/auth/caller.ts';
import type { Database } from '../../platform/db/types.ts';

let database: TestDatabase;
/** The real database; counts the transactions the authenticator asks for, and can be away. */
let counted: Database;
let transactions = 0;
let away = false;
beforeAll(async () => {
  database = await createTestDatabase();
  counted = {
    ...database.db,
    asService: (...args) => {
      transactions += 1;
      if (away) return Promise.reject(new Error('away'));
      return database.db.asService(...args);
    },
  };
});
afterAll(() => database.drop());
afterEach(() => {
  vi.useRealTimers();
  away = false;
});

const minutesLater = (minutes: number) =>
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + minutes * 60_000 + 1_000 });
const told = (answer: Authentication) =>
  answer.ok ? (answer.caller.kind === 'user' ? answer.caller.userId : 'service') : answer.code;

describe('a verified token', () => {
  it('costs one transaction a minute, however often and at once it comes', async () => {
    const authenticator = testAuthenticator(counted);
    const id = randomUUID();
    const token = await localToken(id);
    transactions = 0;
    const answers = await Promise.all(Array.from({ length: 20 }, () => authenticator.authenticate(token)));
    for (let i = 0; i < 100; i++) answers.push(await authenticator.authenticate(token));
    expect([new Set(answers.map(told)), transactions]).toEqual([new Set([id]), 1]);
    minutesLater(1);
    expect([told(await authenticator.authenticate(token)), transactions]).toEqual([id, 2]);
  });

  it('is not believed beyond its end, remembered or not', async () => {
    const authenticator = testAuthenticator(counted);
    const id = randomUUID();
    const token = await localToken(id, { seconds: -30 });
    expect(told(await authenticator.authenticate(token))).toBe(id);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 35_000 });
    expect(told(await authenticator.authenticate(token))).toBe('token_expired');
  });

  it('of a deleted account is refused at once here, and within a minute by another process', async () => {
    const [here, elsewhere] = [testAuthenticator(counted), testAuthenticator(counted)];
    const id = randomUUID();
    const token = await localToken(id);
    await Promise.all([here.authenticate(token), elsewhere.authenticate(token)]);
    await database.owner('delete from identity.users where id = $1', [id]);
    here.forget(id);
    expect(told(await here.authenticate(token))).toBe('account_deleted');
    expect(told(await elsewhere.authenticate(token))).toBe(id);
    minutesLater(1);
    expect(told(await elsewhere.authenticate(token))).toBe('account_deleted');
  });

  it('that is being looked up while its account goes is not remembered', async () => {
    const authenticator = testAuthenticator(counted);
    const id = randomUUID();
    const token = await localToken(id);
    const first = authenticator.authenticate(token);
    authenticator.forget(id);
    await first;
    await database.owner('delete from identity.users where id = $1', [id]);
    expect(told(await authenticator.authenticate(token))).toBe('account_deleted');
  });

  it('is asked for again after a failure of the database, which is no refusal', async () => {
    const authenticator = testAuthenticator(counted);
    const id = randomUUID();
    const token = await localToken(id);
    away = true;
    await expect(authenticator.authenticate(token)).rejects.toThrow('away');
    away = false;
    expect(told(await authenticator.authenticate(token))).toBe(id);
  });

  it('that is refused costs no transaction', async () => {
    const authenticator = testAuthenticator(counted);
    transactions = 0;
    const secret = new TextEncoder().encode('another secret of thirty-two bytes');
    for (const token of ['', 'x', 'a.b.c', await localToken(randomUUID(), { secret }), 'x'.repeat(9_000)]) {
      expect((await authenticator.authenticate(token)).ok).toBe(false);
    }
    expect(transactions).toBe(0);
  });
});
