import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { session } from './session.ts';

const OWNED = ['core', 'games', 'pipeline', 'social', 'surveys'];
/** What anonymous and signed-in callers may run: reading functions only. */
const PUBLIC_FUNCTIONS = [
  'core.fold_text',
  'core.prefix_trigrams',
  'core.published_values',
  'core.search_people',
  'core.search_shows',
  'core.trigrams',
];

let database: TestDatabase;
const names = async (text: string, values: unknown[] = [OWNED]) =>
  (await database.owner<{ name: string }>(text, values)).map(({ name }) => name);

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

const PRIVILEGED = (role: string, privileges: string) => `
  select c.oid::regclass::text || ' ' || p as name
  from pg_class c cross join unnest(string_to_array('${privileges}', ',')) p
  where c.relnamespace::regnamespace::text = any ($1) and c.relkind in ('r', 'v')
    and (has_table_privilege('${role}', c.oid, p)
      or case when p in ('INSERT', 'UPDATE', 'REFERENCES') then has_any_column_privilege('${role}', c.oid, p) else false end)
  order by 1`;

describe('tables', () => {
  it('have row security, all of them', async () => {
    const open = `select c.oid::regclass::text as name from pg_class c
      where c.relnamespace::regnamespace::text = any ($1) and c.relkind in ('r', 'p') and not c.relrowsecurity order by 1`;
    expect(await names(open)).toEqual([]);
  });

  it('are never written by anonymous callers', async () => {
    expect(await names(PRIVILEGED('anon', 'INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER'))).toEqual([]);
  });

  it('are written by signed-in callers only where people write, and never truncated', async () => {
    expect(await names(PRIVILEGED('authenticated', 'INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER'))).toEqual([
      'games.responses DELETE',
      'games.responses INSERT',
      'games.responses UPDATE',
      'games.sessions DELETE',
      'games.sessions INSERT',
      'games.sessions UPDATE',
      'social.posts DELETE',
      'social.posts INSERT',
      'social.posts UPDATE',
      'social.reactions DELETE',
      'social.reactions INSERT',
      'social.threads INSERT',
      'social.threads UPDATE',
      'surveys.answers DELETE',
      'surveys.answers INSERT',
      'surveys.answers UPDATE',
      'surveys.responses DELETE',
      'surveys.responses INSERT',
      'surveys.responses UPDATE',
    ]);
  });

  it('keep from anonymous callers what is not public', async () => {
    const hidden = `select c.oid::regclass::text as name from pg_class c
      where c.relnamespace::regnamespace::text = any ($1) and c.relkind in ('r', 'v')
        and not has_any_column_privilege('anon', c.oid, 'SELECT') and c.relnamespace <> 'pipeline'::regnamespace order by 1`;
    expect(await names(hidden)).toEqual([
      'core.cast_fandom',
      'core.cast_photos',
      'core.cast_tmdb',
      'core.overrides',
      'core.v_cast_photos',
      'games.answer_keys',
      'games.responses',
      'games.sessions',
      'social.dm_conversations',
      'social.dm_members',
      'social.dm_messages',
      'social.dm_read_receipts',
      'surveys.answers',
      'surveys.responses',
    ]);
    await session(database, async (s) => {
      for (const role of ['anon', 'authenticated'] as const) {
        await s.as(role, async () => expect(await s.refusal('select * from pipeline.runs')).toBe('42501'));
      }
      await s.as('anon', async () => expect(await s.refusal('select * from core.cast_tmdb')).toBe('42501'));
      await s.as('authenticated', async () => expect(await s.refusal('select * from core.cast_tmdb')).toBe('accepted'));
    });
  });

  it('are all within reach of the service role, but for rows that are never changed', async () => {
    const closed = `select c.oid::regclass::text || ' ' || p as name
      from pg_class c cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p
      where c.relnamespace::regnamespace::text = any ($1) and c.relkind = 'r' and not has_table_privilege('service_role', c.oid, p)
      order by 1`;
    expect(await names(closed)).toEqual(['pipeline.run_events UPDATE', 'pipeline.snapshots UPDATE']);
  });

  it('have an index for every foreign key', async () => {
    // All columns of the key, or one of them that alone names the parent row (`id` of a composite key).
    const uncovered = `select k.conrelid::regclass::text || ' ' || k.conname as name
      from pg_constraint k
      where k.contype = 'f' and k.connamespace::regnamespace::text = any ($1) and not exists (
        select 1 from pg_index i
        where i.indrelid = k.conrelid and i.indisvalid
          and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) ~ '^[(]\\w+ IS NOT NULL[)]$')
          and ((i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey
            or exists (
              select 1 from unnest(k.conkey, k.confkey) as pair (mine, theirs)
              join pg_index parent on parent.indrelid = k.confrelid and parent.indisunique and parent.indpred is null
                and parent.indnkeyatts = 1 and parent.indkey[0] = pair.theirs
              where i.indkey[0] = pair.mine)))
      order by 1`;
    expect(await names(uncovered)).toEqual([]);
  });
});

describe('views', () => {
  it('answer with the rights of whoever asks', async () => {
    const ownersRights = `select c.oid::regclass::text as name from pg_class c
      where c.relnamespace::regnamespace::text = any ($1) and c.relkind = 'v'
        and not coalesce('security_invoker=true' = any (c.reloptions), false)`;
    expect(await names(ownersRights)).toEqual([]);
  });
});

describe('functions', () => {
  it('have a fixed, empty search path, whoever they run as', async () => {
    const loose = `select p.oid::regprocedure::text as name from pg_proc p
      where p.pronamespace::regnamespace::text = any ($1) and not coalesce('search_path=""' = any (p.proconfig), false) order by 1`;
    expect(await names(loose)).toEqual([]);
  });

  it('are closed to everybody, and open to clients only where they read', async () => {
    for (const role of ['public', 'anon', 'authenticated']) {
      const open = await names(
        `select p.pronamespace::regnamespace::text || '.' || p.proname as name from pg_proc p
         where p.pronamespace::regnamespace::text = any ($1) and has_function_privilege('${role}', p.oid, 'EXECUTE') order by 1`,
      );
      expect(open).toEqual(role === 'public' ? [] : PUBLIC_FUNCTIONS);
    }
  });

  it('never run with the owner’s rights', async () => {
    const definer = `select p.oid::regprocedure::text as name from pg_proc p
      where p.pronamespace::regnamespace::text = any ($1) and p.prosecdef`;
    expect(await names(definer)).toEqual([]);
  });
});

describe('the platform’s schemas', () => {
  it('get nothing from us', async () => {
    const schemas = `select nspname as name from pg_namespace
      where nspname !~ '^pg_' and nspname <> 'information_schema' and nspname <> all ($1) order by 1`;
    expect(await names(schemas)).toEqual(['auth', 'public', 'supabase_migrations']);
    const strangers = `select relname::text as name from pg_class where relnamespace = 'public'::regnamespace
      union all select proname from pg_proc where pronamespace = 'public'::regnamespace`;
    expect(await names(strangers, [])).toEqual([]);
    const triggers = `select tgname::text as name from pg_trigger where tgrelid = 'auth.users'::regclass and not tgisinternal`;
    expect(await names(triggers, [])).toEqual([]);
  });
});
