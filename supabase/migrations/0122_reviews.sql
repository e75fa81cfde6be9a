-- What the pipeline does not dare to decide about identity waits here for a person: an id that is likely but uncertain, two stored shows that a
-- source says are one.
create table if not exists pipeline.reviews (
  id         uuid not null default gen_random_uuid(),
  kind       text not null,
  show_id    uuid not null,
  about      text not null,
  candidates jsonb not null default '[]',
  status     text not null default 'open',
  run_id     uuid,
  choice     text,
  decided_by text,
  decided_at timestamptz,
  reason     text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint reviews_pkey primary key (id),
  constraint reviews_question_key unique (show_id, kind, about),
  constraint reviews_show_id_fkey foreign key (show_id) references core.shows (id) on delete cascade,
  constraint reviews_kind_check check (kind in ('tmdb_id', 'id_conflict')),
  constraint reviews_status_check check (status in ('open', 'accepted', 'rejected')),
  constraint reviews_decided_check check ((status = 'open') = (decided_at is null))
);
comment on column pipeline.reviews.candidates is 'Objects with id (a TMDb id, or one of our shows), name, detail';
comment on column pipeline.reviews.run_id is 'The run that asked last; it may be forgotten meanwhile';
create index if not exists reviews_open_idx on pipeline.reviews (created_at desc, id desc) where status = 'open';

create or replace trigger pipeline_reviews_set_updated_at before update on pipeline.reviews
  for each row execute function core.set_updated_at();

alter table pipeline.reviews enable row level security;
revoke all on pipeline.reviews from public, anon, authenticated;
grant select, insert, update, delete on pipeline.reviews to service_role;
grant select on pipeline.reviews to trr_reader;
drop policy if exists trr_reader_read on pipeline.reviews;
create policy trr_reader_read on pipeline.reviews for select to trr_reader using (true);

-- Questions about two shows that became one have no object any more.
insert into core.merge_rules (parent, relation, column_name, rule, position)
values ('core.shows', 'pipeline.reviews', 'show_id', 'remove', 34)
on conflict do nothing;
