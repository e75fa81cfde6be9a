import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { goneUsers } from '../../identity/tokens/gone-users.ts';
import type { Authenticator } from '../../platform/auth/caller.ts';
import type { RealtimeConfig } from '../../platform/config/realtime.ts';
import type { ServerConfig } from '../../platform/config/types.ts';
import type { Database } from '../../platform/db/types.ts';
import type { ChannelKind } from '../../platform/live/channels.ts';
import type { Logger } from '../../platform/log/logger.ts';
import type { Metrics } from '../../platform/metrics/registry.ts';
import { createMemoryBroker } from '../../realtime/broker/memory.ts';
import type { Broker } from '../../realtime/broker/types.ts';
import { systemClock } from '../../realtime/clock.ts';
import type { EventStream } from '../../realtime/event-stream.ts';
import { type Gateway, openGateway } from '../../realtime/gateway.ts';
import { type Realtime, startRealtime } from '../../realtime/index.ts';
import { liveRoutes, markUpgrade } from '../../realtime/routes.ts';

export interface LivePluginParts {
  readonly db: Database;
  readonly authenticator: Authenticator;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly kinds: readonly ChannelKind[];
  readonly http: Pick<ServerConfig, 'publicUrl' | 'corsAllowOrigins'>;
  readonly config: RealtimeConfig;
  /** Addresses whose connections are not counted. */
  readonly exempt: readonly string[];
}

interface Live extends Realtime {
  readonly gateway: Gateway;
  readonly streams: Set<EventStream>;
}

/**
 * Live channels, from the moment the server listens until it stops. While it stops, clients are sent elsewhere first; then what was
 * committed is still numbered by whoever takes the lead, so nothing is lost.
 */
export async function livePlugin(app: FastifyInstance, parts: LivePluginParts): Promise<void> {
  const { db, authenticator, log, metrics, kinds, config } = parts;
  let live: Live | null = null;
  let starting: Promise<Live> | null = null;

  await app.register(liveRoutes({ kinds, http: parts.http, live: async () => starting }), { prefix: '/api/v1' });
  app.server.on('upgrade', (request, socket, head) => routeUpgrade(app, request, socket, head));

  async function start(): Promise<Live> {
    const { historyHours: hours, historyEvents: events } = config;
    const broker = await brokerFor(config, log);
    const realtime = await startRealtime({ db, broker, kinds, clock: systemClock, log, history: { hours, events } });
    const gateway = openGateway({
      hub: realtime.hub,
      members: realtime.members,
      authenticator,
      clock: systemClock,
      log,
      limits: { perAddress: config.connectionsPerAddress, connections: config.maxConnections, exempt: parts.exempt },
      goneUsers: (ids) => goneUsers(db, ids),
    });
    live = Object.assign(realtime, { gateway, streams: new Set<EventStream>() });
    return live;
  }

  app.addHook('onListen', async () => {
    starting = start();
    await starting;
  });
  // Before the server waits for its connections to end.
  app.addHook('preClose', async () => {
    const stopping = await starting;
    starting = null;
    live = null;
    for (const stream of stopping?.streams ?? []) stream.end();
    await stopping?.gateway.stop();
    await stopping?.stop();
  });

  metrics.gauge('trr_live_connections', 'Open live connections', () => live?.gateway.connections ?? 0);
  metrics.gauge('trr_live_streams', 'Open event streams', () => live?.streams.size ?? 0);
  metrics.gauge('trr_live_channels', 'Channels followed in this process', () => live?.hub.size ?? 0);
  metrics.gauge('trr_live_leads', 'Whether this process numbers events', () => (live?.sequencer.leads ? 1 : 0));
  metrics.gauge('trr_live_sequenced', 'Events numbered by this process since start', () => live?.sequenced ?? 0);
}

/** The library for Redis is loaded only where Redis is configured: it would be a tenth of every start. */
async function brokerFor({ redisUrl }: RealtimeConfig, log: Logger): Promise<Broker> {
  if (redisUrl === null) return createMemoryBroker(systemClock);
  const { createRedisBroker } = await import('../../realtime/broker/redis.ts');
  return createRedisBroker(redisUrl, log);
}

/**
 * Sends an upgrade through the application like any request, so that hosts, tokens, limits and problems are what they are everywhere.
 * A handshake that is refused ends its connection.
 */
function routeUpgrade(app: FastifyInstance, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  // Until ws takes over, a peer that goes away must not end the process.
  const drop = () => socket.destroy();
  socket.on('error', drop);
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as never);
  response.on('finish', () => {
    // The listener would keep request and answer as long as the connection is open (2.4 KB each, bench/realtime).
    if (response.statusCode === 101) socket.off('error', drop);
    else socket.end();
  });
  markUpgrade(request, socket, head);
  app.routing(request, response);
}
