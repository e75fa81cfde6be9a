import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Authenticator, Caller } from '../platform/auth/caller.ts';
import { clientNetwork } from '../platform/http/address.ts';
import type { ChannelKind } from '../platform/live/channels.ts';
import type { Logger } from '../platform/log/logger.ts';
import type { Since } from './client-frames.ts';
import type { Clock, Stop } from './clock.ts';
import { Connection } from './connection.ts';
import { CLOSE, errorFrame } from './frames.ts';
import { chooseProtocol } from './handshake.ts';
import type { Hub } from './hub.ts';
import { OpenCount } from './limits.ts';
import type { Members } from './members.ts';
import { textMessage } from './wire.ts';

export interface GatewayParts {
  readonly hub: Hub;
  readonly members: Members;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: GatewayLimits;
  /** Which of these users no longer exist. */
  goneUsers(ids: readonly string[]): Promise<readonly string[]>;
}

export interface GatewayLimits {
  /** Open connections of one address (/64); 0 is no limit. */
  readonly perAddress: number;
  /** Open connections of this process. */
  readonly connections: number;
  /** Addresses that are not counted. */
  readonly exempt: readonly string[];
}

/** Who was let in, and to what. */
export interface Admitted {
  readonly caller: Caller | null;
  /** Why a token was not believed on a socket that needs none. */
  readonly refused: string | null;
  readonly only?: { readonly kind: ChannelKind; readonly channel: string };
  readonly since: Since | undefined;
  /** The client's address, proxies considered. */
  readonly address: string;
}

export interface Gateway {
  readonly connections: number;
  /** Whether another connection can be taken. */
  readonly isOpen: boolean;
  /** Takes a place of an address; answers how to give it back, or null when all are taken. Streams count like sockets. */
  admit(address: string): (() => void) | null;
  /** Completes the handshake of a request that was let in. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, admitted: Admitted): void;
  /** Sends everybody elsewhere (1001) and waits until they are gone, some seconds at most. */
  stop(): Promise<void>;
}

/** Frames of clients are small; this is enough for a token. */
const MAX_FRAME_BYTES = 16 * 1024;
const CHECK_MS = 5_000;
const PING_MS = 20_000;
const GONE_USERS_MS = 30_000;
/** A peer that does not answer a close frame is dropped. */
const CLOSE_GRACE_MS = 3_000;

/**
 * The sockets of this process. Compression is off: it costs more memory per connection than everything else together, and a shared
 * frame could not be sent to all.
 */
export function openGateway(parts: GatewayParts): Gateway {
  const { clock, log, limits } = parts;
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
    handleProtocols: chooseProtocol,
  });
  const open = new Map<WebSocket, Connection>();
  const perAddress = new OpenCount(limits.perAddress);
  const exempt = new Set(limits.exempt);
  let stopping = false;

  function admit(address: string): (() => void) | null {
    if (exempt.has(address)) return () => undefined;
    const network = clientNetwork(address);
    return perAddress.enter(network) ? () => perAddress.leave(network) : null;
  }

  function begin(ws: WebSocket, socket: Duplex, { caller, refused, only, since, address }: Admitted): void {
    const leave = stopping ? null : admit(address);
    if (leave === null) {
      ws.on('error', () => undefined);
      closeSocket(ws, stopping ? CLOSE.goingAway : CLOSE.tooMany, stopping ? 'going away' : 'too many connections');
      return;
    }
    const connection = new Connection({
      id: randomUUID(),
      transport: {
        send: (frame) => {
          if (typeof frame === 'string') ws.send(frame, TEXT);
          else if (ws.readyState === ws.OPEN) socket.write(textMessage(frame));
        },
        get buffered() {
          return ws.bufferedAmount;
        },
        close: (code, reason) => closeSocket(ws, code, reason),
      },
      hub: parts.hub,
      members: parts.members,
      authenticator: parts.authenticator,
      clock,
      log,
      caller,
      ...(only === undefined ? {} : { only }),
    });
    open.set(ws, connection);
    ws.on('message', (data: Buffer, isBinary) => {
      if (isBinary) connection.close(CLOSE.binary, 'text frames only');
      else void connection.receive(data.toString('utf8'));
    });
    ws.on('pong', () => connection.answered());
    // ws has already answered broken frames with their close code (1002, 1007, 1009).
    ws.on('error', (error) => log.debug({ err: error }, 'a live connection broke'));
    ws.on('close', () => {
      open.delete(ws);
      leave();
      connection.ended();
    });
    // On a socket of many channels a token is meant: whoever sent one and is not believed must know.
    if (refused !== null && only === undefined) {
      connection.send(
        errorFrame(clock.now(), 'AUTH_REQUIRED', `Authentication required: ${refused.replaceAll('_', ' ')}`),
      );
    }
    void connection.begin(since);
  }

  function closeSocket(ws: WebSocket, code: number, reason: string): void {
    ws.close(code, reason);
    clock.after(CLOSE_GRACE_MS, () => ws.terminate());
  }

  async function dropGoneUsers(): Promise<void> {
    const byUser = Map.groupBy(open.values(), (connection) => connection.userId ?? '');
    byUser.delete('');
    if (byUser.size === 0) return;
    for (const id of await parts.goneUsers([...byUser.keys()])) {
      for (const connection of byUser.get(id) ?? []) connection.close(CLOSE.tokenOver, 'account deleted');
    }
  }

  const stops: Stop[] = [
    clock.every(CHECK_MS, () => {
      for (const connection of open.values()) connection.check();
    }),
    clock.every(PING_MS, () => {
      for (const ws of open.keys()) ws.ping();
    }),
    clock.every(GONE_USERS_MS, () =>
      dropGoneUsers().catch((error: unknown) => log.warn({ err: error }, 'deleted accounts could not be looked up')),
    ),
  ];

  return {
    get connections() {
      return open.size;
    },
    get isOpen() {
      return !stopping && open.size < limits.connections;
    },
    admit,
    upgrade(request, socket, head, admitted) {
      sockets.handleUpgrade(request, socket, head, (ws) => begin(ws, socket, admitted));
    },
    async stop() {
      stopping = true;
      for (const stop of stops) stop();
      for (const connection of open.values()) connection.close(CLOSE.goingAway, 'server going away: reconnect');
      const deadline = Date.now() + CLOSE_GRACE_MS + 500;
      while (open.size > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
      sockets.close();
    },
  };
}

const TEXT = { binary: false } as const;
