import type { Authenticator, Caller } from '../platform/auth/caller.ts';
import type { ChannelKind, Position, Verdict, Viewer } from '../platform/live/channels.ts';
import type { Logger } from '../platform/log/logger.ts';
import { type ClientFrame, parseFrame, type Since } from './client-frames.ts';
import type { Clock } from './clock.ts';
import {
  authenticatedFrame,
  CLOSE,
  type ErrorCode,
  errorFrame,
  passingFrame,
  subscribedFrame,
  unsubscribedFrame,
} from './frames.ts';
import type { Hub } from './hub.ts';
import { Bucket } from './limits.ts';
import type { Members } from './members.ts';
import { Subscription, type SubscriptionHost } from './subscription.ts';

/** The socket underneath: something that takes text frames. */
export interface Transport {
  send(frame: Buffer | string): void;
  /** Bytes taken and not yet sent. */
  readonly buffered: number;
  close(code: number, reason: string): void;
}

export interface ConnectionParts {
  readonly id: string;
  readonly transport: Transport;
  readonly hub: Hub;
  readonly members: Members;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly log: Logger;
  readonly caller: Caller | null;
  /** A January path: one channel, whose loss ends the connection. */
  readonly only?: { readonly kind: ChannelKind; readonly channel: string };
}

export const CONNECTION_LIMITS = {
  channels: 100,
  /** Frames of a client: a second, and at once. Presence, typing and a hundred subscriptions fit. */
  framesPerSecond: 20,
  framesAtOnce: 120,
  /** Frames that were refused for that, before the connection is closed. */
  refusedFrames: 100,
  /** Frames that wait to be dealt with, when the database is slow. */
  waitingFrames: 150,
  /** What waits to be sent; beyond it the client reads too slowly. */
  bufferedBytes: 1 << 20,
  /** Replaying history goes on below this. */
  lowBytes: 256 << 10,
} as const;

/** Silence of a client in a conversation (W13), or of one that does not even answer pings. */
export const SILENCE_MS = 45_000;
const LEEWAY_MS = 60_000;
const READY_POLL_MS = 20;

