import type { SharedPace } from '../../sources/types.ts';
import type { OwnerLink } from '../link.ts';

/** Takes turns: from the moment the next one is due, or from now when that has passed. One row for each host. */
const TAKE = `
insert into pipeline.request_pace as p (host, next_at)
values ($1, clock_timestamp() + $2::float8 * interval '1 millisecond')
on conflict (host) do update set
  next_at = greatest(p.next_at, clock_timestamp()) + $2::float8 * interval '1 millisecond'
returning extract(epoch from next_at - $2::float8 * interval '1 millisecond' - clock_timestamp())::float8 * 1000 as wait_ms`;

const PAUSE = `
insert into pipeline.request_pace as p (host, next_at) values ($1, clock_timestamp() + $2::float8 * interval '1 millisecond')
on conflict (host) do update set next_at = greatest(p.next_at, excluded.next_at)`;

/** The pace kept in the database that all processes have in common anyway. Its clock is the only one that counts. */
export function postgresPace(link: () => OwnerLink | null): SharedPace {
  const query = async (text: string, values: readonly unknown[]) => {
    const connection = link();
    if (connection === null || connection.lost.aborted) throw new Error('no connection to keep the pace with');
    return connection.query(text, values);
  };
  return {
    async take(host, turns, intervalMs) {
      const { rows } = await query(TAKE, [host, turns * intervalMs]);
      return Number(rows[0]?.wait_ms ?? 0);
    },
    async pause(host, ms) {
      await query(PAUSE, [host, ms]);
    },
  };
}
