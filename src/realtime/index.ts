import type { Database } from '../platform/db/types.ts';
import type { ChannelKind } from '../platform/live/channels.ts';
import type { Logger } from '../platform/log/logger.ts';
import type { Broker } from './broker/types.ts';
import type { Clock } from './clock.ts';
import { createHub, type Hub } from './hub.ts';
import { createEventLog } from './log.ts';
import { createMembers, type Members } from './members.ts';
import { type HistoryWindow, type Sequencer, startSequencer } from './sequencer.ts';

export interface RealtimeOptions {
  readonly db: Database;
  readonly broker: Broker;
  readonly kinds: readonly ChannelKind[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly history: HistoryWindow;
}

/** The realtime room of one process, without its doors (gateway, event streams). */
export interface Realtime {
  readonly hub: Hub;
  readonly members: Members;
  readonly sequencer: Sequencer;
  /** Events this process gave an offset, since start. */
  readonly sequenced: number;
  stop(): Promise<void>;
}

const SWEEP_MS = 5_000;

/** Starts numbering (or waiting to), and following what is followed here. */
export async function startRealtime(options: RealtimeOptions): Promise<Realtime> {
  const { db, broker, kinds, clock, log, history } = options;
  let sequenced = 0;
  await broker.connect();
  const hub = createHub({ broker, kinds, log: createEventLog(db), clock, logger: log });
  const members = createMembers(broker, log);
  const sequencer = startSequencer({
    db,
    broker,
    kinds,
    clock,
    log,
    history,
    onSequenced: (events) => {
      sequenced += events;
    },
  });
  const stopSweeping = clock.every(SWEEP_MS, () => members.sweep(hub.conversations()));
  return {
    hub,
    members,
    sequencer,
    get sequenced() {
      return sequenced;
    },
    async stop() {
      stopSweeping();
      await sequencer.stop();
      await hub.stop();
      await broker.disconnect();
    },
  };
}
