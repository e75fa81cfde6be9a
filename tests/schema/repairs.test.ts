import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createBaselineDatabase } from './databases.ts';
import { ACCESS_REPAIRS } from './repairs-access.ts';
import { CATALOGUE_REPAIRS } from './repairs-catalogue.ts';
import { IMAGE_REPAIRS } from './repairs-images.ts';
import { MERGING_REPAIRS } from './repairs-merging.ts';
import { SOCIAL_REPAIRS } from './repairs-social.ts';
import { SURVEY_REPAIRS } from './repairs-surveys.ts';
import { session } from './session.ts';

const REPAIRS = [
  ...CATALOGUE_REPAIRS,
  ...ACCESS_REPAIRS,
  ...IMAGE_REPAIRS,
  ...SURVEY_REPAIRS,
  ...SOCIAL_REPAIRS,
  ...MERGING_REPAIRS,
];

let migrated: TestDatabase;
let baseline: TestDatabase;

beforeAll(async () => {
  migrated = await createTestDatabase();
  baseline = await createBaselineDatabase();
  // The predecessor let everybody in where these checks look, so that they fail for the weakness and not for a missing grant.
  await baseline.owner(`grant usage on schema core, surveys, social, games to anon, authenticated, service_role;
    grant select on all tables in schema core to anon, authenticated;
    grant all on all tables in schema core, surveys, social, games to service_role`);
});

afterAll(async () => {
  await migrated.drop();
  await baseline.drop();
});

describe.each(REPAIRS)('$id', ({ title, check }) => {
  it(title, () => session(migrated, check));

  it('fails on the baseline alone', async () => {
    await expect(session(baseline, check)).rejects.toThrow();
  });
});
