import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { episodesPage } from '../../tests/fixtures/imdb/episodes.ts';
import { SERIES, titlePage } from '../../tests/fixtures/imdb/title.ts';

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

describe('trr source parse, IMDb', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trr-source-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const saved = (name: string, body: Buffer) => {
    writeFileSync(join(folder, name), body);
    return join(folder, name);
  };

  it('prints the record of a page, and of its data alone', () => {
    const page = episodesPage();
    const [, data = ''] = /application\/json">(.*)<\/script>/s.exec(page.toString()) ?? [];
    for (const file of [saved('page.html', page), saved('page.json', Buffer.from(data))]) {
      const { status, stdout } = trr('source', 'parse', 'imdb:episodes', file);
      expect([status, JSON.parse(stdout).seasonCount]).toEqual([0, 3]);
    }
  });

  it('a challenge: exit 1, schema_changed', () => {
    const { status, stdout, stderr } = trr(
      'source',
      'parse',
      'imdb:title',
      saved('no.html', Buffer.from('<html>gokuProps</html>')),
    );
    expect([status, stdout, stderr]).toEqual([
      1,
      '',
      expect.stringMatching(/^schema_changed: .*a challenge instead of the page\n$/),
    ]);
  });

  it('live pages are off: a typed refusal', () => {
    expect(trr('source', 'fetch', 'imdb:title', SERIES, '--json')).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/"kind":"forbidden".*imdb-web/),
    });
  });

  it.each([
    ['an id of the wrong form', ['imdb:episodes', 'tt1/2/3']],
    ['a kind that is only read', ['imdb:api-credits', 'tt1']],
  ])('%s: exit 2', (_, args) => {
    expect(trr('source', 'fetch', ...args)).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('trr source check', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trr-check-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const answer = (path: string, file: string) => ({ method: 'GET', url: path, status: 200, headers: {}, body: file });
  const save = (title: Buffer) => {
    writeFileSync(join(folder, 'title.html'), title);
    writeFileSync(join(folder, 'tv.json'), readFileSync(fixture('tv')));
    const entries = [
      answer(`https://www.imdb.com/title/${SERIES}/?ref_=x`, 'title.html'),
      answer('https://api.themoviedb.org/3/tv/4321?language=en-US', 'tv.json'),
      answer('https://api.themoviedb.org/3/configuration', 'tv.json'),
    ];
    writeFileSync(join(folder, 'index.json'), JSON.stringify({ version: 1, entries }));
  };

  it('records shapes of all sources, then reports what appeared and vanished', () => {
    save(titlePage());
    expect(trr('source', 'check', folder)).toMatchObject({ status: 2, stderr: expect.stringContaining('--update') });
    expect(trr('source', 'check', folder, '--update').stdout).toMatch(
      /imdb:title: 1 answers.*tmdb:tv: 1 answers.*1 answers of no known kind/s,
    );
    expect(trr('source', 'check', folder)).toMatchObject({ status: 0, stdout: expect.stringContaining('no drift') });

    save(
      titlePage(({ main }) => {
        main['akas'] = { edges: [{ node: { name: 'Planvilla' } }] };
      }),
    );
    const drifted = trr('source', 'check', folder, '--json');
    expect(drifted.status).toBe(3);
    expect(JSON.parse(drifted.stdout).drift).toEqual([
      {
        kind: 'imdb:title',
        of: 'payload',
        appeared: ['mainColumnData.akas.edges[].node.name: string'],
        vanished: ['mainColumnData.akas.edges[].node.text: string'],
      },
      { kind: 'imdb:title', of: 'record', appeared: [], vanished: ['alsoKnownAs[]: string'] },
    ]);
  });

  it('an answer its parser refuses: exit 1, and nothing is recorded', () => {
    save(Buffer.from('<html>gokuProps</html>'));
    const { status, stdout } = trr('source', 'check', folder, '--fingerprint', join(folder, 'other.json'), '--update');
    expect([status, stdout]).toEqual([1, expect.stringMatching(/schema_changed: \/title\/tt7000001\/: a challenge/)]);
    expect(existsSync(join(folder, 'other.json'))).toBe(false);
  });

  it.each([
    ['no folder', [`${root}no-such-folder`]],
    ['a fingerprint that is none', [`${root}sample/snapshots`, '--fingerprint', `${root}package.json`]],
    [
      'a fingerprint that cannot be written',
      [`${root}sample/snapshots`, '--fingerprint', `${root}no/such/file`, '--update'],
    ],
  ])('%s: exit 2', (_, args) => {
    expect(trr('source', 'check', ...args)).toMatchObject({ status: 2 });
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
