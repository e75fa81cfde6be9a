import type pg from 'pg';
import type { Case, MatrixFile } from './matrix.ts';
import { broken, openToNewcomers, RULES, unspoken } from './meta.ts';
import { type Catalogue, expand, rightsProblems, runCase } from './run.ts';

/** One thing taken away from the database. */
export interface Mutation {
  readonly name: string;
  readonly sql: string;
  /** The table or view it concerns, if any: its cases are tried first. */
  readonly subject: string | null;
}

export interface Verdict {
  readonly mutation: Mutation;
  /** The first case, right or rule that noticed; undefined when it survived. */
  readonly killedBy: string | undefined;
}

const SCHEMAS = 'n.nspname = any ($1)';
const GRANTEES = "pg_get_userbyid(a.grantee) in ('anon', 'authenticated', 'service_role', 'trr_reader')";

/** Every policy (dropped, and each of its conditions made true), every grant and every row-security switch of these schemas. */
export async function mutations(client: pg.ClientBase, schemas: readonly string[]): Promise<Mutation[]> {
  const { rows } = await client.query<Mutation & { place: number }>(
    `select 1 as place, format('drop policy %I on %s', p.polname, p.polrelid::regclass) as sql, p.polrelid::regclass::text as subject
     from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace where ${SCHEMAS}
     union all
     select 2, format('alter table %s disable row level security', c.oid::regclass), c.oid::regclass::text
     from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${SCHEMAS} and c.relkind in ('r', 'p') and c.relrowsecurity
     union all
     select 2, format('alter policy %I on %s %s (true)', p.polname, p.polrelid::regclass, clause), p.polrelid::regclass::text
     from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
     cross join (values ('using', 'polqual'), ('with check', 'polwithcheck')) as v (clause, part)
     where ${SCHEMAS} and pg_get_expr(case part when 'polqual' then p.polqual else p.polwithcheck end, p.polrelid) <> 'true'
     union all
     select 3, format('revoke %s on %s from %s', a.privilege_type, c.oid::regclass, pg_get_userbyid(a.grantee)), c.oid::regclass::text
     from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a
     where ${SCHEMAS} and ${GRANTEES} and c.relkind in ('r', 'p', 'v')
     union all
     select 3, format('revoke %s on sequence %s from %s', a.privilege_type, c.oid::regclass, pg_get_userbyid(a.grantee)), c.oid::regclass::text
     from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a
     where ${SCHEMAS} and ${GRANTEES} and c.relkind = 'S'
     union all
     select 4, format('revoke %s (%I) on %s from %s', a.privilege_type, t.attname, c.oid::regclass, pg_get_userbyid(a.grantee)), c.oid::regclass::text
     from pg_attribute t join pg_class c on c.oid = t.attrelid join pg_namespace n on n.oid = c.relnamespace, aclexplode(t.attacl) a
     where ${SCHEMAS} and ${GRANTEES} and not t.attisdropped
     union all
     select 5, format('revoke execute on function %s from %s', f.oid::regprocedure, pg_get_userbyid(a.grantee)), null
     from pg_proc f join pg_namespace n on n.oid = f.pronamespace, aclexplode(f.proacl) a where ${SCHEMAS} and ${GRANTEES}
     union all
     select 6, format('revoke %s on schema %I from %s', a.privilege_type, n.nspname, pg_get_userbyid(a.grantee)), null
     from pg_namespace n, aclexplode(n.nspacl) a where ${SCHEMAS} and ${GRANTEES}
     order by 1, 2`,
    [schemas],
  );
  return rows.map(({ sql, subject }) => ({ name: sql, sql, subject }));
}

/**
 * Takes the thing away, looks for somebody who notices, and puts it back. Cases of its table come first, so that most verdicts
 * need a few statements only. The client must be in a transaction on the seeded database.
 */
export async function judge(
  client: pg.ClientBase,
  mutation: Mutation,
  files: readonly MatrixFile[],
  cases: readonly Case[],
  catalogue: Catalogue,
): Promise<Verdict> {
  await client.query('savepoint mutation');
  try {
    await client.query(mutation.sql);
    return { mutation, killedBy: await firstToNotice(client, mutation, files, cases, catalogue) };
  } finally {
    await client.query('rollback to savepoint mutation');
  }
}

async function firstToNotice(
  client: pg.ClientBase,
  { subject }: Mutation,
  files: readonly MatrixFile[],
  cases: readonly Case[],
  catalogue: Catalogue,
): Promise<string | undefined> {
  const firstFailure = async (some: readonly Case[]) => {
    for (const one of some) {
      const failure = await runCase(client, one);
      if (failure !== undefined) return failure;
    }
    return undefined;
  };
  const own = await firstFailure(cases.filter((one) => one.subject === subject));
  if (own !== undefined) return own;
  for (const file of files) {
    const [problem] = await rightsProblems(client, file, catalogue);
    if (problem !== undefined) return problem;
  }
  for (const rule of RULES) {
    const [culprit] = await broken(client, rule);
    if (culprit !== undefined) return `${rule.name}: ${culprit}`;
  }
  return firstFailure(cases.filter((one) => one.subject !== subject));
}

/** Something must be right before anything is taken away: all problems of the unchanged database. */
export async function problemsBefore(
  client: pg.ClientBase,
  files: readonly MatrixFile[],
  cases: readonly Case[],
  catalogue: Catalogue,
): Promise<string[]> {
  const problems = [...(await unspoken(client, files)), ...(await openToNewcomers(client, files))];
  for (const file of files) problems.push(...(await rightsProblems(client, file, catalogue)));
  for (const rule of RULES) problems.push(...(await broken(client, rule)).map((line) => `${rule.name}: ${line}`));
  for (const one of cases) {
    const failure = await runCase(client, one);
    if (failure !== undefined) problems.push(failure);
  }
  return problems;
}

/** All cases of all files. */
export function allCases(files: readonly MatrixFile[], catalogue: Catalogue): Case[] {
  return files.flatMap((file) => expand(file, catalogue));
}
