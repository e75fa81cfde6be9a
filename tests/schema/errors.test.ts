import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readMigrations } from '../../src/platform/db/migrate/files.ts';
import { MIGRATIONS_FOLDER } from '../../src/platform/db/migrate/migrate.ts';
import { databaseProblem } from '../../src/platform/errors/database.ts';
import { CONSTRAINT_ERRORS, OWN_ERRORS } from '../../src/platform/errors/named.ts';

const PAGE = readFileSync(path.join(import.meta.dirname, '../../docs/db/errors.md'), 'utf8');

it('every error our SQL raises has a name, and every name an error', async () => {
  const files = await readMigrations(MIGRATIONS_FOLDER);
  const raised = files.flatMap(({ text }) => [...text.matchAll(/errcode = '(TR\w{3})'/g)].map(([, code]) => code));
  expect([...new Set(raised)].sort()).toEqual(Object.keys(OWN_ERRORS).sort());
  expect(new Set(Object.values(OWN_ERRORS).map(({ code }) => code)).size).toBe(Object.keys(OWN_ERRORS).length);
});

it('docs/db/errors.md lists exactly these', () => {
  const rows = [...PAGE.matchAll(/^\| (\w{5}) \| `(\w+)` \| (\d{3}) \|/gm)].map(([, ...row]) => row.join(' '));
  const known = Object.entries({ ...OWN_ERRORS, ...CONSTRAINT_ERRORS }).map(
    ([state, e]) => `${state} ${e.code} ${e.status}`,
  );
  expect(rows.sort()).toEqual(known.sort());
});

it('the answer carries our message, and never PostgreSQL’s', () => {
  const raised = (code: string, message: string) => Object.assign(new Error(message), { code, severity: 'ERROR' });
  expect(databaseProblem(raised('TR011', 'Survey is not accepting responses'), 'x')).toMatchObject({
    status: 400,
    code: 'survey_closed',
    message: 'Survey is not accepting responses',
  });
  expect(databaseProblem(raised('TR001', 'Authentication required'), 'x')?.headers).toEqual({
    'WWW-Authenticate': 'Bearer',
  });
  const duplicate = databaseProblem(raised('23505', 'Key (handle)=(ann) already exists'), 'x');
  expect(duplicate).toMatchObject({ status: 409, code: 'already_exists' });
  expect(duplicate?.message).not.toContain('ann');
  const policy = Object.assign(raised('42501', 'new row violates row-level security policy'), {
    routine: 'ExecWithCheckOptions',
  });
  expect(databaseProblem(policy, 'x')).toMatchObject({ status: 403, code: 'not_allowed' });
  expect(databaseProblem(raised('42501', 'permission denied for table x'), 'x')).toMatchObject({ status: 500 });
  expect(databaseProblem(raised('42P01', 'relation "x" does not exist'), 'x')).toMatchObject({ status: 500 });
});
