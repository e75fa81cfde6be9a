import pg from 'pg';
import { type Check, median } from '../lib/numbers.ts';
import { cpuOfFamily, helper, type Peer, serve } from './peers.ts';
import { joining, list, pause, postmaster, type Setting } from './setting.ts';
import { type Author, BODY, openAuthor } from './world.ts';

/** A minute of a busy evening. */
const EVENTS = 60_000;
const POSTS = 60;
const REST_SECONDS = 4;

interface Look {
  /** Milliseconds from commit to receipt, median of some posts. */
  readonly late: number;
  /** Milliseconds of CPU a second of PostgreSQL while nobody writes. */
  readonly rest: number;
}

/**
 * Whether numbering gets slower while somebody (a backup, a long report) holds a snapshot, so that what was taken from the outbox cannot be
 * swept: 60,000 events pass meanwhile.
 */
export async function held(setting: Setting): Promise<Check[]> {
  const { ownerUrl, env, world, rounds } = setting;
  const owner = new pg.Client({ connectionString: ownerUrl });
  const reader = new pg.Client({ connectionString: ownerUrl });
  await Promise.all([owner.connect(), reader.connect()]);
  const database = await postmaster(owner);
  const server = await serve('ours', env);
  const herd = helper('herd.ts');
  const author = await openAuthor(ownerUrl, world.user);
  const looks: Record<'before' | 'held', Look[]> = { before: [], held: [] };
  try {
    await herd.ask('join', joining(server, world, 1));
    const look = () => measure(herd, author, world.stages[0]?.thread ?? '', database);
    for (let round = 0; round < rounds; round++) {
      looks.before.push(await look());
      await reader.query('begin isolation level repeatable read; select count(*) from live.outbox');
      await pass(owner);
      looks.held.push(await look());
      await reader.query('rollback');
      await owner.query('vacuum live.outbox, live.channels, live.stale');
    }
  } finally {
    await Promise.all([server.stop(), herd.stop(), author.end(), owner.end(), reader.end()]);
  }
  for (const [name, of] of Object.entries(looks)) {
    console.log(
      `held snapshot, ${name}: ${list(of.map(({ late }) => late))} ms from commit to receipt, PostgreSQL at rest ${list(
        of.map(({ rest }) => rest),
        1,
      )} ms of CPU a second`,
    );
  }
  const ratio = (of: (look: Look) => number) =>
    median(looks.held.map((one, nth) => of(one) / of(looks.before[nth] ?? one)));
  return [
    {
      name: `held snapshot and ${EVENTS} events since: commit to receipt, held / before`,
      value: ratio(({ late }) => late),
      unit: 'x',
      bound: { atMost: 1.5 },
    },
  ];
}

async function measure(herd: Peer, author: Author, thread: string, database: number): Promise<Look> {
  const before = cpuOfFamily(database);
  await pause(REST_SECONDS * 1000);
  const rest = (cpuOfFamily(database) - before) / REST_SECONDS;
  await herd.ask('see');
  const posts: { id: string; at: number }[] = [];
  for (let nth = 0; nth < POSTS; nth++) {
    posts.push(await author.post(thread, BODY));
    await pause(25);
  }
  await pause(1_500);
  const { list: seen } = await herd.ask<{ list: { id: string; at: number }[] }>('seen');
  const arrived = new Map(seen.map(({ id, at }) => [id, at]));
  return { late: median(posts.map(({ id, at }) => (arrived.get(id) ?? Number.POSITIVE_INFINITY) - at)), rest };
}

/** Lets events through on a channel nobody follows, and waits until they are numbered. */
async function pass(owner: pg.Client): Promise<void> {
  for (let some = 0; some < EVENTS; some += 1_000) {
    await owner.query(
      `insert into live.outbox (channel, type, payload) select 'discussions:episode:elsewhere', 'post_created', '{}' from generate_series(1, 1000)`,
    );
  }
  for (;;) {
    const { rows } = await owner.query('select from live.outbox limit 1');
    if (rows.length === 0) return;
    await pause(50);
  }
}
