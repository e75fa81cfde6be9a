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

-- Shows whose name or another name is like the query, best first; ties by name. Retired shows are left out.
--
-- The score adds: 0..1 for shared pieces (half by their union, half by the query's own, for a short query against a long
-- name); 1 when every word of the query begins a word of the name; 1 more when the names are the same. At least 0.4.
-- Candidates come from the indexes: names holding all the beginnings, or any piece but the first letters, which half of
-- all names share. The score stands in the query itself: a function called per candidate costs more than the rest.
create or replace function core.search_shows(query text, max_results integer default 20, skip_results integer default 0)
returns table (show_id uuid, score real) language sql stable set search_path = '' as $$
  with q as materialized (
    select t.pieces, core.prefix_trigrams(query) as prefixes,
           array(select piece from unnest(t.pieces) piece where piece not like '  %') as telling
    from (select core.trigrams(query) as pieces) t
    where t.pieces <> '{}'
  ), named as (
    select s.id, s.name_trigrams as pieces from core.shows s
    where s.name_trigrams @> (select prefixes from q) or s.name_trigrams && (select telling from q)
    union all
    select a.show_id, a.name_trigrams from core.alternative_names a
    where a.name_trigrams @> (select prefixes from q) or a.name_trigrams && (select telling from q)
  ), scored as (
    select n.id, max(
        0.5 * shared / (cardinality(q.pieces) + cardinality(n.pieces) - shared) + 0.5 * shared / cardinality(q.pieces)
        + (n.pieces @> q.prefixes)::integer + (n.pieces = q.pieces)::integer) as best
    from named n cross join q
    cross join lateral (select count(*)::real as shared from unnest(n.pieces) piece where piece = any (q.pieces)) c
    group by n.id
  )
  select s.id, c.best::real
  from scored c join core.shows s on s.id = c.id and s.retired_at is null
  where c.best >= 0.4
  order by c.best desc, s.name collate "und-x-icu", s.id
  limit max_results offset skip_results
$$;

-- People by name; the same rules.
create or replace function core.search_people(query text, max_results integer default 20, skip_results integer default 0)
returns table (person_id uuid, score real) language sql stable set search_path = '' as $$
  with q as materialized (
    select t.pieces, core.prefix_trigrams(query) as prefixes,
           array(select piece from unnest(t.pieces) piece where piece not like '  %') as telling
    from (select core.trigrams(query) as pieces) t
    where t.pieces <> '{}'
  ), scored as (
    select p.id, p.full_name,
        0.5 * shared / (cardinality(q.pieces) + cardinality(p.name_trigrams) - shared) + 0.5 * shared / cardinality(q.pieces)
        + (p.name_trigrams @> q.prefixes)::integer + (p.name_trigrams = q.pieces)::integer as best
    from core.people p cross join q
    cross join lateral (select count(*)::real as shared from unnest(p.name_trigrams) piece where piece = any (q.pieces)) c
    where p.name_trigrams @> (select prefixes from q) or p.name_trigrams && (select telling from q)
  )
  select c.id, c.best::real
  from scored c
  where c.best >= 0.4
  order by c.best desc, c.full_name collate "und-x-icu", c.id
  limit max_results offset skip_results
$$;
