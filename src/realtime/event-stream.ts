import type { ServerResponse } from 'node:http';
import type { Caller } from '../platform/auth/caller.ts';
import type { ChannelKind, Position, Viewer } from '../platform/live/channels.ts';
import type { LiveChannel } from './channel.ts';
import type { Clock, Stop } from './clock.ts';
import { CONNECTION_LIMITS } from './connection.ts';
import { errorFrame, subscribedFrame } from './frames.ts';
import type { Hub } from './hub.ts';
import { Subscription, type SubscriptionHost } from './subscription.ts';

/** Channels of one stream. */
export const MAX_STREAM_CHANNELS = 20;
const COMMENT_MS = 15_000;
const LEEWAY_MS = 60_000;
const READY_POLL_MS = 20;

export interface StreamParts {
  readonly hub: Hub;
  readonly clock: Clock;
  readonly caller: Caller | null;
  /** Channels in their normal spelling; the caller may follow each. */
  readonly channels: readonly { readonly kind: ChannelKind; readonly channel: string }[];
  /** From `Last-Event-ID`. */
  readonly since: ReadonlyMap<string, Position>;
  readonly response: ServerResponse;
}

/**
 * The events of read-only channels as server-sent events: the same frames as on a socket. The id of each holds the offsets of all
 * channels of the stream, so that `Last-Event-ID` alone resumes it.
 */
export class EventStream implements SubscriptionHost {
  readonly viewer: Viewer;
  readonly #parts: StreamParts;
  readonly #positions: Map<string, Position>;
  readonly #subscriptions = new Map<LiveChannel, Subscription>();
  readonly #stops: Stop[] = [];
  #isOver = false;

  constructor(parts: StreamParts) {
    this.#parts = parts;
    this.viewer = { caller: parts.caller };
    const followed = new Set(parts.channels.map(({ channel }) => channel));
    this.#positions = new Map([...parts.since].filter(([channel]) => followed.has(channel)));
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Sends until the client or the server ends it. Resolves when all channels are followed. */
  async begin(): Promise<void> {
    const { response, clock, channels, hub, caller } = this.#parts;
    response.on('close', () => this.end());
    this.#stops.push(
      clock.every(COMMENT_MS, () => {
        if (caller !== null && caller.expiresAt * 1000 + LEEWAY_MS < clock.now()) {
          this.#fail('AUTH_REQUIRED', 'The token has expired: come back with another one');
        } else this.#write(': still here\n\n');
      }),
    );
    for (const { kind, channel: name } of channels) {
      if (this.#isOver) return;
      const channel = await hub.acquire(kind, name);
      const subscription = new Subscription(this, channel);
      this.#subscriptions.set(channel, subscription);
      const verdict = await channel.join(
        subscription,
        this.#parts.since.get(name),
        () => kind.authorize(name, caller),
        ({ position, recovered }) => this.#place(channel, position, recovered),
      );
      if (verdict !== 'ok') return this.#fail(verdict, 'You may not follow this channel', name);
    }
    if (this.#isOver) this.#release();
  }

  sendFor({ channel }: Subscription, frame: Buffer, offset: number | undefined): void {
    if (offset === undefined) {
      this.#write(`data: ${frame}\n\n`);
      return;
    }
    this.#positions.set(channel.name, { epoch: channel.position.epoch, offset });
    this.#write(`id: ${writePositions(this.#positions)}\ndata: ${frame}\n\n`);
  }

  async ready(): Promise<void> {
    while (!this.#isOver && this.#parts.response.writableLength > CONNECTION_LIMITS.lowBytes) {
      await new Promise<void>((resolve) => this.#parts.clock.after(READY_POLL_MS, resolve));
    }
  }

  moved({ channel }: Subscription, position: Position): void {
    this.#place(channel, position, false);
  }

  dismissed({ channel }: Subscription): void {
    this.#fail('FORBIDDEN', 'You may no longer follow this channel', channel.name);
  }

  /** Ends the stream, whoever asked for it. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const stop of this.#stops) stop();
    this.#release();
    this.#parts.response.end();
  }

  #place(channel: LiveChannel, position: Position, recovered: boolean): void {
    this.#positions.set(channel.name, position);
    const frame = subscribedFrame(this.#parts.clock.now(), channel.name, position, recovered);
    this.#write(`id: ${writePositions(this.#positions)}\ndata: ${frame}\n\n`);
  }

  #fail(code: Parameters<typeof errorFrame>[1], message: string, channel?: string): void {
    this.#write(`data: ${errorFrame(this.#parts.clock.now(), code, message, channel)}\n\n`);
    this.end();
  }

  #write(text: string): void {
    const { response } = this.#parts;
    if (this.#isOver) return;
    response.write(text);
    // Too slow: the client comes back with its last id.
    if (response.writableLength > CONNECTION_LIMITS.bufferedBytes) {
      this.end();
      response.destroy();
    }
  }

  #release(): void {
    for (const subscription of this.#subscriptions.values()) {
      if (subscription.end()) this.#parts.hub.release(subscription.channel);
    }
    this.#subscriptions.clear();
  }
}

/** `<channel>@<epoch>:<offset>`, separated by commas. */
export function writePositions(positions: ReadonlyMap<string, Position>): string {
  return [...positions].map(([channel, { epoch, offset }]) => `${channel}@${epoch}:${offset}`).join(',');
}

/** The reverse; null when the text is nothing of the kind. */
export function readPositions(text: string): Map<string, Position> | null {
  const positions = new Map<string, Position>();
  for (const part of text.split(',').filter((piece) => piece !== '')) {
    const [, channel, epoch, offset] = /^([^@]{1,200})@([^@:]{0,200}):(\d{1,15})$/.exec(part.trim()) ?? [];
    if (channel === undefined || epoch === undefined || offset === undefined) return null;
    positions.set(channel, { epoch, offset: Number(offset) });
  }
  return positions;
}
