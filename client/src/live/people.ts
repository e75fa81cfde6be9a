import type { PassingFrame } from './events.ts';

/** Who is there, as far as is known; in order. May hold yourself. */
export interface People {
  readonly online: readonly string[];
  readonly typing: readonly string[];
}

export const NOBODY: People = { online: [], typing: [] };

/** Typing ends on the server 10 seconds after the last key; if that is not heard, it ends here. */
const TYPING_MS = 12_000;

export interface PeopleOfChannel {
  readonly current: People;
  take(frame: PassingFrame): void;
  /** The link is gone, or told anew: nothing is known. */
  clear(): void;
}

/** Keeps who is online and typing on one channel. @param changed called after each change */
export function createPeople(changed: (people: People) => void): PeopleOfChannel {
  const online = new Set<string>();
  const typing = new Map<string, ReturnType<typeof setTimeout>>();
  let current = NOBODY;

  function tell(): void {
    current = { online: [...online].sort(), typing: [...typing.keys()].sort() };
    changed(current);
  }
  function stopTyping(user: string): boolean {
    clearTimeout(typing.get(user));
    return typing.delete(user);
  }

  return {
    get current() {
      return current;
    },
    take({ type, payload }) {
      const user = payload.user_id;
      if (type === 'presence') {
        const was = online.has(user);
        if (payload.is_online) online.add(user);
        else online.delete(user);
        const stopped = !payload.is_online && stopTyping(user);
        if (was !== payload.is_online || stopped) tell();
        return;
      }
      const was = stopTyping(user);
      if (payload.is_typing) {
        const expired = () => {
          if (stopTyping(user)) tell();
        };
        typing.set(user, setTimeout(expired, TYPING_MS));
      }
      if (was !== payload.is_typing) tell();
    },
    clear() {
      if (online.size === 0 && typing.size === 0) return;
      for (const user of typing.keys()) stopTyping(user);
      online.clear();
      tell();
    },
  };
}
