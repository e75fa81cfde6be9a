import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { session } from './session.ts';

const OWNED = ['core', 'games', 'identity', 'pipeline', 'social', 'surveys'];
/** What anybody may run: reading functions only. */
const PUBLIC_FUNCTIONS = [
  'core.fold_text',
  'core.prefix_trigrams',
  'core.search_people',
  'core.search_shows',
  'core.trigrams',
  'social.reaction_counts',
];
/** What signed-in callers may run besides: what they do as themselves, and what moderators do (which asks who they are). */
const SIGNED_IN_FUNCTIONS = [
  'games.abandon_session',
  'games.save_answer',
  'games.start_session',
  'games.submit_session',
  'identity.is_admin',
  'identity.uid',
  'social.delete_post',
  'social.get_or_create_direct_conversation',
  'social.mark_read',
  'social.my_conversations',
  'social.report',
  'social.resolve_report',
  'social.restore_post',
  'social.set_reaction',
  'social.set_thread_lock',
  'social.set_thread_removed',
  'surveys.submit_response',
];
/** Functions with their owner's rights; the migration says above each why. Triggers and internal ones nobody can call. */
const OWNERS_RIGHTS = [
  'games.check_response',
  'games.check_session',
  'games.require_open',
  'games.require_session',
  'identity.know_writer',
  'identity.record_action',
  'identity.remember_deleted',
  'identity.require_admin',
  'identity.require_user',
  'identity.resolve_user',
  'identity.set_admin',
  'social.check_message',
  'social.check_post',
  'social.check_thread',
  'social.hide_posts',
  'social.keep_revision',
  'social.require_member',
  'social.require_open_thread',
  'social.touch_conversation',
  'surveys.check_answer',
  'surveys.check_response',
  'surveys.keep_question_type',
  'surveys.tally_added_answers',
  'surveys.tally_added_responses',
  'surveys.tally_removed_answers',
  'surveys.tally_removed_response',
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
      'social.blocks DELETE',
      'social.blocks INSERT',
      'social.dm_messages INSERT',
      'social.posts INSERT',
      'social.posts UPDATE',
      'social.profiles DELETE',
      'social.profiles INSERT',
      'social.profiles UPDATE',
      'social.threads INSERT',
      'social.threads UPDATE',
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
      'core.merge_changes',
      'core.merge_rules',
      'core.merges',
      'core.overrides',
      'core.v_cast_photos',
      'games.answer_keys',
      'games.responses',
      'games.sessions',
      'identity.accounts',
      'identity.admins',
      'identity.audit_log',
      'identity.deleted_users',
      'identity.users',
      'social.blocks',
      'social.dm_conversations',
      'social.dm_members',
      'social.dm_messages',
      'social.dm_read_receipts',
      'social.post_revisions',
      'social.reactions',
      'social.reports',
      'surveys.address_counts',
      'surveys.answers',
      'surveys.responses',
      'surveys.superseded_responses',
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
    expect(await names(closed)).toEqual([
      'identity.audit_log DELETE',
      'identity.audit_log UPDATE',
      'pipeline.adopted_migrations DELETE',
      'pipeline.adopted_migrations INSERT',
      'pipeline.adopted_migrations UPDATE',
      'pipeline.run_events UPDATE',
      'pipeline.snapshots UPDATE',
      'surveys.answers UPDATE',
      'surveys.response_tallies DELETE',
      'surveys.response_tallies INSERT',
      'surveys.response_tallies UPDATE',
      'surveys.responses UPDATE',
      'surveys.tallies DELETE',
      'surveys.tallies INSERT',
      'surveys.tallies UPDATE',
    ]);
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

  it('are closed to everybody, and open to clients only where they read or act as themselves', async () => {
    const expected = {
      public: [],
      anon: PUBLIC_FUNCTIONS,
      authenticated: [...PUBLIC_FUNCTIONS, ...SIGNED_IN_FUNCTIONS].sort(),
    };
    for (const [role, functions] of Object.entries(expected)) {
      const open = await names(
        `select p.pronamespace::regnamespace::text || '.' || p.proname as name from pg_proc p
         where p.pronamespace::regnamespace::text = any ($1) and has_function_privilege('${role}', p.oid, 'EXECUTE') order by 1`,
      );
      expect(open.sort()).toEqual(functions);
    }
  });

  it('run with the owner’s rights only where a list says so', async () => {
    const definer = `select p.pronamespace::regnamespace::text || '.' || p.proname as name from pg_proc p
      where p.pronamespace::regnamespace::text = any ($1) and p.prosecdef`;
    const expected = new Set([...OWNERS_RIGHTS, ...SIGNED_IN_FUNCTIONS, 'social.reaction_counts']);
    // Asks for nothing but the caller's own claims.
    expected.delete('identity.uid');
    expect((await names(definer)).sort()).toEqual([...expected].sort());
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
