import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { notFound } from '../../platform/errors/problem.ts';
import { openApiText } from '../plugins/openapi.ts';

const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

const INIT = 'SwaggerUIBundle({url:"/openapi.json",dom_id:"#ui",deepLinking:true,validatorUrl:null});';
const INIT_HASH = createHash('sha256').update(INIT).digest('base64');

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The Reality Report API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script>${INIT}</script>
</body>
</html>
`;

/** Its own files, its one inline script by hash, and the images and inline styles Swagger UI makes. */
const POLICY = [
  "default-src 'none'",
  `script-src 'self' 'sha256-${INIT_HASH}'`,
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/**
 * `/openapi.json`, `/api/v1/openapi.json` and the page over it (M7). The page uses the files of @fastify/swagger-ui directly: its
 * plugin would read and hash all of them at every start and loosen the content policy of each.
 */
export function docsRoutes(app: FastifyInstance): void {
  let document: string | undefined;
  for (const [url, operationId] of [
    ['/openapi.json', 'getOpenApi'],
    ['/api/v1/openapi.json', 'getOpenApiV1'],
  ] as const) {
    app.get(
      url,
      { schema: { operationId, summary: 'This document', tags: ['meta'], response: { 200: { type: 'object' } } } },
      async (_request, reply) => {
        document ??= openApiText(app);
        return reply
          .type('application/json; charset=utf-8')
          .header('cache-control', 'public, max-age=60')
          .send(document);
      },
    );
  }

  app.get('/docs', { schema: { hide: true, operationId: 'getDocs' } }, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', POLICY).send(PAGE),
  );
  app.get<{ Params: { file: string } }>(
    '/docs/:file',
    { schema: { hide: true, operationId: 'getDocsFile' } },
    async (request, reply) => {
      const { file } = request.params;
      const type = Object.hasOwn(ASSETS, file) ? ASSETS[file] : undefined;
      if (type === undefined) throw notFound('File');
      const folder = dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui/static/swagger-ui.css'));
      return reply
        .type(type)
        .header('cache-control', 'public, max-age=86400')
        .send(await readFile(join(folder, file)));
    },
  );
}
