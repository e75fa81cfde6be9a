import type pg from 'pg';
import { errorCode } from '../errors.ts';
import { OWNED_SCHEMAS } from '../migrate/schemas.ts';
import { withOwner } from '../owner.ts';

/** Roles every scope of the program takes on. */
export const SCOPE_ROLES = ['anon', 'authenticated', 'service_role'] as const;

/** What the database says about who may do what; names only. */
export interface Access {
  readonly user: string;
  /** Scope roles that do not exist, or that the user may not become. */
  readonly unusableRoles: readonly string[];
  /** Whether `service_role` sees past row security, which the program's own work rests on. */
  readonly serviceBypasses: boolean;
  /** Schemas of ours the user does not own: migrations would fail there. */
  readonly foreignSchemas: readonly string[];
  /** Schemas of ours `service_role` may not enter. */
  readonly closedToService: readonly string[];
  /** `core.shows: INSERT` for each right to write that `anon` has. */
  readonly anonWrites: readonly string[];
  /** Tables `anon` or `authenticated` may read although row security is off. */
  readonly unprotected: readonly string[];
  /** Schemas `anon` or `authenticated` may enter. */
  readonly openSchemas: readonly string[];
  /** Tables and views `anon` may read something of. */
  readonly anonReads: number;
  /** Functions of ours `anon` may call. */
  readonly anonCalls: readonly string[];
  /** Schemas a data API (PostgREST) exposes, when its settings are kept in the database; null: not visible there. */
  readonly exposedSchemas: readonly string[] | null;
  /** Sessions of a data API at the moment. */
  readonly dataApiSessions: number;
}

/**
 * Reads rights and the data API's settings, in one read-only transaction. Needs a migrated database.
 * @throws DatabaseUnavailable
 */
export async function readAccess(ownerUrl: string): Promise<Access> {
  return withOwner(
    ownerUrl,
    async (client) => {
      await client.query("begin read only; select set_config('search_path', '', true)");
      const unusableRoles = await unusable(client);
      const { rows } = await client.query<Omit<Access, 'unusableRoles'>>(ACCESS, [[...OWNED_SCHEMAS]]);
      await client.query('rollback');
      const [row] = rows;
      if (row === undefined) throw new Error('the catalogue answered without a row');
      return { ...row, unusableRoles };
    },
    { applicationName: 'trr doctor', statementTimeoutMs: 15_000 },
  );
}

/** Tried rather than looked up: since PostgreSQL 16 a member may lack the right to become the role. */
async function unusable(client: pg.Client): Promise<string[]> {
  const refused: string[] = [];
  for (const role of SCOPE_ROLES) {
    await client.query('savepoint role');
    try {
      await client.query(`set local role ${role}`);
    } catch (error) {
      if (!['22023', '42501', '42704'].includes(errorCode(error) ?? '')) throw error;
      refused.push(role);
    }
    await client.query('rollback to savepoint role');
  }
  return refused;
}

const ACCESS = `
  with ours as (select oid, nspname, nspowner from pg_namespace where nspname = any($1::text[])),
    relations as (
      select c.oid, format('%s.%s', n.nspname, c.relname) as name, c.relkind, c.relrowsecurity
      from pg_class c join ours n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'f')),
    settings as (
      select distinct on (name) split_part(entry, '=', 1) as name, split_part(entry, '=', 2) as value
      from pg_db_role_setting s cross join unnest(s.setconfig) as entry
      where s.setrole in (0, coalesce(to_regrole('authenticator')::oid, 0))
        and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
      order by name, s.setdatabase desc, s.setrole desc)
  select current_user::text as "user",
    coalesce((select rolbypassrls or rolsuper from pg_roles where rolname = 'service_role'), false) as "serviceBypasses",
    array(select nspname::text from ours where not pg_has_role(current_user, nspowner, 'member') order by 1) as "foreignSchemas",
    array(select nspname::text from ours where nspname <> 'pgboss' and to_regrole('service_role') is not null
      and not has_schema_privilege(to_regrole('service_role'), oid, 'usage') order by 1) as "closedToService",
    array(select format('%s: %s', name, verb) from relations cross join unnest(array['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) as verb
      where to_regrole('anon') is not null and has_table_privilege(to_regrole('anon'), relations.oid, verb) order by 1) as "anonWrites",
    array(select name from relations where relkind in ('r', 'p') and not relrowsecurity and exists (
      select from unnest(array['anon', 'authenticated']) as reader
      where to_regrole(reader) is not null and has_table_privilege(to_regrole(reader), relations.oid, 'select')) order by 1) as "unprotected",
    array(select nspname::text from ours where exists (
      select from unnest(array['anon', 'authenticated']) as reader
      where to_regrole(reader) is not null and has_schema_privilege(to_regrole(reader), ours.oid, 'usage')) order by 1) as "openSchemas",
    (select count(*)::int from relations where to_regrole('anon') is not null
      and has_any_column_privilege(to_regrole('anon'), relations.oid, 'select')) as "anonReads",
    array(select format('%s.%s', n.nspname, p.proname) from pg_proc p join ours n on n.oid = p.pronamespace
      where to_regrole('anon') is not null and has_schema_privilege(to_regrole('anon'), n.oid, 'usage')
        and has_function_privilege(to_regrole('anon'), p.oid, 'execute') order by 1) as "anonCalls",
    (select array(select btrim(part) from unnest(string_to_array(value, ',')) as part) from settings where name = 'pgrst.db_schemas')
      as "exposedSchemas",
    (select count(*)::int from pg_stat_activity where application_name ilike 'postgrest%' and datname = current_database())
      as "dataApiSessions"`;
