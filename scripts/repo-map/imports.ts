import { DOORS } from './doors.ts';
import { type ImportEdge, type ImportGraph, isTest, within } from './import-graph.ts';
import { block, type ChartNode, flowchart } from './mermaid.ts';
import { codes, HEAD } from './page.ts';

/** An edge between two groups of files; dotted when all of its imports are of types. */
interface GroupEdge {
  readonly from: string;
  readonly to: string;
  readonly dotted: boolean;
}

/**
 * The part of the project a file belongs to: a room of `src`, or a folder beside `src`; tests beside the code belong to the
 * tests.
 */
export function areaOf(file: string): string {
  if (isTest(file)) return 'tests';
  const [first = '', second = ''] = file.split('/');
  if (!file.includes('/')) return 'settings';
  return first === 'src' ? `src/${second}` : first;
}

/** Within its area: the sub-folder, or the file itself where it lies in the area's own folder. */
function groupOf(file: string): string {
  const area = areaOf(file);
  const parts = file.split('/');
  if (area === 'tests' && parts[0] !== 'tests')
    return `${parts.slice(0, Math.min(2, parts.length - 1)).join('/')} (tests)`;
  const base = parts[0] === 'src' || (parts[0] === 'client' && parts[1] === 'src') ? 2 : 1;
  return parts.slice(0, base + 1).join('/');
}

/** The import graph: rooms, what is around them, then the inside of each. */
export function importPage(graph: ImportGraph): string {
  const areas = [...new Set(graph.files.map(areaOf))].filter((area) => area !== 'settings').sort();
  const rooms = areas.filter((area) => area.startsWith('src/'));
  const all = grouped(graph.edges, areaOf);
  const isRoom = (area: string) => area.startsWith('src/');
  const chart = (edges: readonly GroupEdge[]) =>
    block(
      flowchart(
        'LR',
        [...new Set([...rooms, ...edges.flatMap(({ from, to }) => [from, to])])].map(
          (name): ChartNode => ({ name, shape: isRoom(name) ? 'box' : 'round' }),
        ),
        edges,
      ),
    );
  return [
    '# Import graph',
    '',
    HEAD,
    '',
    'An arrow points from who imports to what is imported; a dotted one stands for types only, which are gone at run time.',
    '',
    '## Rooms',
    '',
    'Which room may import which is a rule (the table); the chart shows what is imported.',
    '',
    ...doorTable(all),
    '',
    ...chart(all.filter(({ from, to }) => isRoom(from) && isRoom(to))),
    '## Around the program',
    '',
    ...chart(all.filter(({ from, to }) => !isRoom(from) && from !== 'settings' && to !== 'settings')),
    ...areas.flatMap((area) =>
      areaSection(
        area,
        within(graph, (file) => areaOf(file) === area),
      ),
    ),
  ].join('\n');
}

function doorTable(edges: readonly GroupEdge[]): string[] {
  const names = (list: readonly string[]) => codes([...list].sort(), 'nothing');
  const rows = Object.entries(DOORS).map(([room, may]) => {
    const does = edges.filter(({ from, to }) => from === `src/${room}` && to.startsWith('src/'));
    const unused = may.filter((other) => !does.some(({ to }) => to === `src/${other}`));
    return `| \`src/${room}\` | ${names(may)} | ${names(unused)} |`;
  });
  return ['| Room | May import | Allowed, not used now |', '|---|---|---|', ...rows.sort()];
}

function areaSection(area: string, graph: ImportGraph): string[] {
  const inside = (file: string) => areaOf(file) === area;
  const target = (file: string) => (inside(file) ? groupOf(file) : areaOf(file));
  const outward = grouped(
    graph.edges.filter(({ to }) => !inside(to)),
    areaOf,
  ).filter(({ to }) => to !== 'settings');
  // Rooms have many neighbours, the same for most of their parts: a list says it. Elsewhere the neighbours are the point.
  const drawn = area.startsWith('src/') ? graph.edges.filter(({ to }) => inside(to)) : graph.edges;
  const edges = grouped(drawn, target).filter(({ to }) => to !== 'settings');
  const own = [...new Set(graph.files.map(groupOf))].map((name): ChartNode => ({ name, label: shortName(name, area) }));
  const others = [...new Set(edges.map(({ to }) => to))]
    .filter((name) => !own.some((node) => node.name === name))
    .map((name): ChartNode => ({ name, shape: 'round' }));
  const packages = (typeOnly: boolean) => packagesOf(graph, typeOnly);
  return [
    `## ${area}`,
    '',
    `- Other areas: ${codes(outward.filter(({ dotted }) => !dotted).map(({ to }) => to))}; types only: ${codes(outward.filter(({ dotted }) => dotted).map(({ to }) => to))}`,
    `- Packages: ${codes(packages(false))}; types only: ${codes(packages(true))}`,
    '',
    ...block(flowchart('LR', [...own, ...others], edges)),
  ];
}

function shortName(name: string, area: string): string {
  return name.startsWith(`${area}/`) ? name.slice(area.length + 1) : name;
}

/** Edges between groups, none from a group to itself. */
function grouped(edges: readonly ImportEdge[], group: (file: string) => string): GroupEdge[] {
  const found = new Map<string, GroupEdge>();
  for (const { from: file, to: imported, typeOnly } of edges) {
    const [from, to] = [group(file), group(imported)];
    if (from === to) continue;
    const key = `${from} ${to}`;
    found.set(key, { from, to, dotted: typeOnly && (found.get(key)?.dotted ?? true) });
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, edge]) => edge);
}

/** Names of npm packages, not of modules of the runtime. */
function packagesOf(graph: ImportGraph, typeOnly: boolean): string[] {
  const name = (specifier: string) =>
    specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/');
  const named = graph.packages.filter(({ specifier }) => !specifier.startsWith('node:'));
  const values = new Set(named.filter((one) => !one.typeOnly).map(({ specifier }) => name(specifier)));
  const all = [...new Set(named.map(({ specifier }) => name(specifier)))].sort();
  return all.filter((one) => values.has(one) !== typeOnly);
}
