/** Many clients in one process, told what to do over its channel. `node herd.ts`, started by `peers.ts`. */
import { quantile } from '../lib/numbers.ts';
import { offsetAtEnd, open, sharedNow, type Wire } from './wire.ts';

export interface Join {
  readonly port: number;
  readonly path: string;
  readonly members: number;
  /** Handshakes under way at once. */
  readonly atOnce: number;
  /** Sent when the connection is open; undefined: the path says it all. */
  readonly hello?: string;
  /** Come back where the herd left: with the offset and epoch each of them has. */
  readonly resume?: { readonly channel: string; readonly to: number };
}

export interface Joined {
  readonly seconds: number;
  /** From connecting to `subscribed`; of those that come back: to the last event they missed. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly recovered: number;
  readonly offset: number;
}

export interface Received {
  /** Messages that came, over messages that should have. */
  readonly reach: number;
  /** Out of order, twice, or after a gap. */
  readonly wrong: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

interface Member {
  readonly index: number;
  wire: Wire | undefined;
  epoch: string;
  last: number;
  recovered: boolean;
  settled: () => void;
}

const members: Member[] = [];
let wrong = 0;
let arrivals = new Float64Array();
let messages = 0;
let base = 0;
const ended: (number | string)[] = [];
let leaving = false;
let seen: { id: string; at: number }[] | undefined;
let goal = Number.POSITIVE_INFINITY;

const SUBSCRIBED = Buffer.from('{"type":"subscribed"');

function onText(member: Member, text: Buffer): void {
  const offset = offsetAtEnd(text);
  if (offset < 0) {
    if (!text.subarray(0, SUBSCRIBED.length).equals(SUBSCRIBED)) return;
    const { payload } = JSON.parse(text.toString('utf8')) as {
      payload: { offset: number; epoch: string; recovered: boolean };
    };
    member.epoch = payload.epoch;
    member.last = payload.offset;
    member.recovered = payload.recovered;
    if (goal === Number.POSITIVE_INFINITY || member.last >= goal) member.settled();
    return;
  }
  if (offset !== member.last + 1) wrong += 1;
  member.last = offset;
  const nth = offset - base - 1;
  if (nth >= 0 && nth < messages) arrivals[member.index * messages + nth] = sharedNow();
  if (offset === goal) member.settled();
  seen?.push({ id: /"post_id": ?"([^"]+)"/.exec(text.toString('utf8'))?.[1] ?? '', at: sharedNow() });
}

async function join({ port, path, members: count, atOnce, hello, resume }: Join): Promise<Joined> {
  goal = resume?.to ?? Number.POSITIVE_INFINITY;
  leaving = false;
  const times: number[] = [];
  let next = 0;
  const started = performance.now();
  const one = async () => {
    while (next < count) {
      const index = next++;
      const before = members[index];
      const member: Member = before ?? {
        index,
        wire: undefined,
        epoch: '',
        last: 0,
        recovered: false,
        settled: () => undefined,
      };
      members[index] = member;
      const since = resume === undefined ? {} : { offset: member.last, epoch: member.epoch };
      const text =
        resume === undefined
          ? hello
          : JSON.stringify({ type: 'subscribe', payload: { channel: resume.channel, ...since } });
      const began = performance.now();
      await new Promise<void>((resolve, reject) => {
        member.settled = resolve;
        const wire = open({
          port,
          path,
          onText: (frame) => onText(member, frame),
          onOpen: () => text !== undefined && wire.send(text),
          onEnd: (why) => {
            if (leaving) return;
            ended.push(why);
            reject(new Error(`a client's connection ended: ${why}`));
          },
        });
        member.wire = wire;
      });
      times.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, one));
  return {
    seconds: (performance.now() - started) / 1000,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    recovered: members.filter(({ recovered }) => recovered).length,
    offset: members[0]?.last ?? 0,
  };
}

/** Waits for what was published at these times, some seconds at most. */
async function collect(publishedAt: readonly number[]): Promise<Received> {
  const last = base + messages;
  for (let waited = 0; waited < 15_000 && members.some((member) => member.last < last); waited += 50) await pause(50);
  const times: number[] = [];
  for (const { index } of members) {
    for (const [nth, at] of publishedAt.entries()) {
      const arrived = arrivals[index * messages + nth] ?? 0;
      if (arrived > 0) times.push(arrived - at);
    }
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  return {
    reach: times.length / (members.length * messages),
    wrong,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
  };
}

/** Half say goodbye, half just go. */
async function leave(forget: boolean): Promise<void> {
  leaving = true;
  const gone = members.map(
    ({ wire }) => new Promise<void>((resolve) => (wire === undefined ? resolve() : wire.socket.once('close', resolve))),
  );
  for (const { index, wire } of members) {
    if (index % 2 === 0) wire?.close();
    else wire?.socket.destroy();
  }
  await Promise.all(gone);
  if (forget) members.length = 0;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

type Order =
  | ({ ask: 'join' } & Join)
  | { ask: 'expect'; from: number; messages: number }
  | { ask: 'collect'; publishedAt: number[] }
  | { ask: 'leave'; forget: boolean }
  | { ask: 'see' }
  | { ask: 'seen' };

async function obey(order: Order): Promise<object> {
  switch (order.ask) {
    case 'join':
      return join(order);
    case 'expect':
      base = order.from;
      messages = order.messages;
      wrong = 0;
      arrivals = new Float64Array(members.length * messages);
      return {};
    case 'collect':
      return collect(order.publishedAt);
    case 'leave':
      await leave(order.forget);
      return {};
    case 'see':
      seen = [];
      return {};
    case 'seen': {
      const list = seen ?? [];
      seen = undefined;
      return { list };
    }
  }
}

process.on('message', (order: Order) => {
  obey(order).then(
    (answer) => process.send?.({ answer: order.ask, ...answer }),
    (error: unknown) => {
      console.error(error, ended.slice(0, 5));
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(0));
