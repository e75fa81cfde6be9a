import type { ChannelKind, EventLog, LiveEvent, Position, Verdict } from '../platform/live/channels.ts';
import type { Logger } from '../platform/log/logger.ts';
import type { Message } from './broker/types.ts';
import type { Clock } from './clock.ts';
import { eventFrame, passingFrame, positionFrame } from './frames.ts';
import type { Follower } from './hub.ts';

/** Events read from the log at once. */
const PAGE = 200;
/** Whoever missed more reloads: reading the state is cheaper than reading its history. */
export const MAX_REPLAY = 5_000;

export interface ChannelParts {
  readonly name: string;
  readonly kind: ChannelKind;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What somebody who joins is told. */
export interface Joined {
  readonly position: Position;
  readonly recovered: boolean;
}

/**
 * One channel in this process: how far it was delivered, and to whom. Events go out in the order of their offsets, each once. Whatever is not
 * the next one in line (a gap, a change of who may follow) makes the channel read on from the log instead, which is the truth.
 */
export class LiveChannel {
  readonly name: string;
  readonly kind: ChannelKind;
  readonly #log: EventLog;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #followers = new Set<Follower>();
  #position: Position = { epoch: '', offset: 0 };
  #isOpen = false;
  /** Set while the channel reads from the log or asks who may follow; messages that arrive meanwhile are found in the log. */
  #busy: Promise<void> | undefined;
  /** Something arrived while busy. */
  #behind = false;
  /** Moves on when the history is another one: whoever is still reading the old one starts again. */
  #generation = 0;
  /** Moves on when followers are judged anew: whoever was judged before is judged again. */
  #judged = 0;
  /** Something arrived before the channel knew where it stands. */
  #early = false;
  /** Pages that are being read, by the offset before them: many who come back at once share them. */
  readonly #reading = new Map<number, Promise<readonly LiveEvent[]>>();

