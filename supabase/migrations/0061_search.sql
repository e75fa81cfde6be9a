-- Search that forgives typing mistakes, without an extension (docs/db/decisions.md says why): names are folded to
-- lower-case words, cut into three-letter pieces, and compared by how many pieces they share.

-- Distinct three-letter pieces of each word, with two blanks before it and one after, so that beginnings weigh more.
create or replace function core.trigrams(value text) returns text[]
  language sql immutable strict parallel safe set search_path = '' as $$
  select coalesce(array_agg(distinct substr(padded, place, 3)), '{}')
  from unnest(string_to_array(core.fold_text(value), ' ')) word,
       lateral (select '  ' || word || ' ') as p (padded),
       generate_series(1, length(word) + 1) as place
  where word <> ''
$$;

-- The pieces every name must have in which each word of the query begins a word: 'surv isl' finds 'Survivor Island'.
create or replace function core.prefix_trigrams(query text) returns text[]
  language sql immutable strict parallel safe set search_path = '' as $$
  select coalesce(array_agg(distinct substr(padded, place, 3)), '{}')
  from unnest(string_to_array(core.fold_text(query), ' ')) word,
       lateral (select '  ' || word) as p (padded),
       generate_series(1, length(word)) as place
  where word <> ''
$$;

alter table core.shows add column if not exists name_trigrams text[] generated always as (core.trigrams(name)) stored;
alter table core.alternative_names add column if not exists name_trigrams text[] generated always as (core.trigrams(name)) stored;
alter table core.people add column if not exists name_trigrams text[] generated always as (core.trigrams(full_name)) stored;
create index if not exists core_shows_name_trigrams_gin on core.shows using gin (name_trigrams);
create index if not exists core_alternative_names_name_trigrams_gin on core.alternative_names using gin (name_trigrams);
create index if not exists core_people_name_trigrams_gin on core.people using gin (name_trigrams);

-- Likeness of a query and a name: 0..1 for shared pieces, by their union and by the query's own (a short query against
-- a long name), plus 1 when every word of the query begins a word of the name, plus 1 more when the names are the same.
create or replace function core.name_score(query_pieces text[], query_prefixes text[], query_folded text, name text, pieces text[])
returns real language sql immutable parallel safe set search_path = '' as $$
  select (
    case when shared = 0 then 0 else
      0.5 * shared / (cardinality(query_pieces) + cardinality(pieces) - shared) + 0.5 * shared / cardinality(query_pieces) end
    + case when pieces @> query_prefixes then 1 else 0 end
    + case when core.fold_text(name) = query_folded then 1 else 0 end)::real
  from (select count(*)::real as shared from unnest(pieces) piece where piece = any (query_pieces)) s
$$;

-- Shows whose name or another name is like the query, best first; ties by name. Retired shows are left out.
-- `score` is 1 or more where every word of the query begins a word of the name, 0.4 at least otherwise. Candidates come
-- from the indexes: names holding all the beginnings, or any piece but the first letters, which half of all names share.
create or replace function core.search_shows(query text, max_results integer default 20, skip_results integer default 0)
returns table (show_id uuid, score real) language sql stable set search_path = '' as $$
  with q as materialized (
    select core.trigrams(query) as pieces, core.prefix_trigrams(query) as prefixes, core.fold_text(query) as folded,
           array(select t from unnest(core.trigrams(query)) t where t not like '  %') as telling
  ), named as (
    select s.id, s.name, s.name_trigrams from core.shows s
    where s.name_trigrams @> (select prefixes from q) or s.name_trigrams && (select telling from q)
    union all
    select a.show_id, a.name, a.name_trigrams from core.alternative_names a
    where a.name_trigrams @> (select prefixes from q) or a.name_trigrams && (select telling from q)
  ), scored as (
    select n.id, max(core.name_score(q.pieces, q.prefixes, q.folded, n.name, n.name_trigrams)) as best
    from named n cross join q
    where q.folded <> ''
    group by n.id
  )
  select s.id, c.best
  from scored c join core.shows s on s.id = c.id and s.retired_at is null
  where c.best >= 0.4
  order by c.best desc, s.name collate "und-x-icu", s.id
  limit max_results offset skip_results
$$;

-- People by name; the same rules.
create or replace function core.search_people(query text, max_results integer default 20, skip_results integer default 0)
returns table (person_id uuid, score real) language sql stable set search_path = '' as $$
  with q as materialized (
    select core.trigrams(query) as pieces, core.prefix_trigrams(query) as prefixes, core.fold_text(query) as folded,
           array(select t from unnest(core.trigrams(query)) t where t not like '  %') as telling
  ), scored as (
    select p.id, p.full_name, core.name_score(q.pieces, q.prefixes, q.folded, p.full_name, p.name_trigrams) as best
    from core.people p cross join q
    where q.folded <> ''
      and (p.name_trigrams @> (select prefixes from q) or p.name_trigrams && (select telling from q))
  )
  select c.id, c.best
  from scored c
  where c.best >= 0.4
  order by c.best desc, c.full_name collate "und-x-icu", c.id
  limit max_results offset skip_results
$$;
