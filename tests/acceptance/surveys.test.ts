import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EPISODES, IDS } from './fixture.ts';
import { ask, errorsOf, expectProblem, type Json } from './http.ts';
import { done, type MadeSurvey, makeSurvey, SURVEY, send } from './people.ts';
import { type Person, startTarget, type Target } from './server.ts';

let target: Target;
let admin: Person;
beforeAll(async () => {
  target = await startTarget();
  admin = await target.admin();
});
afterAll(() => target.close());

const SURVEYS = '/api/v1/surveys';
const submit = (survey: string, answers: unknown, who: Person | null = null, headers: Record<string, string> = {}) =>
  send(target, 'POST', `${SURVEYS}/${survey}/submit`, who, { answers }, headers);
const answer = (question: string, value: unknown) => ({ question_id: question, answer: value });
const results = async (survey: string) => (await ask(target.baseUrl, `${SURVEYS}/${survey}/results`)).json as Results;

interface Results {
  total_responses: number;
  signed_in_responses: number;
  anonymous_responses: number;
  questions: {
    question_id: string;
    total_responses: number;
    distribution: Record<string, number>;
    percentages: Record<string, number>;
    signed_in: Json;
    anonymous: Json;
  }[];
}

describe('reading surveys', () => {
  it('U1: no survey of a show is []', async () => {
    const none = await ask(target.baseUrl, `${SURVEYS}?show_id=${IDS.unknown}`);
    expect([none.status, none.json]).toEqual([200, []]);
  });

  it('U2: published ones by default, newest first, by show; a bad uuid is 422', async () => {
    const made = [];
    for (const title of ['One', 'Two', 'Three']) {
      made.push(await makeSurvey(target, admin, { title, show_id: IDS.bare, episode_id: null }));
    }
    const draft = await makeSurvey(target, admin, { title: 'Draft', show_id: IDS.bare, publish: false });
    const listed = (await ask(target.baseUrl, `${SURVEYS}?show_id=${IDS.bare}`)).json as Json[];
    const ids = listed.map((survey) => survey['id']);
    expect(ids.slice(0, 3)).toEqual(made.map(({ id }) => id).reverse());
    expect(ids).not.toContain(draft.id);
    expect(errorsOf(await ask(target.baseUrl, `${SURVEYS}?show_id=x`))).toEqual(['uuid_parsing@query.show_id']);
    const first = await ask(target.baseUrl, `${SURVEYS}?show_id=${IDS.bare}&limit=2`);
    const next = /<([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    expect(((await ask(target.baseUrl, next)).json as Json[])[0]?.['id']).toBe(made[0]?.id);
  });

  it('U2: by season and episode', async () => {
    const about = await makeSurvey(target, admin, { season_id: IDS.season1, episode_id: EPISODES.first });
    const listed = (await ask(target.baseUrl, `${SURVEYS}?episode_id=${EPISODES.first}`)).json as Json[];
    expect(listed.map((survey) => survey['id'])).toContain(about.id);
    expect((await ask(target.baseUrl, `${SURVEYS}?season_id=${IDS.season2}`)).json).toEqual([]);
  });

  it('U3: others than published are for administrators', async () => {
    const draft = await makeSurvey(target, admin, { publish: false });
    const user = await target.user();
    for (const status of ['draft', 'archived', '']) {
      expectProblem(await ask(target.baseUrl, `${SURVEYS}?status=${status}`), 403);
      expectProblem(await send(target, 'GET', `${SURVEYS}?status=${status}`, user), 403);
    }
    const listed = (await send(target, 'GET', `${SURVEYS}?status=draft`, admin)).json as Json[];
    expect(listed.map((survey) => survey['id'])).toContain(draft.id);
    const all = (await send(target, 'GET', `${SURVEYS}?status=&limit=100`, admin)).json as Json[];
    expect(new Set(all.map((survey) => survey['status'])).size).toBeGreaterThan(1);
  });

  it('U4: an unknown survey is 404 "Survey not found"', async () => {
    expectProblem(await ask(target.baseUrl, `${SURVEYS}/${IDS.unknown}`), 404, 'Survey not found');
    expect(errorsOf(await ask(target.baseUrl, `${SURVEYS}/x`))).toEqual(['uuid_parsing@path.survey_id']);
  });

  it('U5: questions and options in their order; drafts for administrators only', async () => {
    const { id } = await makeSurvey(target, admin);
    const answer = await ask(target.baseUrl, `${SURVEYS}/${id}`);
    expect(answer.headers.get('cache-control')).toBe('public, no-cache');
    const detail = answer.json as { questions: Json[] };
    expect(detail.questions.map((q) => [q['question_order'], q['prompt']])).toEqual(
      SURVEY.questions.map((q, at) => [at + 1, q.prompt]),
    );
    expect((detail.questions[0]?.['options'] as Json[]).map((o) => o['label'])).toEqual(['Ana', 'Ben', 'Nobody']);
    const draft = await makeSurvey(target, admin, { publish: false });
    expectProblem(await ask(target.baseUrl, `${SURVEYS}/${draft.id}`), 404);
    expectProblem(await ask(target.baseUrl, `${SURVEYS}/${draft.id}/results`), 404);
    expect((await send(target, 'GET', `${SURVEYS}/${draft.id}`, admin)).status).toBe(200);
  });
});

describe('answering', () => {
  let survey: MadeSurvey;
  beforeAll(async () => {
    survey = await makeSurvey(target, admin);
  });

  it('U6, U7: results are for everybody, live, and 404 for an unknown survey', async () => {
    expectProblem(await ask(target.baseUrl, `${SURVEYS}/${IDS.unknown}/results`), 404, 'Survey not found');
    const fresh = await makeSurvey(target, admin);
    const empty = await ask(target.baseUrl, `${SURVEYS}/${fresh.id}/results`);
    expect(empty.json).toEqual({
      survey_id: fresh.id,
      total_responses: 0,
      signed_in_responses: 0,
      anonymous_responses: 0,
      questions: [],
    });
    expect(empty.headers.get('cache-control')).toContain('no-cache');
  });

  it('U8, U12: an answer is in the results of its own answer; only answered questions are listed', async () => {
    const [one, two] = [await target.user(), await target.user()];
    const first = await submit(survey.id, [answer(survey.choice, 'ana'), answer(survey.many, ['vote', 'fire'])], one);
    expect(first.status, first.text).toBe(200);
    const body = first.json as { response_id: string; results: Results; anonymous_key: null };
    expect(body.response_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(body.anonymous_key).toBeNull();
    expect(body.results.total_responses).toBe(1);
    await submit(survey.id, [answer(survey.choice, 'ben'), answer(survey.many, ['vote'])], two);
    await submit(survey.id, [answer(survey.choice, 'ana')]);
    const now = await results(survey.id);
    expect(now).toMatchObject({ total_responses: 3, signed_in_responses: 2, anonymous_responses: 1 });
    expect(now.questions.map((q) => q.question_id)).toEqual([survey.choice, survey.many]);
    expect(now.questions[0]).toMatchObject({
      total_responses: 3,
      distribution: { ana: 2, ben: 1 },
      percentages: { ana: 66.7, ben: 33.3 },
      signed_in: { total_responses: 2, distribution: { ana: 1, ben: 1 } },
      anonymous: { total_responses: 1, distribution: { ana: 1 } },
    });
    expect(now.questions[1]).toMatchObject({ total_responses: 2, percentages: { vote: 100, fire: 50 } });
  });

  it('U9: an unknown survey is 404', async () => {
    expectProblem(await submit(IDS.unknown, [answer(survey.choice, 'ana')]), 404, 'Survey not found');
  });

  it('U10: missing answers are 422 at body.answers; U18: so are none', async () => {
    const missing = await send(target, 'POST', `${SURVEYS}/${survey.id}/submit`, null, {});
    expectProblem(missing, 422);
    expect(errorsOf(missing)).toEqual(['missing@body.answers']);
    const before = (await results(survey.id)).total_responses;
    expectProblem(await submit(survey.id, []), 422);
    expectProblem(await submit(survey.id, [answer(survey.choice, null)]), 422);
    expect((await results(survey.id)).total_responses).toBe(before);
  });

  it('U11, U20: drafts, closed surveys and closed windows take no answers', async () => {
    const hour = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
    const draft = await makeSurvey(target, admin, { publish: false });
    const closed = await makeSurvey(target, admin);
    await done(target, 'POST', `${SURVEYS}/${closed.id}/close`, admin);
    const early = await makeSurvey(target, admin, { starts_at: hour(1) });
    const late = await makeSurvey(target, admin, { starts_at: hour(-2), ends_at: hour(-1) });
    for (const { id, choice } of [draft, closed, early, late]) {
      const refused = await submit(id, [answer(choice, 'ana')], await target.user());
      expectProblem(refused, 400, 'Survey is not accepting responses');
    }
    const open = await makeSurvey(target, admin, { starts_at: hour(-1), ends_at: hour(1) });
    expect((await submit(open.id, [answer(open.choice, 'ana')])).status).toBe(200);
  });

  it('U13: without a token, or with a bad one, an answer is anonymous and gets a key', async () => {
    const first = await submit(survey.id, [answer(survey.choice, 'ben')]);
    const { anonymous_key: key } = first.json as { anonymous_key: string };
    expect(first.status, first.text).toBe(200);
    expect(first.headers.get('x-anonymous-key')).toBe(key);
    expectProblem(await submit(survey.id, [answer(survey.choice, 'ben')], null, { 'x-anonymous-key': key }), 409);
    const other = await makeSurvey(target, admin);
    const again = await submit(other.id, [answer(other.choice, 'ben')], null, { 'x-anonymous-key': key });
    expect([again.status, again.headers.get('x-anonymous-key')]).toEqual([200, key]);
    const inBody = await send(target, 'POST', `${SURVEYS}/${other.id}/submit`, null, {
      answers: [answer(other.choice, 'ben')],
      anonymous_key: key,
    });
    expect(expectProblem(inBody, 409)['code']).toBe('already_submitted');
    const liar = await submit(other.id, [answer(other.choice, 'ana')], null, { authorization: 'Bearer x.y.z' });
    expect(liar.status, liar.text).toBe(200);
    const forged = `${key.slice(0, -4)}AAAA`;
    for (const bad of [forged, 'x', `${key}x`]) {
      const refused = await submit(other.id, [answer(other.choice, 'ana')], null, { 'x-anonymous-key': bad });
      expect(expectProblem(refused, 400)['code']).toBe('bad_anonymous_key');
    }
  });

  it('U13: five new anonymous people a day, survey and address', async () => {
    const popular = await makeSurvey(target, admin);
    const statuses = [];
    for (let n = 0; n < 7; n++) statuses.push((await submit(popular.id, [answer(popular.choice, 'ana')])).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect((await results(popular.id)).total_responses).toBe(5);
  });

  it('U13: a survey may require sign-in', async () => {
    const strict = await makeSurvey(target, admin, { requires_sign_in: true });
    expectProblem(await submit(strict.id, [answer(strict.choice, 'ana')]), 401);
    expect((await submit(strict.id, [answer(strict.choice, 'ana')], await target.user())).status).toBe(200);
  });

  it('U14: the same user again is 409 already_submitted, also twenty at once', async () => {
    const fresh = await makeSurvey(target, admin);
    const user = await target.user();
    const all = await Promise.all(
      Array.from({ length: 20 }, () => submit(fresh.id, [answer(fresh.choice, 'ana')], user)),
    );
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
    const refused = all.filter(({ status }) => status !== 200);
    for (const one of refused) expect(expectProblem(one, 409)['code']).toBe('already_submitted');
    expect((await results(fresh.id)).total_responses).toBe(1);
  });

  it('U15, U16: a strange question or the same twice refuses the whole response', async () => {
    const [fresh, other] = [await makeSurvey(target, admin), await makeSurvey(target, admin)];
    const user = await target.user();
    for (const answers of [
      [answer(fresh.choice, 'ana'), answer(other.choice, 'ana')],
      [answer(fresh.choice, 'ana'), answer(IDS.unknown, 'ana')],
      [answer(fresh.choice, 'ana'), answer(fresh.choice, 'ben')],
    ]) {
      expectProblem(await submit(fresh.id, answers, user), 422);
    }
    expect((await results(fresh.id)).total_responses).toBe(0);
    expect((await submit(fresh.id, [answer(fresh.choice, 'ana')], user)).status).toBe(200);
  });

  it('U17: scalars, lists and {"value": ...} count alike; what does not fit is 422', async () => {
    const fresh = await makeSurvey(target, admin);
    const good = [
      [answer(fresh.choice, 'ana'), answer(fresh.number, 7), answer(fresh.text, 'Because.')],
      [answer(fresh.choice, { value: 'ana' }), answer(fresh.number, { value: 7 })],
      [answer(fresh.choice, 'Nobody'), answer(fresh.many, 'vote')],
    ];
    for (const answers of good) {
      const sent = await submit(fresh.id, answers, await target.user());
      expect(sent.status, sent.text).toBe(200);
    }
    const [choice, many, number, text] = (await results(fresh.id)).questions;
    expect(choice?.distribution).toEqual({ ana: 2, Nobody: 1 });
    expect(many?.distribution).toEqual({ vote: 1 });
    expect(number?.distribution).toEqual({ '7': 2 });
    expect([text?.total_responses, text?.distribution]).toEqual([1, {}]);
    const user = await target.user();
    for (const wrong of [
      answer(fresh.choice, 'eve'),
      answer(fresh.choice, ['ana', 'ben']),
      answer(fresh.many, ['vote', 'vote']),
      answer(fresh.number, 11),
      answer(fresh.number, 'many'),
      answer(fresh.text, ' '),
      answer(fresh.text, 'x'.repeat(5001)),
    ]) {
      expectProblem(await submit(fresh.id, [wrong], user), 422);
    }
  });

  it('U19: the counters agree with the answers after any answers', async () => {
    const fresh = await makeSurvey(target, admin);
    const values = fc.record({
      choice: fc.option(fc.constantFrom('ana', 'ben', 'Nobody')),
      many: fc.option(fc.subarray(['vote', 'fire'], { minLength: 1 })),
      number: fc.option(fc.integer({ min: 0, max: 10 })),
    });
    const given = fc.sample(values, { numRuns: 12, seed: 7 }).filter((v) => Object.values(v).some((x) => x !== null));
    await Promise.all(
      given.map(async (value) =>
        submit(
          fresh.id,
          (['choice', 'many', 'number'] as const)
            .filter((name) => value[name] !== null)
            .map((name) => answer(fresh[name], value[name])),
          await target.user(),
        ),
      ),
    );
    const now = await results(fresh.id);
    expect(now.total_responses).toBe(given.length);
    for (const [name, question] of [
      ['choice', fresh.choice],
      ['many', fresh.many],
      ['number', fresh.number],
    ] as const) {
      const counts: Record<string, number> = {};
      const answers = given.map((value) => value[name]).filter((value) => value !== null);
      for (const item of answers.flat()) counts[String(item)] = (counts[String(item)] ?? 0) + 1;
      const found = now.questions.find((q) => q.question_id === question);
      expect(found?.distribution ?? {}).toEqual(counts);
      for (const [value, share] of Object.entries(found?.percentages ?? {})) {
        expect(share).toBeCloseTo((100 * (counts[value] ?? 0)) / answers.length, 1);
      }
    }
    const counted = await done(target, 'GET', `${SURVEYS}/${fresh.id}/recount`, admin);
    expect(counted['differences']).toEqual([]);
  });
});
