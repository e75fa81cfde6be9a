import { createTestDatabase, type TestDatabase } from '../../helpers/database.ts';
import { Checks } from './checks.ts';
import { type Client, createClient } from './client.ts';
import { createActivity, createSimulatedClock } from './clock.ts';
import type { Command, History } from './commands.ts';
import { createFabric } from './fabric.ts';
import { keepSessions, type Sessions } from './gate.ts';
import { type Process, type Surroundings, startProcess } from './process.ts';
import { age, createWorld, prepareWorlds, type World } from './world.ts';
import { beginThread, write } from './writes.ts';

/** Where histories are played, one after the other. */
export interface Stage {
  readonly database: TestDatabase;
  readonly sessions: Sessions;
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const database = await createTestDatabase({ poolMax: 6 });
  await prepareWorlds(database);
  const sessions = keepSessions(database.db);
  return {
    database,
    sessions,
    async close() {
      await sessions.close();
      await database.drop();
    },
  };
}

const START = Date.UTC(2026, 0, 1);
const PROCESSES = 3;
/** After the last fault everything must be right within this. */
const PROMISED_MS = 5_000;
/** Presence of the dead ends, and everybody alive has told of themselves. */
const PRESENCE_MS = 55_000;
/** How slow the machine is while presence runs out, where only seconds count. */
const COARSE_MS = 5_000;

/** Who is there: the user's number in the world, undefined for nobody. */
const CLIENTS: readonly (number | undefined)[] = [0, 1, 2, undefined, 5, 0, 3];

/**
 * Plays a history and checks what was promised (models 4.1: P3, P4, P5). Answers what was wrong, in words.
 */
export async function play(stage: Stage, { grain, commands }: History): Promise<string[]> {
  const players = await openPlayers(stage, grain, 2);
  const { around, world, processes, clients } = players;
  const { activity, clock } = around;
  const checks = new Checks(stage.database, world);
  for (const [n, user] of CLIENTS.entries()) {
    const { delivered, complain } = checks;
    const id = user === undefined ? '' : (world.users[user] ?? '');
    const isCalm = () => processes.every((process) => (process?.faultyUntil ?? 0) <= clock.now());
    clients.push(createClient({ name: `client ${n}`, user: id, clock, isCalm, delivered, complain }));
  }
  try {
    for (const [n, client] of clients.entries()) {
      const process = processes[n % 2];
      if (process !== undefined) client.connect(process);
      for (const [m, channel] of world.channels.entries()) if ((n + m) % 2 === 0) client.subscribe(channel, 'nothing');
    }
    await advance(players, 600);
    await checks.look(clock.now());
    for (const command of commands) {
      await perform(players, command);
      await activity.rest();
      await checks.look(clock.now(), command.do === 'write' || command.do === 'commit');
      if (checks.problems.length > 0) return checks.problems;
    }
    await heal(players);
    await checks.look(clock.now(), true);
    await advance(players, PROMISED_MS);
    await checks.look(clock.now());
    await checks.everybodyKnows(clients);
    if (checks.problems.length > 0) return checks.problems;
    clock.grain = COARSE_MS;
    await advance(players, PRESENCE_MS);
    await checks.look(clock.now());
    await checks.everybodyKnows(clients);
    await checks.presence(around.fabric, clients);
    return checks.problems;
  } finally {
    await closePlayers(players);
  }
}

export interface Players {
  readonly around: Surroundings;
  readonly world: World;
  readonly processes: (Process | undefined)[];
  readonly clients: Client[];
  /** Of a transaction that is open. */
  commit?: (() => Promise<void>) | undefined;
}

/** A new world, some processes, nobody connected. */
export async function openPlayers(stage: Stage, grain: number, count: number): Promise<Players> {
  const activity = createActivity();
  const clock = createSimulatedClock(START, activity.rest);
  clock.grain = grain;
  const around: Surroundings = { ...stage, activity, clock, fabric: createFabric(clock) };
  const world = await createWorld(stage.database);
  const processes: Process[] = [];
  for (let at = 0; at < count; at++) processes.push(await startProcess(around));
  return { around, world, processes, clients: [] };
}

