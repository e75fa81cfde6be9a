import type { TokenSource } from '../client.ts';

/** Timers take no more. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** When a token says it ends, milliseconds since 1970; null for one that does not say (only JWTs do). */
export function expiryOf(token: string): number | null {
  try {
    const [, body = ''] = token.split('.');
    const claims: unknown = JSON.parse(atob(body.replaceAll('-', '+').replaceAll('_', '/')));
    const { exp } = claims as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 : null;
  } catch {
    return null;
  }
}

export interface Renewal {
  /** Notes the token that is in use, and asks for another one before it ends. */
  watch(token: string): void;
  stop(): void;
}

/** Asks for a fresh token `beforeMs` before the one in use ends, earlier when its whole life is short. */
export function createRenewal(
  source: string | TokenSource | undefined,
  beforeMs: number,
  renewed: (token: string) => void,
  failed: (cause: unknown) => void,
): Renewal {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let endsAt: number | null = null;
  let generation = 0;

  function stop(): void {
    generation += 1;
    clearTimeout(timer);
  }
  return {
    watch(token) {
      const expiresAt = expiryOf(token);
      // The same end again: its source has nothing better, and the server will say when it is over.
      if (typeof source !== 'function' || expiresAt === null || expiresAt === endsAt) return;
      stop();
      endsAt = expiresAt;
      const mine = generation;
      const left = Math.max(0, expiresAt - Date.now());
      timer = setTimeout(
        async () => {
          try {
            const fresh = await source({ refresh: true });
            if (mine === generation && fresh !== null && fresh !== token) renewed(fresh);
          } catch (error) {
            if (mine === generation) failed(error);
          }
        },
        Math.min(MAX_DELAY_MS, Math.max(left - beforeMs, left / 2)),
      );
    },
    stop() {
      stop();
      endsAt = null;
    },
  };
}
