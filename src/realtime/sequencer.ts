import type { Row } from '../platform/db/statement.ts';
import type { Database, Session } from '../platform/db/types.ts';
import type { ChannelKind, LiveEvent } from '../platform/live/channels.ts';
import type { Logger } from '../platform/log/logger.ts';
import type { Broker } from './broker/types.ts';
import type { Clock, Stop } from './clock.ts';
import { eventOf } from './log.ts';
import { FORGET, LEAD, LOOK, PLAN_FOR_FULL_TABLES, SEQUENCE, STALE, TAKE_STALE, TELL } from './queries.ts';
import { advance, FROM_THE_FRONT, type Look } from './watermark.ts';

export interface SequencerOptions {
  readonly db: Database;
  readonly broker: Broker;
  readonly kinds: readonly ChannelKind[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly history: HistoryWindow;
  /** Told of each batch, for metrics. */
  readonly onSequenced?: (events: number) => void;
}

/** How long clients may resume. */
export interface HistoryWindow {
  readonly hours: number;
  /** Events kept per channel. */
  readonly events: number;
}

export interface Sequencer {
  /** Whether this process numbers events at the moment. */
  readonly leads: boolean;
  stop(): Promise<void>;
}

/** Events numbered in one statement. */
const BATCH = 500;
/** Between two looks when the last one found nothing: while people are writing, and after half a minute of silence. */
const BUSY_MS = 8;
const QUIET_MS = 30;
const QUIET_AFTER_MS = 30_000;
/** Between two tries to take the lead. */
const CANDIDATE_MS = 500;
/** Between two looks for states that are behind. */
const DIGEST_MS = 100;
/** Between two looks for history that has had its time; sooner when there was more than fits. */
const FORGET_MS = 30_000;
const FORGET_MORE_MS = 1_000;
/** Nothing is numbered meanwhile (5,000 took 110 ms, bench/realtime). A thousand a second keeps up with 16 people who write without pause. */
const FORGET_ROWS = 1_000;
/** Between two looks at the whole outbox, below the watermark too. */
const WHOLE_MS = 30_000;
/** Digests say everything, so a short history does. */
const DIGESTS_KEPT = 120;

/**
 * Gives committed events their offsets and hands them to the broker (design 10). Any number of processes run one; the one that
 * holds the lock works, another takes over when its connection ends. It relays whatever is committed, also what a process wrote
 * that died right after. Two at once (a lock that was lost unnoticed) would still give every offset once.
 */
export function startSequencer(options: SequencerOptions): Sequencer {
  const { db, clock, log } = options;
  let session: Session | undefined;
  let leads = false;
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let idleSince = clock.now();
  let forgetAt = clock.now() + FORGET_MS;
  let wholeAt = clock.now() + WHOLE_MS;
  let digestedAt = 0;
  let watermark = FROM_THE_FRONT;
  let timer: Stop = () => undefined;

  function schedule(ms: number): void {
    if (stopped) return;
    timer = clock.after(ms, () => {
      running = turn().then(schedule, (error: unknown) => {
        log.warn({ err: error }, 'the sequencer lost its connection or failed; it tries again');
        return resign().then(() => schedule(CANDIDATE_MS * (0.5 + Math.random())));
      });
      return running;
    });
  }

  /** One look. Answers how long to wait before the next. */
  async function turn(): Promise<number> {
    if (session === undefined) {
      session = await db.session('sequencer');
      await session.one(PLAN_FOR_FULL_TABLES);
      watermark = FROM_THE_FRONT;
      const opened = session;
      void opened.ended.then(() => {
        if (session === opened) leads = false;
      });
    }
    if (!leads) {
      leads = (await session.one(LEAD))?.leads === true;
      if (!leads) return CANDIDATE_MS * (0.75 + Math.random() / 2);
      log.info('this process numbers live events now');
    }
    const seen = await look(session, watermark.from);
    watermark = advance(watermark, seen);
    const found = seen.lowest === null ? 0 : await sequence(session, watermark.from, options);
    let told = 0;
    if (clock.now() - digestedAt >= DIGEST_MS) {
      told = await digest(session, options);
      // More may be waiting behind those that were told.
      if (told === 0) digestedAt = clock.now();
    }
    if (clock.now() >= forgetAt) {
      const { hours, events } = options.history;
      const gone = Number((await session.one(FORGET, [hours, events, DIGESTS_KEPT, FORGET_ROWS]))?.gone ?? 0);
      forgetAt = clock.now() + (gone < FORGET_ROWS ? FORGET_MS : FORGET_MORE_MS);
    }
    if (clock.now() >= wholeAt) {
      // Below the mark there is nothing, but for what somebody wrote by hand (watermark.ts).
      const { lowest } = await look(session, 0n);
      if (lowest !== null && lowest < watermark.from) watermark = { ...watermark, from: lowest };
      wholeAt = clock.now() + WHOLE_MS;
    }
    if (found > 0 || told > 0) {
      idleSince = clock.now();
      return 0;
    }
    return clock.now() - idleSince > QUIET_AFTER_MS ? QUIET_MS : BUSY_MS;
  }

  async function resign(): Promise<void> {
    const old = session;
    session = undefined;
    leads = false;
    await old?.close().catch(() => undefined); // it is broken, that is why we are here
  }

  schedule(0);
  return {
    get leads() {
      return leads;
    },
    async stop() {
      stopped = true;
      timer();
      await running;
      await resign();
    },
  };
}

async function look(session: Session, from: bigint): Promise<Look> {
  const row = await session.one(LOOK, [String(from)]);
  if (row === undefined) throw new Error('a statement that answers one row answered none');
  const { lowest, oldest, next_one: next } = row;
  return { lowest: lowest === null ? null : BigInt(lowest), oldest: BigInt(oldest), next: BigInt(next) };
}

/** Numbers one batch and publishes it. Answers how many. */
async function sequence(
  session: Session,
  from: bigint,
  { broker, log, onSequenced }: SequencerOptions,
): Promise<number> {
  const rows = await session.query(SEQUENCE, [String(from), BATCH]);
  const batches = Map.groupBy(rows, ({ channel }) => channel);
  onSequenced?.(rows.length);
  await Promise.all(
    [...batches].map(([channel, ofChannel]) =>
      // Not handed over: whoever follows the channel finds out when it compares positions.
      broker.publish(channel, messageOf(ofChannel)).catch((error: unknown) => {
        log.debug(
          { err: error, channel },
          'live events could not be handed over; followers read them from the database',
        );
      }),
    ),
  );
  return rows.length;
}

function messageOf(rows: readonly Row<typeof SEQUENCE>[]): { kind: 'events'; epoch: string; events: LiveEvent[] } {
  return { kind: 'events', epoch: rows[0]?.epoch ?? '', events: rows.map(eventOf) };
}

/** Writes the state of channels whose state is behind. Answers how many. */
async function digest(session: Session, { kinds, log }: SequencerOptions): Promise<number> {
  const everyMs = Math.min(...kinds.flatMap((kind) => kind.digest?.everyMs ?? []));
  if (!Number.isFinite(everyMs)) return 0;
  const stale = await session.query(STALE, [everyMs]);
  for (const { channel } of stale) {
    const kind = kinds.find((candidate) => candidate.digest !== undefined && candidate.parse(channel) !== null);
    await session
      .transaction(async (tx) => {
        // Taken before the state is read: a change that commits in between leaves its own mark, and the state is told again.
        const taken = await tx.one(TAKE_STALE, [channel]);
        if ((taken?.marks ?? 0) === 0 || kind?.digest === undefined) return;
        const state = await kind.digest.read(tx, channel);
        if (state !== null) await tx.query(TELL, [channel, kind.digest.type, state]);
      })
      .catch((error: unknown) => {
        log.error({ err: error, channel }, 'the state of a live channel could not be told');
        throw error;
      });
  }
  return stale.length;
}
