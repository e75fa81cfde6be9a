import type { Frame } from '../socket.ts';
import type { SimulatedClock } from './clock.ts';
import { callerOf, type Process, type Wire } from './process.ts';

/** What a client knows of a channel, as docs/realtime.md tells it to. */
export interface ChannelLog {
  readonly channel: string;
  epoch: string;
  /** Its last offset; the next event has the next one. */
  cursor: number;
  /** What it loaded by other means covers everything up to here. */
  base: number;
  readonly events: Map<number, Frame>;
  isFollowed: boolean;
  /** Asked and not answered yet. */
  isWaiting: boolean;
  /** Positions it asked to resume from on this connection. */
  asked: { readonly offset: number; readonly epoch: string; readonly mayRecover: boolean }[];
}

export interface Delivery {
  readonly user: string;
  readonly frame: Frame;
  readonly channel: string;
  readonly at: number;
  /** No process had a link that failed lately. */
  readonly isCalm: boolean;
}

export interface Client {
  readonly name: string;
  /** '' for nobody. */
  readonly user: string;
  readonly logs: ReadonlyMap<string, ChannelLog>;
  readonly isConnected: boolean;
  /** What its last connection was closed with; undefined when it was not, or the process died. */
  readonly closedWith: number | undefined;
  connect(process: Process): void;
  disconnect(): void;
  subscribe(channel: string, from: From): void;
  /** From a position of somebody else. */
  subscribeFrom(channel: string, since: { readonly offset: number; readonly epoch: string }): void;
  unsubscribe(channel: string): void;
  send(type: string, payload?: object): void;
  stall(room: number): void;
  drain(): void;
  /** The next connection's token ends soon. */
  expireSoon(): void;
  /** Most bytes that ever waited for it at the server. */
  readonly most: number;
}

/** Which position a subscription names: the client's own, none, an older one, one of another history, one nobody reached. */
export type From = 'here' | 'nothing' | 'earlier' | 'otherEpoch' | 'future';

export interface ClientParts {
  readonly name: string;
  readonly user: string;
  readonly clock: SimulatedClock;
  readonly isCalm: () => boolean;
  readonly delivered: (delivery: Delivery) => void;
  /** The server broke a promise. */
  readonly complain: (problem: string) => void;
}

const HEARTBEAT_MS = 15_000;
const AGAIN_MS = 1_000;
const TOKEN_S = 3_600;

