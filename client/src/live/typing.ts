/** The server forgets a `typing_start` after 10 seconds; told again before that while keys are pressed. */
const REPEAT_MS = 4_000;
/** Without a key for this long somebody types no more. */
const PAUSE_MS = 6_000;

export interface TypingSignal {
  /** True at each key, false when the text was sent or cleared. */
  typing(isTyping: boolean): void;
  /** Forgets it without a word: the link or the channel is over. */
  reset(): void;
}

/** Turns key presses into the few frames that others need. */
export function createTypingSignal(send: (type: 'typing_start' | 'typing_stop') => void): TypingSignal {
  let toldAt: number | undefined;
  let pause: ReturnType<typeof setTimeout> | undefined;

  function reset(): void {
    clearTimeout(pause);
    toldAt = undefined;
  }
  function stop(): void {
    if (toldAt === undefined) return;
    reset();
    send('typing_stop');
  }
  return {
    typing(isTyping) {
      if (!isTyping) return stop();
      clearTimeout(pause);
      pause = setTimeout(stop, PAUSE_MS);
      const now = Date.now();
      if (toldAt !== undefined && now - toldAt < REPEAT_MS) return;
      toldAt = now;
      send('typing_start');
    },
    reset,
  };
}
