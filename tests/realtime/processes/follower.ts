import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { TestDatabase } from '../../helpers/database.ts';
import type { Frame } from '../socket.ts';

/** A client of one channel that comes back by itself, as docs/realtime.md tells it to, and remembers what it was told. */
export interface Follower {
  /** Its last offset. */
  readonly cursor: number;
  /** What it loaded covers everything up to here. */
  readonly base: number;
  readonly epoch: string;
  readonly events: ReadonlyMap<number, Frame>;
  /** Codes its connections were closed with. */
  readonly codes: readonly number[];
  /** How often it was told to reload, after the first time. */
  readonly reloads: number;
  readonly isFollowing: boolean;
  /** Promises that were broken. */
  readonly problems: readonly string[];
  /** Stops reading, or reads on. */
  pause(isPaused: boolean): void;
  close(): Promise<void>;
}

const RETRY_MS = 150;

/** @param where the address to connect to next; undefined when there is none now */
export function follow(channel: string, where: () => string | undefined): Follower {
  const events = new Map<number, Frame>();
  const codes: number[] = [];
  const problems: string[] = [];
  let cursor = 0;
  let base = 0;
  let epoch = '';
  let subscriptions = 0;
  let isFollowing = false;
  let isClosed = false;
  let ws: WebSocket | undefined;

  function heard(frame: Frame): void {
    const { type, offset, payload } = frame;
    if (offset !== undefined) {
      if (offset !== cursor + 1) problems.push(`offset ${cursor + 1} was to come in ${JSON.stringify(frame)}`);
      cursor = offset;
      events.set(offset, frame);
    } else if (type === 'subscribed') {
      isFollowing = true;
      const told = payload as { epoch: string; offset: number; recovered: boolean };
      if (told.recovered) {
        if (told.epoch !== epoch || told.offset !== cursor)
          problems.push(`recovered elsewhere: ${JSON.stringify(frame)}`);
        return;
      }
      subscriptions += 1;
      ({ epoch } = told);
      cursor = told.offset;
      base = told.offset;
      events.clear();
    } else if (type === 'error' && payload['code'] === 'UNAVAILABLE') {
      // As after a lost connection.
      ws?.close();
    }
  }

  async function connection(url: string): Promise<void> {
    await new Promise<void>((resolve) => {
      const opened = new WebSocket(`${url.replace(/^http/, 'ws')}/api/v1/ws`, { handshakeTimeout: 3_000 });
      ws = opened;
      opened.on('open', () => {
        const since = epoch === '' ? {} : { offset: cursor, epoch };
        opened.send(JSON.stringify({ type: 'subscribe', payload: { channel, ...since } }));
      });
      opened.on('message', (data) => {
        if (ws === opened) heard(JSON.parse(String(data)) as Frame);
      });
      opened.on('error', () => opened.terminate());
      opened.on('close', (code) => {
        codes.push(code);
        resolve();
      });
    });
    isFollowing = false;
  }

  const running = (async () => {
    while (!isClosed) {
      const url = where();
      if (url !== undefined) await connection(url);
      if (!isClosed) await sleep(RETRY_MS);
    }
  })();

  return {
    get cursor() {
      return cursor;
    },
    get base() {
      return base;
    },
    get epoch() {
      return epoch;
    },
    events,
    codes,
    get reloads() {
      return Math.max(0, subscriptions - 1);
    },
    get isFollowing() {
      return isFollowing;
    },
    problems,
    pause(isPaused) {
      if (isPaused) ws?.pause();
      else ws?.resume();
    },
    async close() {
      isClosed = true;
      ws?.terminate();
      await running;
    },
  };
}

/** What is wrong with a client's log, compared with the channel's table. */
export async function differences(database: TestDatabase, channel: string, follower: Follower): Promise<string[]> {
  const { cursor, base, epoch, events, problems, isFollowing } = follower;
  const found = [...problems];
  const [head] = await database.owner<{ offset: number; epoch: string }>(
    'select coalesce(max(last_offset), 0)::int as "offset", live.epoch() as epoch from live.channels where name = $1',
    [channel],
  );
  if (!isFollowing) found.push('does not follow');
  if (head?.offset !== cursor || head.epoch !== epoch) {
    found.push(`stands at ${cursor} of ${epoch}, the table at ${head?.offset} of ${head?.epoch}`);
  }
  const rows = await database.owner<{ offset: number; type: string; payload: object }>(
    'select event_offset::int as "offset", type, payload from live.events where channel = $1 and event_offset > $2 order by event_offset',
    [channel, base],
  );
  if (rows.length !== events.size) found.push(`has ${events.size} events, the table ${rows.length}`);
  for (const { offset, type, payload } of rows) {
    const frame = events.get(offset);
    if (frame?.type !== type || JSON.stringify(sorted(frame.payload)) !== JSON.stringify(sorted(payload))) {
      found.push(`has another event ${offset}: ${JSON.stringify(frame)}`);
    }
  }
  return found;
}

const sorted = (object: object) => Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
