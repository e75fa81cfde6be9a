import { existsSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { ensureEmbedded, stopEmbedded } from '../../src/platform/db/embedded/index.ts';
import { isAlive } from '../../src/platform/db/embedded/process.ts';
import { poolLogin } from '../../src/platform/db/login.ts';
import { migrate } from '../../src/platform/db/migrate/migrate.ts';
import { withDatabase } from '../../src/platform/db/url.ts';

declare module 'vitest' {
  interface ProvidedContext {
    trrTestCluster: {
      /** Superuser URL of the database `postgres`. */
      adminUrl: string;
      /** The same server as the program's pools log in. */
      poolUrl: string;
      /** Migrated database that test databases are cloned from. */
      template: string;
      /** Begin of every test database's name; holds the id of the process that removes it. */
      prefix: string;
    };
  }
}

const FOLDER = /^trr-test-(\d+)$/;
const DATABASE = /^trr_test_(\d+)_/;

/** In memory where the system offers it: clones take 10 ms there and up to 500 ms on a disk. */
function baseFolder(): string {
  return existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
}

/**
 * One throw-away cluster per run, or the server `TRR_TEST_DATABASE_URL` names (a superuser's URL; everything we make there is
 * removed again). What a killed run left behind carries its process id and is removed by the next one.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const prefix = `trr_test_${process.pid}_`;
  const template = `${prefix}template`;
  const external = process.env.TRR_TEST_DATABASE_URL;
  const cluster = external ? { url: external, remove: async () => removeDatabases(external) } : await startCluster();
  let poolUrl: string;
  try {
    await removeDatabases(cluster.url);
    await query(cluster.url, `create database "${template}" template template0`);
    await migrate({ url: withDatabase(cluster.url, template) });
    poolUrl = await poolLogin(cluster.url);
  } catch (error) {
    await cluster.remove();
    throw error;
  }
  project.provide('trrTestCluster', { adminUrl: cluster.url, poolUrl, template, prefix });
  return cluster.remove;
}

async function startCluster(): Promise<{ url: string; remove: () => Promise<void> }> {
  const base = baseFolder();
  await removeLeftoverClusters(base);
  const dataDir = path.join(base, `trr-test-${process.pid}`);
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  const server = await ensureEmbedded({ dataDir, durable: false, maxConnections: 300 });
  // Ctrl-C twice, or an error outside any test: no time for an orderly stop, the cluster is thrown away anyhow.
  const onExit = () => {
    try {
      process.kill(server.pid, 'SIGKILL');
    } catch {
      // stopped already
    }
    rmSync(dataDir, { recursive: true, force: true });
  };
  process.once('exit', onExit);
  return {
    url: server.url,
    async remove() {
      await server.close();
      await stopEmbedded({ dataDir });
      process.off('exit', onExit);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function removeLeftoverClusters(base: string): Promise<void> {
  for (const name of await readdir(base)) {
    const pid = FOLDER.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const dataDir = path.join(base, name);
    const pidFile = path.join(dataDir, 'postgres', 'cluster', 'data', 'postmaster.pid');
    if (await readFile(pidFile).catch(() => undefined)) await stopEmbedded({ dataDir }).catch(() => undefined);
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Drops our own databases and those of runs that no longer exist. */
async function removeDatabases(url: string): Promise<void> {
  const found = await query<{ datname: string }>(
    url,
    "select datname from pg_database where datname like 'trr\\_test\\_%'",
  );
  for (const { datname } of found) {
    const pid = Number(DATABASE.exec(datname)?.[1]);
    if (pid === process.pid || !isAlive(pid)) await query(url, `drop database if exists "${datname}" with (force)`);
  }
}

async function query<R extends Record<string, unknown>>(url: string, text: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<R>(text)).rows;
  } finally {
    await client.end();
  }
}
