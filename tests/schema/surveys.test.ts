import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { arrangeShow, atOnce, type Community, community, refusal } from './community.ts';

const SUBMIT = 'select surveys.submit_response($1, $2)';
const SUBMIT_KEYED = 'select surveys.submit_response($1, $2, $3, $4)';

let database: TestDatabase;
let c: Community;
let show: string;

beforeAll(async () => {
  database = await createTestDatabase({ poolMax: 40 });
  c = community(database);
  ({ show } = await arrangeShow(c, 'Show'));
});

afterAll(() => database.drop());

interface Survey {
  readonly id: string;
  readonly single: string;
  readonly multiple: string;
  readonly numeric: string;
  readonly text: string;
}

async function newSurvey(extra = ''): Promise<Survey> {
  const id = String(
    await c.value(
      `insert into surveys.surveys (show_id, title, status${extra === '' ? '' : `, ${extra.split('=')[0]}`})
       values ($1, 'S', 'published'${extra === '' ? '' : `, ${extra.split('=')[1]}`}) returning id`,
      [show],
    ),
  );
  const ids: string[] = [];
  for (const [order, type] of ['single_choice', 'multiple_choice', 'numeric', 'free_text'].entries()) {
    const question = String(
      await c.value(
        `insert into surveys.questions (survey_id, question_order, prompt, question_type, config)
         values ($1, $2, 'Q', $3, '{"min": 0, "max": 10}') returning id`,
        [id, order + 1, type],
      ),
    );
    ids.push(question);
    if (order < 2) {
      await c.value(
        `insert into surveys.options (question_id, option_order, label, value)
         values ($1, 1, 'A', 'a'), ($1, 2, 'B', 'b'), ($1, 3, 'Five', '5'), ($1, 4, 'No value', null)`,
        [question],
      );
    }
  }
  const [single = '', multiple = '', numeric = '', text = ''] = ids;
  return { id, single, multiple, numeric, text };
}

const answers = (...list: (readonly [string, unknown])[]) =>
  JSON.stringify(list.map(([question_id, answer]) => ({ question_id, answer })));
const result = (question: string) =>
  c.value('select aggregate from surveys.aggregates where question_id = $1', [question]);
const differences = (survey: string) => database.owner('select * from surveys.recount($1)', [survey]);

describe('one answer each', () => {
  it('for twenty submits of one user at once', async () => {
    const s = await newSurvey();
    const ann = await c.user('twenty at once');
    expect(await atOnce(20, () => c.call(ann, SUBMIT, [s.id, answers([s.single, 'a'])]))).toEqual({
      accepted: 1,
      TR012: 19,
    });
    expect(await result(s.single)).toMatchObject({ total_responses: 1, distribution: { a: 1 } });
    expect(await differences(s.id)).toEqual([]);
  });

  it('for twenty submits under one anonymous key at once', async () => {
    const s = await newSurvey();
    const submit = () => c.service(SUBMIT_KEYED, [s.id, answers([s.single, 'b']), 'anonymous-key-0001', null]);
    expect(await atOnce(20, submit)).toEqual({ accepted: 1, TR012: 19 });
    expect(await result(s.single)).toMatchObject({
      signed_in: { total_responses: 0, distribution: {} },
      anonymous: { total_responses: 1, distribution: { b: 1 } },
    });
  });

  it('and all of twenty people at once, exactly counted', async () => {
    const s = await newSurvey();
    const people = await Promise.all(Array.from({ length: 20 }, (_, n) => c.user(`voter ${n}`)));
    const done = await atOnce(20, (n) =>
      n % 4 === 3
        ? c.service(SUBMIT_KEYED, [s.id, answers([s.multiple, ['a']], [s.single, 'b']), `anonymous-voter-${n}`, null])
        : c.call(people[n] ?? '', SUBMIT, [
            s.id,
            answers([s.single, n % 2 === 0 ? 'a' : 'b'], [s.multiple, ['b', 'a']]),
          ]),
    );
    expect(done).toEqual({ accepted: 20 });
    expect(await result(s.single)).toEqual({
      total_responses: 20,
      distribution: { a: 10, b: 10 },
      percentages: { a: 50, b: 50 },
      signed_in: { total_responses: 15, distribution: { a: 10, b: 5 } },
      anonymous: { total_responses: 5, distribution: { b: 5 } },
    });
    expect(await result(s.multiple)).toMatchObject({ distribution: { a: 20, b: 15 }, percentages: { a: 100, b: 75 } });
    expect(await differences(s.id)).toEqual([]);
  });
});

