import { type ArgsDef, type CommandDef, defineCommand, parseArgs, renderUsage } from 'citty';
import { Refused } from '../catalogue/merging/refused.ts';
import { StoreError } from '../media/stores/store.ts';
import { ConfigError } from '../platform/config/load.ts';
import { BackupRefused } from '../platform/db/backup/tables.ts';
import { DatabaseUnavailable, serverRefusal } from '../platform/db/errors.ts';
import { MigrationRefused } from '../platform/db/migrate/refused.ts';
import { assertKnownArgs, EXIT, UsageError } from './command.ts';
import { VERSION } from './version.ts';

type AnyCommand = CommandDef<ArgsDef>;

/** The program with all its commands. */
export const root: AnyCommand = defineCommand({
  meta: {
    name: 'trr',
    version: VERSION,
    description: 'The Reality Report backend: import, keep fresh and serve a catalogue of reality TV',
  },
  subCommands: {
    serve: () => import('./serve.ts').then((m) => m.serveCommand),
    import: () => import('./import.ts').then((m) => m.importCommand),
    sync: () => import('./sync.ts').then((m) => m.syncCommand),
    worker: () => import('./worker.ts').then((m) => m.workerCommand),
    export: () => import('./export.ts').then((m) => m.exportCommand),
    review: () => import('./review.ts').then((m) => m.reviewCommand),
    token: () => import('./token.ts').then((m) => m.tokenCommand),
    runs: () => import('./runs.ts').then((m) => m.runsCommand),
    shows: () => import('./shows.ts').then((m) => m.showsCommand),
    people: () => import('./people.ts').then((m) => m.peopleCommand),
    media: () => import('./media.ts').then((m) => m.mediaCommand),
    source: () => import('./source.ts').then((m) => m.sourceCommand),
    db: () => import('./db.ts').then((m) => m.dbCommand),
    doctor: () => import('./doctor.ts').then((m) => m.doctorCommand),
  },
});

/** Runs one command line and sets the exit code; prints at most one line for anything a person can fix. */
export async function main(argv: readonly string[]): Promise<void> {
  stopWithLauncher();
  try {
    process.exitCode = await dispatch(argv);
  } catch (error) {
    process.exitCode = report(error);
  }
}

async function dispatch(argv: readonly string[]): Promise<number> {
  if (argv[0] === '--version' || argv[0] === '-v') {
    console.log(VERSION);
    return EXIT.ok;
  }
  const { command, parent, rawArgs } = await find(root, argv);
  const args = await resolved(command.args ?? {});
  if (rawArgs.some((word) => word === '--help' || word === '-h')) {
    console.log(await renderUsage(command, parent));
    return EXIT.ok;
  }
  const { run } = command;
  if (run === undefined) return listSubCommands(command, parent, rawArgs);
  assertKnownArgs(command, args, rawArgs);
  const result: unknown = await run({ rawArgs: [...rawArgs], args: parseArgs([...rawArgs], args), cmd: command });
  return typeof result === 'number' ? result : EXIT.ok;
}

/** Walks down the sub-commands named by the leading words. */
async function find(
  command: AnyCommand,
  argv: readonly string[],
  parent?: AnyCommand,
): Promise<{ command: AnyCommand; parent: AnyCommand; rawArgs: readonly string[] }> {
  const subCommands = await resolved(command.subCommands ?? {});
  const [word] = argv;
  if (word !== undefined && !word.startsWith('-') && Object.hasOwn(subCommands, word)) {
    const child = (await resolved(subCommands[word])) as AnyCommand;
    return find(child, argv.slice(1), command);
  }
  return { command, parent: parent ?? command, rawArgs: argv };
}

/** A command that only groups others: without a word it shows them; an unknown word is misuse. */
async function listSubCommands(command: AnyCommand, parent: AnyCommand, rawArgs: readonly string[]): Promise<number> {
  const [word] = rawArgs;
  if (word === undefined) {
    console.log(await renderUsage(command, parent));
    return EXIT.misuse;
  }
  const names = Object.keys(await resolved(command.subCommands ?? {}));
  throw new UsageError(
    `unknown ${word.startsWith('-') ? 'flag' : 'command'} "${word}": expected one of ${names.join(', ')}`,
  );
}

async function resolved<T>(value: T | Promise<T> | (() => T | Promise<T>)): Promise<T> {
  return typeof value === 'function' ? (value as () => T | Promise<T>)() : value;
}

function report(error: unknown): number {
  if (error instanceof UsageError || error instanceof ConfigError) return say(error.message, EXIT.misuse);
  if (error instanceof DatabaseUnavailable) return say(error.line, EXIT.failed);
  if (error instanceof MigrationRefused) return say(error.message, EXIT.failed);
  if (error instanceof StoreError) return say(error.message, EXIT.failed);
  if (error instanceof BackupRefused) return say(error.message, EXIT.failed);
  if (error instanceof Refused) return say(error.message, error.misuse ? EXIT.misuse : EXIT.failed);
  const refusal = serverRefusal(error);
  if (refusal !== undefined) return say(refusal, EXIT.failed);
  // A full disk, a folder one may not write: the system's own words.
  if (error instanceof Error && 'syscall' in error) return say(`the system refused: ${error.message}`, EXIT.failed);
  // citty's own complaints (a missing positional, a value outside an enum) are misuse as well.
  if (error instanceof Error && error.name === 'CLIError') return say(error.message, EXIT.misuse);
  console.error('trr: this is a bug, please report it with the lines below');
  console.error(error);
  return EXIT.failed;
}

function say(line: string, code: number): number {
  console.error(`trr: ${line}`);
  return code;
}

/** Under the launcher's older Node, die with it: the channel closes when it is killed, even with kill -9. */
function stopWithLauncher(): void {
  if (process.channel === undefined || process.channel === null) return;
  process.channel.unref();
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}
