import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sendJson, sourceConfig, startUpstream } from '../../../tests/helpers/upstream.ts';
import { createFetcher } from '../fetcher/fetcher.ts';
import { createTmdbSource } from '../tmdb/client.ts';
import type { SourceRequest } from '../types.ts';
import { LIMITS, SnapshotError } from './format.ts';

const API = 'https://api.themoviedb.org/3';
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'snapshots-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Entry {
  readonly [name: string]: unknown;
}

function writeIndex(entries: readonly Entry[], bodies: Record<string, string | Buffer> = { 'a.json': '{"id":1}' }) {
  for (const [name, content] of Object.entries(bodies)) writeFileSync(join(folder, name), content);
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ version: 1, entries }));
}

const entry = (extra: Entry = {}): Entry => {
  return { method: 'GET', url: `${API}/tv/1`, status: 200, headers: {}, body: 'a.json', ...extra };
};
const open = (path = folder) => createFetcher({ config: sourceConfig(), snapshots: path, offline: true });
const ask = (path: string, extra: Partial<SourceRequest> = {}): SourceRequest => {
  return { source: 'tmdb', method: 'GET', url: `${API}${path}`, ...extra };
};

describe('matching', () => {
  it('ignores scheme, credentials, order of parameters and what TMDb assumes anyway', async () => {
    writeIndex([
      entry({ url: 'http://api.themoviedb.org/3/tv/1/changes?start_date=a&end_date=b&api_key=k&language=en' }),
    ]);
    const found = await open().fetch(ask('/tv/1/changes?end_date=b&start_date=a&language=en-US&page=1'));
    expect(found).toMatchObject({ kind: 'ok', via: 'snapshot', missing: [], value: { validators: {} } });
  });

  it.each(['/tv/2', '/tv/1?language=de-DE', '/tv/1?page=2', '/tv/1/images'])('%s is another request', async (path) => {
    writeIndex([entry()]);
    expect(await open().fetch(ask(path))).toMatchObject({ kind: 'not_recorded' });
  });

  it('compares appended blocks as a set: exact before superset before the subset that lacks least', async () => {
    const recorded = { exact: 'images,keywords', super: 'keywords,images,external_ids', sub: 'keywords', none: '' };
    const answered = async (names: readonly (keyof typeof recorded)[]) => {
      writeIndex(
        names.map((name) => entry({ url: `${API}/tv/1?append_to_response=${recorded[name]}`, body: `${name}.json` })),
        Object.fromEntries(names.map((name) => [`${name}.json`, JSON.stringify({ name })])),
      );
      const outcome = await open().fetch(ask('/tv/1?append_to_response=images,keywords'));
      if (outcome.kind !== 'ok') return outcome.kind;
      return [JSON.parse(outcome.value.body.toString()).name, ...outcome.missing];
    };
    expect(await answered(['none', 'sub', 'super', 'exact'])).toEqual(['exact']);
    expect(await answered(['super', 'none', 'sub'])).toEqual(['super']);
    expect(await answered(['sub', 'none'])).toEqual(['sub', 'images']);
    expect(await answered(['none'])).toEqual(['none', 'images', 'keywords']);
  });

  it('images recorded in other languages do not count as images', async () => {
    writeIndex([entry({ url: `${API}/tv/1?append_to_response=images,keywords` })]);
    const path = '/tv/1?include_image_language=en,null&append_to_response=keywords,images';
    expect(await open().fetch(ask(path))).toMatchObject({ kind: 'ok', missing: ['images'] });
  });

  it('a recorded refusal is a refusal', async () => {
    writeIndex([entry({ status: 404, body: null }), entry({ url: `${API}/tv/2`, status: 429, body: null })]);
    expect(await open().fetch(ask('/tv/1?append_to_response=images'))).toMatchObject({ kind: 'not_found' });
    expect(await open().fetch(ask('/tv/2'))).toMatchObject({ kind: 'rate_limited' });
  });

  it('tells when the answer was recorded', async () => {
    writeIndex([entry({ at: '2020-02-02T02:02:02+02:00', headers: { Date: 'Thu, 01 Jan 2026 00:00:00 GMT' } })]);
    expect(await open().fetch(ask('/tv/1'))).toMatchObject({ at: '2020-02-02T00:02:02.000Z' });
  });

  it('a packed body is unpacked, an unpacked one with the header is taken as it is', async () => {
    const gzip = { 'content-encoding': 'gzip' };
    writeIndex(
      [
        entry({ body: 'packed', headers: gzip }),
        entry({ url: `${API}/tv/2`, headers: gzip }),
        entry({ url: `${API}/tv/3`, body: 'br', headers: { 'content-encoding': 'br' } }),
      ],
      { packed: gzipSync('{"id":1}'), 'a.json': '{"id":2}', br: brotliCompressSync('{"id":3}') },
    );
    for (const id of [1, 2, 3]) {
      const outcome = await open().fetch(ask(`/tv/${id}`));
      expect(outcome.kind === 'ok' && outcome.value.body.toString()).toBe(`{"id":${id}}`);
    }
  });
});

