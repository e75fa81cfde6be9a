import { randomUUID } from 'node:crypto';
import { createAuthenticator } from '../../../src/identity/tokens/authenticator.ts';
import { goneUsers } from '../../../src/identity/tokens/gone-users.ts';
import type { Authenticator, Caller } from '../../../src/platform/auth/caller.ts';
import { createLogger } from '../../../src/platform/log/logger.ts';
import { CONNECTION_LIMITS, Connection } from '../../../src/realtime/connection.ts';
import { startRealtime } from '../../../src/realtime/index.ts';
import { channelKinds } from '../../../src/server/app.ts';
import type { TestDatabase } from '../../helpers/database.ts';
import { NO_ISSUERS } from '../../helpers/tokens.ts';
import type { Activity, SimulatedClock } from './clock.ts';
import type { Endpoint, Fabric } from './fabric.ts';
import { createGate, type LinkState, type Sessions } from './gate.ts';

export interface Surroundings {
  readonly database: TestDatabase;
  readonly sessions: Sessions;
  readonly activity: Activity;
  readonly clock: SimulatedClock;
  readonly fabric: Fabric;
}

/** A server without HTTP: hub, members, sequencer and connections over its own links to PostgreSQL and the broker. */
export interface Process {
  readonly endpoint: Endpoint;
  /** Until when whom it serves may be judged by what was so before a link of it failed. */
  readonly faultyUntil: number;
  accept(caller: Caller | null, peer: Peer): Wire;
  database(state: Exclude<LinkState, 'dead'>): void;
  holdSequencer(isHeld: boolean): void;
  /** Without a word to anybody. */
  kill(): void;
  /** As on SIGTERM: clients are sent elsewhere. */
  stop(): Promise<void>;
}

/** The client's end of a connection. */
export interface Peer {
  heard(text: string): void;
  /** @param code undefined when the process died */
  closed(code: number | undefined): void;
}

/** A connection as the client holds it. */
export interface Wire {
  send(text: string): void;
  /** Goes away. */
  drop(): void;
  /** Reads no more; `room` bytes fit before the server thinks it too slow. */
  stall(room: number): void;
  drain(): void;
  /** The most that ever waited, beyond what a stall pretends. */
  readonly most: number;
}

/** What the gateway does every so often (src/realtime/gateway.ts). */
const CHECK_MS = 5_000;
const PING_MS = 20_000;
const GONE_USERS_MS = 30_000;
/** A change of who may follow that was missed is found at the latest by then. */
const REOPEN_MS = 30_000;
const HISTORY = { hours: 24, events: 10_000 } as const;

const log = createLogger({ level: (process.env['TRR_TEST_LOG'] ?? 'silent') as 'silent' });

interface Open {
  readonly connection: Connection;
  readonly peer: Peer;
  isReading: boolean;
}

export async function startProcess(around: Surroundings): Promise<Process> {
  const clock = around.clock.ofProcess();
  const gate = createGate(around.database.db, around.sessions, around.activity);
  const endpoint = around.fabric.endpoint();
  const authenticator = simulatedTokens(createAuthenticator({ db: gate.db, auth: NO_ISSUERS, localSecret: null }), () =>
    clock.now(),
  );
  const kinds = channelKinds(gate.db, authenticator);
  const realtime = await startRealtime({ db: gate.db, broker: endpoint.broker, kinds, clock, log, history: HISTORY });
  const open = new Set<Open>();
  let faultyUntil = 0;
  let isFaulty = false;

  clock.every(CHECK_MS, () => {
    for (const { connection } of open) connection.check();
  });
  clock.every(PING_MS, () => {
    for (const { connection, isReading } of open) if (isReading) connection.answered();
  });
  clock.every(GONE_USERS_MS, async () => {
    const ids = [...new Set([...open].flatMap(({ connection }) => connection.userId ?? []))];
    const gone = await goneUsers(gate.db, ids).catch((): string[] => []);
    for (const { connection } of open) {
      if (gone.includes(connection.userId ?? '')) connection.close(4401, 'account deleted');
    }
  });

  const fault = (is: boolean) => {
    faultyUntil = clock.now() + REOPEN_MS;
    isFaulty = is;
  };

  return {
    endpoint: {
      ...endpoint,
      cut() {
        fault(true);
        endpoint.cut();
      },
      heal() {
        fault(false);
        endpoint.heal();
      },
      disturb(how, messages) {
        fault(isFaulty);
        endpoint.disturb(how, messages);
      },
    },
    get faultyUntil() {
      return isFaulty ? Number.POSITIVE_INFINITY : faultyUntil;
    },
    accept(caller, peer) {
      const queue: string[] = [];
      let queued = 0;
      let most = 0;
      let taken = 0;
      const connection = new Connection({
        id: randomUUID(),
        transport: {
          send(frame) {
            const text = String(frame);
            if (entry.isReading) return peer.heard(text);
            queue.push(text);
            queued += text.length;
            most = Math.max(most, queued);
          },
          get buffered() {
            return taken + queued;
          },
          close(code) {
            open.delete(entry);
            peer.closed(code);
          },
        },
        hub: realtime.hub,
        members: realtime.members,
        authenticator,
        clock,
        log,
        caller,
      });
      const entry: Open = { connection, peer, isReading: true };
      open.add(entry);
      return {
        send: (text) => void connection.receive(text),
        drop() {
          open.delete(entry);
          connection.ended();
        },
        stall(room) {
          entry.isReading = false;
          taken = CONNECTION_LIMITS.bufferedBytes - room;
        },
        drain() {
          entry.isReading = true;
          taken = 0;
          queued = 0;
          for (const text of queue.splice(0)) peer.heard(text);
        },
        get most() {
          return most;
        },
      };
    },
    database(state) {
      fault(state === 'held');
      gate.set(state);
    },
    holdSequencer(isHeld) {
      fault(isHeld);
      gate.holdSessions(isHeld);
    },
    kill() {
      clock.stop();
      endpoint.die();
      gate.set('dead');
      for (const { peer } of open) peer.closed(undefined);
      open.clear();
    },
    async stop() {
      for (const { connection } of open) connection.close(1001, 'server going away: reconnect');
      await realtime.stop();
      clock.stop();
      endpoint.die();
      gate.set('dead');
    },
  };
}

export interface Token {
  readonly user: string;
  /** Seconds since 1970, in simulated time. */
  readonly expiresAt: number;
}

export function callerOf({ user, expiresAt }: Token): Caller {
  return { kind: 'user', userId: user, claims: { sub: user, role: 'authenticated' }, expiresAt };
}

/** Tokens of the simulation say who and until when; whether somebody is an administrator is asked as always. */
function simulatedTokens(real: Authenticator, now: () => number): Authenticator {
  return {
    ...real,
    async authenticate(text) {
      const token = JSON.parse(text) as Token;
      if (token.expiresAt * 1000 < now()) return { ok: false, code: 'token_expired' };
      return { ok: true, caller: callerOf(token) };
    },
  };
}