/** A client that does what the protocol tells it to, and looks closely at what it is told. */
export function createClient(parts: ClientParts): Client {
  const { name, user, clock } = parts;
  const logs = new Map<string, ChannelLog>();
  let wire: Wire | undefined;
  let most = 0;
  let closedWith: number | undefined;
  let expiresAt = Number.POSITIVE_INFINITY;
  /** Of the running connection; frames of earlier ones are not ours any more. */
  let serial = 0;

  const complain = (problem: string, frame?: Frame) =>
    parts.complain(`${name}: ${problem}${frame === undefined ? '' : ` in ${JSON.stringify(frame)}`}`);

  function ended(): void {
    most = Math.max(most, wire?.most ?? 0);
    wire = undefined;
    serial += 1;
    for (const log of logs.values()) Object.assign(log, { asked: [], isWaiting: false });
  }

  function heard(text: string): void {
    const frame = JSON.parse(text) as Frame;
    const { payload, offset } = frame;
    const channel = frame.channel ?? (payload['channel'] as string | undefined) ?? '';
    parts.delivered({ user, frame, channel, at: clock.now(), isCalm: parts.isCalm() });
    const log = logs.get(channel);
    if (log !== undefined && (frame.type === 'subscribed' || frame.type === 'error')) log.isWaiting = false;
    if (offset !== undefined) {
      if (log === undefined || !log.isFollowed) return complain('an event of a channel it does not follow', frame);
      if (offset !== log.cursor + 1) return complain(`offset ${log.cursor + 1} was to come`, frame);
      log.cursor = offset;
      log.events.set(offset, frame);
      return;
    }
    switch (frame.type) {
      case 'subscribed':
        return subscribed(log, frame);
      case 'position':
        if (log?.isFollowed !== true) return complain('a position of a channel it does not follow', frame);
        if (payload['epoch'] !== log.epoch || payload['offset'] !== log.cursor) {
          complain(`a position other than ${log.cursor} of ${log.epoch}`, frame);
        }
        return;
      case 'unsubscribed':
        if (log !== undefined) log.isFollowed = false;
        return;
      case 'error':
        if (payload['code'] === 'UNAVAILABLE') again();
        else if (payload['code'] === 'BAD_FRAME') complain('a frame was not understood', frame);
    }
  }

  function subscribed(log: ChannelLog | undefined, frame: Frame): void {
    if (log === undefined) return complain('subscribed to what was not asked for', frame);
    const { epoch, offset, recovered } = frame.payload as { epoch: string; offset: number; recovered: boolean };
    log.isFollowed = true;
    log.cursor = offset;
    if (recovered) {
      const asked = log.asked.find((since) => since.epoch === epoch && since.offset === offset);
      if (asked === undefined) complain('recovered from where nobody asked to', frame);
      else if (!asked.mayRecover) complain('recovered from where nothing can be recovered', frame);
      return;
    }
    log.epoch = epoch;
    log.base = offset;
    log.events.clear();
  }

  /** Something could not be done: once more, a little later. */
  function again(): void {
    const mine = serial;
    clock.after(AGAIN_MS, () => {
      if (mine !== serial) return;
      for (const log of logs.values()) if (!log.isFollowed && log.asked.length > 0) ask(log, 'here');
    });
  }

  function logOf(channel: string): ChannelLog {
    let log = logs.get(channel);
    if (log === undefined) {
      log = {
        channel,
        epoch: '',
        cursor: 0,
        base: 0,
        events: new Map(),
        isFollowed: false,
        isWaiting: false,
        asked: [],
      };
      logs.set(channel, log);
    }
    return log;
  }

  function ask(log: ChannelLog, from: From): void {
    const { channel, epoch, cursor } = log;
    const since = {
      here: { offset: cursor, epoch, mayRecover: true },
      nothing: undefined,
      earlier: { offset: Math.max(log.base, cursor - 3), epoch, mayRecover: true },
      otherEpoch: { offset: cursor, epoch: 'f00f00f00f00f00f', mayRecover: false },
      future: { offset: cursor + 1_000, epoch, mayRecover: false },
    }[epoch === '' ? 'nothing' : from];
    log.isWaiting = true;
    log.asked.push(since ?? { offset: -1, epoch: '', mayRecover: false });
    send('subscribe', { channel, ...(since === undefined ? {} : { offset: since.offset, epoch: since.epoch }) });
  }

  function send(type: string, payload?: object): void {
    wire?.send(JSON.stringify(payload === undefined ? { type } : { type, payload }));
  }

  clock.every(HEARTBEAT_MS, () => send('heartbeat'));

  return {
    name,
    user,
    logs,
    get isConnected() {
      return wire !== undefined;
    },
    get closedWith() {
      return closedWith;
    },
    connect(to) {
      if (wire !== undefined) this.disconnect();
      const mine = serial;
      const end = Math.min(expiresAt, Math.floor(clock.now() / 1000) + TOKEN_S);
      expiresAt = Number.POSITIVE_INFINITY;
      wire = to.accept(user === '' ? null : callerOf({ user, expiresAt: end }), {
        heard: (text) => {
          if (mine === serial) heard(text);
        },
        closed: (code) => {
          if (mine !== serial) return;
          closedWith = code;
          ended();
        },
      });
      // Whatever it followed when the last connection ended.
      for (const log of logs.values()) {
        if (!log.isFollowed) continue;
        log.isFollowed = false;
        ask(log, 'here');
      }
    },
    disconnect() {
      const old = wire;
      ended();
      old?.drop();
    },
    subscribe(channel, from) {
      if (wire !== undefined) ask(logOf(channel), from);
    },
    subscribeFrom(channel, since) {
      Object.assign(logOf(channel), since, { cursor: since.offset, base: since.offset });
      this.subscribe(channel, 'here');
    },
    unsubscribe(channel) {
      if (logs.get(channel)?.isFollowed) send('unsubscribe', { channel });
    },
    send,
    stall: (room) => wire?.stall(room),
    drain: () => wire?.drain(),
    expireSoon() {
      expiresAt = Math.floor(clock.now() / 1000) - 55;
    },
    get most() {
      return Math.max(most, wire?.most ?? 0);
    },
  };
}