export async function closePlayers(players: Players): Promise<void> {
  const { around, processes } = players;
  await commit(players);
  for (const process of processes) process?.kill();
  await around.activity.rest();
}

async function commit(players: Players): Promise<void> {
  const { commit: finish } = players;
  players.commit = undefined;
  await finish?.();
}

/** Time passes here and for the database. */
export async function advance({ around, world }: Players, ms: number): Promise<void> {
  // Before and not after: what was told a second ago may be told again within this time.
  for (let left = ms; left > 0; left -= 1_000) {
    const part = Math.min(left, 1_000);
    await around.clock.advance(part);
    await age(around.database, world.channels, part);
  }
}

async function perform(players: Players, command: Command): Promise<void> {
  const { around, world, processes, clients } = players;
  const { database, fabric } = around;
  const client = 'client' in command ? clients[command.client % clients.length] : undefined;
  const at = 'process' in command ? command.process % PROCESSES : 0;
  const process = processes[at];
  const channel = 'channel' in command ? (world.channels[command.channel % world.channels.length] ?? '') : '';
  switch (command.do) {
    case 'write':
      await write(database, world, command.write);
      return;
    case 'begin':
      players.commit ??= await beginThread(database, world, command.in);
      return;
    case 'commit':
      return commit(players);
    case 'wait':
      return advance(players, command.ms);
    case 'connect':
      if (process !== undefined) client?.connect(process);
      return;
    case 'disconnect':
      return client?.disconnect();
    case 'subscribe':
      return client?.subscribe(channel, command.from);
    case 'unsubscribe':
      return client?.unsubscribe(channel);
    case 'type':
      return client?.send('typing_start', { channel });
    case 'stall':
      return client?.stall(command.room);
    case 'drain':
      return client?.drain();
    case 'expire':
      client?.expireSoon();
      if (process !== undefined || processes[0] !== undefined) client?.connect((process ?? processes[0]) as Process);
      return;
    case 'start':
      processes[at] ??= await startProcess(around);
      return;
    case 'kill':
      process?.kill();
      processes[at] = undefined;
      return;
    case 'stop': {
      // Held back by a stopped database it would not end; then somebody kills it.
      process?.database('open');
      process?.holdSequencer(false);
      await process?.stop();
      processes[at] = undefined;
      return;
    }
    case 'cut':
      return process?.endpoint.cut();
    case 'heal':
      return process?.endpoint.heal();
    case 'lose':
      return process?.endpoint.disturb({ lose: true }, command.messages);
    case 'double':
      return process?.endpoint.disturb({ twice: true }, command.messages);
    case 'delay':
      return process?.endpoint.disturb({ lateMs: command.ms }, command.messages);
    case 'hold':
      return process?.database('held');
    case 'release':
      return process?.database('open');
    case 'breakLinks':
      process?.database('lost');
      await around.activity.rest();
      process?.database('open');
      return;
    case 'holdSequencer':
    case 'releaseSequencer':
      return process?.holdSequencer(command.do === 'holdSequencer');
    case 'restartBroker':
      return fabric.restart();
    case 'newEpoch':
      await database.owner('update live.history set epoch = gen_random_uuid()');
      return;
    case 'forget':
      await database.owner('select live.forget(24, $1, $1, 5000)', [command.keep]);
  }
}

/** The last fault is over: everything runs, everybody reads, and whoever lost their connection comes back. */
async function heal(players: Players): Promise<void> {
  const { around, processes, clients } = players;
  await commit(players);
  for (let at = 0; at < PROCESSES; at++) {
    const process = processes[at] ?? (await startProcess(around));
    processes[at] = process;
    process.database('open');
    process.holdSequencer(false);
    process.endpoint.heal();
  }
  await around.activity.rest();
  for (const [n, client] of clients.entries()) {
    client.drain();
    const process = processes[n % PROCESSES];
    if (!client.isConnected && process !== undefined) client.connect(process);
  }
}
