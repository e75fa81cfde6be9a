// Starts the embedded PostgreSQL of `TRR_DATA_DIR` and prints its superuser's URL, for scripts that need a server. It is left running: `trr db stop`.
import { loadConfig } from '../../src/platform/config/load.ts';
import { ensureEmbedded } from '../../src/platform/db/embedded/index.ts';

const server = await ensureEmbedded({ dataDir: loadConfig({ envFolders: [] }).dataDir });
process.stdout.write(`${server.url}\n`, () => process.exit(0));
