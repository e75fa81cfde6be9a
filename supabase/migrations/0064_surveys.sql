-- Surveys that hold their rules themselves: who may answer (W6), once (W7), while open (W7), with answers that fit the
-- questions (W36), and drafts that are nobody's business (W8). A response is written by `surveys.submit_response` alone.

-- 1. Structure.
alter table surveys.surveys add column if not exists requires_sign_in boolean not null default false;
comment on column surveys.surveys.requires_sign_in is 'Only signed-in people may answer.';

alter table surveys.responses alter column user_id drop not null;
alter table surveys.responses add column if not exists anonymous_key text;
comment on column surveys.responses.anonymous_key is
  'Who answered without signing in: an id the program made and verified. Exactly one of user_id and anonymous_key is set.';
alter table surveys.responses drop constraint if exists responses_one_author_check;
alter table surveys.responses add constraint responses_one_author_check check (num_nonnulls(user_id, anonymous_key) = 1);
alter table surveys.responses drop constraint if exists responses_anonymous_key_check;
alter table surveys.responses add constraint responses_anonymous_key_check check (char_length(anonymous_key) between 16 and 200);

alter table surveys.answers add column if not exists is_anonymous boolean not null default false;
comment on column surveys.answers.is_anonymous is 'Copy of the response: whether it has an anonymous key. Kept by trigger.';

-- Responses beyond the first that the predecessor accepted from one user. They are kept here, but no longer count.
create table if not exists surveys.superseded_responses (
  id          uuid not null,
  survey_id   uuid not null,
  user_id     uuid not null,
  response    jsonb not null,
  answers     jsonb not null,
  archived_at timestamptz not null default now(),
  constraint superseded_responses_pkey primary key (id),
  constraint superseded_responses_survey_id_fkey foreign key (survey_id) references surveys.surveys (id) on delete cascade,
  constraint superseded_responses_user_id_fkey foreign key (user_id) references identity.users (id) on delete cascade
);
create index if not exists superseded_responses_survey_id_idx on surveys.superseded_responses (survey_id);
create index if not exists superseded_responses_user_id_idx on surveys.superseded_responses (user_id);

-- Changes rows of an adopted database: the first response of a user stays, later ones move into the archive.
with later as (
  select r.id from (
    select id, row_number() over (partition by survey_id, user_id order by created_at, id) as place
    from surveys.responses where user_id is not null) r
  where r.place > 1
)
insert into surveys.superseded_responses (id, survey_id, user_id, response, answers)
select r.id, r.survey_id, r.user_id, to_jsonb(r),
  coalesce((select jsonb_agg(to_jsonb(a) order by a.created_at, a.id) from surveys.answers a where a.response_id = r.id), '[]')
from surveys.responses r join later using (id);
delete from surveys.responses r using surveys.superseded_responses s where s.id = r.id;

create unique index if not exists survey_responses_survey_id_user_id_key on surveys.responses (survey_id, user_id);
create unique index if not exists survey_responses_survey_id_anonymous_key_key on surveys.responses (survey_id, anonymous_key);

-- How many answers came from an address that sent no key, per survey and day. The address is a keyed hash, made outside.
create table if not exists surveys.address_counts (
  survey_id    uuid not null,
  address_hash text not null,
  day          date not null,
  responses    integer not null default 0,
  constraint address_counts_pkey primary key (survey_id, address_hash, day),
  constraint address_counts_address_hash_check check (char_length(address_hash) between 16 and 200),
  constraint address_counts_survey_id_fkey foreign key (survey_id) references surveys.surveys (id) on delete cascade
);
create index if not exists address_counts_day_idx on surveys.address_counts (day);

-- A survey with responses is user content: deleting its show asks for a decision first (W10).
alter table surveys.surveys drop constraint if exists surveys_show_id_fkey;
alter table surveys.surveys add constraint surveys_show_id_fkey foreign key (show_id) references core.shows (id);

alter table surveys.surveys drop constraint if exists surveys_title_check;
alter table surveys.surveys add constraint surveys_title_check
  check (btrim(title) <> '' and char_length(title) <= 300) not valid;
alter table surveys.questions drop constraint if exists questions_prompt_check;
alter table surveys.questions add constraint questions_prompt_check
  check (btrim(prompt) <> '' and char_length(prompt) <= 2000) not valid;
alter table surveys.options drop constraint if exists options_label_check;
alter table surveys.options add constraint options_label_check
  check (btrim(label) <> '' and char_length(label) <= 500 and char_length(value) <= 200) not valid;

