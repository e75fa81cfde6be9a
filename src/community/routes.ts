import type { FastifyPluginAsync } from 'fastify';
import type { Database } from '../platform/db/types.ts';
import { discussionRoutes } from './discussions/routes.ts';
import { blockRoutes, messageRoutes } from './messages/routes.ts';
import { moderationRoutes } from './moderation/routes.ts';
import { createAnonymousKeys } from './surveys/anonymous.ts';
import { surveyRoutes } from './surveys/routes.ts';

/**
 * Everything people do with each other, under `/api/v1`.
 * @param secret of this installation; proves the keys of anonymous people
 */
export function communityRoutes(db: Database, secret: Uint8Array): FastifyPluginAsync {
  return async (app) => {
    await app.register(surveyRoutes(db, createAnonymousKeys(secret)), { prefix: '/surveys' });
    await app.register(discussionRoutes(db), { prefix: '/discussions' });
    await app.register(moderationRoutes(db), { prefix: '/moderation' });
    await app.register(messageRoutes(db), { prefix: '/dms' });
    await app.register(blockRoutes(db), { prefix: '/me/blocks' });
  };
}
