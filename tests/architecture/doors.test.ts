import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { importGraph, packageImports } from './import-graph.ts';

/** Who may import whom (design 3). A room may always import itself. */
const DOORS: Record<string, readonly string[]> = {
  cli: ['server', 'catalogue', 'community', 'identity', 'realtime', 'pipeline', 'sources', 'media', 'platform'],
  server: ['catalogue', 'community', 'identity', 'realtime', 'pipeline', 'sources', 'media', 'platform'],
  catalogue: ['platform'],
  community: ['platform', 'catalogue'],
  identity: ['platform', 'catalogue'],
  realtime: ['platform'],
  media: ['platform'],
  pipeline: ['sources', 'catalogue', 'media', 'platform'],
  sources: ['platform'],
  platform: [],
};

/** The only way out: no other file may open outbound connections. Keys of token issuers are decision 18. */
const OUTBOUND_USERS = [
  'src/sources/fetcher',
  'src/media/download',
  'src/platform/outbound',
  'src/identity/tokens/key-set',
];

const graph = importGraph(PROJECT_ROOT);
const roomOf = (file: string) => file.split('/')[1] ?? '';

describe('doors between rooms', () => {
  it('knows every room', () => {
    const rooms = new Set(graph.map((edge) => roomOf(edge.from)));
    expect([...rooms].filter((room) => DOORS[room] === undefined)).toEqual([]);
  });

  it('lets every import pass through a door', () => {
    const broken = graph.filter(({ from, to }) => {
      if (!to.startsWith('src/')) return to !== 'package.json' && !to.endsWith('.json');
      const [own, other] = [roomOf(from), roomOf(to)];
      return own !== other && !(DOORS[own] ?? []).includes(other);
    });
    expect(broken.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  it('resolves every relative import to a file', () => {
    expect(
      graph.filter(({ to }) => !existsSync(join(PROJECT_ROOT, to))).map(({ from, to }) => `${from} -> ${to}`),
    ).toEqual([]);
  });

  it('opens outbound connections in platform/outbound only', () => {
    const offenders = packageImports(PROJECT_ROOT).filter(
      ({ from, specifier }) => specifier === 'undici' && !from.startsWith('src/platform/outbound/'),
    );
    const callers = graph.filter(
      ({ from, to, typeOnly }) =>
        to.startsWith('src/platform/outbound/') && !typeOnly && !OUTBOUND_USERS.some((user) => from.startsWith(user)),
    );
    expect([...offenders.map(({ from }) => from), ...callers.map(({ from }) => from)]).toEqual([]);
  });

  it('keeps SQL out of sources', () => {
    const offenders = graph.filter(
      ({ from, to }) => from.startsWith('src/sources/') && to.startsWith('src/platform/db/'),
    );
    expect(offenders).toEqual([]);
  });
});
