import { jsonObject } from '../../catalogue/sql.ts';
import { statement } from '../../platform/db/statement.ts';

const SURVEY = {
  id: 's.id',
  show_id: 's.show_id',
  season_id: 's.season_id',
  episode_id: 's.episode_id',
  title: 's.title',
  description: 's.description',
  status: 's.status',
  starts_at: 's.starts_at',
  ends_at: 's.ends_at',
  config: 's.config',
  requires_sign_in: 's.requires_sign_in',
  created_at: 's.created_at',
};

function surveyPage(name: string, after: string) {
  return statement(
    `community.surveys.${name}`,
    `/* listSurveys */
with page as (
  select * from surveys.surveys s
  where ($1::text is null or s.status = $1) and ($4::uuid is null or s.show_id = $4) and ($5::uuid is null or s.season_id = $5)
    and ($6::uuid is null or s.episode_id = $6)${after}
  order by s.created_at desc, s.id desc limit $2::int + 1 offset $3::int
), s as (
  select p.*, row_number() over (order by p.created_at desc, p.id desc) as n from page p
)
select coalesce(json_agg(${jsonObject(SURVEY)} order by s.n) filter (where s.n <= $2::int), '[]'::json)::text as body,
  count(*) > $2::int as more, max(s.created_at) filter (where s.n = $2::int) as last_time,
  (max(s.id::text) filter (where s.n = $2::int))::uuid as last_id
from s`,
    { body: 'text', more: 'bool', last_time: 'timestamptz?', last_id: 'uuid?' },
  );
}

/** Values: status or null, limit, offset, show, season, episode or nulls; then time and id of the last row. Newest first (U2). */
export const SURVEYS = {
  first: surveyPage('list', ''),
  after: surveyPage('listAfter', ' and (s.created_at, s.id) < ($7::timestamptz, $8::uuid)'),
};

const OPTION = jsonObject({
  id: 'o.id',
  question_id: 'o.question_id',
  option_order: 'o.option_order',
  label: 'o.label',
  value: 'o.value',
});
const QUESTION = jsonObject({
  id: 'q.id',
  survey_id: 'q.survey_id',
  question_order: 'q.question_order',
  prompt: 'q.prompt',
  question_type: 'q.question_type',
  config: 'q.config',
  options: `coalesce((select json_agg(${OPTION} order by o.option_order) from surveys.options o where o.question_id = q.id), '[]'::json)`,
});

/** Values: survey. Drafts have rows for administrators only (row security). */
export const SURVEY_BY_ID = statement(
  'community.surveys.detail',
  `/* getSurvey */ select ${jsonObject({
    ...SURVEY,
    questions: `coalesce((select json_agg(${QUESTION} order by q.question_order) from surveys.questions q where q.survey_id = s.id), '[]'::json)`,
  })}::text as body from surveys.surveys s where s.id = $1::uuid`,
  { body: 'text' },
);

/**
 * Values: survey. From the counters, never from the answers: as fast for 100,000 responses as for 100. Questions without answers
 * are left out (U8).
 */
export const RESULTS = statement(
  'community.surveys.results',
  `/* getSurveyResults */ select ${jsonObject({
    survey_id: 's.id',
    total_responses: 'r.signed_in + r.anonymous',
    signed_in_responses: 'r.signed_in',
    anonymous_responses: 'r.anonymous',
    questions: `coalesce((select json_agg(jsonb_build_object('question_id', a.question_id) || a.aggregate order by q.question_order)
      from surveys.questions q join surveys.aggregates a on a.question_id = q.id
      where q.survey_id = s.id and (a.aggregate ->> 'total_responses')::bigint > 0), '[]'::json)`,
  })}::text as body
from surveys.surveys s
cross join lateral (
  select coalesce(sum(t.signed_in), 0)::bigint as signed_in, coalesce(sum(t.anonymous), 0)::bigint as anonymous
  from surveys.response_tallies t where t.survey_id = s.id
) r
where s.id = $1::uuid`,
  { body: 'text' },
);

/** Values: survey, answers as JSON, anonymous id or null, address hash or null. */
export const SUBMIT = statement(
  'community.surveys.submit',
  '/* submitSurvey */ select surveys.submit_response($1::uuid, $2::jsonb, $3, $4) as id',
  { id: 'uuid?' },
);

/** Values: show, season, episode, title, description, starts_at, ends_at, config, requires_sign_in. */
export const INSERT_SURVEY = statement(
  'community.surveys.insert',
  `/* createSurvey */ insert into surveys.surveys
  (show_id, season_id, episode_id, title, description, starts_at, ends_at, config, requires_sign_in)
values ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6::timestamptz, $7::timestamptz, $8::jsonb, $9) returning id`,
  { id: 'uuid' },
);