describe('hostile input', () => {
  it.each([
    ['index.json is not JSON', () => writeFileSync(join(folder, 'index.json'), '{'), /index\.json is not JSON/],
    ['index.json is something else', () => writeFileSync(join(folder, 'index.json'), '[]'), /"version": 1/],
    ['there is no index.json', () => undefined, /no index\.json/],
    ['a body climbs out', () => writeIndex([entry({ body: '../a.json' })]), /entry 0: body points outside/],
    ['a body climbs out with backslashes', () => writeIndex([entry({ body: 'x\\..\\..\\a' })]), /outside/],
    ['a body is absolute', () => writeIndex([entry({ body: '/etc/hostname' })]), /outside/],
    ['a body has a NUL', () => writeIndex([entry({ body: 'a\0b' })]), /path inside the folder/],
    ['a body is missing', () => writeIndex([entry({ body: 'b.json' })]), /b\.json is missing/],
    ['a body is a folder', () => (mkdirSync(join(folder, 'd')), writeIndex([entry({ body: 'd' })])), /must be a file/],
    [
      'a host is foreign',
      () => writeIndex([entry({ url: 'https://evil.example/3/tv/1' })]),
      /evil\.example belongs to no/,
    ],
    [
      'a host only looks right',
      () => writeIndex([entry({ url: 'https://api.themoviedb.org.evil.example/' })]),
      /no known/,
    ],
    ['a URL is no web address', () => writeIndex([entry({ url: 'file:///etc/passwd' })]), /no known source/],
    ['a URL is not absolute', () => writeIndex([entry({ url: '/3/tv/1' })]), /absolute URL/],
    ['a status is odd', () => writeIndex([entry({ status: '200' })]), /status/],
    ['a method is odd', () => writeIndex([entry({ method: 'DELETE' })]), /method/],
    ['a header is odd', () => writeIndex([entry({ headers: { a: 1 } })]), /header a must be text/],
    ['an entry is odd', () => writeIndex([null as unknown as Entry]), /entry 0: must be an object/],
    [
      'a link leads out',
      () => {
        writeIndex([]);
        symlinkSync('/etc/hostname', join(folder, 'link'));
        writeFileSync(join(folder, 'index.json'), JSON.stringify({ version: 1, entries: [entry({ body: 'link' })] }));
      },
      /outside the folder/,
    ],
    [
      'a body is huge',
      () => {
        writeIndex([entry()]);
        truncateSync(join(folder, 'a.json'), LIMITS.bodyBytes + 1);
      },
      /body is over/,
    ],
    [
      'there are too many entries',
      () => writeIndex(Array.from({ length: LIMITS.entries + 1 }, () => ({}))),
      /over 50000 entries/,
    ],
  ])('%s: one clear line', (_, prepare, message) => {
    prepare();
    expect(() => open()).toThrow(SnapshotError);
    expect(() => open()).toThrow(message);
    expect(() => open()).not.toThrow(/\n/);
  });

  it('no such folder', () => {
    expect(() => open(join(folder, 'nothing'))).toThrow(/no snapshots at .*nothing/);
  });

  it('a bomb is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(LIMITS.bodyBytes + 1));
    writeIndex([entry({ headers: { 'content-encoding': 'gzip' } })], { 'a.json': bomb });
    expect(await open().fetch(ask('/tv/1'))).toMatchObject({
      kind: 'not_recorded',
      detail: expect.stringMatching(/larger than/),
    });
  });

  it('a body exchanged for a link after the index was read is not followed', async () => {
    writeIndex([entry()]);
    const fetcher = open();
    rmSync(join(folder, 'a.json'));
    symlinkSync('/etc/hostname', join(folder, 'a.json'));
    expect(await fetcher.fetch(ask('/tv/1'))).toMatchObject({ kind: 'not_recorded' });
  });
});

it('a pipe where a file should be is refused, not waited for', () => {
  for (const name of ['index.json', 'saved.har']) {
    execFileSync('mkfifo', [join(folder, name)]);
    expect(() => open(name === 'index.json' ? folder : join(folder, name))).toThrow(SnapshotError);
  }
});

