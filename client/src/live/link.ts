import { createBackoff, type End } from './backoff.ts';
import { type FollowedChannels, isolated } from './followed.ts';
import type { ServerFrame } from './frames.ts';
import type { Session, SessionHooks } from './session.ts';
import { createRenewal } from './token.ts';
import { LIVE_TIMING, type LiveOptions, type LiveProblem, type LiveStatus } from './types.ts';
import { onWake } from './wake.ts';

/** Keeps one link to the server as long as something is followed. */
export interface Link<S extends Session> {
  /** The link, while there is one; it may still be connecting. */
  readonly session: S | undefined;
  readonly status: LiveStatus;
  /** A channel is followed that was not. */
  joined(channel: string): void;
  /** A channel is followed no more. */
  left(channel: string): void;
  check(): void;
  reconnect(): void;
  close(): void;
}

/** A refused token is replaced at most this often. */
const REFRESH_AGAIN_MS = 10_000;
/** A link that nobody needs is kept a little: people come back. */
const LINGER_MS = 5_000;

/** @param open makes a session that follows all of `channels` from their positions */
export function createLink<S extends Session>(
  options: LiveOptions,
  channels: FollowedChannels,
  open: (token: string | null, hooks: SessionHooks) => S,
): Link<S> {
  const timing = { ...LIVE_TIMING, ...options.timing };
  const { token: source } = options;
  const backoff = createBackoff(timing);
  const problem = (what: LiveProblem) => isolated(() => options.onProblem?.(what));
  let status: LiveStatus = { state: 'idle' };
  let session: S | undefined;
  /** Moves on with each try: what belongs to an earlier one is ignored. */
  let generation = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lingering: ReturnType<typeof setTimeout> | undefined;
  let openedAt = 0;
  let refreshedAt = 0;
  let isRenewing = false;
  let isSignedIn = false;

  const renewal = createRenewal(
    source,
    timing.renewMs,
    (token) => {
      isRenewing = session?.renew(token) ?? false;
      if (isRenewing) renewal.watch(token);
      else connectAgain({ reason: 'renewed' });
    },
    (cause) => problem({ code: 'NO_TOKEN', message: 'No fresh token could be had', cause }),
  );
  const stopListening = onWake(check);

  function setStatus(next: LiveStatus): void {
    if (status.state === 'closed' || (status.state === next.state && next.state !== 'resuming')) return;
    status = next;
    isolated(() => options.onStatus?.(next));
  }

  /** Ends what there is. */
  function drop(): void {
    generation += 1;
    clearTimeout(timer);
    renewal.stop();
    session?.end();
    session = undefined;
    channels.lost();
  }

  async function connect(refresh: boolean): Promise<void> {
    drop();
    if (channels.names.length === 0) return setStatus({ state: 'idle' });
    const mine = generation;
    if (refresh) refreshedAt = Date.now();
    openedAt = Date.now();
    isRenewing = false;
    let token: string | null;
    try {
      token = typeof source === 'function' ? await source({ refresh }) : (source ?? null);
    } catch (cause) {
      if (mine !== generation) return;
      problem({ code: 'NO_TOKEN', message: 'No token could be had', cause });
      return connectAgain({ reason: 'network' });
    }
    if (mine !== generation) return;
    isSignedIn = token !== null;
    session = open(token, {
      timing,
      opened() {
        openedAt = Date.now();
        if (token !== null) renewal.watch(token);
      },
      frame(frame) {
        if (mine === generation) take(frame);
      },
      ended(end) {
        if (mine === generation) connectAgain(end);
      },
    });
  }

  function connectAgain(end: End): void {
    const { reason, code } = end;
    drop();
    if (reason === 'not_allowed') {
      close('not_allowed');
      return;
    }
    const retryInMs = Math.round(backoff.next(end, Date.now() - openedAt));
    const refresh = reason === 'token';
    setStatus({ state: 'resuming', reason, code, attempt: backoff.attempt, retryInMs });
    timer = setTimeout(() => void connect(refresh), retryInMs);
  }

  function take(frame: ServerFrame): void {
    if (session === undefined) return;
    if (frame.kind === 'error') return refused(frame.code, frame.message, frame.channel);
    if (frame.kind === 'authenticated') {
      isRenewing = false;
      return;
    }
    if (frame.kind === 'subscribed') session.answered(frame.channel);
    const mine = session;
    channels.take(frame, (channel) => mine.resume(channel));
    if (session?.isSettled) setStatus({ state: 'open' });
  }

  function refused(code: string, message: string, channel: string | undefined): void {
    switch (code) {
      case 'UNAVAILABLE':
      case 'RATE_LIMITED':
        problem({ code, message, channel });
        session?.askLater(channel);
        return;
      case 'AUTH_REQUIRED':
        if (isRenewing) {
          // The token in use still holds; when it ends the server says so.
          isRenewing = false;
          break;
        }
        if (isSignedIn && typeof source === 'function' && Date.now() - refreshedAt > REFRESH_AGAIN_MS) {
          drop();
          setStatus({ state: 'resuming', reason: 'token', code: undefined, attempt: backoff.attempt, retryInMs: 0 });
          void connect(true);
          return;
        }
        break;
      case 'FORBIDDEN':
        // The fresh token is somebody else's: a link belongs to one person.
        if (channel === undefined && isRenewing) return connectAgain({ reason: 'renewed' });
        break;
    }
    // Answers to other frames (typing, say) name their channel, too; only `FORBIDDEN` comes unasked.
    const isAnswer = channel !== undefined && (code === 'FORBIDDEN' || session?.awaits(channel) === true);
    if (!isAnswer || !channels.has(channel)) {
      problem({ code, message, channel });
      return;
    }
    session?.answered(channel);
    channels.over(channel, { code, message });
    if (channels.names.length === 0) linger();
    else if (session?.isSettled) setStatus({ state: 'open' });
  }

  function linger(): void {
    clearTimeout(lingering);
    lingering = setTimeout(() => {
      if (channels.names.length > 0) return;
      drop();
      setStatus({ state: 'idle' });
    }, LINGER_MS);
  }

  function check(): void {
    if (session !== undefined) session.check();
    else if (status.state === 'resuming' && channels.names.length > 0) void connect(status.reason === 'token');
  }

  function close(reason: 'closed' | 'not_allowed'): void {
    drop();
    clearTimeout(lingering);
    stopListening();
    setStatus({ state: 'closed', reason });
    for (const channel of channels.names) channels.over(channel, CLOSED);
  }

  return {
    get session() {
      return session;
    },
    get status() {
      return status;
    },
    joined(channel) {
      if (status.state === 'closed') {
        queueMicrotask(() => channels.over(channel, CLOSED));
      } else if (status.state === 'idle') {
        setStatus({ state: 'connecting' });
        void connect(false);
      } else session?.ask(channel);
    },
    left(channel) {
      session?.leave(channel);
      if (channels.names.length === 0) linger();
    },
    check,
    reconnect() {
      if (channels.names.length > 0 && status.state !== 'closed') connectAgain({ reason: 'renewed' });
    },
    close: () => close('closed'),
  };
}

const CLOSED = { code: 'CLOSED', message: 'The client was closed' } as const;
