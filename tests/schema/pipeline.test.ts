import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { session } from './session.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

const newRun = async () => {
  const [run] = await database.owner<{ id: string }>(
    "insert into pipeline.runs (who, command) values ('me', 'sync') returning id",
  );
  return run?.id ?? '';
};

describe('runs', () => {
  it('number their events without gaps, whoever writes them', async () => {
    const run = await newRun();
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        database.db.asService('test', (tx) =>
          tx.raw(`select pipeline.append_event($1::uuid, 'note', $2::jsonb)`, [run, JSON.stringify({ i })]),
        ),
      ),
    );
    const numbers = await database.owner<{ seq: string }>(
      'select seq from pipeline.run_events where run_id = $1 order by seq',
      [run],
    );
    expect(numbers.map(({ seq }) => Number(seq))).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    const gone = await database.owner("select pipeline.append_event($1, 'note')", [
      '00000000-0000-4000-8000-000000000000',
    ]);
    expect(gone).toEqual([{ append_event: null }]);
  });

  it('give numbers to what was written without one: all of it, once, and each writer in its order, whoever asks and how often', async () => {
    const run = await newRun();
    const write = async (writer: number) => {
      for (let i = 0; i < 10; i++) {
        await database.db.asService('test', (tx) =>
          tx.raw(`insert into pipeline.pending_events (run_id, kind, payload) values ($1, 'note', $2::jsonb)`, [
            run,
            JSON.stringify({ writer, i }),
          ]),
        );
      }
    };
    const number = async () => {
      for (let i = 0; i < 10; i++) await database.owner('select pipeline.number_events($1)', [run]);
    };
    await Promise.all([write(1), write(2), write(3), number(), number()]);
    const [last] = await database.owner<{ seq: string }>(`select pipeline.append_event($1, 'end') as seq`, [run]);
    expect(last).toEqual({ seq: '31' });
    const events = await database.owner<{ seq: string; kind: string; payload: { writer: number; i: number } }>(
      'select seq, kind, payload from pipeline.run_events where run_id = $1 order by seq',
      [run],
    );
    expect(events.map(({ seq }) => Number(seq))).toEqual(Array.from({ length: 31 }, (_, i) => i + 1));
    for (const writer of [1, 2, 3]) {
      const own = events.filter(({ payload }) => payload.writer === writer).map(({ payload }) => payload.i);
      expect(own).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
    expect(await database.owner('select 1 from pipeline.pending_events where run_id = $1', [run])).toEqual([]);
    const [counted] = await database.owner('select event_count::int as n from pipeline.runs where id = $1', [run]);
    expect(counted).toEqual({ n: 31 });
  });

  it('are finished exactly when they are neither queued nor running', () =>
    session(database, async (s) => {
      const put = "insert into pipeline.runs (who, command, status, finished_at) values ('me', 'sync', $1, $2)";
      expect(await s.refusal(put, ['succeeded', null])).toBe('23514');
      expect(await s.refusal(put, ['running', '2024-01-01'])).toBe('23514');
      for (const status of ['succeeded', 'partial', 'failed', 'cancelled', 'interrupted']) {
        expect(await s.refusal(put, [status, '2024-01-01'])).toBe('accepted');
      }
      expect(await s.refusal(put, ['done', '2024-01-01'])).toBe('23514');
    }));

  it('keep the record of a unit whose show is deleted', () =>
    session(database, async (s) => {
      const show = await s.value("insert into core.shows (name) values ('S') returning id");
      const run = await s.value("insert into pipeline.runs (who, command) values ('me', 'sync') returning id");
      await s.sql(
        "insert into pipeline.run_units (run_id, stage, subject, show_id) values ($1, 'details', $2::text, $2::uuid)",
        [run, show],
      );
      await s.sql('delete from core.shows where id = $1', [show]);
      expect(await s.sql('select subject, show_id from pipeline.run_units where run_id = $1', [run])).toEqual([
        { subject: show, show_id: null },
      ]);
    }));
});

describe('records that are never changed', () => {
  it('refuse an update, also from the owner', () =>
    session(database, async (s) => {
      await s.sql(
        "insert into pipeline.snapshots (upstream, id, hash, payload) values ('tmdb', 'tv/1', repeat('a', 64), '{}')",
      );
      expect(await s.refusal("update pipeline.snapshots set payload = '[]'")).toBe('23001');
      expect(
        await s.refusal(
          "insert into pipeline.snapshots (upstream, id, hash, payload) values ('tmdb', 'tv/1', repeat('a', 64), '{}')",
        ),
      ).toBe('23505');
      expect(await s.refusal('delete from pipeline.snapshots')).toBe('accepted');
    }));
});

describe('the history of changes', () => {
  it('compares every column of a watched table that is no bookkeeping: watch_changes was called after the last one came', async () => {
    const unseen = await database.owner(
      `select distinct t.tgrelid::regclass::text as table_name, a.attname as column_name
       from pg_trigger t join pg_proc p on p.oid = t.tgfoid
       join pg_attribute a on a.attrelid = t.tgrelid and a.attnum > 0 and not a.attisdropped
       where p.proname ~ '^record_.*_changes$'
         and a.attname !~ '(_at$|_meta$|^(provenance|metadata|missing_count|show_name|cast_member_name|name_trigrams)$)'
         and position(format('(%L, case when o.%I is distinct from n.%I then', a.attname, a.attname, a.attname) in p.prosrc) = 0`,
    );
    expect(unseen).toEqual([]);
    const watched = await database.owner(
      `select count(distinct tgrelid)::int as tables, count(*)::int as triggers
       from pg_trigger t join pg_proc p on p.oid = t.tgfoid where p.proname ~ '^record_.*_changes$'`,
    );
    expect(watched).toEqual([{ tables: 12, triggers: 36 }]);
  });
});
