-- Results of surveys, exact at every moment (W13, W33): counters that the transaction of a submit moves along, and a function
-- that proves them. `surveys.aggregates` becomes a view over them with the same columns. What stood in the table was a cache of
-- the answers in two shapes (the program's and the seed's), sometimes behind them; its rows go, the answers say everything.

-- 1. Counters. Each is spread over 16 rows ("shards"), chosen by the response, so that answers to one popular question
-- do not queue for one row, and so that taking a response back finds the rows it was counted in.
create table if not exists surveys.tallies (
  survey_id   uuid not null,
  question_id uuid not null,
  kind        text not null,
  bucket      text not null,
  shard       smallint not null,
  signed_in   bigint not null default 0,
  anonymous   bigint not null default 0,
  updated_at  timestamptz not null default now(),
  constraint tallies_pkey primary key (question_id, kind, bucket, shard),
  constraint tallies_kind_check check (kind in ('answers', 'value')),
  constraint tallies_shard_check check (shard between 0 and 15),
  constraint tallies_not_negative_check check (signed_in >= 0 and anonymous >= 0),
  constraint tallies_question_fkey foreign key (survey_id, question_id)
    references surveys.questions (survey_id, id) on update cascade on delete cascade
);
comment on table surveys.tallies is
  'Answers per question (kind answers, bucket empty) and per value (kind value). Free text is not counted by value.';
create index if not exists tallies_survey_id_idx on surveys.tallies (survey_id, question_id);

create table if not exists surveys.response_tallies (
  survey_id  uuid not null,
  shard      smallint not null,
  signed_in  bigint not null default 0,
  anonymous  bigint not null default 0,
  updated_at timestamptz not null default now(),
  constraint response_tallies_pkey primary key (survey_id, shard),
  constraint response_tallies_shard_check check (shard between 0 and 15),
  constraint response_tallies_not_negative_check check (signed_in >= 0 and anonymous >= 0),
  constraint response_tallies_survey_id_fkey foreign key (survey_id) references surveys.surveys (id) on delete cascade
);
comment on table surveys.response_tallies is 'Responses per survey.';

-- 2. What an answer counts as.

create or replace function surveys.shard_of(response_id uuid) returns smallint
  language sql immutable set search_path = '' as $$ select (get_byte(uuid_send(response_id), 15) & 15)::smallint $$;

