import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify';
import type { CatalogueOptions } from '../catalogue/params.ts';
import { catalogueRoutes } from '../catalogue/routes.ts';
import { discussionsChannel } from '../community/discussions/channels.ts';
import { messagesChannel } from '../community/messages/channels.ts';
import { communityRoutes } from '../community/routes.ts';
import { surveysChannel } from '../community/surveys/channels.ts';
import { adminRoutes } from '../identity/admin/routes.ts';
import { profileRoutes } from '../identity/profiles/routes.ts';
import { mediaRoutes } from '../media/serve/routes.ts';
import type { ObjectStore } from '../media/stores/store.ts';
import { changeRoutes, runChangeRoutes } from '../pipeline/changes/routes.ts';
import { reviewRoutes } from '../pipeline/reviews/routes.ts';
import { runsChannel } from '../pipeline/runs/channels.ts';
import { runRoutes } from '../pipeline/runs/routes.ts';
import type { Authenticator } from '../platform/auth/caller.ts';
import { DEFAULT_REALTIME } from '../platform/config/realtime.ts';
import type { Config } from '../platform/config/types.ts';
import type { Database } from '../platform/db/types.ts';
import type { ChannelKind } from '../platform/live/channels.ts';
import type { Logger } from '../platform/log/logger.ts';
import { isLiveUpgrade } from '../realtime/handshake.ts';
import { answerClientError } from './client-error.ts';
import { authPlugin } from './plugins/auth.ts';
import { compressionPlugin } from './plugins/compression.ts';
import { corsPlugin, VARY } from './plugins/cors.ts';
import { errorsPlugin, sendProblem, toProblem } from './plugins/errors.ts';
import { hostPlugin } from './plugins/host.ts';
import { limitsPlugin } from './plugins/limits.ts';
import { livePlugin } from './plugins/live.ts';
import { methodsPlugin } from './plugins/methods.ts';
import { metricsPlugin } from './plugins/metrics.ts';
import { openApiPlugin } from './plugins/openapi.ts';
import { requestId, requestLogPlugin } from './plugins/request-log.ts';
import { SECURITY_HEADERS, securityPlugin } from './plugins/security.ts';
import { validationPlugin } from './plugins/validation/index.ts';
import { docsRoutes } from './routes/docs.ts';
import { metaRoutes } from './routes/meta.ts';
import { type Readiness, readinessRoutes } from './routes/readiness.ts';
import { VERSION } from './version.ts';

export interface AppParts {
  readonly config: Pick<Config, 'server' | 'sources' | 'limits'> & Partial<Pick<Config, 'media' | 'realtime'>>;
  readonly db: Database;
  readonly log: Logger;
  readonly authenticator: Authenticator;
  /** Of this installation, at least 32 bytes; equal in all its processes. */
  readonly secret: Uint8Array;
  /** Where mirrored images are kept; without one, none are served. */
  readonly store?: ObjectStore;
  /** Default: asks the database for nothing but an answer. */
  readonly readiness?: Readiness;
  readonly limits?: Partial<RequestLimits>;
}

export interface RequestLimits {
  /** Longest life of a request; above the database's own limit, so that its answer says more. */
  readonly requestMs: number;
  readonly bodyBytes: number;
}

const DEFAULT_LIMITS: RequestLimits = { requestMs: 20_000, bodyBytes: 1 << 20 };

/**
 * The HTTP application over an open database: one plugin per concern, then the rooms' routes. Pure: it neither reads the
 * environment nor listens, so tests inject requests or listen where they like.
 */
export async function buildApp(parts: AppParts): Promise<FastifyInstance> {
  const { config, db, log } = parts;
  const limits = { ...DEFAULT_LIMITS, ...parts.limits };
  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: (request) => requestId(request),
    bodyLimit: limits.bodyBytes,
    handlerTimeout: limits.requestMs,
    requestTimeout: limits.requestMs,
    http: {
      // Host is our own plugin's business, which answers with a problem object.
      requireHostHeader: false,
      // How often Node looks for requests that arrive too slowly; its default of 30 s would double their time.
      connectionsCheckingInterval: 5_000,
      // Anything else that asks for an upgrade (curl's h2c) gets its answer in HTTP/1.1.
      shouldUpgradeCallback: isLiveUpgrade,
    },
    // What still arrives on a busy connection is answered, then the connection closes; the database is open until then.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    trustProxy: config.server.trustProxy.length === 0 ? false : [...config.server.trustProxy],
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 500 },
    frameworkErrors: (error, request, reply) => {
      // No route, hence no hooks: the headers they would have set.
      reply.headers({ ...SECURITY_HEADERS, vary: VARY, 'x-request-id': request.id });
      sendProblem(toProblem(error, request as FastifyRequest), request as FastifyRequest, reply as FastifyReply);
    },
    clientErrorHandler: (error: NodeJS.ErrnoException, socket: Socket) =>
      answerClientError(error, socket, randomUUID()),
  });

  errorsPlugin(app);
  requestLogPlugin(app);
  securityPlugin(app, config.server.publicUrl?.startsWith('https:') ?? false);
  corsPlugin(app, config.server.corsAllowOrigins);
  hostPlugin(app, config.server);
  authPlugin(app, parts.authenticator);
  await limitsPlugin(app, config.limits);
  compressionPlugin(app);
  validationPlugin(app);
  methodsPlugin(app);
  await openApiPlugin(app);

  const metrics = metricsPlugin(app, db, parts.authenticator);
  await app.register(metaRoutes);
  await app.register(readinessRoutes(parts.readiness ?? databaseAnswers(db)));
  docsRoutes(app);
  await app.register(catalogueRoutes(db, catalogueOptions(config)), { prefix: '/api/v1' });
  await app.register(profileRoutes(db, parts.authenticator), { prefix: '/api/v1' });
  await app.register(communityRoutes(db, parts.secret), { prefix: '/api/v1' });
  await app.register(adminRoutes(db), { prefix: '/api/v1/admin' });
  await app.register(runRoutes(db, VERSION), { prefix: '/api/v1/admin/runs' });
  await app.register(reviewRoutes(db), { prefix: '/api/v1/admin/reviews' });
  await app.register(runChangeRoutes(db), { prefix: '/api/v1/admin/runs' });
  await app.register(changeRoutes(db, [...config.sources.publishLicences]), { prefix: '/api/v1' });
  await livePlugin(app, {
    db,
    authenticator: parts.authenticator,
    log,
    metrics,
    kinds: channelKinds(db, parts.authenticator),
    http: config.server,
    config: config.realtime ?? DEFAULT_REALTIME,
    exempt: config.limits.exempt,
  });
  if (parts.store !== undefined) {
    await app.register(mediaRoutes(db, parts.store, [...config.sources.publishLicences]));
  }
  return app;
}

/** What can be followed live: each room's own. */
export function channelKinds(db: Database, authenticator: Authenticator): ChannelKind[] {
  return [discussionsChannel, messagesChannel(db), surveysChannel(db, authenticator), runsChannel(db, authenticator)];
}

function catalogueOptions({ sources, media }: AppParts['config']): CatalogueOptions {
  return { licences: [...sources.publishLicences], mediaBaseUrl: media?.cdnBaseUrl ?? null };
}

function databaseAnswers(db: Database): Readiness {
  return {
    async pendingMigrations() {
      await db.public.raw('select 1');
      return [];
    },
  };
}
