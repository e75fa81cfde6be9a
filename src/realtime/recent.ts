import type { LiveEvent } from '../platform/live/channels.ts';

const MAX_EVENTS = 256;
const MAX_CHARACTERS = 256 * 1024;
/** An object of ours around the texts, roughly. */
const OVERHEAD = 200;

/**
 * The latest events of a channel, so that a thousand clients who lost their connection in the same moment do not all ask the
 * database. Bounded by number and size.
 */
export class RecentEvents {
  #events: LiveEvent[] = [];
  #characters = 0;

  /** Takes the next event; offsets must follow each other. */
  add(event: LiveEvent): void {
    this.#events.push(event);
    this.#characters += event.payload.length + OVERHEAD;
    if (this.#events.length <= MAX_EVENTS && this.#characters <= MAX_CHARACTERS) return;
    // Half at once, so that a full list does not move with every event.
    for (const gone of this.#events.splice(0, Math.ceil(this.#events.length / 2))) {
      this.#characters -= gone.payload.length + OVERHEAD;
    }
  }

  clear(): void {
    this.#events = [];
    this.#characters = 0;
  }

  /** Up to `limit` events right after an offset, or undefined when the first of them is not here. */
  after(offset: number, limit: number): readonly LiveEvent[] | undefined {
    const first = this.#events[0]?.offset;
    if (first === undefined || offset + 1 < first) return undefined;
    const begin = offset + 1 - first;
    return begin >= this.#events.length ? undefined : this.#events.slice(begin, begin + limit);
  }
}
