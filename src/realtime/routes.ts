import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { Caller } from '../platform/auth/caller.ts';
import { anyone, unauthenticated } from '../platform/auth/guards.ts';
import type { ServerConfig } from '../platform/config/types.ts';
import { invalidInput, notFound, Problem } from '../platform/errors/problem.ts';
import { Uuid } from '../platform/http/schemas.ts';
import type { ChannelKind, Verdict } from '../platform/live/channels.ts';
import { type Since, sinceOf } from './client-frames.ts';
import { systemClock } from './clock.ts';
import { EventStream, MAX_STREAM_CHANNELS, readPositions } from './event-stream.ts';
import type { Gateway } from './gateway.ts';
import { handshakeToken } from './handshake.ts';
import type { Hub } from './hub.ts';
import { originAllowed } from './origins.ts';

declare module 'http' {
  interface IncomingMessage {
    /** Set on requests that came as an upgrade: what `ws` needs to complete it. */
    upgradeSocket?: { readonly socket: Duplex; readonly head: Buffer };
  }
}

export interface LiveParts {
  readonly kinds: readonly ChannelKind[];
  readonly http: Pick<ServerConfig, 'publicUrl' | 'corsAllowOrigins'>;
  /** Null before the server listens and after it has stopped. */
  readonly live: () => Promise<{
    readonly hub: Hub;
    readonly gateway: Gateway;
    readonly streams: Set<EventStream>;
  } | null>;
}

const ResumeQuery = Type.Object({
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  epoch: Type.Optional(Type.String({ maxLength: 200 })),
  token: Type.Optional(Type.String({ maxLength: 8_192 })),
});

const EventsQuery = Type.Object({
  channel: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
    minItems: 1,
    maxItems: MAX_STREAM_CHANNELS,
    description:
      'What to follow, e.g. `discussions:episode:<id>`, `surveys:survey:<id>`, `runs:<id>`; repeat it for more',
  }),
});

