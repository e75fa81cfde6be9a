import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../tests/helpers/database.ts';
import { connectDatabase } from './connect.ts';
import { DatabaseUnavailable } from './errors.ts';
import type { Claims, Database, Transaction } from './types.ts';

const ALICE: Claims = {
  sub: '00000000-0000-4000-8000-00000000000a',
  role: 'authenticated',
  email: "o'hara\\@example.org",
};

let base: TestDatabase;
let db: Database;

beforeAll(async () => {
  base = await createTestDatabase();
  await base.owner(`
    create table public.notes (id int primary key, owner uuid, text text not null);
    alter table public.notes enable row level security;
    create policy own on public.notes to authenticated using (owner = auth.uid()) with check (owner = auth.uid());
    grant select, insert on public.notes to authenticated, service_role;
    insert into public.notes values (1, '${ALICE.sub}', 'hers'), (2, null, 'nobody''s');
    create table public.parent (id int primary key);
    create table public.child (parent int references public.parent deferrable initially deferred);
    grant insert on public.child to service_role;
    create table public.leaflets (text text);
    grant select, insert on public.leaflets to anon;
  `);
});
afterAll(() => base.drop());

// Two connections: one for each pool, so that every test meets the session the last one left.
beforeEach(() => {
  db = connectDatabase({ url: base.poolUrl, poolMax: 2, applicationName: 'trr test' });
});
afterEach(() => db.close());

const WHO = `select current_user::text as who, auth.uid()::text as uid, auth.role() as role,
  nullif(current_setting('request.jwt.claims', true), '') as claims`;
const STRANGER = { who: 'anon', uid: null, role: null, claims: null };

describe('outside a scope', () => {
  test('statements run as anon, and resetting the role leads back to anon', async () => {
    expect(await db.public.raw(WHO)).toEqual([STRANGER]);
    await db.public.raw('reset role');
    expect(await db.public.raw(WHO)).toEqual([STRANGER]);
    await db.asService('test', (tx) => tx.raw('reset role'));
    expect(
      await db.asService('test', (tx) => tx.raw('reset role').then(() => tx.raw('select current_user as who'))),
    ).toEqual([{ who: 'anon' }]);
    await expect(db.public.raw('select * from public.notes')).rejects.toMatchObject({ code: '42501' });
  });

  test('not even SQL that asks for it gets the rights of the owner', async () => {
    for (const text of ['set role postgres', 'set session authorization postgres', 'create table public.x (id int)']) {
      await expect(db.asService('test', (tx) => tx.raw(text))).rejects.toMatchObject({ code: '42501' });
    }
    const after = 'set local role none; select current_user';
    await expect(
      db.asService('test', (tx) => tx.raw(after).then(() => tx.raw('select * from notes'))),
    ).rejects.toMatchObject({
      code: '42501',
    });
  });

  test('the public pool cannot write, even where anon may', async () => {
    await expect(db.public.raw("insert into public.leaflets values ('x')")).rejects.toMatchObject({ code: '25006' });
  });

  test('options in the URL do not displace ours', async () => {
    const url = new URL(base.poolUrl);
    url.searchParams.set('options', '-c role=service_role -c default_transaction_read_only=off -c search_path=core');
    const other = connectDatabase({ url: url.toString(), poolMax: 2, applicationName: 'trr test' });
    const rows = await other.public.raw(
      "select current_user::text as who, current_setting('transaction_read_only') as ro, current_setting('search_path') as path",
    );
    expect(rows).toEqual([{ who: 'anon', ro: 'on', path: 'core' }]);
    await other.close();
  });
});

