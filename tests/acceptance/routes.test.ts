import { expect, it } from 'vitest';
import { createLogger } from '../../src/platform/log/logger.ts';
import { buildApp } from '../../src/server/app.ts';
import { createTestDatabase } from '../helpers/database.ts';
import { LOCAL_SECRET, testAuthenticator } from '../helpers/tokens.ts';
import { TEST_CONFIG } from './server.ts';

/** Routes that OpenAPI has no words for: sockets (docs/realtime.md), the page over the document, and files. */
const SOCKETS = ['/api/v1/ws', '/api/v1/ws/discussions/episodes/:id', '/api/v1/ws/dms/:id'];
const UNDOCUMENTED = new Set([...SOCKETS, '/docs', '/docs/:file', '/media/*']);

it('has every route in the document, each with an operation id', async () => {
  const own = await createTestDatabase();
  const app = await buildApp({
    config: TEST_CONFIG,
    db: own.db,
    authenticator: testAuthenticator(own.db),
    secret: LOCAL_SECRET,
    log: createLogger({ level: 'silent' }),
  });
  await app.ready();
  // The printed tree is the router's own list, so a route cannot escape by being registered in an unusual way.
  const printed = app.printRoutes({ commonPrefix: false, method: 'GET' });
  const paths = routePaths(printed);
  expect(paths.length).toBeGreaterThan(10);
  const documented = new Set(Object.keys(app.swagger().paths ?? {}).map((path) => path.replace(/(.)\/$/, '$1')));
  const missing = paths.filter(
    (path) => !UNDOCUMENTED.has(path) && !documented.has(path.replaceAll(/:(\w+)/g, '{$1}').replace(/(.)\/$/, '$1')),
  );
  expect(missing).toEqual([]);
  await app.close();
  await own.drop();
});

/** Full paths from Fastify's tree, one line per node, indented by four characters a level. */
function routePaths(tree: string): string[] {
  const stack: string[] = [];
  const paths: string[] = [];
  for (const line of tree.split('\n')) {
    const match = /^((?:[│ ] {3})*)(?:├──|└──) (\S+)(.*)$/.exec(line);
    if (match === null) continue;
    const [, indent = '', part = '', rest = ''] = match;
    stack.length = indent.length / 4;
    stack.push(part);
    if (rest.includes('(')) paths.push(stack.join(''));
  }
  return paths;
}
