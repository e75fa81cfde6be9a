import { expect } from 'vitest';
import { newSurvey, newUser } from './repairs-arrange.ts';
import { arrange, type Repair, type Session } from './session.ts';

const SUBMIT = 'select surveys.submit_response($1, $2)';
const RESPOND = 'insert into surveys.responses (survey_id, user_id) values ($1, $2)';
const answers = (...list: [string, unknown][]) =>
  JSON.stringify(list.map(([question_id, answer]) => ({ question_id, answer })));

/** Repairs of surveys and games. */
export const SURVEY_REPAIRS: readonly Repair[] = [
  {
    id: 'W6',
    title: 'an answer has a user or an anonymous key, exactly one, and each answers once',
    async check(s) {
      const { survey } = await newSurvey(s);
      const ann = await newUser(s, 'ann');
      const put = 'insert into surveys.responses (survey_id, user_id, anonymous_key) values ($1, $2, $3)';
      expect(await s.refusal(put, [survey, null, 'k'.repeat(20)])).toBe('accepted');
      expect(await s.refusal(put, [survey, null, 'k'.repeat(20)])).toBe('23505');
      expect(await s.refusal(put, [survey, null, 'l'.repeat(20)])).toBe('accepted');
      expect(await s.refusal(put, [survey, ann, 'm'.repeat(20)])).toBe('23514');
      expect(await s.refusal(put, [survey, null, null])).toBe('23514');
    },
  },
  {
    id: 'W7',
    title: 'one response per user, only while open, at the time it is made, never changed',
    async check(s) {
      const { survey, choice } = await newSurvey(s);
      const ann = await newUser(s, 'ann');
      expect(await s.refusal(RESPOND, [survey, ann])).toBe('accepted');
      expect(await s.refusal(RESPOND, [survey, ann])).toBe('23505');
      const bob = await newUser(s, 'bob');
      for (const change of [
        "status = 'draft'",
        "status = 'archived'",
        "status = 'published', starts_at = now() + interval '1 hour'",
        "starts_at = null, ends_at = now() - interval '1 second'",
      ]) {
        await s.sql(`update surveys.surveys set ${change}`);
        expect(await s.refusal(RESPOND, [survey, bob])).toBe('TR011');
      }
      await s.sql('update surveys.surveys set ends_at = null');
      await s.sql(
        "insert into surveys.responses (survey_id, user_id, created_at, submitted_at) values ($1, $2, '2001-01-01', '2001-01-01')",
        [survey, bob],
      );
      expect(
        await s.value('select created_at = now() and submitted_at = now() from surveys.responses where user_id = $1', [
          bob,
        ]),
      ).toBe(true);
      await s.sql(
        `insert into surveys.answers (survey_id, response_id, question_id, answer)
         select survey_id, id, $1, '"a"' from surveys.responses where user_id = $2`,
        [choice, bob],
      );
      expect(await s.refusal('update surveys.answers set answer = \'{"value": "b"}\'')).toBe('TR017');
      expect(await s.refusal("update surveys.responses set created_at = '2001-01-01'")).toBe('TR017');
      await s.as(
        'authenticated',
        async () => {
          for (const text of [
            'update surveys.answers set answer = answer',
            'delete from surveys.answers',
            'delete from surveys.responses',
            'insert into surveys.responses (survey_id) values (gen_random_uuid())',
          ]) {
            expect(await s.refusal(text)).toBe('42501');
          }
        },
        bob,
      );
    },
  },
  {
    id: 'W7 (games)',
    title: 'one play-through per user, only while open, never changed once submitted',
    async check(s) {
      const { show } = await arrange(s);
      const game = await s.value(
        "insert into games.games (show_id, title, game_type, status) values ($1, 'G', 'quiz', 'published') returning id",
        [show],
      );
      const ann = await newUser(s, 'ann');
      const play = 'insert into games.sessions (game_id, user_id) values ($1, $2)';
      expect(await s.refusal(play, [game, ann])).toBe('accepted');
      expect(await s.refusal(play, [game, ann])).toBe('23505');
      await s.sql("update games.sessions set status = 'submitted'");
      expect(await s.value('select submitted_at = now() from games.sessions')).toBe(true);
      expect(await s.refusal("update games.sessions set status = 'in_progress'")).toBe('TR042');
      await s.sql("update games.games set status = 'archived'");
      expect(await s.refusal(play, [game, await newUser(s, 'bob')])).toBe('TR041');
    },
  },
  {
    id: 'W8',
    title: 'drafts are for administrators',
    async check(s) {
      const { survey } = await newSurvey(s, 'draft');
      const root = await newUser(s, 'root');
      await s.sql(
        `insert into games.games (show_id, title, game_type) select show_id, 'G', 'quiz' from surveys.surveys`,
      );
      await s.sql(
        "insert into games.questions (game_id, question_order, prompt, question_type) select id, 1, 'Q', 'numeric' from games.games",
      );
      // As the predecessor granted it.
      await s.sql(
        'grant select on all tables in schema surveys to anon; grant select on games.games, games.questions to anon',
      );
      const seen = `select (select count(*)::int from surveys.surveys) as surveys, (select count(*)::int from surveys.questions) as questions,
        (select count(*)::int from surveys.options) as options, (select count(*)::int from surveys.aggregates) as results,
        (select count(*)::int from games.games) as games, (select count(*)::int from games.questions) as game_questions`;
      const nothing = { surveys: 0, questions: 0, options: 0, results: 0, games: 0, game_questions: 0 };
      const everything = { surveys: 1, questions: 2, options: 2, results: 2, games: 1, game_questions: 1 };
      await s.as('anon', async () => expect(await s.sql(seen)).toEqual([nothing]));
      await s.as('authenticated', async () => expect(await s.sql(seen)).toEqual([nothing]), root);
      await s.sql('select identity.set_admin($1, true)', [root]);
      await s.as('authenticated', async () => expect(await s.sql(seen)).toEqual([everything]), root);
      await s.as('service_role', async () => expect(await s.sql(seen)).toEqual([everything]));
      await s.sql("update surveys.surveys set status = 'published' where id = $1", [survey]);
      await s.sql("update games.games set status = 'archived'");
      await s.as('anon', async () => expect(await s.sql(seen)).toEqual([everything]));
    },
  },
  {
    id: 'W10 (surveys and games)',
    title: 'a show with a survey or a game is not deleted from under them',
    async check(s) {
      const { survey } = await newSurvey(s);
      const show = await s.value('select show_id from surveys.surveys where id = $1', [survey]);
      await s.sql(RESPOND, [survey, await newUser(s, 'ann')]);
      expect(await s.refusal('delete from core.shows where id = $1', [show])).toBe('23503');
      const other = await s.value("insert into core.shows (name) values ('Third') returning id");
      await s.sql("insert into games.games (show_id, title, game_type) values ($1, 'G', 'quiz')", [other]);
      expect(await s.refusal('delete from core.shows where id = $1', [other])).toBe('23503');
    },
  },
  {
    id: 'W13',
    title: 'results and reaction counts come from the database, whole, however many rows there are',
    async check(s) {
      const { survey, choice } = await newSurvey(s);
      await s.sql(
        `insert into surveys.responses (survey_id, user_id, anonymous_key) select $1, null, 'key number ' || lpad(n::text, 6, '0') from generate_series(1, 1500) n`,
        [survey],
      );
      await s.sql(
        `insert into surveys.answers (survey_id, response_id, question_id, answer)
         select $1, id, $2, case when right(anonymous_key, 1) < '4' then '"a"' else '"b"' end::jsonb from surveys.responses`,
        [survey, choice],
      );
      await s.as('anon', async () =>
        expect(await s.value('select aggregate from surveys.aggregates where question_id = $1', [choice])).toEqual({
          total_responses: 1500,
          distribution: { a: 600, b: 900 },
          percentages: { a: 40, b: 60 },
          signed_in: { total_responses: 0, distribution: {} },
          anonymous: { total_responses: 1500, distribution: { a: 600, b: 900 } },
        }),
      );
    },
  },
  {
    id: 'W36',
    title: 'answers fit their question and its options, and are stored in one form',
    async check(s) {
      const { survey, choice, text } = await newSurvey(s);
      const option = String(await s.value("select id from surveys.options where value = 'b'"));
      const other = await newSurvey2(s, survey);
      const foreign = String(await s.value('select id from surveys.options where question_id = $1', [other.choice]));
      const ann = await newUser(s, 'ann');
      await s.as(
        'authenticated',
        async () => {
          for (const wrong of ['c', '', ['a'], { a: 1 }, foreign, 7, true]) {
            expect(await s.refusal(SUBMIT, [survey, answers([choice, wrong])]), JSON.stringify(wrong)).toBe('TR013');
          }
          for (const wrong of ['', '  ', 5, ['x'], 'x'.repeat(5001)]) {
            expect(await s.refusal(SUBMIT, [survey, answers([text, wrong])])).toBe('TR013');
          }
          expect(await s.refusal(SUBMIT, [survey, answers([other.choice, 'a'])])).toBe('TR014');
          expect(await s.refusal(SUBMIT, [survey, answers(['x', 'a'])])).toBe('TR014');
          expect(await s.refusal(SUBMIT, [survey, answers([choice, 'a'], [choice, 'b'])])).toBe('TR015');
          expect(await s.refusal(SUBMIT, [survey, answers()])).toBe('TR016');
          expect(await s.refusal(SUBMIT, [survey, answers([choice, null])])).toBe('TR016');
          expect(await s.refusal(SUBMIT, [survey, '{}'])).toBe('TR016');
          await s.sql(SUBMIT, [survey, answers([choice, { value: option }], [text, 'fine'])]);
          expect(await s.sql('select answer from surveys.answers order by question_id = $1 desc', [choice])).toEqual([
            { answer: { value: 'b' } },
            { answer: { value: 'fine' } },
          ]);
        },
        ann,
      );
      const put = `insert into surveys.answers (survey_id, response_id, question_id, answer)
        select survey_id, id, $1, '"invented"' from surveys.responses`;
      await s.sql('delete from surveys.answers');
      expect(await s.refusal(put, [choice])).toBe('TR013');
    },
  },
];

/** Another survey of the same show, with one question of one option. */
async function newSurvey2(s: Session, beside: string): Promise<{ choice: string }> {
  const choice = await s.value(
    `with v as (insert into surveys.surveys (show_id, title, status) select show_id, 'Other', 'published' from surveys.surveys where id = $1 returning id)
     insert into surveys.questions (survey_id, question_order, prompt, question_type) select id, 1, 'Q', 'single_choice' from v returning id`,
    [beside],
  );
  await s.sql("insert into surveys.options (question_id, option_order, label) values ($1, 1, 'Only')", [choice]);
  return { choice: String(choice) };
}
