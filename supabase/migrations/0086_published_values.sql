-- Values of an array column that may be shown, judged one by one: a value is shown when a source that states it has a published
-- licence, or when no source claims it (the predecessor's data). A function, because as a subquery in the statement of a show's
-- detail, ten times, it cost every reader 2 ms to set up, also where one licence settles the whole column.
create or replace function core.published_values(stored anyarray, origin jsonb, licences text[]) returns anyarray
  language plpgsql immutable parallel safe set search_path = '' as $$
begin
  if origin ->> 'via' = 'override' or origin -> 'values' is null then
    -- A person's decision, or one source's word: judged as a whole.
    return case when coalesce(origin ->> 'licence' = any (licences), true) then stored end;
  end if;
  return (
    select array_agg(v.value order by v.place) from unnest(stored) with ordinality v(value, place)
    where not exists (select from jsonb_each(origin -> 'values') c where c.value @> to_jsonb(v.value))
      or exists (
        select from jsonb_each(origin -> 'values') c
        where c.value @> to_jsonb(v.value) and coalesce(origin -> 'licences' ->> c.key, origin ->> 'licence') = any (licences)));
end
$$;
grant execute on function core.published_values(anyarray, jsonb, text[]) to anon, authenticated;
