import { isDeepStrictEqual } from 'node:util';
import { CONNECTION_LIMITS } from '../../../src/realtime/connection.ts';
import { CLOSE } from '../../../src/realtime/frames.ts';
import type { TestDatabase } from '../../helpers/database.ts';
import type { Frame } from '../socket.ts';
import type { ChannelLog, Client, Delivery } from './client.ts';
import type { Fabric } from './fabric.ts';
import { heads, lookAround, type Seen, type StoredEvent, storedEvents, type World } from './world.ts';

/** How long what somebody could see a moment ago may still arrive: until the next comparison with the table finds what happened since. */
const UNDER_WAY_MS = 3_000;
/** While something is wrong, nobody may be told of a change: who may follow is asked again every half minute. */
const UNDER_WAY_FAULTY_MS = 40_000;
const LARGEST_FRAME = 16 << 10;

/** Follows a history from the table's side. */
export class Checks {
  readonly problems: string[] = [];
  readonly #database: TestDatabase;
  readonly #world: World;
  /** What each person could select, and until when that was so. */
  readonly #seen: { until: number; readonly what: Seen }[] = [];
  /** Every event that was ever numbered, with all its payloads: earlier ones may have been taken back. */
  readonly #events = new Map<string, StoredEvent[]>();
  #deliveries: Delivery[] = [];

  constructor(database: TestDatabase, world: World) {
    this.#database = database;
    this.#world = world;
  }

  readonly delivered = (delivery: Delivery): void => {
    this.#deliveries.push(delivery);
  };

  readonly complain = (problem: string): void => {
    this.problems.push(problem);
  };

  /** After each command: what is in the table, what people can see, and whether they may have seen what they got. */
  async look(now: number, isChanged = this.#seen.length === 0): Promise<void> {
    for (const event of await storedEvents(this.#database, this.#world.channels)) {
      const key = `${event.channel} ${event.offset}`;
      const known = this.#events.get(key);
      if (known === undefined) this.#events.set(key, [event]);
      else if (!known.some((other) => isDeepStrictEqual(other.payload, event.payload))) known.push(event);
    }
    const last = this.#seen.at(-1);
    if (last !== undefined) last.until = now;
    if (isChanged) this.#seen.push({ until: now, what: await lookAround(this.#database, this.#world) });
    for (const delivery of this.#deliveries) this.#mayHave(delivery);
    this.#deliveries = [];
  }

  #mayHave(delivery: Delivery): void {
    const { user, at, isCalm } = delivery;
    const since = at - (isCalm ? UNDER_WAY_MS : UNDER_WAY_FAULTY_MS);
    for (const needed of keysOf(delivery)) {
      const could = this.#seen.some(({ until, what }) => until >= since && what.get(user)?.has(needed) === true);
      if (!could) this.complain(`${user || 'nobody'} got what needs ${needed}: ${JSON.stringify(delivery.frame)}`);
    }
  }

  /** Every log equals the table, from where it was loaded. */
  async everybodyKnows(clients: readonly Client[]): Promise<void> {
    const { channels, survey, threads, posts, messages } = this.#world;
    const tables = new Map((await heads(this.#database, channels)).map((head) => [head.channel, head]));
    for (const { channel, waiting } of tables.values()) {
      if (waiting > 0) this.complain(`${waiting} events of ${channel} are not numbered`);
    }
    for (const client of clients) {
      if (client.most > CONNECTION_LIMITS.bufferedBytes + LARGEST_FRAME)
        this.complain(`${client.name}: ${client.most} bytes wait`);
      if (!client.isConnected) {
        // Once the faults are over, only a token that ended or an account that was deleted ends a connection.
        if (client.closedWith !== CLOSE.tokenOver) this.complain(`${client.name} was closed with ${client.closedWith}`);
        continue;
      }
      for (const log of client.logs.values()) {
        if (log.isWaiting) this.complain(`${client.name} waits for ${log.channel}`);
        if (!log.isFollowed) continue;
        const head = tables.get(log.channel);
        if (head?.offset !== log.cursor || head.epoch !== log.epoch) {
          this.complain(
            `${client.name} stands at ${log.cursor} of ${log.epoch} on ${log.channel}, the table at ${head?.offset} of ${head?.epoch}`,
          );
        }
        this.#equalsTable(client, log);
      }
    }
    this.#nothingMissing('thread_created', 'thread_id', threads);
    this.#nothingMissing('post_created', 'post_id', posts);
    this.#nothingMissing(
      'dm_message_created',
      'message_id',
      messages.map(({ id }) => id),
    );
    await this.#resultsAreRight(survey);
  }

  #equalsTable({ name, user }: Client, log: ChannelLog): void {
    for (let offset = log.base + 1; offset <= log.cursor; offset++) {
      const frame = log.events.get(offset);
      const stored = this.#events.get(`${log.channel} ${offset}`);
      if (frame === undefined || stored === undefined) {
        this.complain(
          `${name} has ${frame ? 'an' : 'no'} event ${offset} of ${log.channel}, the table ${stored ? 'has one' : 'none'}`,
        );
      } else if (
        !stored.some((event) => event.type === frame.type && isDeepStrictEqual(payloadFor(event, user), frame.payload))
      ) {
        this.complain(
          `${name} has another event ${offset} of ${log.channel}: ${JSON.stringify(frame)}; stored ${JSON.stringify(stored)}`,
        );
      }
    }
  }

  /** What was acknowledged became an event. */
  #nothingMissing(type: string, member: string, ids: readonly string[]): void {
    const told = new Set(
      [...this.#events.values()].flatMap((all) =>
        all.flatMap((event) => (event.type === type ? event.payload[member] : [])),
      ),
    );
    for (const id of ids) if (!told.has(id)) this.complain(`no ${type} of ${id}`);
  }

  /** The last results that were told equal a count of the answers, unless the survey is out of sight. */
  async #resultsAreRight(survey: string): Promise<void> {
    const [counted] = await this.#database.owner<{ status: string; n: number; a: number; b: number; wrong: number }>(
      `select s.status, (select count(*) from surveys.responses r where r.survey_id = s.id)::int as n,
  (select count(*) from surveys.answers x where x.survey_id = s.id and x.answer ->> 'value' = 'a')::int as a,
  (select count(*) from surveys.answers x where x.survey_id = s.id and x.answer ->> 'value' = 'b')::int as b
from surveys.surveys s where s.id = $1`,
      [survey],
    );
    const last = [...this.#events.values()]
      .map((all) => all.at(-1))
      .filter((event) => event?.type === 'results_updated')
      .reduce((latest, event) => ((event?.offset ?? 0) > (latest?.offset ?? 0) ? event : latest), undefined);
    if (counted === undefined || counted.status === 'draft') return;
    if (last === undefined) {
      if (counted.n > 0) this.complain('no results were ever told');
      return;
    }
    const { total_responses: total, questions } = last.payload as unknown as Results;
    const told = questions[0]?.distribution ?? {};
    if (total !== counted.n || (told['a'] ?? 0) !== counted.a || (told['b'] ?? 0) !== counted.b) {
      this.complain(`results told ${JSON.stringify(last.payload)}, counted ${JSON.stringify(counted)}`);
    }
  }

