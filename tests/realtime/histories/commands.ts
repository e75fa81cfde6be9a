import fc from 'fast-check';
import type { From } from './client.ts';
import type { Write } from './writes.ts';

/** One thing that happens. Numbers pick by remainder among what there is, so that every history can be shrunk. */
export type Command =
  | { readonly do: 'write'; readonly write: Write }
  | { readonly do: 'begin'; readonly in: number }
  | { readonly do: 'commit' }
  | { readonly do: 'connect'; readonly client: number; readonly process: number }
  | { readonly do: 'disconnect' | 'drain' | 'expire'; readonly client: number }
  | { readonly do: 'subscribe'; readonly client: number; readonly channel: number; readonly from: From }
  | { readonly do: 'unsubscribe' | 'type'; readonly client: number; readonly channel: number }
  | { readonly do: 'stall'; readonly client: number; readonly room: number }
  | { readonly do: 'kill' | 'stop' | 'start' | 'cut' | 'heal'; readonly process: number }
  | { readonly do: 'lose' | 'double'; readonly process: number; readonly messages: number }
  | { readonly do: 'delay'; readonly process: number; readonly messages: number; readonly ms: number }
  | { readonly do: 'hold' | 'release' | 'breakLinks' | 'holdSequencer' | 'releaseSequencer'; readonly process: number }
  | { readonly do: 'restartBroker' | 'newEpoch' }
  | { readonly do: 'forget'; readonly keep: number }
  | { readonly do: 'wait'; readonly ms: number };

export interface History {
  /** Due times are rounded up to it: how slow the machine is. */
  readonly grain: number;
  readonly commands: readonly Command[];
}

const few = fc.nat({ max: 5 });
const some = fc.nat({ max: 7 });

const constant = <const T>(value: T) => fc.constant(value);

function record<const D extends Command['do'], R>(name: D, rest: { [K in keyof R]: fc.Arbitrary<R[K]> }) {
  return fc.record({ do: constant(name), ...rest }) as fc.Arbitrary<Command>;
}

const by = { by: few };

export const anyWrite: fc.Arbitrary<Write> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: constant('thread'), ...by, in: few }) },
  { weight: 12, arbitrary: fc.record({ what: constant('post'), ...by, of: few }) },
  { weight: 8, arbitrary: fc.record({ what: constant('message'), by: fc.nat({ max: 2 }), in: few }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('receipt', 'leave', 'enter'), ...by, in: few }) },
  {
    weight: 5,
    arbitrary: fc.record({ what: fc.constantFrom('edit', 'retitle', 'retract', 'react'), ...by, of: some }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constantFrom('remove', 'restore', 'lock', 'unlock', 'moderate', 'bringBack'),
      of: some,
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('block', 'unblock'), ...by, whom: few }) },
  { weight: 3, arbitrary: fc.record({ what: constant('submit'), ...by }) },
  { weight: 3, arbitrary: fc.record({ what: constant('submitAnonymously') }) },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constantFrom('hideSurvey', 'publishSurvey', 'closeSurvey', 'renameSurvey') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constantFrom('deleteMessage', 'deletePost', 'deleteThread'), of: some }),
  },
  { weight: 1, arbitrary: fc.record({ what: constant('deleteAccount'), ...by }) },
);

const process = fc.nat({ max: 2 });
const client = some;
const channel = fc.nat({ max: 4 });
const messages = fc.integer({ min: 1, max: 3 });

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 30, arbitrary: record('write', { write: anyWrite }) },
  { weight: 2, arbitrary: record('begin', { in: few }) },
  { weight: 2, arbitrary: record('commit', {}) },
  { weight: 20, arbitrary: record('wait', { ms: fc.constantFrom(10, 50, 300, 700, 1_500, 3_000, 6_000) }) },
  { weight: 6, arbitrary: record('connect', { client, process }) },
  { weight: 3, arbitrary: record('disconnect', { client }) },
  {
    weight: 9,
    arbitrary: record('subscribe', {
      client,
      channel,
      from: fc.constantFrom<From>('here', 'here', 'here', 'earlier', 'nothing', 'otherEpoch', 'future'),
    }),
  },
  { weight: 2, arbitrary: record('unsubscribe', { client, channel }) },
  { weight: 2, arbitrary: record('type', { client, channel }) },
  { weight: 3, arbitrary: record('stall', { client, room: fc.constantFrom(200, 1_000, 100_000) }) },
  { weight: 2, arbitrary: record('drain', { client }) },
  { weight: 1, arbitrary: record('expire', { client }) },
  { weight: 3, arbitrary: record('kill', { process }) },
  { weight: 1, arbitrary: record('stop', { process }) },
  { weight: 4, arbitrary: record('start', { process }) },
  { weight: 3, arbitrary: record('cut', { process }) },
  { weight: 3, arbitrary: record('heal', { process }) },
  { weight: 3, arbitrary: record('lose', { process, messages }) },
  { weight: 2, arbitrary: record('double', { process, messages }) },
  { weight: 3, arbitrary: record('delay', { process, messages, ms: fc.constantFrom(20, 500, 3_000) }) },
  { weight: 3, arbitrary: record('hold', { process }) },
  { weight: 3, arbitrary: record('release', { process }) },
  { weight: 3, arbitrary: record('breakLinks', { process }) },
  { weight: 3, arbitrary: record('holdSequencer', { process }) },
  { weight: 2, arbitrary: record('releaseSequencer', { process }) },
  { weight: 1, arbitrary: record('restartBroker', {}) },
  { weight: 1, arbitrary: record('newEpoch', {}) },
  { weight: 2, arbitrary: record('forget', { keep: fc.nat({ max: 4 }) }) },
);

export const history: fc.Arbitrary<History> = fc.record({
  // Seldom fine: every 20 ms of a fine history cost a look of the sequencer.
  grain: fc.constantFrom(500, 500, 500, 250, 250, 250, 250, 100, 100, 20),
  commands: fc.array(command, { minLength: 5, maxLength: 40, size: 'max' }),
});
