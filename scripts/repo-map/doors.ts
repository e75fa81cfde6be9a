import { type ImportEdge, type ImportGraph, isProgram, within } from './import-graph.ts';

/** Who may import whom (docs/architecture.md). A room may always import itself. */
export const DOORS: Readonly<Record<string, readonly string[]>> = {
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
export const OUTBOUND_USERS = [
  'src/sources/fetcher',
  'src/media/download',
  'src/platform/outbound',
  'src/identity/tokens/key-set',
];

export const roomOf = (file: string) => file.split('/')[1] ?? '';

/**
 * What breaks the layer rules, one line each, sorted: an import through a wall, a room without a rule, an import of a file that
 * is not there, a second way out of the process, SQL in a source.
 */
export function brokenDoors(graph: ImportGraph): string[] {
  const { files, edges, packages } = within(graph, isProgram);
  const line = ({ from, to }: ImportEdge) => `${from} -> ${to}`;
  const known = new Set(graph.files);
  const rooms = [...new Set(files.map(roomOf))].filter((room) => DOORS[room] === undefined);
  return [
    ...rooms.map((room) => `src/${room} has no rule: add it to scripts/repo-map/doors.ts`),
    ...edges.filter(throughWall).map((edge) => `${line(edge)}: no door there`),
    ...edges.filter(({ to }) => !to.endsWith('.json') && !known.has(to)).map((edge) => `${line(edge)}: no such file`),
    ...edges
      .filter(({ from, to, typeOnly }) => !typeOnly && to.startsWith('src/platform/outbound/') && !startsAny(from))
      .map((edge) => `${line(edge)}: only sources/fetcher and media/download go out`),
    ...packages
      .filter(({ from, specifier }) => specifier === 'undici' && !from.startsWith('src/platform/outbound/'))
      .map(({ from }) => `${from} -> undici: only platform/outbound opens connections`),
    ...edges
      .filter(({ from, to }) => from.startsWith('src/sources/') && to.startsWith('src/platform/db/'))
      .map((edge) => `${line(edge)}: sources never use the database`),
  ].sort();
}

function throughWall({ from, to }: ImportEdge): boolean {
  if (!to.startsWith('src/')) return !to.endsWith('.json');
  const [own, other] = [roomOf(from), roomOf(to)];
  return own !== other && DOORS[own] !== undefined && !DOORS[own].includes(other);
}

function startsAny(file: string): boolean {
  return OUTBOUND_USERS.some((user) => file.startsWith(user));
}
