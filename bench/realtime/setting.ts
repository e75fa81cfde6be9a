import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import type { Check } from '../lib/numbers.ts';
import type { Served } from './peers.ts';
import type { Stage, World } from './world.ts';

/** What all questions share. */
export interface Setting {
  readonly ownerUrl: string;
  /** Of the server under test. */
  readonly env: Readonly<Record<string, string>>;
  readonly world: World;
  readonly rounds: number;
}

export type Question = (setting: Setting) => Promise<Check[]>;

export const SIDES = ['bare', 'ours'] as const;

export const SOCKET = '/api/v1/ws';

export const subscribeTo = ({ channel }: Stage) => JSON.stringify({ type: 'subscribe', payload: { channel } });

/** What a herd needs to join the first stage of a server. */
export function joining({ port }: Pick<Served, 'port'>, { stages }: World, members: number, atOnce = 50) {
  const [stage] = stages;
  if (stage === undefined) throw new Error('there is no stage');
  return { port, path: SOCKET, members, atOnce, hello: subscribeTo(stage) };
}

/** `0.91 1.02 0.97` */
export const list = (values: readonly number[], digits = 2) => values.map((value) => value.toFixed(digits)).join(' ');

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The process of the database server. */
export async function postmaster(owner: pg.Client): Promise<number> {
  const { rows } = await owner.query<{ data: string }>("select current_setting('data_directory') as data");
  return Number(readFileSync(join(rows[0]?.data ?? '', 'postmaster.pid'), 'utf8').split('\n')[0]);
}