-- One row ('answers', '') per answer, and one ('value', ...) per value in it: every element of a list, as text, nulls left out.
-- Takes any answer, also those the predecessor let in; values are cut to 200 characters.
create or replace function surveys.buckets(question_type text, answer jsonb) returns table (kind text, bucket text)
  language sql immutable set search_path = '' as $$
  select 'answers', ''
  union all
  select distinct 'value', left(v.item #>> '{}', 200)
  from (select case when jsonb_typeof(answer) = 'object' then answer -> 'value' else answer end) as a (given)
  cross join lateral jsonb_array_elements(
    case jsonb_typeof(a.given) when 'array' then a.given else jsonb_build_array(a.given) end) as v (item)
  where question_type <> 'free_text' and v.item #>> '{}' is not null
$$;

-- 3. Kept by statement triggers: one sorted write per statement, so that two submits take their rows in the same order.
-- Owner's rights: nobody writes counters by hand.
create or replace function surveys.tally_added_answers() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  insert into surveys.tallies as t (survey_id, question_id, kind, bucket, shard, signed_in, anonymous)
  select n.survey_id, n.question_id, b.kind, b.bucket, surveys.shard_of(n.response_id),
    count(*) filter (where not n.is_anonymous), count(*) filter (where n.is_anonymous)
  from added n
  join surveys.questions q on q.id = n.question_id
  cross join lateral surveys.buckets(q.question_type, n.answer) b
  group by 1, 2, 3, 4, 5
  order by 2, 3, 4, 5
  on conflict (question_id, kind, bucket, shard) do update set
    signed_in = t.signed_in + excluded.signed_in, anonymous = t.anonymous + excluded.anonymous, updated_at = now();
  return null;
end
$$;

-- Where the whole question or survey goes, its counters go with it: touching them here would fail on their keys.
create or replace function surveys.tally_removed_answers() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  with less as (
    select n.question_id, b.kind, b.bucket, surveys.shard_of(n.response_id) as shard,
      count(*) filter (where not n.is_anonymous) as signed_in, count(*) filter (where n.is_anonymous) as anonymous
    from removed n
    join surveys.surveys s on s.id = n.survey_id
    join surveys.questions q on q.id = n.question_id
    cross join lateral surveys.buckets(q.question_type, n.answer) b
    group by 1, 2, 3, 4
  ), held as (
    select t.question_id, t.kind, t.bucket, t.shard
    from surveys.tallies t join less l using (question_id, kind, bucket, shard)
    order by t.question_id, t.kind, t.bucket, t.shard
    for update of t
  )
  update surveys.tallies t
  set signed_in = t.signed_in - l.signed_in, anonymous = t.anonymous - l.anonymous, updated_at = now()
  from less l join held h using (question_id, kind, bucket, shard)
  where (t.question_id, t.kind, t.bucket, t.shard) = (h.question_id, h.kind, h.bucket, h.shard);
  return null;
end
$$;

create or replace function surveys.tally_added_responses() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  insert into surveys.response_tallies as t (survey_id, shard, signed_in, anonymous)
  select n.survey_id, surveys.shard_of(n.id),
    count(*) filter (where n.anonymous_key is null), count(*) filter (where n.anonymous_key is not null)
  from added n group by 1, 2 order by 1, 2
  on conflict (survey_id, shard) do update set
    signed_in = t.signed_in + excluded.signed_in, anonymous = t.anonymous + excluded.anonymous, updated_at = now();
  return null;
end
$$;

-- Row by row and before the deletion, so that the counter of responses is taken before those of answers, as a submit does:
-- somebody leaving and somebody answering cannot wait for each other.
create or replace function surveys.tally_removed_response() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  update surveys.response_tallies t
  set signed_in = t.signed_in - (old.anonymous_key is null)::integer,
    anonymous = t.anonymous - (old.anonymous_key is not null)::integer, updated_at = now()
  where t.survey_id = old.survey_id and t.shard = surveys.shard_of(old.id)
    and exists (select 1 from surveys.surveys s where s.id = old.survey_id);
  return old;
end
$$;

create or replace trigger surveys_answers_tally_added after insert on surveys.answers
  referencing new table as added for each statement execute function surveys.tally_added_answers();
create or replace trigger surveys_answers_tally_removed after delete on surveys.answers
  referencing old table as removed for each statement execute function surveys.tally_removed_answers();
create or replace trigger surveys_responses_tally_added after insert on surveys.responses
  referencing new table as added for each statement execute function surveys.tally_added_responses();
create or replace trigger surveys_responses_tally_removed before delete on surveys.responses
  for each row execute function surveys.tally_removed_response();

-- A question keeps its type once it is answered: its counters would mean something else.
create or replace function surveys.keep_question_type() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if exists (select 1 from surveys.answers a where a.question_id = new.id) then
    raise exception 'An answered question keeps its type' using errcode = 'TR017';
  end if;
  return new;
end
$$;
create or replace trigger surveys_questions_keep_type before update of question_type on surveys.questions
  for each row when (old.question_type is distinct from new.question_type) execute function surveys.keep_question_type();

-- 4. The proof: counts everything again and returns what differs; no row means exact. One statement, one snapshot: right
-- while others submit. `question_id` is null where responses are counted.
create or replace function surveys.recount(p_survey uuid default null) returns table (
  survey_id uuid, question_id uuid, kind text, bucket text, shard smallint,
  tallied_signed_in bigint, counted_signed_in bigint, tallied_anonymous bigint, counted_anonymous bigint
)
  language sql stable set search_path = '' as $$
  with counted as (
    select a.survey_id, a.question_id, b.kind, b.bucket, surveys.shard_of(a.response_id) as shard,
      count(*) filter (where r.anonymous_key is null) as signed_in, count(*) filter (where r.anonymous_key is not null) as anonymous
    from surveys.answers a
    join surveys.responses r on r.id = a.response_id
    join surveys.questions q on q.id = a.question_id
    cross join lateral surveys.buckets(q.question_type, a.answer) b
    where p_survey is null or a.survey_id = p_survey
    group by 1, 2, 3, 4, 5
    union all
    select r.survey_id, null, 'responses', '', surveys.shard_of(r.id),
      count(*) filter (where r.anonymous_key is null), count(*) filter (where r.anonymous_key is not null)
    from surveys.responses r
    where p_survey is null or r.survey_id = p_survey
    group by 1, 5
  ), tallied as (
    select t.survey_id, t.question_id, t.kind, t.bucket, t.shard, t.signed_in, t.anonymous
    from surveys.tallies t where p_survey is null or t.survey_id = p_survey
    union all
    select t.survey_id, null, 'responses', '', t.shard, t.signed_in, t.anonymous
    from surveys.response_tallies t where p_survey is null or t.survey_id = p_survey
  ), both_sides as (
    select survey_id, question_id, kind, bucket, shard, signed_in as tallied_signed_in, 0::bigint as counted_signed_in,
      anonymous as tallied_anonymous, 0::bigint as counted_anonymous
    from tallied
    union all
    select survey_id, question_id, kind, bucket, shard, 0, signed_in, 0, anonymous from counted
  )
  select b.survey_id, b.question_id, b.kind, b.bucket, b.shard, sum(b.tallied_signed_in)::bigint, sum(b.counted_signed_in)::bigint,
    sum(b.tallied_anonymous)::bigint, sum(b.counted_anonymous)::bigint
  from both_sides b
  group by b.survey_id, b.question_id, b.kind, b.bucket, b.shard
  having sum(b.tallied_signed_in) <> sum(b.counted_signed_in) or sum(b.tallied_anonymous) <> sum(b.counted_anonymous)
  order by b.survey_id, b.question_id nulls first, b.kind, b.bucket, b.shard
$$;

-- 5. Answers of an adopted database, counted once: where a survey has responses and no counter at all.
with fresh as (
  select s.id from surveys.surveys s
  where exists (select 1 from surveys.responses r where r.survey_id = s.id)
    and not exists (select 1 from surveys.response_tallies t where t.survey_id = s.id)
), counted as (
  insert into surveys.tallies (survey_id, question_id, kind, bucket, shard, signed_in, anonymous)
  select a.survey_id, a.question_id, b.kind, b.bucket, surveys.shard_of(a.response_id),
    count(*) filter (where not a.is_anonymous), count(*) filter (where a.is_anonymous)
  from surveys.answers a
  join fresh f on f.id = a.survey_id
  join surveys.questions q on q.id = a.question_id
  cross join lateral surveys.buckets(q.question_type, a.answer) b
  group by 1, 2, 3, 4, 5
)
insert into surveys.response_tallies (survey_id, shard, signed_in, anonymous)
select r.survey_id, surveys.shard_of(r.id),
  count(*) filter (where r.anonymous_key is null), count(*) filter (where r.anonymous_key is not null)
from surveys.responses r join fresh f on f.id = r.survey_id
group by 1, 2;

-- 6. Results per question, in the predecessor's shape: {total_responses, distribution {value: count}, percentages {value:
-- number}} and the same apart for people signed in and not. total_responses counts answers to the question; percentages are of
-- those, to one decimal, so that several choices may pass 100. The row of a question without answers has zero and empty objects.
do $$
begin
  if (select c.relkind from pg_catalog.pg_class c where c.oid = 'surveys.aggregates'::regclass) = 'r' then
    drop table surveys.aggregates;
  end if;
