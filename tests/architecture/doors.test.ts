import { describe, expect, it } from 'vitest';
import { projectFiles } from '../../scripts/lib/project-files.ts';
import { brokenDoors } from '../../scripts/repo-map/doors.ts';
import { type ImportEdge, isProgram, readImports, sourcesIn } from '../../scripts/repo-map/import-graph.ts';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';

const graph = readImports(sourcesIn(PROJECT_ROOT), projectFiles(PROJECT_ROOT));

/** The project with one more import. */
function broken(from: string, to: string, typeOnly = false): string[] {
  const edge: ImportEdge = { from, to, typeOnly };
  return brokenDoors({ ...graph, files: [...graph.files, from], edges: [...graph.edges, edge] });
}

describe('doors between rooms', () => {
  it('let every import through', () => {
    expect(graph.files.filter(isProgram).length).toBeGreaterThan(400);
    expect(brokenDoors(graph)).toEqual([]);
  });

  it.each([
    ['src/catalogue/bad.ts', 'src/pipeline/runner.ts', 'no door there'],
    ['src/sources/bad.ts', 'src/catalogue/shows/queries.ts', 'no door there'],
    ['src/platform/bad.ts', 'src/cli/command.ts', 'no door there'],
    ['src/media/bad.ts', 'tests/helpers/database.ts', 'no door there'],
    ['src/media/bad.ts', 'src/media/not-there.ts', 'no such file'],
    ['src/catalogue/bad.ts', 'src/platform/outbound/agent.ts', 'only sources/fetcher and media/download go out'],
    ['src/sources/bad.ts', 'src/platform/db/connect.ts', 'sources never use the database'],
  ])('%s may not import %s', (from, to, why) => {
    expect(broken(from, to)).toContain(`${from} -> ${to}: ${why}`);
  });

  it('hold for types too, but a type opens no connection', () => {
    expect(broken('src/sources/bad.ts', 'src/catalogue/shows/queries.ts', true)).toHaveLength(1);
    expect(broken('src/media/bad.ts', 'src/platform/outbound/agent.ts', true)).toEqual([]);
  });

  it('ask for a rule for a new room, and for one way out', () => {
    expect(broken('src/attic/bad.ts', 'src/attic/bad.ts')).toEqual([
      'src/attic has no rule: add it to scripts/repo-map/doors.ts',
    ]);
    const out = { from: 'src/media/bad.ts', specifier: 'undici', typeOnly: false };
    expect(brokenDoors({ ...graph, packages: [...graph.packages, out] })).toEqual([
      'src/media/bad.ts -> undici: only platform/outbound opens connections',
    ]);
  });
});
