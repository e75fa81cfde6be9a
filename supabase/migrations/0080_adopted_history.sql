-- What the predecessor's history said, kept by `trr db adopt` (which makes this table first: it comes before any migration).
create table if not exists pipeline.adopted_migrations (
  version    text not null,
  name       text,
  statements text[],
  adopted_at timestamptz not null default now(),
  constraint adopted_migrations_pkey primary key (version)
);
alter table pipeline.adopted_migrations enable row level security;
revoke all on pipeline.adopted_migrations from public, anon, authenticated, service_role;
grant select on pipeline.adopted_migrations to service_role;
