/**
 * Loaded into the program before it starts (`node --import`), to end it at a step of its work as a power cut would: counts what changes something
 * outside of the process or asks for it (a commit, a request to an image host or a bucket, a change in the folder of images), writes each down,
 * and kills the process with SIGKILL just before the one whose number is given. Between two such steps nothing outside changes, so that the states
 * a kill can leave behind are those before each step. Nothing else about the program is different.
 */
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import pg from 'pg';

const killAt = Number(process.env['TRR_TEST_KILL_AT'] ?? 0);
const log = process.env['TRR_TEST_STEPS'] ?? '';
const folder = process.env['TRR_TEST_STEPS_FOLDER'] ?? '';
let steps = 0;

function isLast(what: string): boolean {
  steps += 1;
  appendFileSync(log, `${what}\n`);
  return steps === killAt;
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

function step(what: string): void {
  if (isLast(what)) die();
}

const { query } = pg.Client.prototype;
pg.Client.prototype.query = function counted(this: pg.Client, ...values: unknown[]) {
  if (values[0] === 'commit') step('commit');
  return Reflect.apply(query, this, values) as never;
} as typeof query;

subscribe('undici:request:create', (message) => {
  const { request } = message as { request: { path: string } };
  step(`download ${request.path}`);
});
subscribe('http.client.request.created', (message) => {
  const { request } = message as { request: { method: string; path: string } };
  step(`${request.method} ${request.path}`);
});

const ours = (path: unknown): path is string => typeof path === 'string' && path.startsWith(`${folder}/`);
const real = { ...fs };
fs.open = async (path, flags, mode) => {
  const writes = ours(path) && flags === 'wx';
  if (writes) step(`create ${path}`);
  const file = await real.open(path, flags, mode);
  if (!writes) return file;
  const { writeFile } = file;
  file.writeFile = async (data, options) => {
    if (isLast(`write ${path}`) && data instanceof Uint8Array) {
      await file.write(data.subarray(0, data.length / 2));
      die();
    }
    return writeFile.call(file, data, options);
  };
  return file;
};
fs.link = async (from, to) => {
  if (ours(to)) step(`link ${to}`);
  return real.link(from, to);
};
fs.rename = async (from, to) => {
  if (ours(to)) step(`rename ${to}`);
  return real.rename(from, to);
};
fs.rm = async (path, options) => {
  if (ours(path)) step(`remove ${path}`);
  return real.rm(path, options);
};
syncBuiltinESMExports();
