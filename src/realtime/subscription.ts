import type { Position, Viewer } from '../platform/live/channels.ts';
import type { LiveChannel } from './channel.ts';
import type { Follower } from './hub.ts';

/** What a subscription needs of its connection. */
export interface SubscriptionHost {
  readonly viewer: Viewer;
  readonly isOver: boolean;
  /** @param offset of the frame on the subscription's channel */
  sendFor(subscription: Subscription, frame: Buffer, offset: number | undefined): void;
  ready(): Promise<void>;
  /** The subscription was moved to another place in the history. */
  moved(subscription: Subscription, position: Position): void;
  dismissed(subscription: Subscription): void;
}

/** One connection on one channel. */
export class Subscription implements Follower {
  readonly channel: LiveChannel;
  readonly #host: SubscriptionHost;
  #isOver = false;

  constructor(host: SubscriptionHost, channel: LiveChannel) {
    this.#host = host;
    this.channel = channel;
  }

  get viewer(): Viewer {
    return this.#host.viewer;
  }

  get gone(): boolean {
    return this.#isOver || this.#host.isOver;
  }

  deliver(frame: Buffer, offset?: number): void {
    this.#host.sendFor(this, frame, offset);
  }

  reset(position: Position): void {
    this.#host.moved(this, position);
  }

  dismiss(): void {
    this.#host.dismissed(this);
  }

  ready(): Promise<void> {
    return this.#host.ready();
  }

  /** Ends deliveries. False when they had ended before. */
  end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.channel.leave(this);
    return true;
  }
}
