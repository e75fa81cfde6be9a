import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { arrangeShow, atOnce, type Community, community, refusal } from './community.ts';

let database: TestDatabase;
let c: Community;
let show: string;

beforeAll(async () => {
  database = await createTestDatabase({ poolMax: 40 });
  c = community(database);
  ({ show } = await arrangeShow(c, 'Show'));
});

afterAll(() => database.drop());

async function newGame() {
  const game = String(
    await c.value(
      "insert into games.games (show_id, title, game_type, status) values ($1, 'G', 'quiz', 'published') returning id",
      [show],
    ),
  );
  const question = async (order: number, type: string) => {
    const id = String(
      await c.value(
        "insert into games.questions (game_id, question_order, prompt, question_type) values ($1, $2, 'Q', $3) returning id",
        [game, order, type],
      ),
    );
    await c.value(
      "insert into games.options (question_id, option_order, label, value) values ($1, 1, 'A', 'a'), ($1, 2, 'B', 'b')",
      [id],
    );
    await c.value('insert into games.answer_keys (question_id, answer) values ($1, \'{"value": "a"}\')', [id]);
    return id;
  };
  return { game, single: await question(1, 'single_choice'), ranking: await question(2, 'ranking') };
}

const START = 'select games.start_session($1)';
const SAVE = 'select games.save_answer($1, $2, $3)';
const json = JSON.stringify;

describe('a play-through', () => {
  it('is one for twenty starts of a user at once', async () => {
    const { game } = await newGame();
    const ann = await c.user('starts twenty times');
    const sessions = await Promise.all(Array.from({ length: 20 }, () => c.call(ann, START, [game])));
    expect(new Set(sessions).size).toBe(1);
  });

  it('takes answers until it is submitted, then none; a second one is refused', async () => {
    const g = await newGame();
    const [ann, bob] = [await c.user('plays'), await c.user('peeks')];
    const session = await c.call(ann, START, [g.game]);
    expect(await c.call(ann, SAVE, [session, g.single, json('b')])).toEqual({ value: 'b' });
    expect(await c.call(ann, SAVE, [session, g.single, json('a')])).toEqual({ value: 'a' });
    expect(await c.call(ann, SAVE, [session, g.ranking, json(['b', 'a'])])).toEqual({ value: ['b', 'a'] });
    for (const wrong of [['a'], 'a', ['a', 'c'], ['a', 'a']]) {
      expect(await refusal(c.call(ann, SAVE, [session, g.ranking, json(wrong)]))).toBe('TR013');
    }
    expect(await refusal(c.call(ann, SAVE, [session, show, json('a')]))).toBe('TR014');
    expect(await refusal(c.call(bob, SAVE, [session, g.single, json('b')]))).toBe('TR043');
    expect(await refusal(c.call(bob, 'select games.submit_session($1)', [session]))).toBe('TR043');
    expect(await c.call(bob, 'select count(*)::int from games.responses')).toBe(0);
    await c.call(ann, 'select games.submit_session($1)', [session]);
    await c.call(ann, 'select games.submit_session($1)', [session]);
    expect(await refusal(c.call(ann, SAVE, [session, g.single, json('b')]))).toBe('TR042');
    expect(await refusal(c.call(ann, 'select games.abandon_session($1)', [session]))).toBe('TR042');
    expect(await refusal(c.call(ann, START, [g.game]))).toBe('TR012');
    expect(await c.call(ann, 'select count(*)::int from games.responses')).toBe(2);
  });

  it('can be given up for a new one', async () => {
    const { game } = await newGame();
    const ann = await c.user('gives up');
    const session = await c.call(ann, START, [game]);
    await c.call(ann, 'select games.abandon_session($1)', [session]);
    expect(await c.call(ann, START, [game])).not.toBe(session);
  });

  it('is begun and answered only while the game is open', async () => {
    const g = await newGame();
    const ann = await c.user('too late');
    const session = await c.call(ann, START, [g.game]);
    await database.owner("update games.games set ends_at = now() - interval '1 second' where id = $1", [g.game]);
    expect(await refusal(c.call(ann, SAVE, [session, g.single, json('a')]))).toBe('TR041');
    expect(await refusal(c.call(ann, 'select games.submit_session($1)', [session]))).toBe('TR041');
    expect(await refusal(c.call(await c.user('never began'), START, [g.game]))).toBe('TR041');
    expect(await refusal(c.call(ann, START, [show]))).toBe('TR040');
  });

  it('never races its own end: an answer is in before the submit or refused after', async () => {
    const g = await newGame();
    const ann = await c.user('races');
    const session = await c.call(ann, START, [g.game]);
    const outcomes = await atOnce(20, (n) =>
      n === 10
        ? c.call(ann, 'select games.submit_session($1)', [session])
        : c.call(ann, SAVE, [session, g.single, json('a')]),
    );
    expect(Object.keys(outcomes).filter((code) => code !== 'accepted' && code !== 'TR042')).toEqual([]);
    expect(await c.value('select status from games.sessions where id = $1', [session])).toBe('submitted');
  });
});

it('answer keys are the service role’s alone', async () => {
  await newGame();
  const read = 'select count(*)::int from games.answer_keys';
  expect(await refusal(c.call(await c.user('cheats'), read))).toBe('42501');
  expect(await refusal(database.db.public.raw(read))).toBe('42501');
  expect(await c.service(read)).toBeGreaterThan(0);
});
