import type { Claims, Scope } from '../../src/platform/db/types.ts';
import type { TestDatabase } from '../helpers/database.ts';

/** Calls as people make them: through the program's pools, under their role and claims. */
export interface Community {
  /** Somebody of an outside issuer, made on first sight. */
  user(name: string): Promise<string>;
  as<T>(user: string, fn: (tx: Scope) => Promise<T>): Promise<T>;
  /** First column of the first row of a statement run as this user. */
  call(user: string, text: string, values?: readonly unknown[]): Promise<unknown>;
  /** First column of the first row of a statement run as the service role. */
  service(text: string, values?: readonly unknown[]): Promise<unknown>;
  /** First column of the first row of a statement of the owner. */
  value(text: string, values?: unknown[]): Promise<unknown>;
}

const first = (rows: readonly Record<string, unknown>[]) => Object.values(rows[0] ?? {})[0];

export function community(database: TestDatabase): Community {
  const as = <T>(user: string, fn: (tx: Scope) => Promise<T>) => {
    const claims: Claims = { sub: user, role: 'authenticated' };
    return database.db.asUser(claims, fn);
  };
  const service = (text: string, values?: readonly unknown[]) =>
    database.db.asService('test', async (tx) => first(await tx.raw(text, values)));
  return {
    as,
    service,
    user: async (name) =>
      String(await service('select identity.resolve_user($1, $2)', ['https://securetoken.example/app', name])),
    call: (user, text, values) => as(user, async (tx) => first(await tx.raw(text, values))),
    value: async (text, values) => first(await database.owner(text, values)),
  };
}

/** SQLSTATE of a call that must fail; `accepted` when it went through. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'accepted';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

/** Runs `count` calls at once; returns how often each outcome came. */
export async function atOnce(count: number, call: (n: number) => Promise<unknown>): Promise<Record<string, number>> {
  const outcomes = await Promise.all(Array.from({ length: count }, (_, n) => refusal(call(n))));
  const tally: Record<string, number> = {};
  for (const outcome of outcomes) tally[outcome] = (tally[outcome] ?? 0) + 1;
  return tally;
}

/** A show with one season and two episodes. */
export async function arrangeShow(
  c: Community,
  name: string,
): Promise<{ show: string; season: string; episode: string }> {
  const show = String(await c.value('insert into core.shows (name) values ($1) returning id', [name]));
  const season = String(
    await c.value('insert into core.seasons (show_id, season_number) values ($1, 1) returning id', [show]),
  );
  const episode = String(
    await c.value(
      'insert into core.episodes (show_id, season_id, season_number, episode_number) values ($1, $2, 1, 1) returning id',
      [show, season],
    ),
  );
  return { show, season, episode };
}
