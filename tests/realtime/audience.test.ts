import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RESULTS } from '../../src/community/surveys/queries.ts';
import { keysOf } from './histories/checks.ts';
import { type Client, createClient, type Delivery } from './histories/client.ts';
import { anyWrite } from './histories/commands.ts';
import { advance, closePlayers, openPlayers, openStage, type Players, type Stage } from './histories/play.ts';
import { lookAround, type Seen, type World } from './histories/world.ts';
import { type Write, write } from './histories/writes.ts';

/**
 * Who gets what over a live channel equals what row security shows them (models 4.1, P5). Two exceptions, both on purpose: a receipt is told
 * to the whole conversation, though its row shows to its owner alone (W14); while one of a direct conversation blocks the other, its
 * channel is closed to both, though they can read what was written.
 */
const RUNS = Number(process.env['TRR_TEST_AUDIENCES'] ?? 30);
/** Long enough for numbers, and for the results of a survey, which come once a second. */
const SETTLE_MS = 1_500;

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(() => stage.close());

interface Watched {
  readonly client: Client;
  /** Content that arrived since the last look. */
  got: Delivery[];
}

interface Scene extends Players {
  watched: Watched[];
  problems: string[];
}

async function open(): Promise<Scene> {
  const players = await openPlayers(stage, 250, 1);
  const scene: Scene = { ...players, watched: [], problems: [] };
  for (const user of ['', ...scene.world.users]) watch(scene, user, 'live');
  return scene;
}

/** Somebody who follows all they may. */
function watch(scene: Scene, user: string, name: string): Watched {
  const watched: Watched = {
    got: [],
    client: createClient({
      name: `${name} ${user || 'nobody'}`,
      user,
      clock: scene.around.clock,
      isCalm: () => true,
      delivered: (delivery) => watched.got.push(delivery),
      complain: (problem) => scene.problems.push(problem),
    }),
  };
  scene.watched.push(watched);
  const [process] = scene.processes;
  if (process !== undefined) watched.client.connect(process);
  return watched;
}

function followAll({ client }: Watched, { channels }: World): void {
  for (const channel of channels) if (!client.logs.get(channel)?.isFollowed) client.subscribe(channel, 'nothing');
}

const CONTENT = /^(thread|post|message):/;

/** What a person can select of what channels carry. Administrators also see what was removed: the channel of an episode is public. */
function content(seen: Seen, user: string): Set<string> {
  const everybodys = seen.get('');
  const keys = [...(seen.get(user) ?? [])].filter((key) => CONTENT.test(key));
  return new Set(keys.filter((key) => key.startsWith('message:') || everybodys?.has(key)));
}

it('live and by replay, everybody gets what they can select, and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyWrite, { minLength: 3, maxLength: 20, size: 'max' }), async (writes) => {
      const scene = await open();
      try {
        await live(scene, writes);
        await replayed(scene);
        expect(scene.problems).toEqual([]);
      } finally {
        await closePlayers(scene);
      }
    }),
    { numRuns: RUNS },
  );
}, 600_000);

/** What became visible by a write arrived, and what arrived can be seen. */
async function live(scene: Scene, writes: readonly Write[]): Promise<void> {
  const { world, watched, problems } = scene;
  for (const given of writes) {
    for (const each of watched) {
      each.got = [];
      followAll(each, world);
    }
    await scene.around.activity.rest();
    const before = await lookAround(stage.database, world);
    for (const each of watched) {
      for (const key of each.got.flatMap((delivery) => [...keysOf(delivery)])) {
        if (before.get(each.client.user)?.has(key)) continue;
        problems.push(
          `before ${JSON.stringify(given)}: ${each.client.user || 'nobody'} got ${key} and cannot select it`,
        );
      }
      // Told that they follow: what is heard from here on is heard because of the write.
      each.got = [];
    }
    await write(stage.database, world, given);
    await advance(scene, SETTLE_MS);
    const after = await lookAround(stage.database, world);
    for (const { client, got } of watched) {
      const { user } = client;
      const carried = new Set(got.flatMap((delivery) => [...keysOf(delivery)]));
      for (const key of carried) {
        // Whoever was let in before the write is told that they must go.
        const seen = /^(open|conversation):/.test(key) && before.get(user)?.has(key) ? before : after;
        if (!seen.get(user)?.has(key)) {
          problems.push(`${JSON.stringify(given)}: ${user || 'nobody'} got ${key} and cannot select it`);
        }
      }
      const known = content(before, user);
      for (const key of content(after, user)) {
        if (known.has(key) || carried.has(key) || !isTold(key, given) || !isOpen(world, after, user, key)) continue;
        problems.push(`${JSON.stringify(given)}: ${user || 'nobody'} can select ${key} and did not get it`);
      }
    }
  }
}