  /** Online is who has a connection, where anybody looks. */
  async presence(fabric: Fabric, clients: readonly Client[]): Promise<void> {
    for (const id of this.#world.conversations) {
      const channel = `dms:conversation:${id}`;
      const online = await fabric.people(`presence:${channel}`);
      const connected = clients.filter((client) => client.isConnected && client.logs.get(channel)?.isFollowed);
      const expected = [...new Set(connected.map(({ user }) => user))].sort();
      if (expected.length > 0 && !isDeepStrictEqual(online, expected))
        this.complain(`online in ${channel}: ${online}; connected: ${expected}`);
    }
  }
}

interface Results {
  readonly total_responses: number;
  readonly questions: readonly { readonly distribution: Readonly<Record<string, number>> }[];
}

/** The stored payload as a person may see it: who reacted is told to nobody else (docs/db/decisions.md, W28). */
export function payloadFor({ type, payload, actor }: StoredEvent, user: string): object {
  return type === 'reaction_toggled' && (actor === null || actor !== user) ? { ...payload, user_id: null } : payload;
}

/**
 * What somebody must be able to select to get a frame. Of a conversation's channel nothing is heard by those it is closed to; a receipt
 * is told to the whole conversation (W14), though its row shows to its owner alone.
 */
export function* keysOf({ user, frame, channel }: Delivery): Generator<string> {
  const { type, payload } = frame as Frame & { payload: Record<string, string | null | undefined> };
  if (type === 'error' || type === 'unsubscribed') return;
  if (channel.startsWith('dms:')) {
    const conversation = channel.slice(-36);
    yield `conversation:${conversation}`;
    yield `open:${conversation}`;
    if (payload['body'] != null) yield `message:${payload['message_id']}:${payload['body']}`;
  } else if (channel.startsWith('surveys:')) {
    yield `survey:${channel.slice(-36)}`;
  } else if (type.startsWith('thread_') && payload['title'] != null) {
    yield `thread:${payload['thread_id']}:${payload['title']}`;
  } else if (type.startsWith('post_') && payload['body'] != null) {
    yield `post:${payload['post_id']}:${payload['body']}`;
  } else if (type === 'reaction_toggled' && payload['user_id'] != null) {
    if (payload['user_id'] !== user) yield `reactions of ${payload['user_id']}`;
  }
}