/** One client: what it sends, what it follows, and whether it still may (spec/api.md 5, 6). Knows nothing of sockets. */
export class Connection implements SubscriptionHost {
  readonly id: string;
  readonly #parts: ConnectionParts;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #bucket: Bucket;
  #viewer: Viewer;
  #refused = 0;
  #heardAt: number;
  #answeredAt: number;
  #isOver = false;
  /** Frames are worked off one after the other. */
  #work: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(parts: ConnectionParts) {
    const now = parts.clock.now();
    this.id = parts.id;
    this.#parts = parts;
    this.#viewer = { caller: parts.caller };
    this.#bucket = new Bucket(CONNECTION_LIMITS.framesPerSecond, CONNECTION_LIMITS.framesAtOnce, now);
    this.#heardAt = now;
    this.#answeredAt = now;
  }

  get viewer(): Viewer {
    return this.#viewer;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get userId(): string | null {
    return this.#viewer.caller?.kind === 'user' ? this.#viewer.caller.userId : null;
  }

  /** On a January path: follows its channel. */
  begin(since: Since | undefined): Promise<void> {
    const { only } = this.#parts;
    if (only !== undefined) this.#queue(() => this.#subscribe(only.kind, only.channel, since), only.channel);
    return this.#work;
  }

  /** A text frame came. Resolves when it was dealt with. */
  receive(text: string): Promise<void> {
    const { clock, only } = this.#parts;
    if (this.#isOver) return this.#work;
    this.#heardAt = clock.now();
    if (!this.#bucket.take(this.#heardAt) || this.#waiting >= CONNECTION_LIMITS.waitingFrames) {
      this.#refused += 1;
      if (this.#refused > CONNECTION_LIMITS.refusedFrames) this.close(CLOSE.tooMany, 'too many frames');
      else this.#refuse('RATE_LIMITED', 'Too many frames: slow down');
      return this.#work;
    }
    const parsed = parseFrame(text);
    if (parsed.ok)
      this.#queue(() => this.#handle(parsed.frame), 'channel' in parsed.frame ? parsed.frame.channel : undefined);
    else if (!(parsed.unknown && only !== undefined)) this.#refuse('BAD_FRAME', parsed.problem);
    return this.#work;
  }

  /** The client's machine answered a ping: not a heartbeat of the client, but its link is alive. */
  answered(): void {
    this.#answeredAt = this.#parts.clock.now();
  }

  /** Looks whether the connection has had its time. Called every few seconds. */
  check(): void {
    const now = this.#parts.clock.now();
    const { caller } = this.#viewer;
    const heard = this.#inConversation ? this.#heardAt : Math.max(this.#heardAt, this.#answeredAt);
    if (now - heard > SILENCE_MS) this.close(CLOSE.noHeartbeat, 'no heartbeat');
    else if (caller !== null && caller.expiresAt * 1000 + LEEWAY_MS < now) this.close(CLOSE.tokenOver, 'token expired');
  }

  /** Ends the connection from our side. */
  close(code: number, reason: string): void {
    if (this.#isOver) return;
    this.ended();
    this.#parts.transport.close(code, reason);
  }

  /** The connection is over, whoever ended it. */
  ended(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const subscription of this.#subscriptions.values()) this.#end(subscription);
    this.#subscriptions.clear();
  }

  send(frame: Buffer | string): void {
    if (this.#isOver) return;
    const { transport } = this.#parts;
    transport.send(frame);
    // Cut off and told to come back: skipping frames silently would be a gap the client cannot see.
    if (transport.buffered > CONNECTION_LIMITS.bufferedBytes) this.close(CLOSE.slow, 'slow reader');
  }

  sendFor(_subscription: Subscription, frame: Buffer): void {
    this.send(frame);
  }

  async ready(): Promise<void> {
    const { transport, clock } = this.#parts;
    while (!this.#isOver && transport.buffered > CONNECTION_LIMITS.lowBytes) {
      await new Promise<void>((resolve) => clock.after(READY_POLL_MS, resolve));
    }
  }

  moved(subscription: Subscription, position: Position): void {
    this.send(subscribedFrame(this.#parts.clock.now(), subscription.channel.name, position, false));
  }

  dismissed(subscription: Subscription): void {
    const { name } = subscription.channel;
    this.#subscriptions.delete(name);
    this.#end(subscription);
    if (this.#parts.only !== undefined) {
      this.close(CLOSE.notAllowed, 'no longer allowed');
      return;
    }
    this.#refuse('FORBIDDEN', 'You may no longer follow this channel', name);
    this.send(unsubscribedFrame(this.#parts.clock.now(), name));
  }

  get #inConversation(): boolean {
    for (const { channel } of this.#subscriptions.values()) if (channel.kind.hasMembers) return true;
    return false;
  }

  /** @param channel what the work is about, to be named when it fails */
  #queue(work: () => Promise<void>, channel: string | undefined): void {
    this.#waiting += 1;
    this.#work = this.#work.then(async () => {
      this.#waiting -= 1;
      if (this.#isOver) return;
      try {
        await work();
      } catch (error) {
        this.#parts.log.warn({ err: error }, 'a live frame could not be dealt with');
        this.#refuse('UNAVAILABLE', 'This cannot be done at the moment: try again', channel);
        // A January client waits for its one channel and would never ask again.
        if (this.#parts.only !== undefined && this.#subscriptions.size === 0) {
          this.close(CLOSE.internal, 'not available');
        }
      }
    });
  }

  async #handle(frame: ClientFrame): Promise<void> {
    switch (frame.type) {
      case 'heartbeat':
        await Promise.all(
          this.#memberships().map(([channel, user]) => this.#parts.members.renew(channel, user, this.id)),
        );
        return;
      case 'auth':
        return this.#signIn(frame.token);
      case 'subscribe': {
        const found = this.#parts.hub.find(frame.channel);
        if (found === null) return this.#refuse('NOT_FOUND', 'There is no such channel', frame.channel);
        return this.#subscribe(found.kind, found.channel, frame.since);
      }
      case 'unsubscribe':
        return this.#unsubscribe(frame.channel);
      case 'typing_start':
      case 'typing_stop':
        return this.#type(frame.channel, frame.type === 'typing_start');
    }
  }

  async #signIn(token: string): Promise<void> {
    const { authenticator, clock } = this.#parts;
    const answer = await authenticator.authenticate(token);
    if (!answer.ok)
      return this.#refuse('AUTH_REQUIRED', `Authentication required: ${answer.code.replaceAll('_', ' ')}`);
    const { caller } = answer;
    const user = caller.kind === 'user' ? caller.userId : null;
    const { caller: before } = this.#viewer;
    if (before !== null && (before.kind !== caller.kind || this.userId !== user)) {
      return this.#refuse('FORBIDDEN', 'This connection belongs to somebody else: open another one');
    }
    this.#viewer = { caller };
    this.send(authenticatedFrame(clock.now(), user, caller.expiresAt));
  }

  async #subscribe(kind: ChannelKind, name: string, since: Since | undefined): Promise<void> {
    const { hub, members, clock } = this.#parts;
    const before = this.#subscriptions.get(name);
    if (before === undefined && this.#subscriptions.size >= CONNECTION_LIMITS.channels) {
      return this.#refuse('TOO_MANY_CHANNELS', `At most ${CONNECTION_LIMITS.channels} channels on a connection`, name);
    }
    const channel = await hub.acquire(kind, name);
    const subscription = new Subscription(this, channel);
    const judge = () => kind.authorize(name, this.#viewer.caller);
    let told = false;
    const verdict = await channel
      .join(subscription, since, judge, ({ position, recovered }) => {
        told = true;
        if (before?.end()) hub.release(before.channel);
        this.#subscriptions.set(name, subscription);
        this.send(subscribedFrame(clock.now(), name, position, recovered));
      })
      .catch((error: unknown) => {
        this.#end(subscription);
        if (told) {
          this.#subscriptions.delete(name);
          this.send(unsubscribedFrame(clock.now(), name));
        }
        throw error;
      });
    if (verdict !== 'ok') {
      this.#end(subscription);
      // Whoever may not begin may not go on, either.
      if (before?.gone === false) this.dismissed(before);
      return this.#refuse(verdict, REFUSALS[verdict], name);
    }
    // The client left while it was let in.
    if (this.#isOver) return this.#end(subscription);
    const user = this.userId;
    if (!kind.hasMembers || user === null || subscription.gone) return;
    await members.online(name, user, this.id);
    for (const other of await members.present(name)) {
      if (other !== user) this.send(passingFrame(clock.now(), 'presence', name, { user_id: other, is_online: true }));
    }
    // Left while it was noted.
    if (subscription.gone) await members.offline(name, user, this.id);
  }

  #unsubscribe(text: string): void {
    const { hub, clock } = this.#parts;
    const name = hub.find(text)?.channel ?? text;
    const subscription = this.#subscriptions.get(name);
    if (subscription === undefined)
      return this.#refuse('NOT_FOUND', 'This connection does not follow the channel', name);
    this.#subscriptions.delete(name);
    this.#end(subscription);
    this.send(unsubscribedFrame(clock.now(), name));
  }

  async #type(text: string | undefined, isTyping: boolean): Promise<void> {
    const { hub, members } = this.#parts;
    const user = this.userId;
    if (user === null) return this.#refuse('AUTH_REQUIRED', 'Authentication required for typing');
    const conversations = this.#memberships();
    if (text === undefined) {
      const [first, second] = conversations;
      if (first !== undefined && second === undefined) return members.typing(first[0], user, this.id, isTyping);
      // In a discussion nobody is told (W9).
      if (this.#parts.only !== undefined) return;
      return this.#refuse('BAD_FRAME', 'Invalid message: "payload.channel" must name one of several channels');
    }
    const found = hub.find(text);
    if (found === null || !this.#subscriptions.has(found.channel)) {
      return this.#refuse('NOT_FOUND', 'This connection does not follow the channel', text);
    }
    if (found.kind.hasMembers) await members.typing(found.channel, user, this.id, isTyping);
  }

  /** Conversations this connection counts in, with its user. */
  #memberships(): [channel: string, user: string][] {
    const user = this.userId;
    if (user === null) return [];
    return [...this.#subscriptions.values()]
      .filter(({ channel }) => channel.kind.hasMembers)
      .map(({ channel }) => [channel.name, user]);
  }

  #end(subscription: Subscription): void {
    const { hub, members } = this.#parts;
    const { channel } = subscription;
    const user = this.userId;
    if (!subscription.end()) return;
    hub.release(channel);
    if (channel.kind.hasMembers && user !== null) void members.offline(channel.name, user, this.id);
  }

  #refuse(code: ErrorCode, message: string, channel?: string): void {
    this.send(errorFrame(this.#parts.clock.now(), code, message, channel));
  }
}

const REFUSALS: Readonly<Record<Exclude<Verdict, 'ok'>, string>> = {
  AUTH_REQUIRED: 'Authentication required for this channel',
  FORBIDDEN: 'You may not follow this channel',
  NOT_FOUND: "There is no such channel, or you don't have access",
};
