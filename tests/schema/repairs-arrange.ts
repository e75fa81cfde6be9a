import type { Session } from './session.ts';
import { arrange } from './session.ts';

/** Somebody of the hosted platform; with our migrations also known to the program. */
export async function newUser(s: Session, name: string): Promise<string> {
  const id = String(await s.value('insert into auth.users (email) values ($1) returning id', [`${name}@example.org`]));
  if ((await s.value("select to_regclass('identity.users')")) !== null) {
    await s.sql("select identity.resolve_user('https://platform.example', $1::text, null, $1::uuid)", [id]);
  }
  return id;
}

export async function newSurvey(
  s: Session,
  status = 'published',
): Promise<{ survey: string; choice: string; text: string }> {
  const { show } = await arrange(s);
  const survey = String(
    await s.value("insert into surveys.surveys (show_id, title, status) values ($1, 'S', $2) returning id", [
      show,
      status,
    ]),
  );
  const question = async (order: number, type: string) =>
    String(
      await s.value(
        `insert into surveys.questions (survey_id, question_order, prompt, question_type) values ($1, $2, 'Q', $3) returning id`,
        [survey, order, type],
      ),
    );
  const choice = await question(1, 'single_choice');
  const text = await question(2, 'free_text');
  await s.sql(
    "insert into surveys.options (question_id, option_order, label, value) values ($1, 1, 'A', 'a'), ($1, 2, 'B', 'b')",
    [choice],
  );
  return { survey, choice, text };
}

export async function newThread(s: Session): Promise<{ thread: string; episode: string }> {
  const { episode } = await arrange(s);
  const thread = await s.value(
    "insert into social.threads (episode_id, title, type) values ($1, 'T', 'general') returning id",
    [episode],
  );
  return { thread: String(thread), episode };
}

export const newPost = async (s: Session, thread: string, user: string | null, parent: string | null = null) =>
  String(
    await s.value(
      "insert into social.posts (thread_id, user_id, parent_post_id, body) values ($1, $2, $3, 'text') returning id",
      [thread, user, parent],
    ),
  );
