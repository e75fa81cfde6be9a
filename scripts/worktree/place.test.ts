import { describe, expect, it } from 'vitest';
import { branchProblem, envText, folderOf, ownSettings, portOf } from './place.ts';

describe('branches', () => {
  it.each(['feature/x', 'fix/a-1.2_b', 'docs/readme', 'chore/9', 'refactor/x', 'test/y'])('%s is a name', (name) =>
    expect(branchProblem(name)).toBeNull(),
  );
  it.each([
    'main',
    'feature',
    'feature/',
    'feature/X',
    'feature/a/b',
    'feature/-x',
    'feature/x..y',
    'feature/x.lock',
    'x/y',
    'feature/a b',
    '../x',
    'feature/$(id)',
  ])('%s is none', (name) => expect(branchProblem(name)).toContain('feature/, fix/'));
  it('name folders beside the main checkout', () => {
    expect(folderOf('/home/ann/trr-backend', 'feature/x')).toBe('/home/ann/trr-backend.feature-x');
  });
});

describe('a worktree of its own', () => {
  const own = (env: string, folder = '/w/trr.feature-x') => ownSettings(folder, 8123, env);

  it('has a port that stays, and that no other worktree has', () => {
    const port = portOf('/w/trr.feature-x', new Set());
    expect(portOf('/elsewhere/trr.feature-x', new Set())).toBe(port);
    expect(portOf('/w/trr.feature-x', new Set([port]))).not.toBe(port);
    expect(portOf('/w/trr.feature-y', new Set())).not.toBe(port);
    expect(port).toBeGreaterThan(8000);
    expect(port).toBeLessThan(9000);
    const all = new Set(Array.from({ length: 999 }, (_, at) => 8001 + at));
    expect(() => portOf('/w/x', all)).toThrow('all ports');
    all.delete(8500);
    expect(portOf('/w/x', all)).toBe(8500);
  });

  it('has its own data folder, also where the shared file names one', () => {
    expect(own('TRR_DATA_DIR=/var/lib/shared').settings).toEqual({ PORT: '8123', TRR_DATA_DIR: '.trr' });
    expect(envText(own('').settings)).toMatch(/^# .*\nPORT=8123\nTRR_DATA_DIR=\.trr\n$/);
  });

  it('has its own database on this machine, under each name the shared file uses', () => {
    const { settings, notes } = own(
      'DATABASE_URL=postgresql://u:p%40@localhost:5433/trr?sslmode=disable\nTRR_DB_URL=\nPGHOST=/run/pg\n',
    );
    expect(settings['DATABASE_URL']).toBe('postgresql://u:p%40@localhost:5433/trr_feature_x?sslmode=disable');
    expect(settings['PGDATABASE']).toBe('trr_feature_x');
    expect(settings['TRR_DB_URL']).toBeUndefined();
    expect(notes).toEqual(['create the database once: createdb trr_feature_x, then npx trr db migrate']);
  });

  it('leaves databases elsewhere alone, and says so', () => {
    const { settings, notes } = own(
      'SUPABASE_DB_URL=postgresql://u:p@db.example.org/postgres\nREDIS_URL=redis://127.0.0.1\nPGHOST=db.example.org',
    );
    expect(settings).toEqual({ PORT: '8123', TRR_DATA_DIR: '.trr' });
    expect(notes.join('\n')).toMatch(
      /SUPABASE_DB_URL .*db\.example\.org.*shares[\s\S]*PGHOST[\s\S]*REDIS_URL is shared/,
    );
  });

  it('keeps names of databases apart where they have to be cut', () => {
    const name = (branch: string) => own('PGHOST=localhost', `/w/trr.feature-${branch}`).settings['PGDATABASE'] ?? '';
    const [a, b] = [name(`${'x'.repeat(80)}a`), name(`${'x'.repeat(80)}b`)];
    expect(a).toHaveLength(63);
    expect(a).not.toBe(b);
  });
});