  constructor({ name, kind, log, clock, logger }: ChannelParts) {
    this.name = name;
    this.kind = kind;
    this.#log = log;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** How far events were delivered here. */
  get position(): Position {
    return this.#position;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get followers(): number {
    return this.#followers.size;
  }

  /** Reads where the channel stands. Messages that arrived before are covered by it or come after it. */
  async open(): Promise<void> {
    const [position] = await this.#log.positions([this.name]);
    this.#position = position ?? this.#position;
    this.#isOpen = true;
    if (this.#early) await this.#readOn();
  }

  receive(message: Message): void {
    if (!this.#isOpen) {
      this.#early = true;
      return;
    }
    if (message.kind === 'passing') {
      this.tell(message.type, message.payload);
      return;
    }
    const { events, epoch } = message;
    const [first, last] = [events[0], events.at(-1)];
    if (first === undefined || last === undefined) return;
    if (epoch === this.#position.epoch && last.offset <= this.#position.offset) return;
    const isNext = epoch === this.#position.epoch && first.offset <= this.#position.offset + 1;
    if (this.#busy === undefined && isNext && !this.#judgesAgain(events)) {
      for (const event of events) if (event.offset > this.#position.offset) this.#deliver(event);
    } else {
      void this.#readOn();
    }
  }

  /** Something without a place in the history, to everybody. */
  tell(type: string, payload: object): void {
    if (this.#followers.size === 0) return;
    const frame = Buffer.from(passingFrame(this.#clock.now(), type, this.name, payload));
    for (const follower of this.#followers) follower.deliver(frame);
  }

  beat(): void {
    if (this.#followers.size === 0 || !this.#isOpen) return;
    const frame = Buffer.from(positionFrame(this.#clock.now(), this.name, this.#position));
    for (const follower of this.#followers) follower.deliver(frame);
  }

  /**
   * Compares with the log's position.
   * @param head this channel's offset when the log was asked: what was delivered meanwhile is no contradiction
   */
  async compare(log: Position, head: number): Promise<void> {
    if (log.epoch !== this.#position.epoch || log.offset < head) this.#restart(log);
    else if (log.offset > this.#position.offset) await this.#readOn();
  }

  /**
   * Takes a follower in, if `judge` says so. `told` is called with where delivery begins, in the same moment; what was missed
   * since follows.
   * @param since the position the client has; undefined for one that has none
   */
  async join(
    follower: Follower,
    since: Position | undefined,
    judge: () => Promise<Verdict>,
    told: (joined: Joined) => void,
  ): Promise<Verdict> {
    let judged: number;
    do {
      judged = this.#judged;
      const verdict = await judge();
      if (verdict !== 'ok') return verdict;
    } while (judged !== this.#judged);
    const first = await this.#missed(since);
    if (judged !== this.#judged) return this.join(follower, since, judge, told);
    if (since === undefined || first === undefined) {
      this.#followers.add(follower);
      told({ position: this.#position, recovered: false });
    } else {
      told({ position: since, recovered: true });
      await this.#replay(follower, since.offset, first, judged);
    }
    return 'ok';
  }

  /**
   * The first events after a client's position; undefined when it cannot go on from there. Decided before anything is told: once
   * `recovered` was said there must be no gap.
   */
  async #missed(since: Position | undefined): Promise<readonly LiveEvent[] | undefined> {
    if (since === undefined || since.epoch !== this.#position.epoch) return undefined;
    // The client may know more than this process does: from another one that was faster.
    if (since.offset > this.#position.offset) await this.#readOn();
    if (since.epoch !== this.#position.epoch || since.offset > this.#position.offset) return undefined;
    return this.#position.offset - since.offset > MAX_REPLAY ? undefined : this.#page(since.offset);
  }

  leave(follower: Follower): void {
    this.#followers.delete(follower);
  }

  /** Everybody who follows now. */
  get all(): readonly Follower[] {
    return [...this.#followers];
  }

  /** Takes a follower out who may no longer follow. */
  dismiss(follower: Follower): void {
    if (this.#followers.delete(follower)) follower.dismiss();
  }

  async #replay(follower: Follower, from: number, first: readonly LiveEvent[], judgedAt: number): Promise<void> {
    const generation = this.#generation;
    let judged = judgedAt;
    let at = from;
    let page: readonly LiveEvent[] | undefined = first;
    while (!follower.gone) {
      if (judged !== this.#judged) {
        judged = this.#judged;
        if (!(await this.#mayFollow([follower]))[0]) return follower.dismiss();
        continue;
      }
      if (page === undefined || generation !== this.#generation) {
        // Forgotten while it was read, or the history is another one.
        this.#followers.add(follower);
        return follower.reset(this.#position);
      }
      for (const event of page) follower.deliver(this.#frameFor(event, follower), event.offset);
      at = page.at(-1)?.offset ?? at;
      if (at === this.#position.offset) {
        this.#followers.add(follower);
        return;
      }
      await follower.ready();
      page = await this.#page(at);
    }
  }

  /** The events right after an offset, as many as fit; empty when it is the last one, undefined when they are no longer there. */
  async #page(after: number): Promise<readonly LiveEvent[] | undefined> {
    if (after === this.#position.offset) return [];
    // Always from the table: what was delivered here may have been taken back a moment ago.
    let reading = this.#reading.get(after);
    if (reading === undefined) {
      reading = this.#log.read(this.name, after, PAGE).finally(() => this.#reading.delete(after));
      this.#reading.set(after, reading);
    }
    // No further than was delivered here: an event after which everybody is judged again must not overtake the judgement.
    const events = (await reading).filter(({ offset }) => offset <= this.#position.offset);
    const isWhole = events.length > 0 && events.every((event, i) => event.offset === after + 1 + i);
    return isWhole ? events : undefined;
  }

  #deliver(event: LiveEvent): void {
    this.#position = { epoch: this.#position.epoch, offset: event.offset };
    const { kind } = this;
    if (this.#followers.size === 0) return;
    if (kind.audience === undefined) {
      const frame = this.#frame(event, kind.view === undefined ? event.payload : kind.view(event, ''));
      for (const follower of this.#followers) follower.deliver(frame, event.offset);
      return;
    }
    const frames = new Map<string, Buffer>();
    for (const follower of this.#followers) {
      const audience = kind.audience(event, follower.viewer);
      let frame = frames.get(audience);
      if (frame === undefined) {
        frame = this.#frame(event, kind.view === undefined ? event.payload : kind.view(event, audience));
        frames.set(audience, frame);
      }
      follower.deliver(frame, event.offset);
    }
  }

  #frameFor(event: LiveEvent, follower: Follower): Buffer {
    const audience = this.kind.audience?.(event, follower.viewer) ?? '';
    return this.#frame(event, this.kind.view === undefined ? event.payload : this.kind.view(event, audience));
  }

  #frame(event: LiveEvent, payload: string | null): Buffer {
    return Buffer.from(eventFrame(this.name, event, payload));
  }

  #judgesAgain(events: readonly LiveEvent[]): boolean {
    const { reopensOn } = this.kind;
    return reopensOn !== undefined && events.some(({ type }) => reopensOn.has(type));
  }

  /** Reads on from the log until it has no more; one at a time. */
  #readOn(): Promise<void> {
    this.#behind = true;
    this.#busy ??= this.#readAll().finally(() => {
      this.#busy = undefined;
    });
    return this.#busy;
  }

  async #readAll(): Promise<void> {
    try {
      while (this.#behind) {
        this.#behind = false;
        await this.#readToEnd();
      }
    } catch (error) {
      // The next message or comparison tries again; until then nothing is delivered here that would leave a gap.
      this.#logger.warn({ err: error, channel: this.name }, 'a live channel could not read on');
    }
  }

  async #readToEnd(): Promise<void> {
    for (;;) {
      const [log] = await this.#log.positions([this.name]);
      if (log === undefined) return;
      if (log.epoch !== this.#position.epoch || log.offset < this.#position.offset) return this.#restart(log);
      if (log.offset === this.#position.offset) return;
      const events = await this.#log.read(this.name, this.#position.offset, PAGE);
      if (events[0]?.offset !== this.#position.offset + 1) return this.#restart(log);
      if (this.#judgesAgain(events)) await this.#judgeAgain();
      for (const event of events) {
        if (event.offset !== this.#position.offset + 1) break; // forgotten in between: the next round restarts
        this.#deliver(event);
      }
    }
  }

  /** The history is another one, or what comes next was forgotten: everybody reloads. */
  #restart(position: Position): void {
    this.#generation += 1;
    this.#position = position;
    for (const follower of this.#followers) follower.reset(position);
  }

  async #judgeAgain(): Promise<void> {
    this.#judged += 1;
    const followers = this.all;
    const may = await this.#mayFollow(followers);
    for (const [i, follower] of followers.entries()) if (!may[i]) this.dismiss(follower);
  }

  async #mayFollow(followers: readonly Follower[]): Promise<readonly boolean[]> {
    const asked = followers.map(({ viewer }) => ({ caller: viewer.caller, channel: this.name }));
    return this.kind.stillOpen === undefined ? asked.map(() => true) : this.kind.stillOpen(asked);
  }
}
