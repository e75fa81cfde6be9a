import { statSync } from 'node:fs';
import { envFile } from '../../platform/config/load.ts';
import { documentedVariables, nameDistance } from '../../platform/config/names.ts';
import { type Check, type Context, type Finding, ok, skipped, warn } from './check.ts';

/** Names that are set (never values), names nobody reads, and who may read the files. */
export const environment: Check = {
  name: 'environment',
  async run(context) {
    const known = documentedVariables(context.root);
    if (known === null) return [skipped('.env.example, the list of all variables, is not installed'), ...fileMode()];
    const set = Object.keys(context.environment).filter((name) => (context.environment[name] ?? '').trim() !== '');
    const ours = set.filter((name) => known.has(name)).sort();
    return [
      ok(`valid; set: ${ours.join(', ') || 'nothing'}; database: ${target(context.config)}`),
      ...set.sort().flatMap((name) => unknown(name, known)),
      ...fileMode(),
      ...(context.config.sources.contactUrl === null && context.config.sources.live.size > 0
        ? [warn('TRR_CONTACT_URL is not set: sources cannot tell who is asking')]
        : []),
    ];
  },
};

function target({ database, dataDir }: Context['config']): string {
  return database.kind === 'embedded' ? `embedded, data in ${dataDir}` : `named by ${database.variable}`;
}

/** What the object store's library and the test suite read for themselves. */
const OTHERS =
  /^(TRR_(TEST|FUZZ|REQUIRE|PRUNE|CAPTURES|SURVIVOR|BASE_URL|ADMIN_TOKEN|TOKEN_SECRET|BENCH)\w*|AWS_(CONFIG_FILE|SHARED_CREDENTIALS_FILE|ROLE_ARN|ROLE_SESSION_NAME|WEB_IDENTITY_TOKEN_FILE|CONTAINER_\w+|CA_BUNDLE|EXECUTION_ENV|MAX_ATTEMPTS|RETRY_MODE|SDK_\w+|STS_REGIONAL_ENDPOINTS|EC2_METADATA_\w+|USE_\w+|ENDPOINT_URL\w*|REQUEST_\w+|RESPONSE_\w+|LAMBDA_\w+|PAGER|DEFAULT_OUTPUT))$/;

/** Furthest a name may be from a known one to be taken for a typing error. */
const TYPING_ERROR = 2;

function unknown(name: string, known: ReadonlySet<string>): Finding[] {
  if (known.has(name) || OTHERS.test(name)) return [];
  const [nearest] = [...known]
    .map((other) => ({ other, distance: nameDistance(name, other) }))
    .sort((a, b) => a.distance - b.distance);
  const mistyped = nearest !== undefined && nearest.distance <= TYPING_ERROR && name.length >= 8;
  if (!mistyped && !/^(TRR|AWS)_/.test(name)) return [];
  const hint = nearest !== undefined && nearest.distance <= 4 ? `; did you mean ${nearest.other}?` : '';
  return [warn(`${name} is set, and nothing reads it${hint}`)];
}

function fileMode(): Finding[] {
  return (['.env', '.env.worktree'] as const).flatMap((name) => {
    const file = envFile(name);
    if (file === undefined || (statSync(file).mode & 0o077) === 0) return [];
    return [warn(`${file} may be read by others: chmod 600 ${file}`)];
  });
}
