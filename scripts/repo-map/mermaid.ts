/** Flowcharts as Mermaid reads them, and a check that a chart is one Mermaid can read. */

export interface ChartNode {
  /** What the node stands for, unique in the chart: its id follows from it. */
  readonly name: string;
  /** Default: the name. */
  readonly label?: string;
  readonly shape?: 'box' | 'round' | 'cylinder';
}

export interface ChartEdge {
  readonly from: string;
  readonly to: string;
  readonly dotted?: boolean;
  readonly label?: string;
}

const SHAPES = { box: ['[', ']'], round: ['([', '])'], cylinder: ['[(', ')]'] } as const;

/**
 * The node id of a name: the same name has the same id in every chart and version, whatever else is there.
 * `src/cli/run-a.ts` is `n_src__cli__run_2da_2ets`: `/` doubles, other signs become their code.
 */
export function nodeId(name: string): string {
  return `n_${name.replaceAll('/', '__').replaceAll(/[^A-Za-z0-9_]/g, (sign) => `_${sign.codePointAt(0)?.toString(16)}`)}`;
}

/**
 * The text of a flowchart, nodes and edges sorted.
 * @throws Error when an edge names a node that is not there, or two names give one id
 */
export function flowchart(direction: 'LR' | 'TD', nodes: readonly ChartNode[], edges: readonly ChartEdge[]): string {
  const ids = new Map(nodes.map((node) => [node.name, nodeId(node.name)]));
  if (new Set(ids.values()).size !== ids.size) throw new Error('two nodes have one id');
  const idOf = (name: string) => {
    const id = ids.get(name);
    if (id === undefined) throw new Error(`an edge to ${name}, which is not in the chart`);
    return id;
  };
  const lines = [
    ...nodes.map(({ name, label = name, shape = 'box' }) => {
      const [open, close] = SHAPES[shape];
      return `  ${idOf(name)}${open}"${label.replaceAll('"', '#quot;')}"${close}`;
    }),
    ...edges.map(({ from, to, dotted = false, label }) => {
      const arrow = `${dotted ? '-.->' : '-->'}${label === undefined ? '' : `|"${label}"|`}`;
      return `  ${idOf(from)} ${arrow} ${idOf(to)}`;
    }),
  ];
  const body = [...new Set(lines)];
  const isEdge = (line: string) => line.includes('->');
  const sorted = [...body.filter((line) => !isEdge(line)).sort(), ...body.filter(isEdge).sort()];
  return [`flowchart ${direction}`, ...sorted].join('\n');
}

/** The chart as a block of a Markdown page. */
export function block(chart: string): string[] {
  return ['```mermaid', chart, '```', ''];
}

/** All charts of a Markdown page. */
export function chartsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^```mermaid\n([\s\S]*?)\n```$/gm)].map(([, chart]) => chart ?? '');
}

/** What GitHub's renderer takes: characters and edges of one chart. Nodes: what a person can read. */
const LIMITS = { characters: 50_000, edges: 500, nodes: 80 };

const ID = '[A-Za-z][A-Za-z0-9_]*';
const TEXT = '"[^"\\n]*"';
const FLOW_NODE = new RegExp(`^  (${ID})(\\[${TEXT}\\]|\\(\\[${TEXT}\\]\\)|\\[\\(${TEXT}\\)\\])$`);
const FLOW_EDGE = new RegExp(`^  (${ID}) (?:-->|-\\.->)(?:\\|${TEXT}\\|)? (${ID})$`);
const ENTITY = new RegExp(`^  (${ID}) \\{$`);
const ATTRIBUTE = new RegExp(`^    ${ID} ${ID}(?: (?:PK|FK|UK)(?:,(?:PK|FK|UK))*)?$`);
const RELATION = new RegExp(`^  (${ID}) (?:\\|o|\\|\\|)--(?:o\\||o\\{|\\|\\|) (${ID}) : ${TEXT}$`);
/** Words that end a chart when used as an id. */
const RESERVED = new Set(['end', 'graph', 'flowchart', 'subgraph', 'style', 'class', 'click', 'default']);

/** What is wrong with a flowchart or an entity diagram of ours; nothing when Mermaid can draw it. */
export function chartProblems(chart: string): string[] {
  const [head = '', ...lines] = chart.split('\n');
  const problems: string[] = [];
  if (chart.length > LIMITS.characters) problems.push(`${chart.length} characters: at most ${LIMITS.characters}`);
  if (/^flowchart (LR|TD)$/.test(head)) problems.push(...flowProblems(lines));
  else if (head === 'erDiagram') problems.push(...entityProblems(lines));
  else problems.push(`unknown chart "${head}"`);
  return problems;
}

function flowProblems(lines: readonly string[]): string[] {
  const nodes = new Set<string>();
  const ends: string[] = [];
  const problems: string[] = [];
  for (const line of lines) {
    const node = FLOW_NODE.exec(line)?.[1];
    const edge = FLOW_EDGE.exec(line);
    if (node !== undefined) {
      if (nodes.has(node)) problems.push(`two nodes ${node}`);
      nodes.add(node);
    } else if (edge === null) problems.push(`cannot be read: ${line}`);
    else ends.push(edge[1] ?? '', edge[2] ?? '');
  }
  if (nodes.size > LIMITS.nodes) problems.push(`${nodes.size} nodes: at most ${LIMITS.nodes}`);
  if (ends.length / 2 > LIMITS.edges) problems.push(`${ends.length / 2} edges: at most ${LIMITS.edges}`);
  return [...problems, ...named(nodes), ...lost(ends, nodes)];
}

function entityProblems(lines: readonly string[]): string[] {
  const entities = new Set<string>();
  const problems: string[] = [];
  let inside = false;
  for (const line of lines) {
    const entity = ENTITY.exec(line)?.[1];
    if (inside) {
      if (line === '  }') inside = false;
      else if (!ATTRIBUTE.test(line)) problems.push(`cannot be read: ${line}`);
    } else if (entity !== undefined) {
      if (entities.has(entity)) problems.push(`two entities ${entity}`);
      entities.add(entity);
      inside = true;
    } else if (!RELATION.test(line)) problems.push(`cannot be read: ${line}`);
  }
  if (inside) problems.push('an entity is not closed');
  if (entities.size === 0) problems.push('no entity');
  return [...problems, ...named(entities)];
}

function named(ids: ReadonlySet<string>): string[] {
  return [...ids].filter((id) => RESERVED.has(id.toLowerCase())).map((id) => `${id} is a word of Mermaid's`);
}

function lost(ends: readonly string[], nodes: ReadonlySet<string>): string[] {
  return [...new Set(ends)].filter((id) => !nodes.has(id)).map((id) => `${id} is not declared`);
}
