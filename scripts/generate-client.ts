/** Writes the generated part of `client/` from `openapi.json`; a test compares the committed files with what this makes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
}
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: object;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const HEADER = '// Generated from openapi.json by scripts/generate-client.ts. Do not edit.\n';
const METHODS = ['get', 'post', 'put', 'delete'];

/** The generated files, by path relative to the project. */
export async function clientFiles(openApiText: string): Promise<Record<string, string>> {
  const types = astToString(await openapiTS(openApiText, { alphabetize: true, defaultNonNullable: false }));
  return {
    'client/src/types.generated.ts': `${HEADER}${types}`,
    'client/src/routes.generated.ts': routesFile(JSON.parse(openApiText) as Document),
  };
}

/** What the client must know of each operation at run time: method, path, and where each argument goes. */
function routesFile(document: Document): string {
  const lines = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation === undefined ? [] : [[operation.operationId, line(method, path, operation)] as const];
    }),
  );
  lines.sort(([a], [b]) => (a < b ? -1 : 1));
  return `${HEADER}import type { Route } from './route.ts';

export const ROUTES = {
${lines.map(([, text]) => text).join('\n')}
} as const satisfies Record<string, Route>;
`;
}

function line(method: string, path: string, operation: Operation): string {
  const parameters = operation.parameters ?? [];
  const names = (place: Parameter['in']) => parameters.filter((p) => p.in === place).map((p) => p.name);
  const all = [...names('path'), ...names('query')];
  // Arguments are one flat object, so that `getShow({ id, include })` reads like a call.
  if (new Set(all).size !== all.length || all.includes('body')) {
    throw new Error(`${operation.operationId}: a name is used for two arguments`);
  }
  const query = names('query').map((name) => JSON.stringify(name));
  return `  ${operation.operationId}: { method: '${method.toUpperCase()}', path: '${path}', query: [${query.join(', ')}], body: ${operation.requestBody !== undefined} },`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const files = await clientFiles(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8'));
  for (const [path, text] of Object.entries(files)) writeFileSync(new URL(`../${path}`, import.meta.url), text);
}