/** Values: survey, title, description, starts_at, ends_at, config, requires_sign_in. */
export const UPDATE_SURVEY = statement(
  'community.surveys.update',
  `/* updateSurvey */ update surveys.surveys set title = $2, description = $3, starts_at = $4::timestamptz, ends_at = $5::timestamptz,
  config = $6::jsonb, requires_sign_in = $7 where id = $1::uuid returning id`,
  { id: 'uuid' },
);

/** Values: survey, questions as JSON in their order. */
export const INSERT_QUESTIONS = statement(
  'community.surveys.insertQuestions',
  `/* createSurvey */ insert into surveys.questions (survey_id, question_order, prompt, question_type, config)
select $1::uuid, q.place, q.item ->> 'prompt', q.item ->> 'question_type', coalesce(q.item -> 'config', '{}')
from jsonb_array_elements($2::jsonb) with ordinality as q (item, place)`,
  {},
);

/** Values: survey, the same questions. */
export const INSERT_OPTIONS = statement(
  'community.surveys.insertOptions',
  `/* createSurvey */ insert into surveys.options (question_id, option_order, label, value)
select r.id, o.place, o.item ->> 'label', o.item ->> 'value'
from jsonb_array_elements($2::jsonb) with ordinality as q (item, place)
join surveys.questions r on r.survey_id = $1::uuid and r.question_order = q.place
cross join lateral jsonb_array_elements(coalesce(q.item -> 'options', '[]')) with ordinality as o (item, place)`,
  {},
);

/** Values: survey. */
export const DELETE_QUESTIONS = statement(
  'community.surveys.deleteQuestions',
  '/* setSurveyQuestions */ delete from surveys.questions where survey_id = $1::uuid',
  {},
);

/** Values: survey. Locks it against a change of status and against new responses. */
export const SURVEY_STATE = statement(
  'community.surveys.state',
  `/* changeSurvey */ select s.status, exists (select 1 from surveys.responses r where r.survey_id = s.id) as answered,
  (select count(*) from surveys.questions q where q.survey_id = s.id)::int as questions,
  (select count(*) from surveys.questions q where q.survey_id = s.id and q.question_type in ('single_choice', 'multiple_choice')
    and not exists (select 1 from surveys.options o where o.question_id = q.id))::int as without_options
from surveys.surveys s where s.id = $1::uuid for update`,
  { status: 'text', answered: 'bool', questions: 'int4', without_options: 'int4' },
);

/** Values: survey, status. */
export const SET_STATUS = statement(
  'community.surveys.setStatus',
  '/* setSurveyStatus */ update surveys.surveys set status = $2 where id = $1::uuid',
  {},
);

/** Values: survey. */
export const DELETE_SURVEY = statement(
  'community.surveys.delete',
  '/* deleteSurvey */ delete from surveys.surveys where id = $1::uuid',
  {},
);

/** Values: action, survey, before, after. In the caller's name. */
export const RECORD = statement(
  'community.surveys.record',
  "select identity.record_action($1, 'survey', $2::uuid::text, $3::jsonb, $4::jsonb) as id",
  { id: 'int8?' },
);

/** Values: survey. */
export const RECOUNT = statement(
  'community.surveys.recount',
  `/* recountSurvey */ select coalesce(json_agg(row_to_json(r)), '[]'::json)::text as body from surveys.recount($1::uuid) r`,
  { body: 'text' },
);

/** Values: survey, id after which to go on, limit. Responses with their answers by question, by id. */
export const EXPORT = statement(
  'community.surveys.export',
  `/* exportSurvey */ select r.id, coalesce(r.user_id::text, r.anonymous_key) as author, r.user_id is not null as signed_in,
  r.submitted_at, coalesce((select jsonb_object_agg(a.question_id, a.answer -> 'value') from surveys.answers a where a.response_id = r.id), '{}') as answers
from surveys.responses r where r.survey_id = $1::uuid and r.id > $2::uuid order by r.id limit $3::int`,
  { id: 'uuid', author: 'text?', signed_in: 'bool?', submitted_at: 'timestamptz?', answers: 'jsonb?' },
);

/** Values: surveys. Those of them that are no drafts. */
export const PUBLIC_SURVEYS = statement(
  'community.surveys.public',
  "select s.id from surveys.surveys s where s.id = any ($1::uuid[]) and s.status <> 'draft'",
  { id: 'uuid' },
);
