import { defineCommand } from 'citty';

/** `trr db ...`: the database as an operator sees it. */
export const dbCommand = defineCommand({
  meta: { name: 'db', description: 'Migrate, adopt, inspect, document, reset and seed the database' },
  subCommands: {
    migrate: () => import('./db/migrate.ts').then((m) => m.migrateCommand),
    status: () => import('./db/status.ts').then((m) => m.statusCommand),
    adopt: () => import('./db/adopt.ts').then((m) => m.adoptCommand),
    verify: () => import('./db/verify.ts').then((m) => m.verifyCommand),
    guard: () => import('./db/guard.ts').then((m) => m.guardCommand),
    docs: () => import('./db/docs.ts').then((m) => m.docsCommand),
    sql: () => import('./db/sql.ts').then((m) => m.sqlCommand),
    reset: () => import('./db/reset.ts').then((m) => m.resetCommand),
    seed: () => import('./db/seed.ts').then((m) => m.seedCommand),
    stop: () => import('./db/stop.ts').then((m) => m.stopCommand),
  },
});
