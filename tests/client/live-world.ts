import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import {
  type ChannelHandlers,
  type ChannelName,
  channelOf,
  type LiveEvent,
  type LiveProblem,
  type LiveStatus,
  type LiveTiming,
  type People,
  type Refusal,
} from '../../client/src/index.ts';
import { createEventLog } from '../../src/realtime/log.ts';
import { FIXTURE } from '../acceptance/fixture.ts';
import { startOwnServer, type Target } from '../acceptance/server.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createFaultyLink, type FaultyLink } from '../helpers/faulty-link.ts';

/** Quick enough for tests; what is promised does not depend on it. */
export const QUICK: Partial<LiveTiming> = {
  baseMs: 10,
  maxMs: 100,
  slowMs: 50,
  stableMs: 500,
  answerMs: 2_000,
  heartbeatMs: 300,
  silenceMs: 30_000,
};

export interface World {
  readonly target: Target & { readonly own: TestDatabase };
  readonly link: FaultyLink;
  /** Another server over the same database; the first one stops, as at a deployment. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** A server with a link to it that can be broken. */
export async function createWorld(): Promise<World> {
  const own = await createTestDatabase();
  await own.owner(FIXTURE);
  let target = await startOwnServer({}, own);
  const link = await createFaultyLink(target.baseUrl);
  return {
    get target() {
      return target;
    },
    link,
    async restart() {
      const before = target;
      target = await startOwnServer({}, own);
      link.target(target.baseUrl);
      await before.close();
    },
    async close() {
      await link.close();
      await target.close();
      await own.drop();
    },
  };
}

/** Something on a channel of its own; no room looks at whether the episode exists. */
export const newChannel = () => channelOf.discussions(randomUUID());

/** `count` events, committed. */
export async function happen({ target }: World, channel: string, count = 1, bytes = 0): Promise<void> {
  await target.own.owner(
    `insert into live.outbox (channel, type, payload)
     select $1, 'post_created', jsonb_build_object('post_id', gen_random_uuid(), 'body', repeat('x', $3::int)) from generate_series(1, $2::int)`,
    [channel, count, bytes],
  );
}

/** Where the channel stands, once all that was committed has its offset. */
export async function tableOf(world: World, channel: string): Promise<{ epoch: string; offset: number }> {
  const { own } = world.target;
  await until(async () => {
    const [row] = await own.owner('select count(*)::int as left from live.outbox where channel = $1', [channel]);
    return row?.['left'] === 0;
  });
  const [position] = await createEventLog(own.db).positions([channel]);
  return position ?? { epoch: '', offset: 0 };
}

/** Everything that happened on the channel was told, each once and in order. */
export async function complete(world: World, channel: string, log: Pick<Recorder<never>, 'covered' | 'violations'>) {
  const { offset } = await tableOf(world, channel);
  await until(() => log.covered === offset);
  expect(log.violations).toEqual([]);
}

/** Everything a follower was told, and whether it may be true. */
export interface Recorder<C extends ChannelName> {
  readonly handlers: ChannelHandlers<C>;
  readonly offsets: number[];
  readonly events: LiveEvent[];
  readonly reloads: string[];
  readonly refusals: Refusal[];
  readonly people: People[];
  /** The last offset that is covered: by an event, or by the reload it was told to make. */
  readonly covered: number;
  /** Events that were not the next one after the last event or reload. Must be empty. */
  readonly violations: string[];
}

export function record<C extends ChannelName>(): Recorder<C> {
  const recorder = {
    offsets: [] as number[],
    events: [] as LiveEvent[],
    reloads: [] as string[],
    refusals: [] as Refusal[],
    people: [] as People[],
    covered: -1,
    violations: [] as string[],
  };
  const handlers: ChannelHandlers<ChannelName> = {
    onEvent(event) {
      if (event.offset !== recorder.covered + 1) recorder.violations.push(`${event.offset} after ${recorder.covered}`);
      recorder.covered = event.offset;
      recorder.offsets.push(event.offset);
      recorder.events.push(event);
    },
    onReload({ reason, position }) {
      recorder.covered = position.offset;
      recorder.reloads.push(reason);
    },
    onPeople: (people) => recorder.people.push(people),
    onOver: (refusal) => recorder.refusals.push(refusal),
  };
  return Object.assign(recorder, { handlers: handlers as unknown as ChannelHandlers<C> });
}

/** Statuses and problems of a client. */
export function observe() {
  const statuses: LiveStatus[] = [];
  const problems: LiveProblem[] = [];
  return {
    statuses,
    problems,
    /** Why links ended. */
    get reasons() {
      return statuses.flatMap((status) => (status.state === 'resuming' ? [status.reason] : []));
    },
    onStatus: (status: LiveStatus) => void statuses.push(status),
    onProblem: (problem: LiveProblem) => void problems.push(problem),
  };
}

/** Waits until it is so. */
export async function until(isSo: () => boolean | Promise<boolean>, ms = 8_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${isSo}`);
    await sleep(5);
  }
}
