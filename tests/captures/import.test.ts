import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createTrr } from '../helpers/trr.ts';

const captures = process.env.TRR_CAPTURES_DIR ?? path.join(PROJECT_ROOT, '../shared/captures');
const snapshots = mkdtempSync(path.join(tmpdir(), 'trr-captures-'));
let database: TestDatabase;

beforeAll(async () => {
  const converter = path.join(PROJECT_ROOT, 'scripts/captures/cassettes-to-snapshots.ts');
  execFileSync(process.execPath, [converter, path.join(captures, 'tmdb'), snapshots]);
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
  rmSync(snapshots, { recursive: true, force: true });
});

it('a recorded show is stored with all it has, and what the recording lacks is partial by name (exit 3)', async () => {
  const program = createTrr(database, null);
  const ran = await program.run('import', '--tmdb-id', '1399', '--snapshots', snapshots, '--offline');
  program.close();
  expect(ran.code).toBe(3);
  const [show] = await database.owner(
    `select name, tmdb_id, imdb_id, tvdb_id, wikidata_id, tmdb_status, tmdb_type, tmdb_first_air_date::text, tmdb_last_air_date::text,
       networks, tmdb_network_ids, cardinality(tmdb_production_company_ids) as companies, genres from core.shows`,
  );
  expect(show).toEqual({
    name: 'Game of Thrones',
    tmdb_id: 1399,
    imdb_id: 'tt0944947',
    tvdb_id: 121361,
    wikidata_id: 'Q23572',
    tmdb_status: 'Ended',
    tmdb_type: 'Scripted',
    tmdb_first_air_date: '2011-04-17',
    tmdb_last_air_date: '2019-05-19',
    networks: ['HBO'],
    tmdb_network_ids: [49],
    companies: 4,
    genres: ['Action & Adventure', 'Drama', 'Sci-Fi & Fantasy'],
  });
  const units = await database.owner<{ stage: string; status: string; reason: string | null }>(
    "select stage, status, reason from pipeline.run_units where status not in ('succeeded', 'not_applicable') order by stage",
  );
  expect(units.map(({ stage, status }) => `${stage} ${status}`)).toEqual([
    'appearances partial',
    'details partial',
    'episodes partial',
    'providers partial',
    'season-images partial',
    'seasons partial',
    'show-images partial',
  ]);
  for (const season of [0, 1, 8]) {
    expect(units.find(({ stage }) => stage === 'episodes')?.reason).toContain(`season ${season}: not_recorded`);
  }
});
