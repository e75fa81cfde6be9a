import type { TokenSource } from './client.ts';

/** An event of a channel. `offset` is dense per channel and absent for what is not stored (typing, presence). */
export interface LiveEvent {
  readonly type: string;
  readonly ts: string;
  readonly channel: string;
  readonly offset: number | undefined;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface Listener {
  /** Each event once, in the order of its channel. */
  event(event: LiveEvent): void;
  /**
   * Events were lost for good (too long away, or history began anew): read the channel's data again. Events that follow
   * continue from there. Also called once at the start of a subscription without a known position.
   */
  reload?(position: Position): void;
  /** The server refuses this channel; the subscription is over. */
  refused?(error: { readonly code: string; readonly message: string }): void;
}

/** How far a client has come in a channel; keep it to continue after a restart of the client. */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

export interface Subscription {
  readonly channel: string;
  readonly position: Position | undefined;
  /** Says that the user types (`true`) or has stopped. */
  typing(isTyping: boolean): void;
  close(): void;
}

export interface LiveOptions {
  /** Where the server is, e.g. `https://api.example.org`. */
  readonly baseUrl: string;
  readonly token?: string | TokenSource;
  /** Told whenever the connection comes or goes. */
  readonly onState?: (state: 'connecting' | 'open' | 'waiting' | 'closed') => void;
  /** Wait before the second attempt to connect, milliseconds; doubles up to 30 s, with jitter. Default 500. */
  readonly baseMs?: number;
  /** How often the client says that it is alive, milliseconds; default 20,000. */
  readonly heartbeatMs?: number;
  /** Default: the global `WebSocket`. */
  readonly WebSocket?: typeof WebSocket;
}

export interface LiveClient {
  /** Listens to a channel, from a position onwards when one is given. Subscribing twice to a channel replaces the first. */
  subscribe(channel: string, listener: Listener, from?: Position): Subscription;
  close(): void;
}

interface Channel {
  readonly listener: Listener;
  position: Position | undefined;
  /** Between asking and `subscribed`; events that arrive then belong to the answer. */
  asked: boolean;
}

interface Frame {
  readonly type: string;
  readonly ts?: string;
  readonly channel?: string;
  readonly offset?: number;
  readonly payload?: Readonly<Record<string, unknown>>;
}

const MAX_WAIT_MS = 30_000;
const TOKEN_ENDED = 4401;

/**
 * One connection for any number of channels. Reconnects by itself, continues each channel where it was, drops what it has seen
 * already, and says `reload` when something is lost for good, never less.
 */
export function createLive(options: LiveOptions): LiveClient {
  const Socket = options.WebSocket ?? WebSocket;
  const url = `${options.baseUrl.replace(/^http/, 'ws').replace(/\/+$/, '')}/api/v1/ws`;
  const channels = new Map<string, Channel>();
  let socket: WebSocket | undefined;
  let failures = 0;
  let refresh = false;
  let closed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let heart: ReturnType<typeof setInterval> | undefined;

  const send = (type: string, payload?: object) => {
    if (socket?.readyState === Socket.OPEN) socket.send(JSON.stringify({ type, ...(payload ? { payload } : {}) }));
  };
  const ask = (name: string, channel: Channel) => {
    channel.asked = true;
    send('subscribe', { channel: name, ...channel.position });
  };

  async function connect(): Promise<void> {
    options.onState?.('connecting');
    let token: string | null = null;
    try {
      token = typeof options.token === 'function' ? await options.token({ refresh }) : (options.token ?? null);
    } catch {
      return retry();
    }
    if (closed) return;
    refresh = false;
    const opened = new Socket(url, token === null ? ['trr.v1'] : ['trr.v1', `bearer.${token}`]);
    socket = opened;
    opened.onopen = () => {
      failures = 0;
      options.onState?.('open');
      for (const [name, channel] of channels) ask(name, channel);
      heart = setInterval(() => send('heartbeat'), options.heartbeatMs ?? 20_000);
    };
    opened.onmessage = ({ data }) => receive(JSON.parse(String(data)) as Frame);
    opened.onclose = ({ code }) => {
      if (socket !== opened) return;
      refresh = code === TOKEN_ENDED;
      retry();
    };
    opened.onerror = () => undefined;
  }

  function retry(): void {
    clearInterval(heart);
    socket = undefined;
    if (closed) return;
    options.onState?.('waiting');
    const waitMs = Math.min(MAX_WAIT_MS, (options.baseMs ?? 500) * 2 ** failures) * (0.5 + Math.random() / 2);
    failures = Math.min(failures + 1, 10);
    timer = setTimeout(() => void connect(), waitMs);
  }

  function receive(frame: Frame): void {
    const name = frame.channel ?? (frame.payload?.['channel'] as string | undefined);
    const channel = name === undefined ? undefined : channels.get(name);
    if (name === undefined || channel === undefined) return;
    switch (frame.type) {
      case 'subscribed':
        return subscribed(channel, frame.payload ?? {});
      case 'position':
        return compare(name, channel, frame.payload ?? {});
      case 'error':
        return refused(name, channel, frame.payload ?? {});
      default:
        return deliver(name, channel, frame);
    }
  }

  function subscribed(channel: Channel, payload: Readonly<Record<string, unknown>>): void {
    channel.asked = false;
    const position = { epoch: String(payload['epoch']), offset: Number(payload['offset']) };
    if (payload['recovered'] === true && channel.position !== undefined) return;
    channel.position = position;
    channel.listener.reload?.(position);
  }

  /** A beat tells where the channel is: whoever is behind lost the last events and asks again. */
  function compare(name: string, channel: Channel, payload: Readonly<Record<string, unknown>>): void {
    const { position } = channel;
    if (channel.asked || position === undefined) return;
    if (payload['epoch'] !== position.epoch || Number(payload['offset']) > position.offset) ask(name, channel);
  }

  function deliver(name: string, channel: Channel, frame: Frame): void {
    const { offset } = frame;
    if (offset !== undefined) {
      const { position } = channel;
      if (position === undefined || offset <= position.offset) return;
      if (offset !== position.offset + 1) {
        if (!channel.asked) ask(name, channel);
        return;
      }
      channel.position = { ...position, offset };
      // An event this listener may not see keeps its place.
      if (frame.type === 'withheld') return;
    }
    channel.listener.event({
      type: frame.type,
      ts: frame.ts ?? '',
      channel: name,
      offset,
      payload: frame.payload ?? {},
    });
  }

  function refused(name: string, channel: Channel, payload: Readonly<Record<string, unknown>>): void {
    const code = String(payload['code'] ?? '');
    if (!['AUTH_REQUIRED', 'FORBIDDEN', 'NOT_FOUND', 'TOO_MANY_CHANNELS'].includes(code) || !channel.asked) return;
    channels.delete(name);
    channel.listener.refused?.({ code, message: String(payload['message'] ?? '') });
  }

  void connect();
  return {
    subscribe(channel, listener, from) {
      const entry: Channel = { listener, position: from, asked: false };
      channels.set(channel, entry);
      ask(channel, entry);
      return {
        channel,
        get position() {
          return entry.position;
        },
        typing: (isTyping) => send(isTyping ? 'typing_start' : 'typing_stop', { channel }),
        close() {
          if (channels.get(channel) !== entry) return;
          channels.delete(channel);
          send('unsubscribe', { channel });
        },
      };
    },
    close() {
      closed = true;
      clearTimeout(timer);
      clearInterval(heart);
      socket?.close(1000);
      options.onState?.('closed');
    },
  };
}
