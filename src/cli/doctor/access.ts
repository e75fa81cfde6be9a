import { type Access, readAccess, SCOPE_ROLES } from '../../platform/db/verify/access.ts';
import { type Check, type Context, type Finding, fail, ok, warn } from './check.ts';
import { migratedDatabase } from './database.ts';

/** What the program needs of the database's roles. */
export const rights: Check = {
  name: 'rights',
  needsDatabase: true,
  run: (context) => judged(context, judgeRights),
};

/** What a data API in front of the database (the hosted platform's) exposes, and what strangers may do there. */
export const dataApi: Check = {
  name: 'data API',
  needsDatabase: true,
  run: (context) => judged(context, judgeDataApi),
};

async function judged(context: Context, judge: (access: Access) => Finding[]): Promise<Finding[]> {
  const owner = await migratedDatabase(context);
  return 'status' in owner ? [owner] : judge(await readAccess(owner.ownerUrl));
}

export function judgeRights(access: Access): Finding[] {
  const { user, unusableRoles, serviceBypasses, foreignSchemas, closedToService } = access;
  const findings: Finding[] = [];
  if (unusableRoles.length > 0) {
    findings.push(
      fail(`${user} may not become ${unusableRoles.join(', ')}: grant ${unusableRoles.join(', ')} to ${user}`),
    );
  }
  if (!serviceBypasses)
    findings.push(fail('service_role does not bypass row security: alter role service_role bypassrls'));
  if (closedToService.length > 0) {
    findings.push(fail(`service_role may not enter ${closedToService.join(', ')}: run trr db verify`));
  }
  if (foreignSchemas.length > 0) {
    const names = foreignSchemas.join(', ');
    findings.push(warn(`${user} does not own ${names}: migrations need the role that made them`));
  }
  return findings.length > 0 ? findings : [ok(`${user} can act as ${SCOPE_ROLES.join(', ')}; details: trr db verify`)];
}

/** Schemas apps may read directly (`supabase/config.toml`); what else is ours stays inside. */
const MEANT_TO_BE_OPEN = new Set(['core', 'surveys', 'social', 'games']);
const NEVER_EXPOSED = /^(identity|pipeline|media|live|pgboss|auth|supabase_migrations|vault)$/;

export function judgeDataApi(access: Access): Finding[] {
  const { exposedSchemas, anonWrites, unprotected, openSchemas, anonReads, anonCalls, dataApiSessions } = access;
  const findings: Finding[] = [];
  if (anonWrites.length > 0) findings.push(fail(`anon may write: ${some(anonWrites)}: revoke it`));
  if (unprotected.length > 0) {
    findings.push(fail(`row security is off on ${some(unprotected)}: alter table ... enable row level security`));
  }
  const wrong = (exposedSchemas ?? []).filter((name) => NEVER_EXPOSED.test(name));
  if (wrong.length > 0) {
    findings.push(
      fail(`the data API exposes ${wrong.join(', ')}, which are internal: take them out of pgrst.db_schemas`),
    );
  }
  const missing = [...MEANT_TO_BE_OPEN].filter((name) => exposedSchemas !== null && !exposedSchemas.includes(name));
  if (missing.length > 0)
    findings.push(warn(`the data API does not expose ${missing.join(', ')}: apps cannot read them`));
  if (findings.length > 0) return findings;
  const settings =
    exposedSchemas === null
      ? 'no settings of a data API in this database'
      : `a data API exposes ${exposedSchemas.join(', ')}`;
  const sessions = dataApiSessions === 0 ? '' : `, ${dataApiSessions} of its sessions are connected`;
  const may = `anon reads ${anonReads} relations, calls ${anonCalls.length} functions, writes nothing`;
  return [ok(`${settings}${sessions}; open to clients: ${openSchemas.join(', ') || 'nothing'}; ${may}`)];
}

function some(names: readonly string[]): string {
  return `${names.slice(0, 4).join(', ')}${names.length > 4 ? ` and ${names.length - 4} more` : ''}`;
}