describe('asUser', () => {
  test('runs with the claims and sees what row security shows', async () => {
    const [seen, rows] = await db.asUser(ALICE, async (tx) => [
      await tx.raw(WHO),
      await tx.raw('select id from notes'),
    ]);
    expect(seen).toEqual([
      { who: 'authenticated', uid: ALICE.sub, role: 'authenticated', claims: JSON.stringify(ALICE) },
    ]);
    expect(rows).toEqual([{ id: 1 }]);
  });

  test('leaves nothing behind on the connection, after a commit, an error or a rollback', async () => {
    const endings: (() => Promise<unknown>)[] = [
      () => db.asUser(ALICE, (tx) => tx.raw('select 1')),
      () => db.asUser(ALICE, (tx) => tx.raw('select 1/0')).catch(() => undefined),
      () => db.asUser(ALICE, () => Promise.reject(new Error('mine'))).catch(() => undefined),
      () => db.asService('dry', (tx) => tx.raw('select 1'), { rollback: true }),
    ];
    for (const ending of endings) {
      await ending();
      const seen = await db.asService('look', async (tx) => {
        await tx.raw('reset role');
        return tx.raw(`select current_user::text as who, current_setting('request.jwt.claims') as claims`);
      });
      expect(seen).toEqual([{ who: 'anon', claims: '{"role":"service_role"}' }]);
    }
  });

  test('any text in claims and reasons arrives as it was', async () => {
    const textual = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0') && text.isWellFormed());
    await fc.assert(
      fc.asyncProperty(textual, async (text) => {
        const [row] = await db.asUser({ ...ALICE, note: text }, (tx) =>
          tx.raw("select auth.jwt() ->> 'note' as note, current_user::text as who"),
        );
        expect(row).toEqual({ note: text, who: 'authenticated' });
        const [reason] = await db.asService(text, (tx) => tx.raw("select current_setting('trr.reason') as reason"));
        expect(reason).toEqual({ reason: text });
      }),
      { numRuns: 100 },
    );
  });

  test('a policy stops a write in another name and the transaction with it', async () => {
    const forged = db.asUser(ALICE, async (tx) => {
      await tx.raw("insert into notes values (10, auth.uid(), 'mine')");
      await tx.raw("insert into notes values (11, gen_random_uuid(), 'forged')");
    });
    await expect(forged).rejects.toMatchObject({ code: '42501' });
    expect(await base.owner('select 1 from notes where id in (10, 11)')).toEqual([]);
  });
});

describe('a transaction', () => {
  test('labels the session and takes the label away', async () => {
    const labelled = connectDatabase({ url: base.poolUrl, poolMax: 2, applicationName: 'trr label' });
    const name = "select current_setting('application_name') as name";
    const inside = await labelled.asService('sync seasons', (tx) => tx.raw(name));
    expect(inside).toEqual([{ name: 'trr label:sync seasons' }]);
    const after = await base.owner(
      "select application_name as name from pg_stat_activity where application_name like 'trr label%'",
    );
    expect(after).toEqual([{ name: 'trr label' }]);
    await labelled.close();
  });

  test('with rollback returns its result and changes nothing, but meets deferred constraints', async () => {
    const dry = await db.asService('dry', (tx) => tx.raw("insert into notes values (20, null, 'dry') returning id"), {
      rollback: true,
    });
    expect(dry).toEqual([{ id: 20 }]);
    expect(await base.owner('select 1 from notes where id = 20')).toEqual([]);
    const orphan = db.asService('dry', (tx) => tx.raw('insert into child values (99)'), { rollback: true });
    await expect(orphan).rejects.toMatchObject({ code: '23503' });
  });

  test('whose error was swallowed is reported, not taken for a commit', async () => {
    const swallowed = db.asService('swallow', async (tx) => {
      await tx.raw("insert into notes values (30, null, 'lost')");
      await tx.raw('select 1/0').catch(() => undefined);
    });
    await expect(swallowed).rejects.toThrow(/was rolled back/);
    expect(await base.owner('select 1 from notes where id = 30')).toEqual([]);
  });

  test('does what was sent without waiting, in order and before it ends', async () => {
    await db.asService('send', async (tx) => {
      tx.send('insert into notes values ($1, null, $2)', [40, 'first']);
      tx.send("insert into notes select 41, null, text || ' and second' from notes where id = $1", [40]);
      expect(await tx.raw('select text from notes where id = 41')).toEqual([{ text: 'first and second' }]);
      tx.send('insert into notes values ($1, null, $2)', [43, 'third']);
    });
    expect(await base.owner('delete from notes where id between 40 and 49 returning id')).toHaveLength(3);
  });

  test('fails with the error of what was sent, also when something else met it first', async () => {
    const doubled = "insert into notes values ($1, null, 'again')";
    const last = db.asService('send', async (tx) => tx.send(doubled, [1]));
    await expect(last).rejects.toMatchObject({ code: '23505' });
    const behind = db.asService('send', async (tx) => {
      tx.send(doubled, [1]);
      await tx.raw('select 1');
    });
    await expect(behind).rejects.toMatchObject({ code: '23505' });
    const together = db.asService('send', (tx) =>
      Promise.all([tx.raw('select 1'), tx.raw('select 1/0'), tx.raw("insert into notes values (41, null, 'lost')")]),
    );
    await expect(together).rejects.toMatchObject({ code: '22012' });
    expect(await base.owner('select 1 from notes where id = 41')).toEqual([]);
    expect(await db.asService('again', (tx) => tx.raw('select 1 as one'))).toEqual([{ one: 1 }]);
  });

  test('that waits for its lock in vain fails with that, and does nothing', async () => {
    const held = await db.session('holder');
    await held.raw("select pg_advisory_lock(hashtextextended('taken', 0))");
    const hurried = connectDatabase({
      url: base.poolUrl,
      poolMax: 2,
      applicationName: 'trr test',
      limits: { lockMs: 50 },
    });
    const write = (tx: Transaction) => tx.raw("insert into notes values (42, null, 'lost')");
    await expect(hurried.asService('wait', write, { lock: 'taken' })).rejects.toMatchObject({ code: '55P03' });
    const sent = async (tx: Transaction) => tx.send('insert into notes values ($1, null, $2)', [42, 'lost']);
    await expect(hurried.asService('wait', sent, { lock: 'taken' })).rejects.toMatchObject({ code: '55P03' });
    expect(await base.owner('select 1 from notes where id = 42')).toEqual([]);
    await hurried.close();
    await held.close();
  });

  test('cannot be used after its end', async () => {
    const leaked = await db.asService('leak', async (tx) => tx);
    await expect(leaked.raw('select 1')).rejects.toThrow(/is over/);
  });

  test('respects its own statement limit', async () => {
    const slow = db.asService('slow', (tx) => tx.raw('select pg_sleep(5)'), { statementTimeoutMs: 50 });
    await expect(slow).rejects.toMatchObject({ code: '57014' });
    const limit = "select current_setting('statement_timeout') as ms";
    expect(await db.asService('next', (tx) => tx.raw(limit))).toEqual([{ ms: '15s' }]);
  });

  test('that loses its connection says so, and the pool recovers', async () => {
    const cut = db.asService('cut', async (tx) => {
      const [row] = await tx.raw<{ pid: number }>('select pg_backend_pid() as pid');
      await base.owner('select pg_terminate_backend($1)', [row?.pid]);
      await tx.raw('select 1');
    });
    await expect(cut).rejects.toBeInstanceOf(DatabaseUnavailable);
    expect(await db.asService('again', (tx) => tx.raw('select 1 as one'))).toEqual([{ one: 1 }]);
  });
});

