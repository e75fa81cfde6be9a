import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IDS } from './fixture.ts';
import { ask, errorsOf, expectProblem, type Json } from './http.ts';
import { done, makeSurvey, SURVEY, send } from './people.ts';
import { type Person, startTarget, type Target } from './server.ts';

let target: Target;
let admin: Person;
beforeAll(async () => {
  target = await startTarget();
  admin = await target.admin();
});
afterAll(() => target.close());

const SURVEYS = '/api/v1/surveys';
const log = async (id: string) =>
  ((await send(target, 'GET', `/api/v1/admin/audit?target_type=survey&target_id=${id}`, admin)).json as Json[]).map(
    (entry) => [entry['action'], entry['actor_id']],
  );

describe('administrators', () => {
  it('alone make, change, publish, close and delete surveys', async () => {
    const { id } = await makeSurvey(target, admin);
    const user = await target.user();
    for (const [method, path, body] of [
      ['POST', '', SURVEY],
      ['PUT', `/${id}`, { title: 'Mine' }],
      ['PUT', `/${id}/questions`, { questions: SURVEY.questions }],
      ['POST', `/${id}/publish`, undefined],
      ['POST', `/${id}/close`, undefined],
      ['DELETE', `/${id}`, undefined],
      ['GET', `/${id}/export`, undefined],
      ['GET', `/${id}/recount`, undefined],
    ] as const) {
      expectProblem(await send(target, method, SURVEYS + path, null, body), 401);
      expectProblem(await send(target, method, SURVEYS + path, user, body), 403);
    }
  });

  it('change everything but the questions somebody has answered; each act is in the log', async () => {
    const survey = await makeSurvey(target, admin, { publish: false });
    const path = `${SURVEYS}/${survey.id}`;
    const edited = await done(target, 'PUT', path, admin, {
      title: 'New title',
      description: 'Text',
      config: { a: 1 },
    });
    expect(edited).toMatchObject({ title: 'New title', description: 'Text', config: { a: 1 }, status: 'draft' });
    const replaced = await done(target, 'PUT', `${path}/questions`, admin, { questions: SURVEY.questions.slice(0, 1) });
    const [question] = replaced['questions'] as Json[];
    await done(target, 'POST', `${path}/publish`, admin);
    await done(target, 'POST', `${path}/publish`, admin);
    await done(target, 'POST', `${path}/submit`, await target.user(), {
      answers: [{ question_id: question?.['id'], answer: 'ana' }],
    });
    expect(
      expectProblem(await send(target, 'PUT', `${path}/questions`, admin, { questions: SURVEY.questions }), 409)[
        'code'
      ],
    ).toBe('survey_answered');
    expectProblem(await send(target, 'DELETE', path, admin), 409);
    await done(target, 'POST', `${path}/close`, admin);
    expect(await log(survey.id)).toEqual(
      ['survey.close', 'survey.publish', 'survey.questions', 'survey.update', 'survey.create'].map((action) => [
        action,
        admin.id,
      ]),
    );
  });

  it('delete what nobody answered', async () => {
    const { id } = await makeSurvey(target, admin);
    expect(await done(target, 'DELETE', `${SURVEYS}/${id}`, admin)).toEqual({ id, deleted: true });
    expectProblem(await ask(target.baseUrl, `${SURVEYS}/${id}`), 404);
  });

  it('are told what is wrong with a survey', async () => {
    const make = (fields: Json) => send(target, 'POST', SURVEYS, admin, { ...SURVEY, ...fields });
    expect(errorsOf(await make({ show_id: IDS.unknown }))).toEqual(['value_error@body.show_id']);
    expect(errorsOf(await make({ season_id: IDS.unknown }))).toEqual(['value_error@body.season_id']);
    expect(errorsOf(await make({ title: ' ' }))).toEqual(['string_pattern_mismatch@body.title']);
    expect(errorsOf(await make({ starts_at: '2026-01-02T00:00:00Z', ends_at: '2026-01-01T00:00:00Z' }))).toEqual([
      'value_error@body.ends_at',
    ]);
    const twins = [{ ...SURVEY.questions[0], options: [{ label: 'A' }, { label: 'B', value: 'A' }] }];
    expect(errorsOf(await make({ questions: twins }))).toEqual(['value_error@body.questions.0.options']);
    const empty = await done(target, 'POST', SURVEYS, admin, { show_id: IDS.full, title: 'Empty' });
    const publish = () => send(target, 'POST', `${SURVEYS}/${String(empty['id'])}/publish`, admin);
    expect(expectProblem(await publish(), 409)['code']).toBe('survey_incomplete');
    await done(target, 'PUT', `${SURVEYS}/${String(empty['id'])}/questions`, admin, {
      questions: [{ prompt: 'Which?', question_type: 'single_choice' }],
    });
    expect(expectProblem(await publish(), 409)['code']).toBe('survey_incomplete');
  });
});

describe('the export', () => {
  it('holds every response as JSON and CSV, no user id, and no formula', async () => {
    const survey = await makeSurvey(target, admin);
    const user = await target.user();
    const path = `${SURVEYS}/${survey.id}`;
    await done(target, 'POST', `${path}/submit`, user, {
      answers: [
        { question_id: survey.choice, answer: 'ana' },
        { question_id: survey.many, answer: ['vote', 'fire'] },
        { question_id: survey.text, answer: '=HYPERLINK("http://x")' },
      ],
    });
    await done(target, 'POST', `${path}/submit`, null, { answers: [{ question_id: survey.number, answer: 3 }] });
    const json = await send(target, 'GET', `${path}/export`, admin);
    const rows = json.json as Json[];
    expect(rows).toHaveLength(2);
    expect(json.text).not.toContain(user.id);
    const signedIn = rows.find((row) => row['signed_in'] === true);
    expect(signedIn?.['answers']).toMatchObject({ [survey.choice]: 'ana', [survey.many]: ['vote', 'fire'] });
    const csv = await send(target, 'GET', `${path}/export?format=csv`, admin);
    expect(csv.headers.get('content-type')).toContain('text/csv');
    const lines = csv.text.trim().split('\r\n');
    expect(lines[0]).toBe('response_id,respondent,signed_in,submitted_at,Winner,Best moments,Score,Why?');
    expect(lines).toHaveLength(3);
    expect(csv.text).toContain('vote; fire');
    expect(csv.text).toContain(`"'=HYPERLINK(""http://x"")"`);
  });

  it('of a survey without responses is an empty list', async () => {
    const { id } = await makeSurvey(target, admin);
    expect((await send(target, 'GET', `${SURVEYS}/${id}/export`, admin)).json).toEqual([]);
  });
});