describe('who may answer', () => {
  it('anonymous answers come through the service role only, with a key', async () => {
    const s = await newSurvey();
    const given = answers([s.single, 'a']);
    const ann = await c.user('keyless');
    expect(await refusal(c.call(ann, SUBMIT_KEYED, [s.id, given, 'anonymous-key-0002', null]))).toBe('TR018');
    expect(await refusal(c.service(SUBMIT, [s.id, given]))).toBe('TR001');
    expect(await refusal(c.service(SUBMIT_KEYED, [s.id, given, 'short', null]))).toBe('TR018');
    expect(await refusal(database.db.public.raw(SUBMIT, [s.id, given]))).toBe('42501');
    const [row] = await database.owner('select count(*)::int as n from surveys.responses where survey_id = $1', [s.id]);
    expect(row).toEqual({ n: 0 });
  });

  it('only signed-in people where the survey says so', async () => {
    const s = await newSurvey('requires_sign_in=true');
    expect(await refusal(c.service(SUBMIT_KEYED, [s.id, answers([s.single, 'a']), 'anonymous-key-0003', null]))).toBe(
      'TR001',
    );
    expect(await refusal(c.call(await c.user('signed in'), SUBMIT, [s.id, answers([s.single, 'a'])]))).toBe('accepted');
  });

  it('five a day from one address without a key, twenty at once', async () => {
    const s = await newSurvey();
    const submit = (n: number) =>
      c.service(SUBMIT_KEYED, [s.id, answers([s.single, 'a']), `fresh-key-${n}-0123456789`, 'hash-of-an-address']);
    expect(await atOnce(20, submit)).toEqual({ accepted: 5, TR019: 15 });
    expect(await result(s.single)).toMatchObject({ total_responses: 5 });
    expect(await differences(s.id)).toEqual([]);
  });

  it('nobody where the survey is unknown or closed', async () => {
    const ann = await c.user('late');
    const s = await newSurvey();
    expect(await refusal(c.call(ann, SUBMIT, [show, answers([s.single, 'a'])]))).toBe('TR010');
    await database.owner("update surveys.surveys set status = 'draft' where id = $1", [s.id]);
    expect(await refusal(c.call(ann, SUBMIT, [s.id, answers([s.single, 'a'])]))).toBe('TR011');
  });
});

describe('answers', () => {
  it('are all stored or none', async () => {
    const s = await newSurvey();
    const ann = await c.user('half right');
    expect(await refusal(c.call(ann, SUBMIT, [s.id, answers([s.single, 'a'], [s.numeric, 11])]))).toBe('TR013');
    expect(await refusal(c.call(ann, SUBMIT, [s.id, answers([s.single, 'a'], [show, 1])]))).toBe('TR014');
    expect(await c.value('select count(*)::int from surveys.responses where survey_id = $1', [s.id])).toBe(0);
    expect(await refusal(c.call(ann, SUBMIT, [s.id, answers([s.single, 'a'], [s.numeric, 10])]))).toBe('accepted');
  });

  it('have one stored form per type of question', async () => {
    const s = await newSurvey();
    const forms: [string, unknown, unknown][] = [
      [s.single, 'a', { value: 'a' }],
      [s.single, 5, { value: '5' }],
      [s.single, 'No value', { value: 'No value' }],
      [s.single, { value: 'b', note: 'x' }, { value: 'b', note: 'x' }],
      [s.multiple, 'a', { value: ['a'] }],
      [s.multiple, ['b', 5], { value: ['b', '5'] }],
      [s.numeric, 2.5, { value: 2.5 }],
      [s.text, ' hm ', { value: ' hm ' }],
    ];
    for (const [at, [question, sent, stored]] of forms.entries()) {
      const id = await c.call(await c.user(`form ${at}`), SUBMIT, [s.id, answers([question, sent])]);
      expect(await c.value('select answer from surveys.answers where response_id = $1', [id])).toEqual(stored);
    }
    const refused: [string, unknown][] = [
      [s.multiple, []],
      [s.multiple, ['a', 'a']],
      [s.multiple, ['a', 'c']],
      [s.multiple, [['a']]],
      [s.numeric, '5'],
      [s.numeric, -1],
      [s.numeric, [1]],
      [s.numeric, 0.1234567],
      [s.text, { note: 'x' }],
      [s.single, { value: 'a', note: 'x'.repeat(9000) }],
    ];
    for (const [question, sent] of refused) {
      const call = c.call(await c.user('refused'), SUBMIT, [s.id, answers([question, sent])]);
      expect(await refusal(call), JSON.stringify(sent)).toBe('TR013');
    }
  });

  it('are read by whoever gave them, and by nobody else', async () => {
    const s = await newSurvey();
    const [ann, bob] = [await c.user('owner of an answer'), await c.user('curious about it')];
    await c.call(ann, SUBMIT, [s.id, answers([s.single, 'a'])]);
    const count = `select (select count(*)::int from surveys.responses where survey_id = $1) + (select count(*)::int from surveys.answers where survey_id = $1)`;
    expect(await c.call(ann, count, [s.id])).toBe(2);
    expect(await c.call(bob, count, [s.id])).toBe(0);
    expect(await refusal(database.db.public.raw(count, [s.id]))).toBe('42501');
  });
});

