import { dataApi, rights } from './access.ts';
import { broker } from './broker.ts';
import type { Check } from './check.ts';
import { database } from './database.ts';
import { dependencies } from './dependencies.ts';
import { disk } from './disk.ts';
import { environment } from './environment.ts';
import { keys } from './keys.ts';
import { runtime } from './runtime.ts';
import { sources } from './sources.ts';
import { objectStore } from './store.ts';

/** Everything `trr doctor` looks at, in the order it is told. */
export const CHECKS: readonly Check[] = [
  runtime,
  dependencies,
  environment,
  disk,
  database,
  rights,
  dataApi,
  keys,
  objectStore,
  broker,
  ...sources,
];