-- 2. Answers. `raw` is what was sent: a scalar, a list, or an object that carries either under "value" (spec/api.md U17).
-- Returns the object to store; {"value": ...} with
--   single_choice    the option's value as text           multiple_choice  the options' values as a list, each once
--   ranking          every option's value, best first     numeric          a number, within config.min and config.max
--   free_text        text of 1 to 5000 characters
-- An option is named by its value, or, where it has none, by its label; its id is accepted, too, and a number or boolean whose
-- text is the value. `options` is a list of {id, value, label}. TR013 with what is wrong when the answer does not fit.
create or replace function surveys.canonical_answer(question_type text, config jsonb, options jsonb, raw jsonb) returns jsonb
  language plpgsql immutable set search_path = '' as $$
declare
  whole jsonb := case when jsonb_typeof(raw) = 'object' then raw else '{}' end;
  sent jsonb := case when jsonb_typeof(raw) = 'object' then raw -> 'value' else raw end;
  kind text := coalesce(jsonb_typeof(sent), 'null');
  wanted text;
  picked text;
  chosen text[] := '{}';
  item jsonb;
begin
  if kind in ('null', 'object') then
    raise exception 'has no answer' using errcode = 'TR013';
  end if;
  if octet_length(whole::text) > 8000 then
    raise exception 'is too long' using errcode = 'TR013';
  end if;

  if question_type = 'free_text' then
    if kind <> 'string' or btrim(sent #>> '{}') = '' or char_length(sent #>> '{}') > 5000 then
      raise exception 'wants a text of 1 to 5000 characters' using errcode = 'TR013';
    end if;
    return whole || jsonb_build_object('value', sent);
  end if;

  if question_type = 'numeric' then
    if kind <> 'number' or abs((sent #>> '{}')::numeric) >= 1e15 or scale(trim_scale((sent #>> '{}')::numeric)) > 6 then
      raise exception 'wants a number of at most 15 digits before and 6 after the point' using errcode = 'TR013';
    end if;
    if (jsonb_typeof(config -> 'min') = 'number' and (sent #>> '{}')::numeric < (config ->> 'min')::numeric)
      or (jsonb_typeof(config -> 'max') = 'number' and (sent #>> '{}')::numeric > (config ->> 'max')::numeric) then
      raise exception 'wants a number%', concat(' from ' || (config ->> 'min'), ' up to ' || (config ->> 'max'))
        using errcode = 'TR013';
    end if;
    return whole || jsonb_build_object('value', trim_scale((sent #>> '{}')::numeric));
  end if;

  -- Choices.
  if question_type = 'single_choice' and kind = 'array' then
    raise exception 'wants one option' using errcode = 'TR013';
  end if;
  if question_type = 'ranking' and kind <> 'array' then
    raise exception 'wants a list of all options' using errcode = 'TR013';
  end if;
  if kind <> 'array' then
    sent := jsonb_build_array(sent);
  end if;
  if jsonb_array_length(sent) not between 1 and 200 then
    raise exception 'wants at least one option' using errcode = 'TR013';
  end if;
  for item in select jsonb_array_elements(sent) loop
    wanted := case when jsonb_typeof(item) in ('string', 'number', 'boolean') then item #>> '{}' end;
    select o.name into picked
    from (
      select coalesce(nullif(e.option ->> 'value', ''), e.option ->> 'label') as name, e.option ->> 'id' as id, e.place
      from jsonb_array_elements(options) with ordinality as e (option, place)
    ) o
    where wanted in (o.name, o.id)
    order by o.name = wanted desc, o.place limit 1;
    if picked is null then
      raise exception 'has no option %', left(item::text, 80) using errcode = 'TR013';
    end if;
    if picked = any (chosen) then
      raise exception 'got the option % twice', to_jsonb(picked) using errcode = 'TR013';
    end if;
    chosen := chosen || picked;
    picked := null;
  end loop;
  if question_type = 'ranking' and cardinality(chosen) <> jsonb_array_length(options) then
    raise exception 'wants a list of all options' using errcode = 'TR013';
  end if;
  return whole || jsonb_build_object('value',
    case when question_type = 'single_choice' then to_jsonb(chosen[1]) else to_jsonb(chosen) end);
end
$$;

-- 3. Rules on the rows, for every writer.

-- Only open surveys take responses, and the time of a response is the time it is made.
-- Owner's rights: a draft has to be found to be refused as one.
create or replace function surveys.check_response() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  survey record;
begin
  select s.status, s.starts_at, s.ends_at, s.requires_sign_in into survey from surveys.surveys s where s.id = new.survey_id;
  if not found then
    raise exception 'Survey not found' using errcode = 'TR010';
  end if;
  if survey.status <> 'published' or survey.starts_at > now() or survey.ends_at <= now() then
    raise exception 'Survey is not accepting responses' using errcode = 'TR011';
  end if;
  if survey.requires_sign_in and new.user_id is null then
    raise exception 'Authentication required: this survey is for signed-in people' using errcode = 'TR001';
  end if;
  new.created_at := now();
  new.submitted_at := now();
  return new;
end
$$;
create or replace trigger surveys_responses_check before insert on surveys.responses
  for each row execute function surveys.check_response();

-- A submitted response says what it said. (Its author may vanish; then it goes with them.)
create or replace function surveys.refuse_change() returns trigger
  language plpgsql set search_path = '' as $$
begin
  raise exception 'A submitted response cannot be changed' using errcode = 'TR017';
end
$$;
create or replace trigger surveys_responses_unchanged
  before update of id, survey_id, user_id, anonymous_key, submitted_at, created_at on surveys.responses
  for each row when ((old.id, old.survey_id, old.user_id, old.anonymous_key, old.submitted_at, old.created_at)
    is distinct from (new.id, new.survey_id, new.user_id, new.anonymous_key, new.submitted_at, new.created_at))
  execute function surveys.refuse_change();
create or replace trigger surveys_answers_unchanged before update on surveys.answers
  for each row when ((old.id, old.survey_id, old.response_id, old.question_id, old.answer, old.is_anonymous, old.created_at)
    is distinct from (new.id, new.survey_id, new.response_id, new.question_id, new.answer, new.is_anonymous, new.created_at))
  execute function surveys.refuse_change();

-- Every answer fits its question and is stored in its one form.
create or replace function surveys.check_answer() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  question record;
  options jsonb;
  why text;
begin
  select q.question_order, q.question_type, q.config into question
  from surveys.questions q where q.id = new.question_id and q.survey_id = new.survey_id;
  if not found then
    raise exception 'Question % is not part of this survey', new.question_id using errcode = 'TR014';
  end if;
  if question.question_type in ('single_choice', 'multiple_choice') then
    select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'value', o.value, 'label', o.label) order by o.option_order), '[]')
    into options from surveys.options o where o.question_id = new.question_id;
  end if;
  begin
    new.answer := surveys.canonical_answer(question.question_type, question.config, options, new.answer);
  exception when sqlstate 'TR013' then
    get stacked diagnostics why = message_text;
    raise exception 'Question % (%) %', question.question_order, new.question_id, why using errcode = 'TR013';
  end;
  select r.anonymous_key is not null into new.is_anonymous from surveys.responses r where r.id = new.response_id;
  new.is_anonymous := coalesce(new.is_anonymous, false);
  new.created_at := now();
  return new;
end
$$;
create or replace trigger surveys_answers_check before insert on surveys.answers
  for each row execute function surveys.check_answer();

-- 4. The one way to answer.

-- Stores one response with its answers, all or nothing, and returns its id.
--   p_answers         [{"question_id": uuid, "answer": ...}, ...]; an answer that is null counts as not given
--   p_anonymous_key   for the service role alone, which has verified it: who answers without being signed in
--   p_address_hash    for the service role alone, when the key was made just now: at most 5 such responses a day and survey
-- Errors: TR001 nobody is signed in, TR010 unknown survey, TR011 not open, TR012 answered already, TR013 an answer does not
-- fit, TR014 unknown question, TR015 the same question twice, TR016 nothing answered, TR018 bad key, TR019 too many.
-- Owner's rights: nobody else may write responses and answers.
create or replace function surveys.submit_response(
  p_survey uuid, p_answers jsonb, p_anonymous_key text default null, p_address_hash text default null
) returns uuid
  language plpgsql security definer set search_path = '' as $$
declare
  author uuid;
  response uuid;
  given record;
begin
  if p_anonymous_key is null then
    author := identity.require_user();
  elsif identity.caller_role() in ('anon', 'authenticated') then
    raise exception 'Anonymous answers go through the program' using errcode = 'TR018';
  elsif char_length(p_anonymous_key) not between 16 and 200 then
    raise exception 'The anonymous key is not one of ours' using errcode = 'TR018';
  end if;
  if p_answers is null or jsonb_typeof(p_answers) <> 'array' then
    raise exception 'Answers are a list of {question_id, answer}' using errcode = 'TR016';
  end if;
  if jsonb_array_length(p_answers) > 200 then
    raise exception 'At most 200 answers' using errcode = 'TR016';
  end if;

  insert into surveys.responses (survey_id, user_id, anonymous_key) values (p_survey, author, p_anonymous_key)
  on conflict do nothing returning id into response;
  if response is null then
    raise exception 'You have already answered this survey' using errcode = 'TR012';
  end if;

  select count(*) filter (where a.value -> 'answer' is not null and a.value -> 'answer' <> 'null') as answers,
    count(*) as sent, count(distinct lower(a.value ->> 'question_id')) as questions,
    (array_agg(a.value ->> 'question_id') filter (
      where coalesce(a.value ->> 'question_id', '') !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'))[1] as strange,
    bool_or(coalesce(a.value ->> 'question_id', '') !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$') as has_strange
  into given from jsonb_array_elements(p_answers) a;
  if given.has_strange then
    raise exception 'Question % is not part of this survey', coalesce(left(given.strange, 80), 'without an id') using errcode = 'TR014';
  end if;
  if given.questions < given.sent then
    raise exception 'A question is answered twice' using errcode = 'TR015';
  end if;
  if given.answers = 0 then
    raise exception 'Answer at least one question' using errcode = 'TR016';
  end if;
  insert into surveys.answers (survey_id, response_id, question_id, answer)
  select p_survey, response, (a.value ->> 'question_id')::uuid, a.value -> 'answer'
  from jsonb_array_elements(p_answers) a
  where a.value -> 'answer' is not null and a.value -> 'answer' <> 'null';

  if p_address_hash is not null and p_anonymous_key is not null then
    insert into surveys.address_counts as c (survey_id, address_hash, day, responses)
    values (p_survey, p_address_hash, (now() at time zone 'UTC')::date, 1)
    on conflict (survey_id, address_hash, day) do update set responses = c.responses + 1 where c.responses < 5;
    if not found then
      raise exception 'Too many answers from this address today' using errcode = 'TR019';
    end if;
  end if;
  return response;
end
$$;

-- 5. Rights. Definitions are public once published; drafts are for administrators. Own responses can be read, never written.
alter table surveys.superseded_responses enable row level security;
alter table surveys.address_counts enable row level security;
revoke all on surveys.responses, surveys.answers, surveys.superseded_responses, surveys.address_counts
  from public, anon, authenticated;
grant select on surveys.responses, surveys.answers, surveys.superseded_responses to authenticated;
grant select, insert, update, delete on surveys.superseded_responses, surveys.address_counts to service_role;

revoke execute on function
  surveys.canonical_answer(text, jsonb, jsonb, jsonb), surveys.check_response(), surveys.refuse_change(), surveys.check_answer(),
  surveys.submit_response(uuid, jsonb, text, text)
from public, anon, authenticated;
grant execute on function surveys.submit_response(uuid, jsonb, text, text) to authenticated, service_role;

drop policy if exists surveys_surveys_public_read on surveys.surveys;
create policy surveys_surveys_public_read on surveys.surveys for select to anon, authenticated using (status <> 'draft');
drop policy if exists surveys_surveys_admin_read on surveys.surveys;
create policy surveys_surveys_admin_read on surveys.surveys for select to authenticated using ((select identity.is_admin()));
drop policy if exists surveys_questions_public_read on surveys.questions;
create policy surveys_questions_public_read on surveys.questions for select to anon, authenticated
  using (exists (select 1 from surveys.surveys s where s.id = questions.survey_id));
drop policy if exists surveys_options_public_read on surveys.options;
create policy surveys_options_public_read on surveys.options for select to anon, authenticated
  using (exists (select 1 from surveys.questions q where q.id = options.question_id));

do $$
declare
  verb text;
begin
  foreach verb in array array['select', 'insert', 'update', 'delete'] loop
    execute format('drop policy if exists %I on surveys.responses', 'survey_responses_' || verb || '_own');
    execute format('drop policy if exists %I on surveys.answers', 'survey_answers_' || verb || '_own');
  end loop;
end
$$;
create policy survey_responses_select_own on surveys.responses for select to authenticated
  using (user_id = (select identity.uid()));
create policy survey_answers_select_own on surveys.answers for select to authenticated
  using (exists (select 1 from surveys.responses r where r.id = answers.response_id and r.user_id = (select identity.uid())));
drop policy if exists superseded_responses_select_own on surveys.superseded_responses;
create policy superseded_responses_select_own on surveys.superseded_responses for select to authenticated
  using (user_id = (select identity.uid()));
