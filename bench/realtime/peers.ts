/** Processes of the bench and how it talks to them: one question at a time, each answered by one message of the same name. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { LIMITS_OFF } from '../lib/processes.ts';
import type { Memory, Usage } from './probe.ts';

const HERE = import.meta.dirname;

export interface Peer {
  readonly pid: number;
  /** Sends `{ask, ...question}` and waits for `{answer: ask, ...}`. */
  ask<Answer>(ask: string, question?: object): Promise<Answer>;
  /** Expects no answer. */
  tell(ask: string, order: object): void;
  stop(): Promise<void>;
}

export interface Served extends Peer {
  readonly port: number;
  usage(): Promise<Usage>;
  memory(): Promise<Memory>;
}

export type Side = 'bare' | 'ours';

/** The same program as `npm start`, or the baseline; each with the probe. More flags for them: `BENCH_NODE_FLAGS=--cpu-prof`. */
export async function serve(side: Side, env: Readonly<Record<string, string>>): Promise<Served> {
  const program =
    side === 'bare' ? [join(HERE, 'bare.ts')] : [join(PROJECT_ROOT, 'bin/trr.mjs'), 'serve', '--port', '0'];
  const flags = (process.env['BENCH_NODE_FLAGS'] ?? '').split(' ').filter((flag) => flag !== '');
  const child = spawn(process.execPath, ['--expose-gc', '--import', join(HERE, 'probe.ts'), ...flags, ...program], {
    // Limits of frames and requests protect servers from people, not from benches; the memory they need is there all the same.
    env: { ...process.env, ...env, ...LIMITS_OFF, TRR_LIVE_CONNECTIONS_PER_ADDRESS: '0' },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    serialization: 'advanced',
    cwd: PROJECT_ROOT,
  });
  const port = await new Promise<number>((resolve, reject) => {
    let seen = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      seen += chunk.toString('utf8');
      const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(seen)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    child.once('exit', (code) => reject(new Error(`${side} ended with ${code} before it listened: ${seen}`)));
  });
  const peer = peerOf(child);
  return { ...peer, port, usage: () => peer.ask<Usage>('usage'), memory: () => peer.ask<Memory>('memory') };
}

/** A process of ours that makes load: `herd.ts`, `writers.ts`. */
export function helper(file: string, args: readonly string[] = []): Peer {
  return peerOf(
    spawn(process.execPath, ['--max-semi-space-size=64', join(HERE, file), ...args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
    }),
  );
}

function peerOf(child: ChildProcess): Peer {
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', (code, signal) => reject(new Error(`a process of the bench ended: ${code ?? signal}`)));
  });
  ended.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    ask<Answer>(ask: string, question: object = {}) {
      const answered = new Promise<Answer>((resolve) => {
        const listen = (message: { answer: string }) => {
          if (message.answer !== ask) return;
          child.off('message', listen);
          resolve(message as Answer);
        };
        child.on('message', listen);
        child.send({ ask, ...question });
      });
      return Promise.race([answered, ended]);
    },
    tell(ask, order) {
      child.send({ ask, ...order });
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await exited;
    },
  };
}

const TICKS_PER_SECOND = 100;

/** Milliseconds of processor time of a process and those it started, as far as they live (Linux). */
export function cpuOfFamily(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const own = ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
  return children.reduce((sum, child) => sum + cpuOfFamily(Number(child)), own);
}
