import pg from 'pg';
import { idOf } from './statements.ts';

const WRITERS = 16;
const answersTo = (survey: number) =>
  JSON.stringify([
    { question_id: idOf('question', `${survey}.1`), answer: 'o2' },
    { question_id: idOf('question', `${survey}.2`), answer: ['o1', 'o5'] },
    { question_id: idOf('question', `${survey}.3`), answer: 4 },
  ]);

/** Submits per second to one survey by sixteen writers, each signed in as somebody else every time, each in a transaction of its own. */
export async function submits(url: string, survey: number, seconds: number, nextUser: () => string): Promise<number> {
  const end = performance.now() + seconds * 1000;
  let count = 0;
  const writer = async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      while (performance.now() < end) {
        const claims = pg.escapeLiteral(JSON.stringify({ role: 'authenticated', sub: nextUser() }));
        await client.query(
          `begin; select set_config('request.jwt.claims', ${claims}, true), set_config('role', 'authenticated', true)`,
        );
        await client.query({
          name: 'submit',
          text: 'select surveys.submit_response($1, $2::jsonb)',
          values: [idOf('survey', survey), answersTo(survey)],
        });
        await client.query('commit');
        count += 1;
      }
    } finally {
      await client.end();
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
  return count / seconds;
}

const TALLY_TRIGGERS = [
  ['surveys.answers', 'surveys_answers_tally_added'],
  ['surveys.responses', 'surveys_responses_tally_added'],
] as const;

/** Switches the counting off or on, for the other side of the comparison. */
export async function setTallies(client: pg.Client, on: boolean): Promise<void> {
  for (const [table, trigger] of TALLY_TRIGGERS) {
    await client.query(`alter table ${table} ${on ? 'enable' : 'disable'} trigger ${trigger}`);
  }
}