test('idle connections that the server closes do not end the process', async () => {
  await db.public.raw('select 1');
  await base.owner("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'trr test'");
  await expect.poll(() => db.stats().total, { timeout: 10_000 }).toBe(0);
  expect(await db.public.raw('select 1 as one')).toEqual([{ one: 1 }]);
});

test('named statements give each scope its own rows on one connection', async () => {
  const statement = {
    name: 'test.notes',
    text: 'select id from public.notes order by id',
    columns: { id: 'int4' },
  } as const;
  for (let round = 0; round < 7; round += 1) {
    expect(await db.asUser(ALICE, (tx) => tx.query(statement))).toEqual([{ id: 1 }]);
    expect(await db.asService('all', (tx) => tx.query(statement))).toEqual([{ id: 1 }, { id: 2 }]);
  }
  expect(await db.asUser(ALICE, (tx) => tx.one(statement))).toEqual({ id: 1 });
});

test('64-bit and decimal numbers, dates and times arrive as text, in UTC and whole', async () => {
  const [row] = await db.public.raw(`select 9007199254740993 as i8, 1.10::numeric as n, date '2024-02-29' as d,
    timestamptz '2024-02-29 12:00:00.123456+02' as t, array[1.10, 2]::numeric[] as ns, array[date '2024-02-29'] as ds,
    1::int4 as i4, true as b, '{"a":1}'::jsonb as j, array['x', null] as s`);
  expect(row).toEqual({
    i8: '9007199254740993',
    n: '1.10',
    d: '2024-02-29',
    t: '2024-02-29 10:00:00.123456+00',
    ns: ['1.10', '2'],
    ds: ['2024-02-29'],
    i4: 1,
    b: true,
    j: { a: 1 },
    s: ['x', null],
  });
});

test('both pools together keep to the limit', async () => {
  const wide = connectDatabase({ url: base.poolUrl, poolMax: 5, applicationName: 'trr wide' });
  const work = Array.from({ length: 40 }, (_, index) =>
    index % 2 === 0
      ? wide.public.raw('select pg_sleep(0.01)')
      : wide.asService('w', (tx) => tx.raw('select pg_sleep(0.01)')),
  );
  const [counted] = await base.owner<{ n: string }>(
    "select count(*) as n from pg_stat_activity where application_name like 'trr wide%'",
  );
  await Promise.all(work);
  expect(wide.stats()).toEqual({ total: 5, idle: 5, waiting: 0 });
  expect(Number(counted?.n)).toBeLessThanOrEqual(5);
  await wide.close();
});
