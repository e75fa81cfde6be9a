import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, readCommands } from './commands.ts';
import { roomOf } from './doors.ts';
import { type ImportGraph, isProgram, type Sources, within } from './import-graph.ts';
import { block, type ChartEdge, type ChartNode, flowchart } from './mermaid.ts';
import { codes, HEAD } from './page.ts';
import { type Known, knownRelations, type Touched, touchedBy } from './relations.ts';

/** What lies outside the process, and who speaks to it: files whose path begins so, or that load a package (`npm:`). */
export const SERVICES: Readonly<Record<string, readonly string[]>> = {
  'Fandom wikis': ['src/sources/fandom/client.ts'],
  IMDb: ['src/sources/imdb/client.ts', 'src/sources/imdb/datasets/'],
  'Image hosts': ['src/media/download'],
  'Issuers of tokens (keys)': ['src/identity/tokens/key-set.ts'],
  'Object store (S3)': ['npm:@aws-sdk/client-s3'],
  PostgreSQL: ['npm:pg', 'npm:pg-boss'],
  'Published sheet': ['src/sources/sheet/'],
  Redis: ['npm:ioredis'],
  TMDb: ['src/sources/tmdb/client.ts'],
};

/** Lists of all tables, for programs; they name everything and touch nothing. */
const LISTS = new Set(['src/platform/db/generated.ts']);

/** What one file of commands comes to. */
interface Flow {
  readonly file: string;
  readonly commands: readonly Command[];
  /** Rooms it loads, by name. */
  readonly rooms: readonly string[];
  readonly services: readonly { readonly room: string; readonly service: string }[];
  readonly touched: readonly { readonly room: string; readonly touched: Touched }[];
}

/** The page of commands: each with the rooms it loads and the services and tables these can reach. */
export function flowPage(root: string, files: readonly string[], sources: Sources, graph: ImportGraph): string {
  const known = knownRelations(files, (file) => readFileSync(join(root, file), 'utf8'));
  const flows = flowsOf(sources, graph, known);
  const groups = [...new Set(flows.map(groupName))].sort();
  return [
    '# Commands',
    '',
    HEAD,
    '',
    'Each command of `trr`, the rooms it loads, and the services and tables the loaded code speaks of: the most a command can touch, not',
    'what each call does. Commands of one file are shown together. A rounded box is a command or a service, a cylinder the tables of a schema.',
    '',
    ...groups.flatMap((group) =>
      groupSection(
        group,
        flows.filter((flow) => groupName(flow) === group),
      ),
    ),
  ].join('\n');
}

const groupName = ({ commands }: Flow) => [...new Set(commands.map(({ words }) => words[0] ?? ''))].sort().join(', ');

function flowsOf(sources: Sources, graph: ImportGraph, known: Known): Flow[] {
  const commands = readCommands(sources);
  const program = within(graph, isProgram);
  const next = new Map<string, string[]>();
  for (const { from, to, typeOnly } of program.edges) {
    if (!typeOnly) next.set(from, [...(next.get(from) ?? []), to]);
  }
  const touched = new Map(
    program.files.map((file) => [file, LISTS.has(file) ? NOTHING : touchedBy(sources, file, known)]),
  );
  const loads = new Set(
    program.packages.filter((one) => !one.typeOnly).map((one) => `${one.from} npm:${one.specifier}`),
  );
  const speaksTo = (file: string, places: readonly string[]) =>
    places.some((place) => file.startsWith(place) || loads.has(`${file} ${place}`));
  return [...new Set(commands.map(({ file }) => file))].sort().map((file) => {
    const reached = reachedFrom(file, next);
    const rooms = [...new Set(reached.map(roomOf))].filter((room) => room !== 'cli').sort();
    return {
      file,
      commands: commands.filter((command) => command.file === file),
      rooms,
      services: Object.entries(SERVICES).flatMap(([service, places]) => {
        const users = reached.filter((one) => speaksTo(one, places));
        return [...new Set(users.map(roomOf))].map((room) => ({ room, service }));
      }),
      touched: ['cli', ...rooms].map((room) => ({
        room,
        touched: union(reached.filter((one) => roomOf(one) === room).map((one) => touched.get(one) ?? NOTHING)),
      })),
    };
  });
}

const NOTHING: Touched = { read: new Set(), written: new Set(), given: new Set(), called: new Set() };

function union(list: readonly Touched[]): Touched {
  const all = (key: keyof Touched) => new Set(list.flatMap((one) => [...one[key]]));
  return { read: all('read'), written: all('written'), given: all('given'), called: all('called') };
}

function reachedFrom(file: string, next: ReadonlyMap<string, readonly string[]>): string[] {
  const seen = new Set([file]);
  for (const one of seen) for (const other of next.get(one) ?? []) if (other.startsWith('src/')) seen.add(other);
  return [...seen].sort();
}

function groupSection(group: string, flows: readonly Flow[]): string[] {
  return [
    `## trr ${group}`,
    '',
    '| Command | File | Does |',
    '|---|---|---|',
    ...flows
      .flatMap(({ commands, file }) =>
        commands.map(
          ({ words, description }) =>
            `| \`trr ${words.join(' ')}\` | \`${file}\` | ${description.replaceAll('|', '\\|')} |`,
        ),
      )
      .sort(),
    '',
    ...block(groupChart(flows)),
    ...flows.flatMap(tableLines),
  ];
}

function tableLines({ file, touched }: Flow): string[] {
  const { read, written, given, called } = union(touched.map((one) => one.touched));
  const lines = [
    ['Writes', [...written]],
    [
      'Hands on, to plans that write and lists that are walked through',
      [...given].filter((name) => !written.has(name)),
    ],
    ['Reads', [...read].filter((name) => !written.has(name) && !given.has(name))],
    ['Calls', [...called].map((name) => `${name}()`)],
  ] as const;
  const said = lines
    .filter(([, names]) => names.length > 0)
    .map(([verb, names]) => `- ${verb}: ${codes([...names].sort())}`);
  return [
    `Tables and functions that \`${file}\` can reach:`,
    '',
    ...(said.length === 0 ? ['- none by name'] : said),
    '',
  ];
}

function groupChart(flows: readonly Flow[]): string {
  const nodes: ChartNode[] = [];
  const edges: ChartEdge[] = [];
  for (const flow of flows) {
    const command = `command ${flow.file}`;
    const label = flow.commands.map(({ words }) => `trr ${words.join(' ')}`).sort();
    nodes.push({
      name: command,
      label: label.length > 3 ? `${label[0]} ... (${label.length})` : label.join(', '),
      shape: 'round',
    });
    for (const room of flow.rooms) {
      nodes.push({ name: room });
      edges.push({ from: command, to: room });
    }
    for (const { room, service } of flow.services) {
      nodes.push({ name: service, shape: 'round' });
      edges.push({ from: room === 'cli' ? command : room, to: service });
    }
    for (const { room, touched } of flow.touched) {
      for (const schema of schemasOf(touched)) {
        nodes.push({ name: `schema ${schema}`, label: schema, shape: 'cylinder' });
        edges.push({ from: room === 'cli' ? command : room, to: `schema ${schema}` });
      }
    }
  }
  return flowchart('LR', nodes, edges);
}

function schemasOf({ read, written, given, called }: Touched): ReadonlySet<string> {
  return new Set([...read, ...written, ...given, ...called].map((name) => name.split('.')[0] ?? ''));
}