describe('HAR files', () => {
  const har = (entries: unknown) => {
    const path = join(folder, 'saved.har');
    writeFileSync(path, JSON.stringify({ log: { version: '1.2', entries } }));
    return path;
  };
  const saved = (url: string, content: unknown, status = 200) => {
    const headers = [
      { name: 'Set-Cookie', value: 'session=secret' },
      { name: 'Content-Encoding', value: 'br' },
      { name: 'Content-Type', value: 'application/json' },
      { name: 'ETag', value: 'W/"1"' },
    ];
    const request = { method: 'GET', url, headers: [{ name: 'Cookie', value: 'session=secret' }] };
    return { startedDateTime: '2026-01-02T03:04:05Z', request, response: { status, headers, content } };
  };

  it('text and base64 content answer; other hosts, cached answers and cookies are passed over', async () => {
    const path = har([
      saved(`${API}/tv/1?api_key=secret`, { text: '{"id":1}' }),
      saved(`${API}/tv/2`, { text: Buffer.from('{"id":2,"name":"Ä"}').toString('base64'), encoding: 'base64' }),
      saved(`${API}/tv/3`, {}, 304),
      saved('https://ads.example/track', { text: 'x' }),
      saved('not a url', { text: 'x' }),
      null,
    ]);
    const fetcher = open(path);
    const first = await fetcher.fetch(ask('/tv/1', { validators: { etag: 'x' } }));
    expect(first).toMatchObject({ kind: 'ok', at: '2026-01-02T03:04:05.000Z', value: { validators: {} } });
    expect(JSON.stringify(first)).not.toContain('secret');
    const second = await fetcher.fetch(ask('/tv/2'));
    expect(second.kind === 'ok' && second.value.body.toString()).toBe('{"id":2,"name":"Ä"}');
    expect(await fetcher.fetch(ask('/tv/3'))).toMatchObject({ kind: 'not_recorded' });
  });

  it.each([
    ['not JSON', '{'],
    ['no HAR', '{"entries": []}'],
    ['nothing of ours', '{"log": {"entries": [1, null, {"request": 3}]}}'],
  ])('%s is one clear error', (_, content) => {
    writeFileSync(join(folder, 'bad.har'), content);
    expect(() => open(join(folder, 'bad.har'))).toThrow(SnapshotError);
  });
});

describe('recording', () => {
  it('into what is no folder is one clear error', () => {
    writeFileSync(join(folder, 'file'), '');
    const config = sourceConfig();
    expect(() => createFetcher({ config, record: join(folder, 'file') })).toThrow(SnapshotError);
  });

  it('writes what replays, without credentials, and merges into what is there', async () => {
    await using upstream = await startUpstream((request, response) => {
      const id = Number(/tv\/(\d+)/.exec(request.url ?? '')?.[1]);
      if (id === 404) return sendJson(response, { status_code: 34 }, 404);
      if (id === 500) return sendJson(response, {}, 500);
      const payload = { id, name: `Show ${id}`, networks: [], echoed: 'bearer-secret-value' };
      const headers = { 'set-cookie': 'session=abc', etag: 'W/"1"', 'x-request-id': 'internal' };
      return sendJson(response, payload, 200, headers);
    });
    const config = sourceConfig({ apiBaseUrl: `${upstream.url}/3` });
    const record = join(folder, 'rec');
    const run = async (ids: readonly number[]) => {
      const fetcher = createFetcher({ config, record, retry: { attempts: 1 } });
      const tmdb = createTmdbSource(fetcher, config.tmdb);
      await Promise.all(ids.map((id) => tmdb.show(id, { validators: { etag: 'W/"0"' } })));
      await fetcher.close();
    };
    await run(Array.from({ length: 30 }, (_, i) => i + 1));
    await run([1, 31, 404, 500]);
    expect(upstream.requests.every(({ headers }) => headers['if-none-match'] === undefined)).toBe(true);

    const files = readdirSync(record, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
    const everything = files.map((file) => readFileSync(join(file.parentPath, file.name), 'utf8')).join('\n');
    expect(everything).not.toMatch(/bearer-secret-value|session=|x-request-id|authorization|127\.0\.0\.1/i);
    expect(files.filter(({ name }) => name.includes('.tmp'))).toEqual([]);

    // Replayed with another base URL: recordings carry the official address.
    const replay = createFetcher({ config: sourceConfig(), snapshots: record, offline: true });
    const tmdb = createTmdbSource(replay, sourceConfig().tmdb);
    for (const id of [1, 15, 30, 31]) {
      expect(await tmdb.show(id)).toMatchObject({
        kind: 'ok',
        via: 'snapshot',
        value: { show: { name: `Show ${id}` } },
      });
    }
    expect(await tmdb.show(404)).toMatchObject({ kind: 'not_found' });
    expect(await tmdb.show(500)).toMatchObject({ kind: 'not_recorded' });
    const index = JSON.parse(readFileSync(join(record, 'index.json'), 'utf8'));
    expect(index.entries).toHaveLength(32);
  });

  it('refuses to record into a folder whose index is not one', () => {
    writeFileSync(join(folder, 'index.json'), 'precious notes');
    expect(() => createFetcher({ config: sourceConfig(), record: folder })).toThrow(SnapshotError);
    expect(readFileSync(join(folder, 'index.json'), 'utf8')).toBe('precious notes');
  });
});
