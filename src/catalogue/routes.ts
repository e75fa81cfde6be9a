import type { FastifyPluginAsync } from 'fastify';
import type { Database } from '../platform/db/types.ts';
import { castRoutes } from './cast/routes.ts';
import { episodeRoutes } from './episodes/routes.ts';
import { imageRoutes } from './images/routes.ts';
import type { CatalogueOptions } from './params.ts';
import { personRoutes } from './people/routes.ts';
import { seasonRoutes } from './seasons/routes.ts';
import { showRoutes } from './shows/routes.ts';

/** Everything under `/api/v1/shows`. */
export function catalogueRoutes(db: Database, options: CatalogueOptions): FastifyPluginAsync {
  return async (app) => {
    for (const routes of [showRoutes, seasonRoutes, episodeRoutes, castRoutes, imageRoutes, personRoutes]) {
      await app.register(routes(db, options));
    }
  };
}
