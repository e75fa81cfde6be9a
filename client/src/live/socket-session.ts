import { type EndReason, reasonOf } from './backoff.ts';
import { type Position, readFrame } from './frames.ts';
import type { Session, SessionHooks } from './session.ts';

/** What is used of a `WebSocket`; the global one of browsers and Node 22 has it. */
export interface WebSocketLike {
  readonly readyState: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
}
export type WebSocketConstructor = new (url: string, protocols?: string[]) => WebSocketLike;

export interface SocketParts {
  readonly WebSocket: WebSocketConstructor;
  /** `wss://.../api/v1/ws` */
  readonly url: string;
  readonly token: string | null;
  /** What is followed, and how far each was delivered. */
  readonly channels: () => readonly string[];
  readonly position: (channel: string) => Position | undefined;
  readonly hooks: SessionHooks;
}

export interface SocketSession extends Session {
  send(type: string, payload?: object): void;
}

type Timer = ReturnType<typeof setTimeout>;

const OPEN = 1;
const PROTOCOL = 'trr.v1';
/** What may stand in a subprotocol (RFC 9110 5.6.2): any JWT. */
const TOKEN_CHARACTERS = /^[\w!#$%&'*+.^`|~-]+$/;
/** The server takes 120 frames at once, then 20 a second. */
const BURST = 100;
const PACE_MS = 60;
/** After a refusal that may pass, and between two looks at a channel that keeps having gaps. */
const LATER_MS = 1_000;

/** Opens a socket. Everything it does ends with it. */
export function openSocket({ WebSocket, url, token, channels, position, hooks }: SocketParts): SocketSession {
  const { timing } = hooks;
  const timers = new Set<Timer>();
  /** Channels that were asked for and not answered, each with its timer once there is one. */
  const unanswered = new Map<string, Timer | undefined>();
  const resumedAt = new Map<string, number>();
  const queue: string[] = [];
  let isPaced = false;
  let heardAt = Date.now();
  let over = false;

  const inProtocol = token !== null && TOKEN_CHARACTERS.test(token);
  const ws = new WebSocket(url, inProtocol ? [PROTOCOL, `bearer.${token}`] : [PROTOCOL]);

  function after(ms: number, work: () => void): Timer {
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (!over) work();
    }, ms);
    timers.add(timer);
    return timer;
  }
  function cancel(timer: Timer | undefined): void {
    if (timer === undefined) return;
    clearTimeout(timer);
    timers.delete(timer);
  }
  function end(): void {
    over = true;
    for (const timer of timers) clearTimeout(timer);
    clearInterval(heartbeat);
    // The closing handshake of a dead link would take its time; we are done with it now.
    ws.onopen = ws.onmessage = ws.onclose = null;
    ws.close();
  }
  function fail(reason: EndReason, code?: number): void {
    if (over) return;
    end();
    hooks.ended(code === undefined ? { reason } : { reason, code });
  }
  function send(type: string, payload?: object): void {
    if (ws.readyState === OPEN) ws.send(JSON.stringify(payload === undefined ? { type } : { type, payload }));
  }
  function ask(channel: string): void {
    answered(channel);
    unanswered.set(channel, undefined);
    if (ws.readyState === OPEN) enqueue(channel);
  }
  function enqueue(channel: string): void {
    queue.push(channel);
    if (!isPaced) flush(BURST);
  }
  function flush(atOnce: number): void {
    for (const channel of queue.splice(0, atOnce)) {
      if (!unanswered.has(channel)) continue;
      answered(channel);
      unanswered.set(
        channel,
        after(timing.answerMs, () => fail('silence')),
      );
      send('subscribe', { channel, ...position(channel) });
    }
    isPaced = queue.length > 0;
    if (isPaced) after(PACE_MS, () => flush(1));
  }
  function answered(channel: string): void {
    cancel(unanswered.get(channel));
    unanswered.delete(channel);
  }
  function askLater(channel: string): void {
    answered(channel);
    unanswered.set(
      channel,
      after(LATER_MS * (1 + Math.random()), () => ask(channel)),
    );
  }
  function check(): void {
    if (ws.readyState !== OPEN || Date.now() - heardAt <= timing.silenceMs || unanswered.size > 0) return;
    // A channel that is followed answers to the same question again, and goes on from there.
    const [channel] = channels();
    if (channel !== undefined) ask(channel);
  }

  const connecting = after(timing.answerMs, () => fail('silence'));
  const heartbeat = setInterval(() => {
    send('heartbeat');
    check();
  }, timing.heartbeatMs);

  ws.onopen = () => {
    cancel(connecting);
    heardAt = Date.now();
    if (token !== null && !inProtocol) send('auth', { token });
    hooks.opened();
    for (const channel of [...unanswered.keys()]) enqueue(channel);
  };
  ws.onmessage = ({ data }: { data: unknown }) => {
    heardAt = Date.now();
    const frame = typeof data === 'string' ? readFrame(data) : null;
    if (frame !== null) hooks.frame(frame);
  };
  ws.onclose = ({ code }: { code: number }) => fail(reasonOf(code), code);
  // `close` follows, and says more; without a handler the error would be an uncaught one in some environments.
  ws.onerror = () => undefined;

  for (const channel of channels()) unanswered.set(channel, undefined);

  return {
    send,
    ask,
    resume(channel) {
      if (unanswered.has(channel)) return;
      // Again, so soon: whatever is wrong there, asking faster does not mend it.
      const isAgain = Date.now() - (resumedAt.get(channel) ?? 0) < LATER_MS;
      resumedAt.set(channel, Date.now());
      if (isAgain) askLater(channel);
      else ask(channel);
    },
    askLater(channel) {
      for (const name of channel === undefined ? [...unanswered.keys()] : [channel]) askLater(name);
    },
    answered,
    awaits: (channel) => unanswered.has(channel),
    leave(channel) {
      answered(channel);
      resumedAt.delete(channel);
      send('unsubscribe', { channel });
    },
    get isSettled() {
      return ws.readyState === OPEN && unanswered.size === 0;
    },
    check,
    renew(fresh) {
      send('auth', { token: fresh });
      return true;
    },
    end,
  };
}
