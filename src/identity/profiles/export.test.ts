import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../tests/helpers/database.ts';
import { session } from '../../../tests/schema/session.ts';
import type { Scope } from '../../platform/db/types.ts';
import { exportPerson, PARTS } from './export.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const exported = async (user: string) => {
  const read = <T>(fn: (tx: Scope) => Promise<T>) => database.db.asService('test', fn);
  let text = '';
  for await (const piece of exportPerson(read, user)) text += piece;
  return JSON.parse(text) as Record<string, Record<string, unknown>[]>;
};

/** Columns that name a person whose row it is not: what it says was done by or to others. */
const NOT_THEIRS = new Set([
  'social.blocks.blocked_id', // who blocked somebody is the blocker's secret
  'social.reports.user_id', // who reported somebody is the reporter's
  'social.reports.resolved_by', // what moderators did is in their log
]);

describe('everything about a person', () => {
  it('is every row that refers to a person as theirs', async () => {
    const columns = await database.owner<{ child: string; col: string }>(
      `select n.nspname || '.' || c.relname as child, a.attname::text as col
       from pg_constraint k
       join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
       where k.contype = 'f' and k.confrelid = 'identity.users'::regclass`,
    );
    expect(columns.length).toBeGreaterThan(10);
    const missing = columns
      .filter(({ child, col }) => !NOT_THEIRS.has(`${child}.${col}`))
      .filter(
        ({ child, col }) =>
          !PARTS.some(({ page }) => page.text.includes(`${child} t`) && page.text.includes(`t.${col} = $1`)),
      );
    expect(missing).toEqual([]);
  });

  it('is found by an index, so that nobody makes us read everybody', async () => {
    const slow = await session(database, async ({ plan }) => {
      const found: string[] = [];
      for (const { name, page } of PARTS) {
        const text = await plan(page.text.replaceAll('$1', `'${randomUUID()}'`).replaceAll('$2', "''"));
        expect(text).toContain('Scan');
        if (/Seq Scan on [a-z_]+ t\b/.test(text)) found.push(name);
      }
      return found;
    });
    expect(slow).toEqual([]);
  });

  it('comes page by page, each row once', async () => {
    const user = randomUUID();
    await database.owner('insert into identity.users (id) values ($1)', [user]);
    await database.owner(
      `insert into identity.accounts (issuer, subject, user_id)
       select 'https://many.example', 's' || n, $1::uuid from generate_series(1, 1203) n`,
      [user],
    );
    const all = await exported(user);
    expect(Object.keys(all)).toEqual(PARTS.map(({ name }) => name));
    expect(new Set(all['sign_ins']?.map((row) => row['subject'])).size).toBe(1203);
    expect(all['sign_ins']).toHaveLength(1203);
  });

  it('is empty lists for nobody, and still JSON', async () => {
    expect(Object.values(await exported(randomUUID())).flat()).toEqual([]);
  });
});
