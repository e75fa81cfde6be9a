import type { FastifyPluginAsync } from 'fastify';
import type { Database } from '../platform/db/types.ts';
import { catalogueAdminRoutes } from './admin-routes.ts';
import { calendarRoutes } from './calendar/routes.ts';
import { castRoutes } from './cast/routes.ts';
import { episodeByIdRoutes, episodeRoutes } from './episodes/routes.ts';
import { imageRoutes } from './images/routes.ts';
import { lookupRoutes } from './lookup/routes.ts';
import { networkRoutes } from './networks/routes.ts';
import type { CatalogueOptions } from './params.ts';
import { peopleRoutes, personRoutes } from './people/routes.ts';
import { seasonRoutes } from './seasons/routes.ts';
import { showExtraRoutes } from './shows/extras.ts';
import { showRoutes } from './shows/routes.ts';

/** The whole catalogue, under `/api/v1`. */
export function catalogueRoutes(db: Database, options: CatalogueOptions): FastifyPluginAsync {
  return async (app) => {
    await app.register(showsRoutes(db, options), { prefix: '/shows' });
    await app.register(peopleRoutes(db, options), { prefix: '/people' });
    await app.register(networkRoutes(db, options), { prefix: '/networks' });
    for (const routes of [episodeByIdRoutes, calendarRoutes, lookupRoutes]) await app.register(routes(db, options));
    await app.register(catalogueAdminRoutes(db), { prefix: '/admin' });
  };
}

function showsRoutes(db: Database, options: CatalogueOptions): FastifyPluginAsync {
  return async (app) => {
    for (const routes of [
      showRoutes,
      showExtraRoutes,
      seasonRoutes,
      episodeRoutes,
      castRoutes,
      imageRoutes,
      personRoutes,
    ]) {
      await app.register(routes(db, options));
    }
  };
}
