/** Writes `openapi.json` from the routes; a test compares the committed file with what the server answers. */
import { writeFileSync } from 'node:fs';
import { createAuthenticator } from '../src/identity/tokens/authenticator.ts';
import { NO_LIMITS } from '../src/platform/config/limits.ts';
import { connectDatabase } from '../src/platform/db/connect.ts';
import { createLogger } from '../src/platform/log/logger.ts';
import { buildApp } from '../src/server/app.ts';
import { openApiText } from '../src/server/plugins/openapi.ts';

// The pools connect on first use; the document needs no database.
const db = connectDatabase({ url: 'postgresql://localhost/unused', poolMax: 2, applicationName: 'openapi' });
const app = await buildApp({
  config: {
    limits: NO_LIMITS,
    server: { host: '127.0.0.1', port: 0, publicUrl: null, trustProxy: [], corsAllowOrigins: null },
    sources: { live: new Set(), publishLicences: new Set(), contactUrl: null },
  },
  db,
  authenticator: createAuthenticator({
    db,
    auth: { supabase: null, issuers: [], internalSecrets: [], secret: null },
    localSecret: null,
  }),
  secret: new Uint8Array(32),
  log: createLogger({ level: 'silent' }),
});
await app.ready();
writeFileSync(new URL('../openapi.json', import.meta.url), openApiText(app));
await app.close();
await db.close();
