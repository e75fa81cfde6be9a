import type { ChannelName } from './channels.ts';
import type { EventOf } from './events.ts';
import { isolated } from './followed.ts';
import type { ChannelHandlers, LiveBase, Subscription } from './types.ts';

export interface FollowHandlers<C extends ChannelName, State> extends Omit<ChannelHandlers<C>, 'onReload'> {
  /** Reads the state over HTTP. Repeated, with growing waits, until it succeeds; `signal` is aborted when its answer is not wanted any more. */
  load(signal: AbortSignal): Promise<State>;
  /** The state, whole: replace what is shown. */
  onState(state: State): void;
  /**
   * The next event after the state. What happened while the state was read may be in it already: apply events by id (a post that is
   * there is replaced, not added).
   */
  onEvent(event: EventOf<C>): void;
  /** A `load` that failed; it is tried again. */
  onLoadError?(error: unknown): void;
}

/** More than this while the state is read: reading it again is cheaper. */
const MAX_WAITING = 5_000;
const RETRY_MS = { least: 500, most: 30_000 } as const;

/**
 * State and events together, in the order that loses nothing: subscribe first, then load, then apply what happened meanwhile; load again
 * whenever the history has a gap.
 */
export function follow<C extends ChannelName, State, Made extends Subscription>(
  live: Pick<LiveBase<C, Made>, 'subscribe'>,
  channel: C,
  handlers: FollowHandlers<C, State>,
): Made {
  const { load, onState, onEvent, onLoadError, onPeople, onOver } = handlers;
  /** Events since the load began; undefined when the state is there. */
  let waiting: EventOf<C>[] | undefined = [];
  let current = new AbortController();

  async function loadState(): Promise<void> {
    current.abort();
    const mine = new AbortController();
    current = mine;
    waiting = [];
    for (let attempt = 0; ; attempt += 1) {
      try {
        const state = await load(mine.signal);
        if (mine.signal.aborted) return;
        const missed = waiting ?? [];
        waiting = undefined;
        isolated(() => onState(state));
        for (const event of missed) {
          // A handler may end it, or have it loaded again.
          if (mine.signal.aborted) return;
          isolated(() => onEvent(event));
        }
        return;
      } catch (error) {
        if (mine.signal.aborted) return;
        isolated(() => onLoadError?.(error));
        await pause(Math.min(RETRY_MS.most, RETRY_MS.least * 2 ** attempt) * (0.5 + Math.random() / 2), mine.signal);
        if (mine.signal.aborted) return;
      }
    }
  }

  const subscription = live.subscribe(channel, {
    onReload: () => void loadState(),
    onEvent(event) {
      if (waiting === undefined) onEvent(event);
      else if (waiting.push(event) > MAX_WAITING) void loadState();
    },
    ...(onPeople === undefined ? {} : { onPeople: (people) => onPeople(people) }),
    onOver(refusal) {
      current.abort();
      onOver?.(refusal);
    },
  });
  const { unsubscribe } = subscription;
  return Object.defineProperty(subscription, 'unsubscribe', {
    value() {
      current.abort();
      unsubscribe();
    },
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
