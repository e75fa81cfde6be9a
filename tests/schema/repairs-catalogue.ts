import { expect } from 'vitest';
import { arrange, type Repair } from './session.ts';

/** Repairs of what the catalogue can hold and keep. */
export const CATALOGUE_REPAIRS: readonly Repair[] = [
  {
    id: 'W2',
    title: 'appearances can be written, and renaming a show or person reaches them (B1)',
    async check(s) {
      const { show, person } = await arrange(s);
      await s.as('service_role', () =>
        s.sql(
          `insert into core.episode_appearances
             (show_id, person_id, imdb_episode_title_ids, tmdb_episode_ids, seasons, tmdb_season_ids)
           values ($1, $2, '{tt11,tt10,tt12,tt20,tt99}', '{110,120}', '{1,2}', '{501}')`,
          [show, person],
        ),
      );
      const read = () =>
        s.sql(`select show_name, cast_member_name, tmdb_show_id, imdb_show_id, total_episodes, imdb_episode_title_ids,
                 tmdb_episode_ids, seasons, tmdb_season_ids from core.episode_appearances`);
      const stored = {
        show_name: 'First',
        cast_member_name: 'Ann',
        tmdb_show_id: 101,
        imdb_show_id: 'tt101',
        total_episodes: 5,
        imdb_episode_title_ids: ['tt11', 'tt10', 'tt12', 'tt20', 'tt99'],
        tmdb_episode_ids: [110, 120],
        seasons: [1, 2],
        tmdb_season_ids: [501],
      };
      expect(await read()).toEqual([stored]);

      await s.as('service_role', async () => {
        await s.sql("update core.shows set name = 'Renamed', tmdb_id = 103, imdb_id = 'tt103' where id = $1", [show]);
        await s.sql("update core.people set full_name = 'Anna' where id = $1", [person]);
      });
      expect(await read()).toEqual([
        { ...stored, show_name: 'Renamed', cast_member_name: 'Anna', tmdb_show_id: 103, imdb_show_id: 'tt103' },
      ]);
      expect(await s.value('select show_name from core.episodes where show_id = $1', [show])).toBe('Renamed');
      expect(await s.value('select show_name from core.seasons where show_id = $1', [show])).toBe('Renamed');
    },
  },
  {
    id: 'W10',
    title: 'a refresh of the catalogue cannot take discussions along; vanished rows are retired',
    async check(s) {
      const { show, season, episode } = await arrange(s);
      await s.sql("insert into social.threads (episode_id, title, type) values ($1, 'Live', 'episode_live')", [
        episode,
      ]);
      expect(await s.refusal('delete from core.episodes where id = $1', [episode])).toBe('23503');
      expect(await s.refusal('delete from core.seasons where id = $1', [season])).toBe('23503');
      expect(await s.refusal('delete from core.shows where id = $1', [show])).toBe('23503');
      for (const table of ['seasons', 'episodes', 'show_cast', 'show_images', 'season_images']) {
        await s.sql(`update core.${table} set missing_count = missing_count + 1, retired_at = now()`);
      }
      await s.sql('update core.shows set retired_at = now() where id = $1', [show]);
      expect(
        await s.sql('select missing_count, retired_at is not null as retired from core.episodes where id = $1', [
          episode,
        ]),
      ).toEqual([{ missing_count: 1, retired: true }]);
      expect(await s.value('select count(*)::int from social.threads')).toBe(1);
    },
  },
  {
    id: 'W11',
    title: 'a season with a survey and a game about one of its episodes can be deleted',
    async check(s) {
      const { show, season, episode } = await arrange(s);
      await s.sql("insert into surveys.surveys (show_id, season_id, episode_id, title) values ($1, $2, $3, 'S')", [
        show,
        season,
        episode,
      ]);
      await s.sql(
        "insert into games.games (show_id, season_id, episode_id, title, game_type) values ($1, $2, $3, 'G', 'quiz')",
        [show, season, episode],
      );
      expect(await s.refusal('delete from core.seasons where id = $1', [season])).toBe('accepted');
      expect(await s.sql('select season_id, episode_id from surveys.surveys')).toEqual([
        { season_id: null, episode_id: null },
      ]);
      expect(await s.sql('select season_id, episode_id from games.games')).toEqual([
        { season_id: null, episode_id: null },
      ]);
    },
  },
  {
    id: 'W14',
    title: 'sync_state keeps the last success through a start and a failure; error texts are not public',
    async check(s) {
      const { show } = await arrange(s);
      // As the predecessor wrote it: every column every time.
      const write = (status: string, at: string | null, marker: string | null, error: string | null) =>
        s.sql(
          `insert into core.sync_state (table_name, show_id, status, last_success_at, last_seen_most_recent_episode, last_error)
           values ('seasons', $1, $2, $3, $4, $5)
           on conflict (table_name, show_id) do update set status = excluded.status, last_success_at = excluded.last_success_at,
             last_seen_most_recent_episode = excluded.last_seen_most_recent_episode, last_error = excluded.last_error`,
          [show, status, at, marker, error],
        );
      const memory =
        "select last_success_at = '2024-01-01' as kept, last_seen_most_recent_episode as marker from core.sync_state";
      await write('success', '2024-01-01', 'S1.E1', null);
      await write('in_progress', null, null, null);
      expect(await s.sql(memory)).toEqual([{ kept: true, marker: 'S1.E1' }]);
      await write('failed', null, null, 'password in here');
      expect(await s.sql(memory)).toEqual([{ kept: true, marker: 'S1.E1' }]);
      await write('success', '2024-02-01', null, null);
      expect(await s.sql(memory)).toEqual([{ kept: false, marker: null }]);

      for (const role of ['anon', 'authenticated'] as const) {
        await s.as(role, async () => {
          expect(await s.refusal('select last_error from core.sync_state')).toBe('42501');
          expect(await s.refusal('select * from core.sync_state')).toBe('42501');
          expect(await s.value('select status from core.sync_state')).toBe('success');
        });
      }
      for (const status of ['partial', 'not_applicable']) await write(status, null, null, null);
    },
  },
  {
    id: 'W16',
    title: 'lookups by outside ids use their index; blank, padded and doubled ids are refused',
    async check(s) {
      await arrange(s);
      const lookups: [string, unknown[], string][] = [
        ['select id from core.shows where imdb_id = $1', ['tt101'], 'core_shows_imdb_id_unique'],
        ['select id from core.shows where tmdb_id = $1', [101], 'core_shows_tmdb_id_unique'],
        ["select id from core.people where external_ids ->> 'imdb' = $1", ['nm1'], 'core_people_imdb_unique'],
        [
          "select id from core.people where external_ids ->> 'imdb' = any ($1)",
          [['nm1', 'nm2']],
          'core_people_imdb_unique',
        ],
        ["select id from core.people where external_ids ->> 'tmdb' = $1", ['1'], 'core_people_tmdb_unique'],
      ];
      for (const [text, values, index] of lookups) {
        expect(await s.plan(text, values)).toContain(index);
        await s.as('anon', async () => expect(await s.plan(text, values)).toContain(index));
      }
      for (const bad of ['', ' ', ' tt101', 'tt101 ', 'TT101', '101']) {
        expect(await s.refusal("insert into core.shows (name, imdb_id) values ('X', $1)", [bad])).toBe('23514');
      }
      expect(await s.refusal("insert into core.shows (name, imdb_id) values ('X', 'tt101')")).toBe('23505');
      const person = "insert into core.people (full_name, external_ids) values ('X', $1)";
      for (const bad of [{ imdb: '' }, { imdb: ' nm1' }, { imdb: 'tt1' }, { tmdb: '0' }, { tmdb: 'x' }, []]) {
        expect(await s.refusal(person, [JSON.stringify(bad)])).toBe('23514');
      }
      await s.sql(person, ['{"imdb": "nm1", "tmdb": 7}']);
      expect(await s.refusal(person, ['{"imdb": "nm1"}'])).toBe('23505');
      expect(await s.refusal(person, ['{"tmdb": "7"}'])).toBe('23505');
    },
  },
  {
    id: 'W21',
    title: 'relations that contradict each other are refused',
    async check(s) {
      const f = await arrange(s);
      const one = async (text: string, values: unknown[]) => String(await s.value(`${text} returning id`, values));
      const newThread = "insert into social.threads (episode_id, title, type) values ($1, 'T', 'general')";
      const thread = await one(newThread, [f.episode]);
      const otherThread = await one(newThread, [f.otherEpisode]);
      const post = await one("insert into social.posts (thread_id, body) values ($1, 'P')", [thread]);
      const reply = "insert into social.posts (thread_id, parent_post_id, body) values ($1, $2, 'R')";
      expect(await s.refusal(reply, [otherThread, post])).toBe('TR023');
      expect(await s.refusal(reply, [thread, post])).toBe('accepted');
      expect(await s.refusal('update social.posts set parent_post_id = id where id = $1', [post])).toBe('23514');

      const user = String(await s.value('select gen_random_uuid()'));
      const talk = await one('insert into social.dm_conversations default values', []);
      const receipt = 'insert into social.dm_read_receipts (conversation_id, user_id) values ($1, $2)';
      expect(await s.refusal(receipt, [talk, user])).toBe('23503');

      const newSurvey = "insert into surveys.surveys (show_id, season_id, episode_id, title) values ($1, $2, $3, 'S')";
      expect(await s.refusal(newSurvey, [f.show, f.otherSeason, null])).toBe('23503');
      expect(await s.refusal(newSurvey, [f.show, f.season, f.otherEpisode])).toBe('23503');
      const survey = await one(newSurvey, [f.show, f.season, f.episode]);
      const otherSurvey = await one(newSurvey, [f.show, null, null]);
      const question = await one(
        "insert into surveys.questions (survey_id, question_order, prompt, question_type) values ($1, 1, 'Q', 'free_text')",
        [survey],
      );
      const count =
        "insert into surveys.tallies (survey_id, question_id, kind, bucket, shard) values ($1, $2, 'answers', '', 0)";
      expect(await s.refusal(count, [otherSurvey, question])).toBe('23503');
      expect(await s.refusal(count, [survey, question])).toBe('accepted');

      const newEpisode =
        'insert into core.episodes (show_id, season_id, season_number, episode_number) values ($1, $2, $3, 9)';
      expect(await s.refusal(newEpisode, [f.otherShow, f.season, 1])).toBe('23503');
      expect(await s.refusal(newEpisode, [f.show, f.season, 2])).toBe('23503');
      // A season that gets another number takes its episodes along.
      await s.sql('update core.seasons set season_number = 5 where id = $1', [f.season]);
      expect(await s.value('select season_number from core.episodes where id = $1', [f.episode])).toBe(5);

      const image = await one(
        "insert into core.show_images (show_id, kind, source_image_id, url) values ($1, 'poster', '/a', 'https://x/a')",
        [f.otherShow],
      );
      const point = 'update core.shows set primary_poster_image_id = $2 where id = $1';
      expect(await s.refusal(point, [f.show, image])).toBe('23503');
      expect(await s.refusal(point, [f.otherShow, image])).toBe('accepted');
      await s.sql('delete from core.show_images where id = $1', [image]);
      expect(await s.value('select primary_poster_image_id from core.shows where id = $1', [f.otherShow])).toBeNull();
    },
  },
  {
    id: 'W32',
    title: 'every table has an updated_at that is kept; edited posts say so; sync_state has a primary key',
    async check(s) {
      const without = await s.sql(
        `select c.oid::regclass::text as name from pg_class c
         where c.relkind = 'r' and c.relnamespace::regnamespace::text in ('core', 'surveys', 'social', 'games')
           and c.relname <> 'show_slugs'
           -- Rows that never change, and counters that carry the time themselves.
           and c.oid::regclass::text not in ('social.blocks', 'social.post_revisions', 'surveys.address_counts',
             'surveys.superseded_responses', 'surveys.tallies', 'surveys.response_tallies')
           and not exists (select 1 from pg_trigger t join pg_proc p on p.oid = t.tgfoid
                           where t.tgrelid = c.oid and p.proname = 'set_updated_at')`,
      );
      expect(without).toEqual([]);
      const { show, episode } = await arrange(s);
      await s.sql(
        `insert into core.show_images (show_id, kind, source_image_id, url, updated_at)
         values ($1, 'poster', '/a', 'https://x/a', '2000-01-01')`,
        [show],
      );
      await s.sql("update core.show_images set caption = 'C', updated_at = '2001-01-01'");
      expect(await s.value('select updated_at = now() from core.show_images')).toBe(true);

      await s.sql(
        `with t as (insert into social.threads (episode_id, title, type) values ($1, 'T', 'general') returning id)
        insert into social.posts (thread_id, body) select id, 'before' from t`,
        [episode],
      );
      await s.sql("update social.posts set edited_at = '2001-01-01'");
      expect(await s.value('select edited_at from social.posts')).toBeNull();
      await s.sql("update social.posts set body = 'after'");
      expect(await s.value('select edited_at = now() from social.posts')).toBe(true);

      const key =
        "select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'core.sync_state'::regclass and contype = 'p'";
      expect(await s.value(key)).toBe('PRIMARY KEY (table_name, show_id)');
    },
  },
];