/** Sockets and event streams (spec/api.md 5, 6). A handshake is a request like any other until it is answered. */
export function liveRoutes({ kinds, http, live }: LiveParts): FastifyPluginAsyncTypebox {
  const available = async () => {
    const parts = await live();
    if (parts?.gateway.isOpen) return parts;
    throw new Problem({
      status: 503,
      code: 'no_more_connections',
      detail: 'This server takes no more connections at the moment',
      retryable: true,
      retryAfterMs: 2_000,
    });
  };

  return async (app) => {
    app.addHook('onRequest', (request, _reply, done) => {
      if (request.headers.authorization === undefined && request.raw.upgradeSocket !== undefined) {
        const token = handshakeToken(request.headers, request.query);
        if (token !== null) request.headers.authorization = `Bearer ${token}`;
      }
      done();
    });

    app.get(
      '/ws',
      {
        schema: { hide: true, operationId: 'connect', querystring: ResumeQuery },
        onRequest: [upgradeOnly, ownOrigin],
        preValidation: anyone,
      },
      async (request, reply) => {
        const refused = await refusedToken(request);
        return upgrade(request, reply, { caller: request.caller, refused, since: undefined });
      },
    );

    for (const kind of kinds) {
      const { path } = kind;
      if (path === undefined) continue;
      app.get(
        `/ws/${path.prefix}/:id`,
        {
          schema: {
            hide: true,
            operationId: `connect_${kind.name}`,
            params: Type.Object({ id: Uuid() }),
            querystring: ResumeQuery,
          },
          onRequest: [upgradeOnly, ownOrigin],
          preValidation: [anyone, ...(kind.needsUser ? [somebody] : [])],
        },
        async (request, reply) => {
          const channel = path.channelOf(request.params.id.toLowerCase());
          const { offset, epoch } = request.query;
          const since = sinceOf(offset, epoch);
          if (since === null) {
            throw invalidInput([{ type: 'missing', loc: ['query', 'epoch'], msg: 'Send offset and epoch together' }]);
          }
          await allow(kind, channel, request);
          return upgrade(request, reply, { caller: request.caller, refused: null, only: { kind, channel }, since });
        },
      );
    }

    app.get(
      '/events',
      {
        schema: {
          operationId: 'followEvents',
          summary: 'What happens on channels, as server-sent events',
          description:
            'The frames of docs/realtime.md, one per `data:`. `Last-Event-ID` resumes all channels of the stream where it ended. ',
          tags: ['live'],
          querystring: EventsQuery,
          headers: Type.Object({ 'last-event-id': Type.Optional(Type.String({ maxLength: 8_192 })) }),
          response: {
            200: { description: 'Events', content: { 'text/event-stream': { schema: Type.String() } } },
          },
        },
        preValidation: anyone,
      },
      async (request, reply) => {
        const { hub, streams, gateway } = await available();
        const since = readPositions(request.headers['last-event-id'] ?? '');
        if (since === null) {
          throw invalidInput([
            { type: 'last_event_id', loc: ['header', 'last-event-id'], msg: 'Send back the id of an earlier event' },
          ]);
        }
        const channels = [...new Set(request.query.channel)].map((text) => streamable(hub, text));
        for (const { kind, channel } of channels) await allow(kind, channel, request);
        const leave = gateway.admit(request.ip);
        if (leave === null) {
          throw new Problem({
            status: 429,
            code: 'too_many_connections',
            detail: 'Too many open connections of this address: close some',
            retryable: true,
            retryAfterMs: 10_000,
          });
        }
        reply.hijack();
        const response = reply.raw;
        // The client left meanwhile: nothing will tell of its end any more.
        if (response.destroyed) return leave();
        response.writeHead(200, {
          ...(reply.getHeaders() as OutgoingHttpHeaders),
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'private, no-store',
          'x-accel-buffering': 'no',
        });
        const stream = new EventStream({ hub, clock: systemClock, caller: request.caller, channels, since, response });
        streams.add(stream);
        response.on('close', () => {
          streams.delete(stream);
          leave();
        });
        await stream.begin().catch((error: unknown) => {
          request.log.warn({ err: error }, 'an event stream could not begin');
          stream.end();
        });
      },
    );

    async function upgrade(
      request: FastifyRequest,
      reply: FastifyReply,
      who: {
        caller: Caller | null;
        refused: string | null;
        only?: { kind: ChannelKind; channel: string };
        since: Since | undefined;
      },
    ): Promise<void> {
      const { gateway } = await available();
      const { upgradeSocket } = request.raw;
      if (upgradeSocket === undefined) throw new Error('this route lacks the hook upgradeOnly');
      reply.hijack();
      reply.raw.detachSocket(upgradeSocket.socket as never);
      gateway.upgrade(request.raw, upgradeSocket.socket, upgradeSocket.head, { ...who, address: request.ip });
      // The 101 is written by ws; whoever counts and logs requests hears of it here.
      reply.raw.statusCode = 101;
      reply.raw.emit('finish');
    }

    async function ownOrigin(request: FastifyRequest): Promise<void> {
      if (originAllowed(request.headers.origin, request.headers.host, http)) return;
      throw new Problem({ status: 403, code: 'origin_not_allowed', detail: 'Pages of this origin may not connect' });
    }
  };
}

async function upgradeOnly(request: FastifyRequest): Promise<void> {
  if (request.raw.upgradeSocket !== undefined) return;
  throw new Problem({
    status: 426,
    code: 'upgrade_required',
    detail: 'This is the address of a WebSocket',
    headers: { upgrade: 'websocket' },
  });
}

/** 401 before the id is judged (C12). */
async function somebody(request: FastifyRequest): Promise<void> {
  if (request.caller === null) throw unauthenticated((await refusedToken(request)) ?? 'authentication_required');
}

async function refusedToken(request: FastifyRequest): Promise<string | null> {
  if (request.headers.authorization === undefined) return null;
  const identified = await request.identify();
  return identified === null || identified.ok ? null : identified.code;
}

async function allow(kind: ChannelKind, channel: string, request: FastifyRequest): Promise<void> {
  const verdict = await kind.authorize(channel, request.caller);
  if (verdict !== 'ok') throw await refusal(verdict, request);
}

async function refusal(verdict: Exclude<Verdict, 'ok'>, request: FastifyRequest): Promise<Problem> {
  switch (verdict) {
    case 'AUTH_REQUIRED':
      return unauthenticated((await refusedToken(request)) ?? 'authentication_required');
    case 'FORBIDDEN':
      return new Problem({ status: 403, code: 'not_allowed', detail: 'You may not follow this channel' });
    case 'NOT_FOUND':
      return notFound('Channel');
  }
}

function streamable(hub: Hub, text: string): { kind: ChannelKind; channel: string } {
  const found = hub.find(text);
  if (found === null) throw notFound('Channel');
  if (found.kind.hasEventStream) return found;
  throw invalidInput([
    { type: 'channel', loc: ['query', 'channel'], msg: 'This channel is only to be had on a WebSocket' },
  ]);
}

/** Marks a request as an upgrade, so that its route can complete it. */
export function markUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
  request.upgradeSocket = { socket, head };
}
