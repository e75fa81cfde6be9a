-- Baseline: the predecessor's final state (its version 0051). Behaviour (functions, triggers, policies, grants) begins at 0052.
-- This file: surveys, their responses and cached results.
create schema surveys;

-- Survey attached to a show, season or episode.
create table surveys.surveys (
  id          uuid not null default gen_random_uuid(),
  show_id     uuid not null,
  season_id   uuid,
  episode_id  uuid,
  title       text not null,
  description text,
  status      text not null default 'draft',
  starts_at   timestamptz,
  ends_at     timestamptz,
  config      jsonb not null default '{}',
  created_at  timestamptz not null default now(),
  constraint surveys_pkey primary key (id),
  constraint surveys_ends_after_starts check ((ends_at is null) or (starts_at is null) or (ends_at >= starts_at)),
  constraint surveys_episode_requires_season check ((episode_id is null) or (season_id is not null)),
  constraint surveys_status_check check (status in ('draft', 'published', 'archived')),
  constraint surveys_episode_id_fkey foreign key (episode_id) references core.episodes (id) on delete set null,
  constraint surveys_season_id_fkey foreign key (season_id) references core.seasons (id) on delete set null,
  constraint surveys_show_id_fkey foreign key (show_id) references core.shows (id) on delete cascade
);
create index surveys_episode_id_idx on surveys.surveys (episode_id);
create index surveys_season_id_idx on surveys.surveys (season_id);
create index surveys_show_id_idx on surveys.surveys (show_id);

-- Ordered question of a survey.
create table surveys.questions (
  id             uuid not null default gen_random_uuid(),
  survey_id      uuid not null,
  question_order integer not null,
  prompt         text not null,
  question_type  text not null,
  config         jsonb not null default '{}',
  created_at     timestamptz not null default now(),
  constraint questions_pkey primary key (id),
  constraint survey_questions_survey_id_id_unique unique (survey_id, id),
  constraint survey_questions_survey_id_order_unique unique (survey_id, question_order),
  constraint questions_question_order_check check (question_order > 0),
  constraint questions_question_type_check check (question_type in ('single_choice', 'multiple_choice', 'free_text', 'numeric')),
  constraint questions_survey_id_fkey foreign key (survey_id) references surveys.surveys (id) on delete cascade
);
create index survey_questions_survey_id_idx on surveys.questions (survey_id);

-- Selectable option of a survey question.
create table surveys.options (
  id           uuid not null default gen_random_uuid(),
  question_id  uuid not null,
  option_order integer not null,
  label        text not null,
  value        text,
  created_at   timestamptz not null default now(),
  constraint options_pkey primary key (id),
  constraint survey_options_question_id_order_unique unique (question_id, option_order),
  constraint options_option_order_check check (option_order > 0),
  constraint options_question_id_fkey foreign key (question_id) references surveys.questions (id) on delete cascade
);
create index survey_options_question_id_idx on surveys.options (question_id);

-- Header of one submission of a survey by a user.
create table surveys.responses (
  id           uuid not null default gen_random_uuid(),
  survey_id    uuid not null,
  user_id      uuid not null default auth.uid(),
  submitted_at timestamptz,
  metadata     jsonb not null default '{}',
  created_at   timestamptz not null default now(),
  constraint responses_pkey primary key (id),
  constraint survey_responses_survey_id_id_unique unique (survey_id, id),
  constraint responses_survey_id_fkey foreign key (survey_id) references surveys.surveys (id) on delete cascade,
  constraint responses_user_id_fkey foreign key (user_id) references auth.users (id) on delete cascade
);
create index survey_responses_survey_id_idx on surveys.responses (survey_id);
create index survey_responses_user_id_idx on surveys.responses (user_id);

-- Answer of one response to one question.
create table surveys.answers (
  id          uuid not null default gen_random_uuid(),
  survey_id   uuid not null,
  response_id uuid not null,
  question_id uuid not null,
  answer      jsonb not null,
  created_at  timestamptz not null default now(),
  constraint answers_pkey primary key (id),
  constraint survey_answers_response_id_question_id_unique unique (response_id, question_id),
  constraint answers_survey_id_fkey foreign key (survey_id) references surveys.surveys (id) on delete cascade,
  constraint survey_answers_survey_id_question_id_fkey foreign key (survey_id, question_id) references surveys.questions (survey_id, id) on delete cascade,
  constraint survey_answers_survey_id_response_id_fkey foreign key (survey_id, response_id) references surveys.responses (survey_id, id) on delete cascade
);
create index survey_answers_question_id_idx on surveys.answers (question_id);
create index survey_answers_response_id_idx on surveys.answers (response_id);
create index survey_answers_survey_id_idx on surveys.answers (survey_id);

-- Cached result summary of one survey question.
create table surveys.aggregates (
  id          uuid not null default gen_random_uuid(),
  survey_id   uuid not null,
  question_id uuid not null,
  aggregate   jsonb not null,
  updated_at  timestamptz not null default now(),
  constraint aggregates_pkey primary key (id),
  constraint survey_aggregates_survey_id_question_id_unique unique (survey_id, question_id),
  constraint aggregates_question_id_fkey foreign key (question_id) references surveys.questions (id) on delete cascade,
  constraint aggregates_survey_id_fkey foreign key (survey_id) references surveys.surveys (id) on delete cascade
);
create index survey_aggregates_question_id_idx on surveys.aggregates (question_id);
create index survey_aggregates_survey_id_idx on surveys.aggregates (survey_id);
create index survey_aggregates_survey_id_question_id_idx on surveys.aggregates (survey_id, question_id);