describe('results', () => {
  it('include the answer within its own transaction', async () => {
    const s = await newSurvey();
    await c.as(await c.user('impatient'), async (tx) => {
      await tx.raw(SUBMIT, [s.id, answers([s.single, 'a'], [s.text, 'secret'])]);
      const rows = await tx.raw<{ aggregate: unknown }>(
        "select aggregate - 'signed_in' - 'anonymous' as aggregate from surveys.aggregates where question_id = any ($1) order by question_id = $2 desc",
        [[s.single, s.text], s.single],
      );
      expect(rows.map(({ aggregate }) => aggregate)).toEqual([
        { total_responses: 1, distribution: { a: 1 }, percentages: { a: 100 } },
        // Free text is counted, never listed.
        { total_responses: 1, distribution: {}, percentages: {} },
      ]);
    });
  });

  it('are proven by the recount, which finds what is wrong', async () => {
    const s = await newSurvey();
    await c.call(await c.user('miscounted'), SUBMIT, [s.id, answers([s.single, 'a'])]);
    await database.owner("update surveys.tallies set signed_in = 7 where question_id = $1 and kind = 'value'", [
      s.single,
    ]);
    await database.owner('update surveys.response_tallies set anonymous = 2 where survey_id = $1', [s.id]);
    expect(await c.as(await c.user('x'), (tx) => tx.raw('select 1').then(() => differences(s.id)))).toMatchObject([
      { question_id: null, kind: 'responses', tallied_anonymous: '2', counted_anonymous: '0' },
      { question_id: s.single, kind: 'value', bucket: 'a', tallied_signed_in: '7', counted_signed_in: '1' },
    ]);
  });

  it('cannot be written by anybody', async () => {
    for (const text of ['update surveys.tallies set signed_in = 9', 'delete from surveys.response_tallies']) {
      expect(await refusal(c.service(text))).toBe('42501');
      expect(await refusal(c.call(await c.user('x'), text))).toBe('42501');
    }
  });

  it('equal the recount whatever people do, in any order and at once', async () => {
    const s = await newSurvey();
    const choice = fc.constantFrom('a', 'b', 5);
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant('answer' as const),
          who: fc.nat(7),
          single: choice,
          list: fc.uniqueArray(choice, { maxLength: 3 }),
          number: fc.nat(12),
        }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), who: fc.nat(7) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('erase' as const), who: fc.nat(7) }) },
    );
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
        round += 1;
        await Promise.all(
          steps.map(async (one) => {
            const name = `r${round}-p${one.who}`;
            const key = `anonymous-key-of-${name}`;
            if (one.do === 'leave') {
              return c.service(
                'delete from identity.users where id in (select user_id from identity.accounts where subject = $1)',
                [name],
              );
            }
            if (one.do === 'erase') return c.service('delete from surveys.responses where anonymous_key = $1', [key]);
            const given = answers(
              [s.single, one.single],
              [s.multiple, one.list.length > 0 ? one.list : null],
              [s.numeric, one.number],
            );
            const outcome = await refusal(
              one.who % 3 === 0
                ? c.service(SUBMIT_KEYED, [s.id, given, key, null])
                : c.call(await c.user(name), SUBMIT, [s.id, given]),
            );
            // TR001: the account was deleted in between.
            expect(['accepted', 'TR001', 'TR012', 'TR013']).toContain(outcome);
            if (one.number > 10) expect(outcome).not.toBe('accepted');
          }),
        );
        expect(await differences(s.id)).toEqual([]);
      }),
      { numRuns: 15 },
    );
    expect(await c.value('select count(*)::int from surveys.responses where survey_id = $1', [s.id])).toBeGreaterThan(
      5,
    );
    // Parts of a survey go with what hangs on them.
    await database.owner('delete from surveys.questions where id = $1', [s.multiple]);
    expect(await differences(s.id)).toEqual([]);
    await database.owner('delete from surveys.surveys where id = $1', [s.id]);
    expect(await c.value('select count(*)::int from surveys.tallies where survey_id = $1', [s.id])).toBe(0);
  });

  it('keep their meaning: an answered question keeps its type', async () => {
    const s = await newSurvey();
    await c.call(await c.user('typed'), SUBMIT, [s.id, answers([s.numeric, 3])]);
    const change = "update surveys.questions set question_type = 'free_text' where id = $1";
    expect(await refusal(database.owner(change, [s.numeric]))).toBe('TR017');
    expect(await refusal(database.owner(change, [s.single]))).toBe('accepted');
  });
});
