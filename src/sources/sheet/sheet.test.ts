import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { sourceConfig } from '../../../tests/helpers/upstream.ts';
import type { SheetConfig } from '../../platform/config/sheet.ts';
import type { Dispatcher } from '../../platform/outbound/index.ts';
import { createFetcher } from '../fetcher/fetcher.ts';
import { createSheetSource, publishedCsv } from './client.ts';
import { createOverrideLookup } from './lookup.ts';
import { parseSheet } from './parse.ts';

function read(csv: string) {
  const result = parseSheet(Buffer.from(csv));
  if (!result.ok) throw new Error(result.problem);
  return result.value;
}
const problemOf = (csv: string | Uint8Array) => {
  const result = parseSheet(typeof csv === 'string' ? Buffer.from(csv) : csv);
  return result.ok ? null : result.problem;
};

describe('a sheet (pipeline.md 6.6)', () => {
  it('reads rows under headings of any writing, first found wins', () => {
    const { overrides, problems, rows } = read(
      '\uFEFFShow Name,IMDb Series ID,TMDb-ID,Network,Title,Overrides!\r\n' +
        'Island of Plans,https://www.imdb.com/title/TT0000042/,tv/77,Bay TV,ignored,SKIP\r\n' +
        '"Coast, of ""Dreams""",,,,,12\r\n' +
        'No word,tt1,,,,\r\n' +
        'Y is nothing,tt2,,,,y\r\n',
    );
    expect(overrides).toEqual([
      {
        line: 2,
        action: { kind: 'skip' },
        imdbId: 'tt0000042',
        tmdbId: 77,
        title: 'Island of Plans',
        network: 'Bay TV',
      },
      {
        line: 3,
        action: { kind: 'minimum_episodes', episodes: 12 },
        imdbId: null,
        tmdbId: null,
        title: 'Coast, of "Dreams"',
        network: null,
      },
    ]);
    expect([problems, rows]).toEqual([[], 4]);
  });

  it('names the line of every row it leaves out, and keeps the others', () => {
    const { overrides, problems } = read(
      'imdb,override,tmdb,show\n' +
        'tt1,maybe,,\n' +
        ',skip,,\n' +
        '"a cell\nover lines",skip,,\n' +
        'tt5,skip,99999999999,\n' +
        'tt6,999999999,,\n' +
        'tt7,3,,\n' +
        'tt8,sk"ip,,\n' +
        'tt9,skip\n',
    );
    expect(overrides.map(({ line, imdbId }) => [line, imdbId])).toEqual([
      [8, 'tt7'],
      [10, 'tt9'],
    ]);
    expect(problems.map(({ line }) => line)).toEqual([2, 3, 4, 6, 7, 9]);
    expect(problems.map(({ problem }) => problem).join()).toMatch(
      /maybe.*names no show.*no IMDb.*no TMDb.*too many.*CSV/s,
    );
  });

  it.each([
    ['no override column', 'imdb,show\ntt1,x\n', /"Override"/],
    ['no column that names shows', 'override,network\nskip,x\n', /names shows/],
    ['nothing', '', /"Override"/],
    ['a web page', '<!DOCTYPE html><html><body>Sign in</body></html>', /web page/],
    ['another encoding', new Uint8Array([0x4f, 0xff, 0xfe]), /UTF-8/],
    ['too large', new Uint8Array(3_000_000), /larger/],
    ['too many rows', `imdb,override\n${'tt1,skip\n'.repeat(20_001)}`, /rows/],
  ])('%s is refused in one line', (_, csv, message) => {
    expect(problemOf(csv)).toMatch(message);
  });

  it('a quote nobody closes costs no more than its row', () => {
    const csv = `imdb,override\ntt1,skip\ntt2,"${'x,\n'.repeat(200_000)}`;
    const started = performance.now();
    expect(problemOf(csv) ?? read(csv).overrides.length).toBeDefined();
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('which override is a show’s', () => {
  const lookup = createOverrideLookup(
    read(
      'show,network,imdb,tmdb,override\n' +
        'Island of Plans,,,,1\n' +
        'Island of Plans,Bay TV,,,2\n' +
        'Other,,tt1,,3\n' +
        'Other,,,7,4\n' +
        'Twice,,,,5\n' +
        '  TWICE ,,,,6\n' +
        'Groß,,,,7\n',
    ),
  );
  const show = { imdbId: null, tmdbId: null, title: null, networks: [] };
  it.each([
    ['the IMDb id first', { imdbId: 'TT1', tmdbId: 7, title: 'Island of Plans' }, 3],
    ['then the TMDb id', { imdbId: 'tt9', tmdbId: 7, title: 'Island of Plans' }, 4],
    ['then the title on one of its networks', { title: 'island  of plans', networks: ['Coast TV', 'BAY TV'] }, 2],
    ['then the title alone', { title: 'Island of Plans', networks: ['Coast TV'] }, 1],
    ['later rows win', { title: 'twice' }, 6],
    ['full folding of case', { title: 'GROSS' }, 7],
    ['nothing', { title: 'Unknown' }, null],
  ])('%s', (_, keys, episodes) => {
    const action = lookup({ ...show, ...keys })?.action;
    expect(action?.kind === 'minimum_episodes' ? action.episodes : null).toBe(episodes);
  });
});

describe('where the sheet is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trr-sheet-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const asked = async (sheet: SheetConfig, live: readonly string[] = [], dispatcher?: Dispatcher) => {
    const config = { ...sourceConfig({}, live), sheet };
    const fetcher = createFetcher({
      config,
      retry: { attempts: 1 },
      ...(dispatcher === undefined ? {} : { dispatcher }),
    });
    try {
      return await createSheetSource(fetcher, sheet).overrides();
    } finally {
      await fetcher.close();
    }
  };

  it('Google’s published page becomes its data; other addresses stay', () => {
    expect(publishedCsv('https://docs.google.com/spreadsheets/d/e/x/pubhtml?gid=3#x')).toBe(
      'https://docs.google.com/spreadsheets/d/e/x/pub?gid=3&output=csv',
    );
    expect(publishedCsv('https://example.org/pubhtml')).toBe('https://example.org/pubhtml');
  });

  it('a file', async () => {
    const path = join(folder, 'sheet.csv');
    writeFileSync(path, 'imdb,override\ntt1,skip\n');
    expect(await asked({ kind: 'file', path })).toMatchObject({
      kind: 'ok',
      value: { overrides: [{ imdbId: 'tt1' }] },
    });
    writeFileSync(path, 'imdb\ntt1\n');
    expect(await asked({ kind: 'file', path })).toMatchObject({
      kind: 'schema_changed',
      detail: expect.stringContaining('Override'),
    });
    writeFileSync(path, Buffer.alloc(3_000_000));
    expect(await asked({ kind: 'file', path })).toMatchObject({ kind: 'schema_changed' });
    expect(await asked({ kind: 'file', path: join(folder, 'none.csv') })).toMatchObject({ kind: 'not_found' });
    expect(await asked({ kind: 'file', path: folder })).toMatchObject({ kind: 'not_found' });
  });

  it('nowhere, and not live unless switched on', async () => {
    expect(await asked(null)).toMatchObject({
      kind: 'not_found',
      detail: expect.stringContaining('TRR_OVERRIDES_SHEET'),
    });
    const url = { kind: 'url', url: 'https://example.org/sheet.csv' } as const;
    expect(await asked(url)).toMatchObject({ kind: 'forbidden', detail: expect.stringContaining('TRR_LIVE_SOURCES') });
  });

  it('follows Google to where it keeps files, and to no other host', async () => {
    const places: string[] = [];
    const far = 'https://doc-0-sheets.googleusercontent.com/pub/1';
    const dispatcher = answering((url) => {
      places.push(url);
      if (url.startsWith('https://docs.google.com/'))
        return { status: 307, location: url.includes('/evil/') ? 'https://evil.example/' : far };
      return { status: 200, body: 'imdb,override\ntt1,9\n' };
    });
    const sheet = (part: string) =>
      ({ kind: 'url', url: `https://docs.google.com/spreadsheets/d/e/${part}/pubhtml` }) as const;
    expect(await asked(sheet('mine'), ['sheet'], dispatcher)).toMatchObject({
      kind: 'ok',
      via: 'live',
      value: { rows: 1 },
    });
    expect(places).toEqual(['https://docs.google.com/spreadsheets/d/e/mine/pub?output=csv', far]);
    expect(await asked(sheet('evil'), ['sheet'], dispatcher)).toMatchObject({
      kind: 'transport',
      detail: expect.stringContaining('evil.example'),
    });
    expect(places).toHaveLength(3);
  });

  it('a sign-in page instead of the sheet says what to do', async () => {
    const dispatcher = answering(() => ({ status: 200, body: '<!doctype html><title>Sign in</title>' }));
    const sheet = { kind: 'url', url: 'https://example.org/sheet.csv' } as const;
    expect(await asked(sheet, ['sheet'], dispatcher)).toMatchObject({
      kind: 'schema_changed',
      detail: expect.stringContaining('publish'),
    });
  });
});

/** https without a network: what a host would answer. */
function answering(reply: (url: string) => { status: number; location?: string; body?: string }): Dispatcher {
  const request = async ({ origin, path }: { origin: string; path: string }) => {
    const { status, location, body = '' } = reply(`${origin}${path}`);
    const stream = Object.assign(Readable.from([Buffer.from(body)]), { dump: async () => undefined });
    return { statusCode: status, headers: location === undefined ? {} : { location }, body: stream };
  };
  return { request, destroy: async () => undefined } as unknown as Dispatcher;
}
