import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const fixture = (name: string) => `${root}tests/fixtures/tmdb/${name}.json`;

function trr(...args: string[]) {
  const env = { PATH: process.env['PATH'] ?? '', TRR_LIVE_SOURCES: 'none' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${root}bin/trr.mjs`, ...args], {
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('trr source parse', () => {
  it('prints the typed record without the payload', () => {
    const { status, stdout } = trr('source', 'parse', 'tmdb:tv', fixture('tv'));
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ id: 4321, name: 'Island of Plans', lastAirDate: null });
    expect(stdout).not.toContain('"raw"');
  });

  it('a wrong file: exit 1, schema_changed and what was missing', () => {
    const { status, stdout, stderr } = trr('source', 'parse', 'tmdb:season', fixture('tv'));
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^schema_changed: .*missing: episodes.*\n$/);
  });

  it('a wiki page, and what came instead of one', () => {
    const page = trr('source', 'parse', 'fandom:person', `${root}tests/fixtures/fandom/person.html`);
    expect(JSON.parse(page.stdout)).toMatchObject({ person: { fullName: 'Mara Eleni Quill' }, leftOut: { video: 1 } });
    const folder = mkdtempSync(join(tmpdir(), 'trr-source-'));
    const file = join(folder, 'challenge.html');
    writeFileSync(file, '<html><title>Just a moment...</title></html>');
    const { status, stderr } = trr('source', 'parse', 'fandom:person', file);
    expect([status, stderr.split(':')[0]]).toEqual([1, 'challenged']);
    rmSync(folder, { recursive: true });
  });

  it.each([
    ['an unknown kind', ['tmdb:film', fixture('tv')], /unknown kind "tmdb:film"/],
    ['a kind every object has', ['constructor', fixture('tv')], /unknown kind/],
    ['a missing file', ['tmdb:tv', 'nowhere.json'], /cannot read nowhere\.json/],
    ['no file', ['tmdb:tv'], /FILE/i],
    ['an unknown flag', ['tmdb:tv', fixture('tv'), '--pretty'], /--pretty/],
  ])('%s: exit 2, one line', (_, args, message) => {
    const { status, stdout, stderr } = trr('source', 'parse', ...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('trr source fetch', () => {
  const sample = `${root}sample/snapshots`;

  it('answers from snapshots, offline', () => {
    const { status, stdout } = trr('source', 'fetch', 'tmdb:tv', '14658', '--snapshots', sample, '--offline', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'ok', via: 'snapshot', missing: [], value: { id: 14658 } });
  });

  it('what is not recorded is a failure', () => {
    const { status, stderr } = trr('source', 'fetch', 'tmdb:tv', '2', '--snapshots', sample, '--offline');
    expect([status, stderr.split(':')[0]]).toEqual([1, 'not_recorded']);
  });

  it('a switched-off source is refused', () => {
    const { status, stderr } = trr('source', 'fetch', 'tmdb:tv', '2');
    expect([status, stderr.split(':')[0]]).toEqual([1, 'forbidden']);
    expect(stderr).toContain('TRR_LIVE_SOURCES');
  });

  it.each([
    ['an id of the wrong form', ['tmdb:season', '14658']],
    ['a host that is no wiki', ['fandom:person', 'fandom.com.evil.example/X']],
    ['no snapshots there', ['tmdb:tv', '1', '--snapshots', `${root}no-such-folder`]],
    ['snapshots that are none', ['tmdb:tv', '1', '--snapshots', `${root}src`]],
  ])('%s: exit 2', (_, args) => {
    expect(trr('source', 'fetch', ...args)).toMatchObject({ status: 2, stdout: '' });
  });
});
