import { withOwner } from '../../src/platform/db/owner.ts';

const THREADS = 50;
const POSTS = 200;

const survey = (n: number) => ({
  survey: `b0000000-0000-4000-8000-00000000000${n}`,
  question: `c0000000-0000-4000-8000-00000000000${n}`,
});
export const SURVEYS = { small: survey(1), large: survey(2) };

/** Threads with posts and reactions, and two surveys with 100 and 100,000 answers. */
export async function fill(ownerUrl: string, user: string): Promise<{ threads: string[] }> {
  return withOwner(ownerUrl, async (client) => {
    const run = async (text: string, values: unknown[] = []) => (await client.query(text, values)).rows;
    const [show] = await run("insert into core.shows (name) values ('Bench') returning id");
    const [season] = await run('insert into core.seasons (show_id, season_number) values ($1, 1) returning id', [
      show.id,
    ]);
    const [episode] = await run(
      'insert into core.episodes (show_id, season_id, season_number, episode_number) values ($1, $2, 1, 1) returning id',
      [show.id, season.id],
    );
    await run('insert into identity.users (id) values ($1) on conflict do nothing', [user]);
    await run("insert into identity.accounts (issuer, subject, user_id) values ('trr-local', $1::text, $1::uuid)", [
      user,
    ]);
    const threads = await run(
      `insert into social.threads (episode_id, title, type, created_by)
       select $1, 'Thread ' || n, 'general', $2 from generate_series(1, ${THREADS}) n returning id`,
      [episode.id, user],
    );
    await run(
      `insert into social.posts (thread_id, user_id, body, created_at)
       select t.id, $1, repeat('A sentence. ', 10), now() - make_interval(secs => ${POSTS} - n)
       from social.threads t, generate_series(1, ${POSTS}) n`,
      [user],
    );
    await run("insert into social.reactions (post_id, user_id, reaction) select id, $1, 'fire' from social.posts", [
      user,
    ]);
    for (const [{ survey: id, question }, answers] of [
      [SURVEYS.small, 100],
      [SURVEYS.large, 100_000],
    ] as const) {
      await run("insert into surveys.surveys (id, show_id, title, status) values ($1, $2, 'Bench', 'published')", [
        id,
        show.id,
      ]);
      await run(
        "insert into surveys.questions (id, survey_id, question_order, prompt, question_type) values ($1, $2, 1, 'Which?', 'single_choice')",
        [question, id],
      );
      await run(
        "insert into surveys.options (question_id, option_order, label, value) select $1, n, 'O' || n, 'o' || n from generate_series(1, 5) n",
        [question],
      );
      await run(
        `with r as (
           insert into surveys.responses (survey_id, anonymous_key) select $1, md5('key' || n) from generate_series(1, $2::int) n returning id
         ) insert into surveys.answers (survey_id, response_id, question_id, answer)
         select $1, r.id, $3, '"o2"' from r`,
        [id, answers, question],
      );
    }
    await run('analyze');
    return { threads: threads.map(({ id }) => String(id)) };
  });
}
