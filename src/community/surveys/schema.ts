import Type, { type Static } from 'typebox';
import { Nullable, PageQuery, Timestamp, Uuid } from '../../platform/http/schemas.ts';

export const QUESTION_TYPES = ['single_choice', 'multiple_choice', 'free_text', 'numeric'];
const Config = Type.Record(Type.String(), Type.Unknown(), {
  description: 'Settings for clients; for numbers `min`, `max`',
});

const surveyMembers = {
  id: Uuid(),
  show_id: Uuid(),
  season_id: Nullable(Uuid()),
  episode_id: Nullable(Uuid()),
  title: Type.String(),
  description: Nullable(Type.String()),
  status: Type.String({ description: 'draft, published or archived' }),
  starts_at: Nullable(Timestamp()),
  ends_at: Nullable(Timestamp()),
  config: Config,
  requires_sign_in: Type.Boolean({ description: 'Only signed-in people may answer' }),
  created_at: Timestamp(),
};
export const Survey = Type.Object(surveyMembers, { additionalProperties: false });

const Option = Type.Object(
  {
    id: Uuid(),
    question_id: Uuid(),
    option_order: Type.Integer(),
    label: Type.String(),
    value: Nullable(Type.String({ description: 'What an answer names; the label where there is none' })),
  },
  { additionalProperties: false },
);
const Question = Type.Object(
  {
    id: Uuid(),
    survey_id: Uuid(),
    question_order: Type.Integer(),
    prompt: Type.String(),
    question_type: Type.String({ description: QUESTION_TYPES.join(', ') }),
    config: Config,
    options: Type.Array(Option),
  },
  { additionalProperties: false },
);
export const SurveyDetail = Type.Object(
  { ...surveyMembers, questions: Type.Array(Question) },
  { additionalProperties: false },
);

const Distribution = Type.Record(Type.String(), Type.Integer(), { description: 'Count by value' });
const Part = Type.Object(
  { total_responses: Type.Integer(), distribution: Distribution },
  { additionalProperties: false },
);
export const Results = Type.Object(
  {
    survey_id: Uuid(),
    total_responses: Type.Integer(),
    signed_in_responses: Type.Integer(),
    anonymous_responses: Type.Integer(),
    questions: Type.Array(
      Type.Object(
        {
          question_id: Uuid(),
          total_responses: Type.Integer({ description: 'Answers to this question' }),
          distribution: Distribution,
          percentages: Type.Record(Type.String(), Type.Number(), {
            description: 'Of the answers, one decimal; the sum passes 100 where several may be chosen',
          }),
          signed_in: Part,
          anonymous: Part,
        },
        { additionalProperties: false },
      ),
      { description: 'Questions somebody answered' },
    ),
  },
  { additionalProperties: false },
);

export const Submission = Type.Object({
  answers: Type.Array(
    Type.Object({
      question_id: Uuid(),
      answer: Type.Unknown({ description: 'An option (value, label or id), a list of them, a text or a number' }),
    }),
    { minItems: 1, maxItems: 200 },
  ),
  anonymous_key: Type.Optional(
    Nullable(Type.String({ maxLength: 200, description: 'From an earlier answer; also as header `X-Anonymous-Key`' })),
  ),
});
export const Submitted = Type.Object(
  {
    response_id: Uuid(),
    results: Results,
    anonymous_key: Nullable(
      Type.String({ description: 'Keep it and send it with the next survey; null when signed in' }),
    ),
  },
  { additionalProperties: false },
);

export const SurveyParams = Type.Object({ survey_id: Uuid() });
export const SurveysQuery = Type.Object({
  ...PageQuery.properties,
  status: Type.Optional(
    Type.Union(
      ['published', 'draft', 'archived', ''].map((name) => Type.Literal(name)),
      { default: 'published', description: 'Others than published only for administrators; empty: all' },
    ),
  ),
  show_id: Type.Optional(Uuid()),
  season_id: Type.Optional(Uuid()),
  episode_id: Type.Optional(Uuid()),
});

const Text = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '\\S' });
const NewQuestion = Type.Object({
  prompt: Text(2000),
  question_type: Type.Union(QUESTION_TYPES.map((name) => Type.Literal(name))),
  config: Type.Optional(Config),
  options: Type.Optional(
    Type.Array(
      Type.Object({ label: Text(500), value: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 200 }))) }),
      { maxItems: 200 },
    ),
  ),
});
const editable = {
  title: Text(300),
  description: Type.Optional(Nullable(Type.String({ maxLength: 5000 }))),
  starts_at: Type.Optional(Nullable(Timestamp())),
  ends_at: Type.Optional(Nullable(Timestamp())),
  config: Type.Optional(Config),
  requires_sign_in: Type.Optional(Type.Boolean()),
};
export const SurveyEdit = Type.Object(editable);
export const Questions = Type.Object({ questions: Type.Array(NewQuestion, { minItems: 1, maxItems: 100 }) });
export const NewSurvey = Type.Object({
  show_id: Uuid(),
  season_id: Type.Optional(Nullable(Uuid())),
  episode_id: Type.Optional(Nullable(Uuid())),
  ...editable,
  questions: Type.Optional(Type.Array(NewQuestion, { maxItems: 100 })),
});
export const Deleted = Type.Object({ id: Uuid(), deleted: Type.Literal(true) }, { additionalProperties: false });
export const Recount = Type.Object(
  {
    survey_id: Uuid(),
    differences: Type.Array(Type.Record(Type.String(), Type.Unknown()), {
      description: 'Counters that do not agree with the answers; empty is what it should be',
    }),
  },
  { additionalProperties: false },
);
export const ExportQuery = Type.Object({
  format: Type.Union([Type.Literal('json'), Type.Literal('csv')], { default: 'json' }),
});
export const ExportedResponse = Type.Object(
  {
    response_id: Uuid(),
    respondent: Type.String({ description: 'The same for the same person in this survey; not a user id' }),
    signed_in: Type.Boolean(),
    submitted_at: Timestamp(),
    answers: Type.Record(Type.String(), Type.Unknown(), { description: 'Value by question id' }),
  },
  { additionalProperties: false },
);

export type NewSurveyBody = Static<typeof NewSurvey>;
export type SurveyEditBody = Static<typeof SurveyEdit>;
export type NewQuestionBody = Static<typeof NewQuestion>;