end
$$;
create or replace view surveys.aggregates with (security_invoker = true) as
select q.id, q.survey_id, q.id as question_id,
  jsonb_build_object(
    'total_responses', coalesce(r.total, 0),
    'distribution', coalesce(r.distribution, '{}'),
    'percentages', coalesce(r.percentages, '{}'),
    'signed_in', jsonb_build_object('total_responses', coalesce(r.signed_in, 0), 'distribution', coalesce(r.by_signed_in, '{}')),
    'anonymous', jsonb_build_object('total_responses', coalesce(r.anonymous, 0), 'distribution', coalesce(r.by_anonymous, '{}'))
  ) as aggregate,
  greatest(q.created_at, r.updated_at) as updated_at
from surveys.questions q
left join lateral (
  select
    max(b.signed_in + b.anonymous) filter (where b.kind = 'answers') as total,
    max(b.signed_in) filter (where b.kind = 'answers') as signed_in,
    max(b.anonymous) filter (where b.kind = 'answers') as anonymous,
    jsonb_object_agg(b.bucket, b.signed_in + b.anonymous) filter (where b.kind = 'value' and b.signed_in + b.anonymous > 0)
      as distribution,
    jsonb_object_agg(b.bucket, round(100.0 * (b.signed_in + b.anonymous) / nullif(b.answers, 0), 1))
      filter (where b.kind = 'value' and b.signed_in + b.anonymous > 0) as percentages,
    jsonb_object_agg(b.bucket, b.signed_in) filter (where b.kind = 'value' and b.signed_in > 0) as by_signed_in,
    jsonb_object_agg(b.bucket, b.anonymous) filter (where b.kind = 'value' and b.anonymous > 0) as by_anonymous,
    max(b.updated_at) as updated_at
  from (
    select t.kind, t.bucket, sum(t.signed_in)::bigint as signed_in, sum(t.anonymous)::bigint as anonymous,
      max(t.updated_at) as updated_at,
      sum(sum(t.signed_in + t.anonymous) filter (where t.kind = 'answers')) over () as answers
    from surveys.tallies t where t.question_id = q.id group by t.kind, t.bucket
  ) b
) r on true;
comment on view surveys.aggregates is 'Results per question, from surveys.tallies.';

-- 7. Rights: counters are as public as their survey, and written by the triggers alone.
alter table surveys.tallies enable row level security;
alter table surveys.response_tallies enable row level security;
revoke all on surveys.tallies, surveys.response_tallies, surveys.aggregates from public, anon, authenticated, service_role;
grant select on surveys.tallies, surveys.response_tallies, surveys.aggregates to anon, authenticated, service_role;
revoke update on surveys.responses, surveys.answers from service_role;
revoke execute on function
  surveys.shard_of(uuid), surveys.buckets(text, jsonb), surveys.tally_added_answers(), surveys.tally_removed_answers(),
  surveys.tally_added_responses(), surveys.tally_removed_response(), surveys.keep_question_type(), surveys.recount(uuid)
from public, anon, authenticated;
grant execute on function surveys.recount(uuid) to service_role;

drop policy if exists surveys_tallies_public_read on surveys.tallies;
create policy surveys_tallies_public_read on surveys.tallies for select to anon, authenticated
  using (exists (select 1 from surveys.surveys s where s.id = tallies.survey_id));
drop policy if exists surveys_response_tallies_public_read on surveys.response_tallies;
create policy surveys_response_tallies_public_read on surveys.response_tallies for select to anon, authenticated
  using (exists (select 1 from surveys.surveys s where s.id = response_tallies.survey_id));
