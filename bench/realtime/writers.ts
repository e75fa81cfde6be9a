import pg from 'pg';
import { type Check, median, quantile } from '../lib/numbers.ts';
import type { Written } from './authors.ts';
import { helper, type Peer, serve } from './peers.ts';
import { joining, list, pause, type Setting } from './setting.ts';

const WRITERS = 16;
const SECONDS = 6;

interface Heard {
  /** Milliseconds from the commit, as its writer saw it, to a subscriber's receipt. */
  readonly received: number[];
  /** Milliseconds from the commit to the commit that numbered it, by the database's own clock. */
  readonly numbered: number[];
}

/** 16 people post on one channel without pause: what events cost them, and how long until everybody can know. */
export async function writers({ ownerUrl, env, world, rounds }: Setting): Promise<Check[]> {
  const [stage] = world.stages;
  const threads = [stage?.thread ?? ''];
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  const triggers = async (state: 'enable' | 'disable') => {
    for (const name of ['live_posts_tell', 'live_posts_tell_update'])
      await owner.query(`alter table social.posts ${state} trigger ${name}`);
  };
  const authors = helper('authors.ts', [ownerUrl, world.user]);
  const herd = helper('herd.ts');
  const rates: Record<'without' | 'events', number[]> = { without: [], events: [] };
  const p99: Record<keyof Heard, number[]> = { received: [], numbered: [] };
  const work = { threads, body: 'What is she even talking about?', writers: WRITERS, seconds: SECONDS };
  try {
    for (let round = -1; round < rounds; round++) {
      // Without events there is nothing to serve either.
      await triggers('disable');
      const without = await authors.ask<Written>('write', work);
      await triggers('enable');
      const server = await serve('ours', env);
      try {
        await herd.ask('join', joining(server, world, 1));
        await herd.ask('see');
        const events = await authors.ask<Written>('write', work);
        await pause(1_000);
        const heard = await compare(owner, herd, events);
        await herd.ask('leave', { forget: true });
        if (round < 0) continue;
        rates.without.push(without.perSecond);
        rates.events.push(events.perSecond);
        p99.received.push(quantile(heard.received, 0.99));
        p99.numbered.push(quantile(heard.numbered, 0.99));
        console.log(
          `writers: ${heard.received.length} events, median ${quantile(heard.received, 0.5).toFixed(1)} ms to receipt, ` +
            `${quantile(heard.numbered, 0.5).toFixed(1)} ms to offset`,
        );
      } finally {
        await server.stop();
      }
    }
  } finally {
    await Promise.all([authors.stop(), herd.stop(), owner.end()]);
  }
  const ratios = rates.events.map((rate, nth) => rate / (rates.without[nth] ?? Number.NaN));
  console.log(
    `writers: without ${list(rates.without, 0)} /s, with events ${list(rates.events, 0)} /s, ratios ${list(ratios)}`,
  );
  console.log(`writers: p99 to offset ${list(p99.numbered, 1)} ms, to receipt ${list(p99.received, 1)} ms`);
  return [
    { name: 'writers: commits with events / without', value: median(ratios), unit: 'x', bound: { atLeast: 0.7 } },
    { name: 'writers: p99 from commit to offset', value: median(p99.numbered), unit: 'ms', bound: { atMost: 50 } },
    { name: 'writers: p99 from commit to receipt', value: median(p99.received), unit: 'ms', bound: { atMost: 50 } },
  ];
}

async function compare(owner: pg.Client, herd: Peer, { posts }: Written): Promise<Heard> {
  const { list: seen } = await herd.ask<{ list: { id: string; at: number }[] }>('seen');
  const arrived = new Map(seen.map(({ id, at }) => [id, at]));
  const received = posts.map(({ id, at }) => (arrived.get(id) ?? Number.POSITIVE_INFINITY) - at);
  const { rows } = await owner.query<{ ms: number }>(
    `select extract(epoch from pg_xact_commit_timestamp(e.xmin) - pg_xact_commit_timestamp(p.xmin))::float8 * 1000 as ms
     from live.events e join social.posts p on p.id = e.subject where p.id = any($1)`,
    [posts.map(({ id }) => id)],
  );
  if (rows.length !== posts.length) throw new Error(`${posts.length} posts, ${rows.length} events`);
  return { received, numbered: rows.map(({ ms }) => ms) };
}
