/**
 * Writes the generated part of `client/` from `openapi.json`. `--check` writes nothing and exits 1 when a generated file is stale,
 * missing or one too many.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
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

/** How the generated files under `client/` differ from what they should be, one line each. */
export function clientDifferences(files: Readonly<Record<string, string>>, root: string): string[] {
  const wanted = Object.entries(files).flatMap(([path, text]) => {
    if (!existsSync(join(root, path))) return [`missing ${path}`];
    return readFileSync(join(root, path), 'utf8') === text ? [] : [`stale   ${path}`];
  });
  const extra = globSync('client/**/*.generated.ts', { cwd: root })
    .filter((path) => !path.startsWith('client/node_modules/') && files[path] === undefined)
    .map((path) => `extra   ${path}`);
  return [...wanted, ...extra.sort()];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const files = await clientFiles(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8'));
  if (process.argv.includes('--check')) {
    const lines = clientDifferences(files, fileURLToPath(new URL('..', import.meta.url)));
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
    process.exitCode = lines.length === 0 ? 0 : 1;
  } else {
    for (const [path, text] of Object.entries(files)) writeFileSync(new URL(`../${path}`, import.meta.url), text);
  }
}