/** Messages arrive where the channel is open; threads and posts everywhere. */
function isOpen({ messages }: World, seen: Seen, user: string, key: string): boolean {
  const message = messages.find(({ id }) => key.startsWith(`message:${id}:`));
  return message === undefined || seen.get(user)?.has(`open:${message.conversation}`) === true;
}

/**
 * What becomes visible as a whole is announced, not repeated: the posts of a thread that is back (`thread_restored`), the past of a group
 * somebody enters. Of a post that was taken back only the place is told.
 */
function isTold(key: string, given: Write): boolean {
  if (key.endsWith(':[deleted]')) return false;
  if (key.startsWith('post:')) return given.what !== 'restore';
  return !key.startsWith('message:') || given.what === 'message';
}

/** Somebody who comes anew and asks for everything from the beginning gets what they can select at that moment. */
async function replayed(scene: Scene): Promise<void> {
  const { around, world, problems } = scene;
  const { database } = stage;
  const seen = await lookAround(database, world);
  const [{ epoch } = { epoch: '' }] = await database.owner<{ epoch: string }>('select live.epoch() as epoch');
  for (const user of ['', ...world.users]) {
    const latecomer = watch(scene, user, 'late');
    for (const channel of world.channels) latecomer.client.subscribeFrom(channel, { offset: 0, epoch });
    await around.activity.rest();
    const visible = seen.get(user) ?? new Set<string>();
    const carried = new Set(latecomer.got.flatMap((delivery) => [...keysOf(delivery)]));
    for (const key of carried) {
      if (!visible.has(key)) problems.push(`replay: ${user || 'nobody'} got ${key} and cannot select it`);
    }
    // Posts of a thread that was away were taken back in the history: whoever is told of its return reads them anew.
    const wereAway = new Set(
      latecomer.got.flatMap(({ frame }) =>
        frame.type === 'thread_restored' || frame.type === 'thread_removed' ? [String(frame.payload['thread_id'])] : [],
      ),
    );
    const postsAway = new Set(
      latecomer.got.flatMap(({ frame }) =>
        wereAway.has(String(frame.payload['thread_id'])) ? [String(frame.payload['post_id'])] : [],
      ),
    );
    for (const key of content(seen, user)) {
      const [kind, id = ''] = key.split(':');
      if (key.endsWith(':[deleted]') || carried.has(key)) continue;
      if (kind === 'post' && postsAway.has(id)) continue;
      if (kind === 'thread' && wereAway.has(id)) continue;
      if (!isOpen(world, seen, user, key)) continue;
      problems.push(`replay: ${user || 'nobody'} can select ${key} and did not get it`);
    }
    ownReactions(latecomer, visible, problems);
    await results(latecomer, world, visible, problems);
  }
}

/** The reactions of a person, as their own channel tells them, are those they can select. */
function ownReactions({ client, got }: Watched, visible: ReadonlySet<string>, problems: string[]): void {
  const active = new Set<string>();
  for (const { frame } of got) {
    const { post_id: post, user_id: user, reaction, action } = frame.payload;
    if (frame.type !== 'reaction_toggled' || user === null) continue;
    const key = `reaction:${post}:${user}:${reaction}`;
    if (action === 'added') active.add(key);
    else active.delete(key);
  }
  const selected = [...visible].filter((key) => key.startsWith('reaction:'));
  const gone = new Set(got.flatMap(({ frame }) => (/^(post_deleted|thread_removed)$/.test(frame.type) ? [frame] : [])));
  if (gone.size === 0 && JSON.stringify(selected.sort()) !== JSON.stringify([...active].sort())) {
    problems.push(`replay: ${client.user || 'nobody'} reacted ${selected}, the channel says ${[...active]}`);
  }
}

/** The last results on the channel are those the viewer can select. */
async function results(
  { client, got }: Watched,
  world: World,
  visible: ReadonlySet<string>,
  problems: string[],
): Promise<void> {
  const last = got.findLast(({ frame }) => frame.type === 'results_updated')?.frame.payload;
  if (last === undefined || !visible.has(`survey:${world.survey}`) || !('questions' in last)) return;
  const [row] =
    client.user === ''
      ? await stage.database.db.public.query(RESULTS, [world.survey])
      : await stage.database.db.asUser({ sub: client.user, role: 'authenticated' }, (tx) =>
          tx.query(RESULTS, [world.survey]),
        );
  const selected = JSON.parse(row?.body ?? 'null') as unknown;
  if (JSON.stringify(sorted(selected)) !== JSON.stringify(sorted(last))) {
    problems.push(`replay: ${client.user || 'nobody'} selects ${row?.body}, the channel says ${JSON.stringify(last)}`);
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}
