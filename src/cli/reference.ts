import type { ArgDef, ArgsDef, CommandDef } from 'citty';

type AnyCommand = CommandDef<ArgsDef>;

/** The reference of all commands as Markdown, from their own definitions (`docs/commands.md`, `spec/pipeline.md` 14.6 O7). */
export async function commandReference(root: AnyCommand): Promise<string> {
  const head = [
    '# Commands',
    '',
    'Generated from the definitions of the commands: `npm run commands`. Do not edit.',
    '',
    'Exit codes: 0 good, 1 failed, 2 misuse, 3 partly done, 130 cancelled.',
  ];
  return `${[...head, ...(await sections(root, 'trr'))].join('\n')}\n`;
}

async function sections(command: AnyCommand, words: string): Promise<string[]> {
  const children = Object.entries(await resolved(command.subCommands ?? {}));
  if (children.length === 0) return section(command, words);
  const below: string[] = [];
  for (const [name, child] of children) {
    below.push(...(await sections((await resolved(child)) as AnyCommand, `${words} ${name}`)));
  }
  return below;
}

async function section(command: AnyCommand, words: string): Promise<string[]> {
  const { description = '' } = await resolved(command.meta ?? {});
  const args = Object.entries(await resolved(command.args ?? {}));
  const positional = args.filter(([, definition]) => definition.type === 'positional');
  const usage = positional.map(([name, { required }]) => (required === false ? ` [${name}]` : ` <${name}>`)).join('');
  const rows = args.map(
    ([name, definition]) =>
      `| \`${spelling(name, definition)}\` | ${cell(definition.description ?? '')}${defaultOf(definition)} |`,
  );
  const table = rows.length === 0 ? [] : ['', '| | |', '|---|---|', ...rows];
  return ['', `## ${words}${usage}`, '', `${cell(description)}.`, ...table];
}

/** As a person types it. */
function spelling(name: string, definition: ArgDef): string {
  if (definition.type === 'positional') return name;
  if (definition.type === 'boolean') return definition.default === true ? `--[no-]${name}` : `--${name}`;
  const names = [name, ...('alias' in definition ? [definition.alias ?? []].flat() : [])];
  const hint = 'valueHint' in definition && definition.valueHint !== undefined ? definition.valueHint : 'value';
  return `${names.map((one) => (one.length === 1 ? `-${one}` : `--${one}`)).join(', ')} <${hint}>`;
}

function defaultOf(definition: ArgDef): string {
  if (definition.type === 'boolean') return definition.default === true ? ' (on by default)' : '';
  return definition.default === undefined ? '' : ` (default ${String(definition.default)})`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;');
}

async function resolved<T>(value: T | Promise<T> | (() => T | Promise<T>)): Promise<T> {
  return typeof value === 'function' ? (value as () => T | Promise<T>)() : value;
}
