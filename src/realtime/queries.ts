import { statement } from '../platform/db/statement.ts';

/** ISO 8601 UTC with microseconds and offset (spec/api.md 5). */
const TIME = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')`;

/**
 * Values: from which id of the outbox on, how many. Moves what was committed to the history and numbers it, channel by channel, in the order of the outbox among
 * what is visible now; what commits later gets a later offset, so there is never a gap. Safe with several callers at once: each row is taken by one,
 * the row of the channel makes them take turns. Answers what was numbered, in order.
 *
 * Tuned (bench/realtime): the ids are found once, as an array. `id in (select ... limit ... for update)` read the whole outbox for each batch, by the plan
 * made when it was empty, and once ran into the statement timeout with a backlog of 60,000 events. The epoch reads two control files (0.17 ms): not when
 * there is nothing to answer.
 */
export const SEQUENCE = statement(
  'realtime.sequence',
  `with taken as (
  delete from live.outbox o where o.id = any(array(
    select w.id from live.outbox w where w.id >= $1::int8 order by w.id limit $2::int for update skip locked))
  returning o.id, o.channel, o.type, o.payload, o.subject, o.actor, o.at
), counted as (
  select t.channel, count(*) as n from taken t group by t.channel
), moved as (
  insert into live.channels as c (name, last_offset) select k.channel, k.n from counted k order by k.channel
  on conflict (name) do update set last_offset = c.last_offset + excluded.last_offset, updated_at = now()
  returning c.name, c.last_offset
), numbered as (
  insert into live.events (channel, event_offset, type, payload, subject, actor, at)
  select t.channel, m.last_offset - k.n + row_number() over (partition by t.channel order by t.id), t.type, t.payload, t.subject, t.actor, t.at
  from taken t join counted k on k.channel = t.channel join moved m on m.name = t.channel
  returning channel, event_offset, type, payload, actor, at
)
select n.channel, n.event_offset::int8 as "offset", n.type, n.payload::text as payload, n.actor, ${TIME('n.at')} as at,
  (select live.epoch()) as epoch
from numbered n order by n.channel, n.event_offset`,
  { channel: 'text', offset: 'int8', type: 'text', payload: 'text', actor: 'uuid?', at: 'text', epoch: 'text' },
);

/**
 * Values: from which id on. The lowest id that waits (none: null), and the transactions of the moment: every one below `oldest` is over,
 * none from `next_one` on has begun to write.
 */
export const LOOK = statement(
  'realtime.look',
  `select (select min(w.id) from live.outbox w where w.id >= $1::int8)::int8 as lowest, pg_snapshot_xmin(s.snapshot)::text as oldest, pg_snapshot_xmax(s.snapshot)::text as next_one
from pg_current_snapshot() s (snapshot)`,
  { lowest: 'int8?', oldest: 'text', next_one: 'text' },
);

/** Values: channels. One row each, in their order; where nothing happened yet the offset is 0. */
export const POSITIONS = statement(
  'realtime.positions',
  `with here as materialized (select live.epoch() as epoch)
select coalesce(c.last_offset, 0)::int8 as "offset", here.epoch
from unnest($1::text[]) with ordinality n (name, place)
cross join here
left join live.channels c on c.name = n.name
order by n.place`,
  { offset: 'int8', epoch: 'text' },
);

/** Values: channel, after which offset, how many. */
export const HISTORY = statement(
  'realtime.history',
  `select e.event_offset::int8 as "offset", e.type, e.payload::text as payload, e.actor, ${TIME('e.at')} as at
from live.events e where e.channel = $1 and e.event_offset > $2::int8 order by e.event_offset limit $3::int`,
  { offset: 'int8', type: 'text', payload: 'text', actor: 'uuid?', at: 'text' },
);

/** Values: milliseconds between two digests. Channels whose state is behind and may be told again. */
export const STALE = statement(
  'realtime.stale',
  `select s.channel from (select distinct channel from live.stale) s left join live.channels c on c.name = s.channel
where c.digested_at is null or c.digested_at <= clock_timestamp() - make_interval(secs => $1::float8 / 1000)
order by s.channel limit 100`,
  { channel: 'text' },
);

/** Values: channel. Takes the marks of a channel and notes when; whoever comes second finds none. */
export const TAKE_STALE = statement(
  'realtime.takeStale',
  `with taken as (delete from live.stale s where s.channel = $1 returning s.id), noted as (
  insert into live.channels as c (name, digested_at) select $1, clock_timestamp() where exists (select 1 from taken)
  on conflict (name) do update set digested_at = excluded.digested_at
)
select count(*)::int as marks from taken`,
  { marks: 'int4' },
);

/** Values: channel, type, payload. */
export const TELL = statement(
  'realtime.tell',
  'insert into live.outbox (channel, type, payload) values ($1, $2, $3::jsonb)',
  {},
);

/** Values: hours, events per channel, digests per channel, how many rows at once. */
export const FORGET = statement('realtime.forget', 'select live.forget($1, $2, $3, $4) as gone', { gone: 'int8?' });

/**
 * For a session that numbers events. Its tables are empty nearly always, so the planner's idea of them is what they are not when it
 * matters: plans for tables that are full are right for both.
 */
export const PLAN_FOR_FULL_TABLES = statement(
  'realtime.planForFullTables',
  "select set_config('enable_seqscan', 'off', false) as off",
  { off: 'text?' },
);

/** Only one process numbers events; the lock goes with its connection. */
export const LEAD = statement(
  'realtime.lead',
  "select pg_try_advisory_lock(hashtextextended('trr sequencer', 0)) as leads",
  {
    leads: 'bool?',
  },
);
