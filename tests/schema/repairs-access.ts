import { expect } from 'vitest';
import type { Repair } from './session.ts';

/** Repairs of who may call what, and of how the database finds rows. */
export const ACCESS_REPAIRS: readonly Repair[] = [
  {
    id: 'W5',
    title: 'nobody without a right to it can call a function that writes',
    async check(s) {
      for (const name of [
        'upsert_cast_photos_by_identity',
        'upsert_cast_photos_by_canonical',
        'upsert_show_images_by_identity',
        'upsert_tmdb_show_images_by_identity',
      ]) {
        for (const role of ['anon', 'authenticated'] as const) {
          await s.as(role, async () => expect(await s.refusal(`select * from core.${name}('[]')`)).toBe('42501'));
        }
        await s.as('service_role', async () =>
          expect(await s.refusal(`select * from core.${name}('[]')`)).toBe('accepted'),
        );
      }
      // One made tomorrow is closed too.
      await s.sql(
        "create function core.tomorrow() returns void language sql security definer as 'delete from core.shows'",
      );
      await s.as('anon', async () => expect(await s.refusal('select core.tomorrow()')).toBe('42501'));
    },
  },
  {
    id: 'W17',
    title: 'foreign keys and sorts have their index',
    async check(s) {
      const any = '00000000-0000-4000-8000-000000000000';
      const reads: [string, unknown[]][] = [
        ['select 1 from core.shows where primary_poster_image_id = $1', [any]],
        ['select 1 from core.shows where primary_backdrop_image_id = $1', [any]],
        ['select 1 from core.shows where primary_logo_image_id = $1', [any]],
        ['select 1 from core.season_images where show_id = $1', [any]],
        ['select 1 from social.reactions where user_id = $1', [any]],
        ['select 1 from social.dm_messages where sender_id = $1', [any]],
        ['select 1 from social.dm_read_receipts where user_id = $1', [any]],
        ['select 1 from social.dm_read_receipts where last_read_message_id = $1', [any]],
        ['select 1 from surveys.answers where survey_id = $1 and question_id = $1', [any]],
        ['select 1 from surveys.answers where survey_id = $1 and response_id = $1', [any]],
        ['select 1 from games.responses where game_id = $1 and question_id = $1', [any]],
        ['select 1 from games.responses where game_id = $1 and session_id = $1', [any]],
        ['select 1 from core.episodes where tmdb_series_id = $1', [1]],
        ['select id from core.shows order by name collate "und-x-icu", id limit 50', []],
        [
          'select id from core.shows where (name collate "und-x-icu", id) > ($1, $2) order by name collate "und-x-icu", id limit 50',
          ['M', any],
        ],
        ['select id from core.show_cast where show_id = $1 order by billing_order, id', [any]],
        ["select id from surveys.surveys where status = 'published' order by created_at desc, id desc limit 50", []],
        ['select id from social.dm_conversations order by last_message_at desc nulls last, id limit 50', []],
      ];
      const slow: string[] = [];
      for (const [text, values] of reads) {
        const plan = await s.plan(text, values);
        if (/Seq Scan|Sort/.test(plan) || !plan.includes('Index')) slow.push(`${text}\n${plan}`);
      }
      expect(slow).toEqual([]);
      const composite = await s.sql(
        `select indexrelid::regclass::text as name from pg_index where indrelid in ('surveys.answers'::regclass, 'games.responses'::regclass)
         and indnkeyatts = 2 and not indisunique order by 1`,
      );
      expect(composite).toHaveLength(4);
    },
  },
  {
    id: 'W18',
    title: 'no index repeats a key or a prefix of another',
    async check(s) {
      const redundant = await s.sql(
        `with ix as (
           select i.indexrelid, i.indrelid, i.indkey::int2[] as keys, i.indclass::oid[] as classes, i.indcollation::oid[] as collations,
                  i.indoption::int2[] as options, i.indisunique, i.indnkeyatts as width
           from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am m on m.oid = c.relam and m.amname = 'btree'
           where i.indpred is null and i.indexprs is null
             and c.relnamespace::regnamespace::text in ('core', 'surveys', 'social', 'games', 'pipeline'))
         select a.indexrelid::regclass::text as name, b.indexrelid::regclass::text as covered_by
         from ix a join ix b on b.indrelid = a.indrelid and b.indexrelid <> a.indexrelid and not a.indisunique and a.width <= b.width
           and b.keys[0:a.width - 1] = a.keys[0:a.width - 1] and b.collations[0:a.width - 1] = a.collations[0:a.width - 1]
           and b.options[0:a.width - 1] = a.options[0:a.width - 1]`,
      );
      expect(redundant).toEqual([]);
    },
  },
];
