import { errorCode } from '../../platform/db/errors.ts';
import type { Scope } from '../../platform/db/types.ts';
import { invalidInput, notFound, Problem } from '../../platform/errors/problem.ts';
import {
  DELETE_QUESTIONS,
  DELETE_SURVEY,
  INSERT_OPTIONS,
  INSERT_QUESTIONS,
  INSERT_SURVEY,
  RECORD,
  RECOUNT,
  SET_STATUS,
  SURVEY_STATE,
  UPDATE_SURVEY,
} from './queries.ts';
import type { NewQuestionBody, NewSurveyBody, SurveyEditBody } from './schema.ts';
import { getSurvey } from './service.ts';

/** What administrators do with surveys; each act is recorded in the same transaction. Answers are the survey's detail as JSON text. */

/** A draft, with its questions when given. @throws Problem 422 for a show, season or episode that is not there */
export async function createSurvey(tx: Scope, body: NewSurveyBody): Promise<string> {
  checkWindow(body);
  if (body.episode_id != null && body.season_id == null) {
    throw invalidInput([
      { type: 'missing', loc: ['body', 'season_id'], msg: 'A survey about an episode names its season, too' },
    ]);
  }
  const row = await tx
    .one(INSERT_SURVEY, [
      body.show_id,
      body.season_id ?? null,
      body.episode_id ?? null,
      body.title,
      body.description ?? null,
      body.starts_at ?? null,
      body.ends_at ?? null,
      JSON.stringify(body.config ?? {}),
      body.requires_sign_in ?? false,
    ])
    .catch(unknownReference);
  const id = row?.id ?? '';
  if (body.questions !== undefined) await insertQuestions(tx, id, body.questions);
  await record(tx, 'survey.create', id, null, { title: body.title });
  return (await getSurvey(tx, id)).body;
}

/** Title, texts, window and settings; what is left out goes back to its default, as PUT means it. */
export async function updateSurvey(tx: Scope, id: string, body: SurveyEditBody): Promise<string> {
  checkWindow(body);
  await stateOf(tx, id);
  const before = JSON.parse((await getSurvey(tx, id)).body) as Record<string, unknown>;
  await tx.query(UPDATE_SURVEY, [
    id,
    body.title,
    body.description ?? null,
    body.starts_at ?? null,
    body.ends_at ?? null,
    JSON.stringify(body.config ?? {}),
    body.requires_sign_in ?? false,
  ]);
  const { questions: _same, ...meta } = before;
  await record(tx, 'survey.update', id, meta, body);
  return (await getSurvey(tx, id)).body;
}

/** Replaces all questions. @throws Problem 409 once somebody has answered: the answers would lose their questions */
export async function setQuestions(tx: Scope, id: string, questions: readonly NewQuestionBody[]): Promise<string> {
  const state = await stateOf(tx, id);
  if (state.answered) throw answered('its questions stay as they are');
  await tx.query(DELETE_QUESTIONS, [id]);
  await insertQuestions(tx, id, questions);
  await record(tx, 'survey.questions', id, { questions: state.questions }, { questions: questions.length });
  return (await getSurvey(tx, id)).body;
}

/** `published` opens it, `archived` closes it. Again changes nothing. @throws Problem 409 when it cannot be answered yet */
export async function setStatus(tx: Scope, id: string, status: 'published' | 'archived'): Promise<string> {
  const state = await stateOf(tx, id);
  if (status === 'published' && (state.questions === 0 || state.without_options > 0)) {
    throw new Problem({
      status: 409,
      code: 'survey_incomplete',
      detail:
        state.questions === 0 ? 'A survey needs a question first' : 'A question to choose from needs options first',
    });
  }
  if (state.status !== status) {
    await tx.query(SET_STATUS, [id, status]);
    await record(
      tx,
      status === 'published' ? 'survey.publish' : 'survey.close',
      id,
      { status: state.status },
      { status },
    );
  }
  return (await getSurvey(tx, id)).body;
}

/** @throws Problem 409 once somebody has answered: close it instead */
export async function deleteSurvey(tx: Scope, id: string): Promise<object> {
  const state = await stateOf(tx, id);
  if (state.answered) throw answered('close it instead of deleting it');
  const before = JSON.parse((await getSurvey(tx, id)).body) as Record<string, unknown>;
  await tx.query(DELETE_SURVEY, [id]);
  await record(tx, 'survey.delete', id, before, null);
  return { id, deleted: true };
}

/** Compares the counters with the answers. */
export async function recount(tx: Scope, id: string): Promise<string> {
  await getSurvey(tx, id);
  const row = await tx.one(RECOUNT, [id]);
  return `{"survey_id":"${id.toLowerCase()}","differences":${row?.body ?? '[]'}}`;
}

async function insertQuestions(tx: Scope, id: string, questions: readonly NewQuestionBody[]): Promise<void> {
  const errors = questions.flatMap((question, at) => {
    const names = (question.options ?? []).map((option) => option.value ?? option.label);
    return new Set(names).size === names.length
      ? []
      : [{ type: 'value_error', loc: ['body', 'questions', at, 'options'], msg: 'Two options have the same value' }];
  });
  if (errors.length > 0) throw invalidInput(errors);
  const json = JSON.stringify(questions);
  await tx.query(INSERT_QUESTIONS, [id, json]);
  await tx.query(INSERT_OPTIONS, [id, json]);
}

async function stateOf(tx: Scope, id: string) {
  const state = await tx.one(SURVEY_STATE, [id]);
  if (state === undefined) throw notFound('Survey');
  return state;
}

function checkWindow({ starts_at: from, ends_at: to }: SurveyEditBody): void {
  if (from != null && to != null && Date.parse(to) < Date.parse(from)) {
    throw invalidInput([{ type: 'value_error', loc: ['body', 'ends_at'], msg: 'Must not be before starts_at' }]);
  }
}

function unknownReference(error: unknown): never {
  if (errorCode(error) !== '23503') throw error;
  const constraint = String((error as { constraint?: unknown }).constraint);
  const field = ['season', 'episode'].find((name) => constraint.includes(name)) ?? 'show';
  throw invalidInput([{ type: 'value_error', loc: ['body', `${field}_id`], msg: `There is no such ${field}` }]);
}

function answered(instead: string): Problem {
  return new Problem({
    status: 409,
    code: 'survey_answered',
    detail: `Somebody has answered this survey: ${instead}`,
  });
}

async function record(tx: Scope, action: string, id: string, before: unknown, after: unknown): Promise<void> {
  const json = (value: unknown) => (value === null ? null : JSON.stringify(value));
  await tx.query(RECORD, [action, id, json(before), json(after)]);
}
