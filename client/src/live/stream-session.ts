import { problemOf, type TrrProblem } from '../problem.ts';
import type { End, EndReason } from './backoff.ts';
import { type Position, readFrame } from './frames.ts';
import type { Session, SessionHooks } from './session.ts';
import { eventData } from './sse.ts';

export interface StreamParts {
  readonly fetch: typeof fetch;
  /** `https://.../api/v1/events` */
  readonly url: string;
  readonly token: string | null;
  /** What is followed, and how far each was delivered. */
  readonly channels: () => readonly string[];
  readonly position: (channel: string) => Position | undefined;
  readonly hooks: SessionHooks;
}

/** Answers that are about a channel, not about the moment. */
const REFUSALS: Readonly<Record<number, string>> = {
  401: 'AUTH_REQUIRED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  422: 'BAD_FRAME',
};

/** Opens an event stream of all channels. Another set of channels, or another place in one, needs another stream. */
export function openStream({ fetch, url, token, channels, position, hooks }: StreamParts): Session {
  const { timing } = hooks;
  const abort = new AbortController();
  const followed = channels();
  const unanswered = new Set(followed);
  let heardAt = Date.now();
  let isOpen = false;
  let over = false;
  /** Ends are gathered for a moment: many channels are often joined at once. */
  let renewing: ReturnType<typeof setTimeout> | undefined;

  const checking = setInterval(check, timing.heartbeatMs);
  const opening = setTimeout(() => fail({ reason: 'silence' }), timing.answerMs);

  function end(): void {
    over = true;
    clearInterval(checking);
    clearTimeout(opening);
    clearTimeout(renewing);
    abort.abort();
  }
  function fail(how: End): void {
    if (over) return;
    end();
    hooks.ended(how);
  }
  function again(reason: EndReason = 'renewed', ms = 0): void {
    renewing ??= setTimeout(() => fail({ reason }), ms);
  }
  function check(): void {
    if (isOpen && Date.now() - heardAt > timing.silenceMs) fail({ reason: 'silence' });
  }

  function request(names: readonly string[], signal: AbortSignal): Promise<Response> {
    const query = new URLSearchParams(names.map((name): [string, string] => ['channel', name]));
    const headers = new Headers({ accept: 'text/event-stream, application/problem+json' });
    if (token !== null) headers.set('authorization', `Bearer ${token}`);
    const places = names.flatMap((name) => {
      const at = position(name);
      return at === undefined ? [] : [`${name}@${at.epoch}:${at.offset}`];
    });
    if (places.length > 0) headers.set('last-event-id', places.join(','));
    return fetch(`${url}?${query}`, { headers, signal, cache: 'no-store' });
  }

  /** Which channels the answer was about: one refused channel refuses the whole stream. */
  async function findRefused(problem: TrrProblem): Promise<[channel: string, problem: TrrProblem][]> {
    const [only, ...others] = followed;
    if (only !== undefined && others.length === 0) return [[only, problem]];
    const refused: [string, TrrProblem][] = [];
    for (const name of followed) {
      const probe = new AbortController();
      abort.signal.addEventListener('abort', () => probe.abort(), { once: true });
      const response = await request([name], probe.signal);
      if (!response.ok) refused.push([name, await problemOf(response)]);
      probe.abort();
    }
    return refused.filter(([, { status }]) => REFUSALS[status] !== undefined);
  }

  async function run(): Promise<void> {
    const response = await request(followed, abort.signal);
    if (!response.ok) {
      const problem = await problemOf(response);
      const refused = REFUSALS[problem.status] === undefined ? [] : await findRefused(problem);
      for (const [channel, { status, message }] of refused) {
        hooks.frame({ kind: 'error', code: REFUSALS[status] ?? '', message, channel });
      }
      const { status: code, retryAfterMs } = problem;
      if (refused.length > 0) fail({ reason: 'renewed' });
      else fail({ reason: code === 429 ? 'too_many' : 'network', code, retryAfterMs });
      return;
    }
    if (response.body === null || !response.headers.get('content-type')?.startsWith('text/event-stream')) {
      // Somebody between us and the server speaks.
      return fail({ reason: 'network', code: response.status });
    }
    clearTimeout(opening);
    isOpen = true;
    heardAt = Date.now();
    hooks.opened();
    const heard = () => {
      heardAt = Date.now();
    };
    for await (const data of eventData(response.body, heard)) {
      const frame = readFrame(data);
      if (frame !== null && !over) hooks.frame(frame);
    }
    // The server ends streams when it stops, when a token is over and when we are too slow; its last words were heard.
    fail({ reason: 'going_away' });
  }

  run().catch(() => fail({ reason: 'network' }));

  return {
    ask: () => again(),
    resume: () => again('renewed', timing.baseMs),
    askLater: () => again('network'),
    answered: (channel) => void unanswered.delete(channel),
    awaits: (channel) => unanswered.has(channel),
    leave: (channel) => {
      unanswered.delete(channel);
      again();
    },
    get isSettled() {
      return isOpen && unanswered.size === 0;
    },
    check,
    renew: () => false,
    end,
  };
}
