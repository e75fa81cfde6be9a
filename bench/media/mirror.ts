/** Mirrors what is in the database named, in a process of its own; prints seconds, the summary and the highest resident size. */
import { readFileSync } from 'node:fs';
import { createDownloader } from '../../src/media/download/download.ts';
import { createOrigins } from '../../src/media/download/origins.ts';
import { ALL_IMAGES, mirror } from '../../src/media/mirror/mirror.ts';
import { createS3Store } from '../../src/media/stores/s3.ts';
import { fillVariants } from '../../src/media/variants/run.ts';
import { connectDatabase } from '../../src/platform/db/connect.ts';
import { boundHeap } from '../../src/platform/memory.ts';
import { S3_CREDENTIALS } from '../../tests/s3/server.ts';

const [url = '', images = '', endpoint = '', bucket = '', what = 'mirror'] = process.argv.slice(2);
boundHeap();
const { accessKeyId: id, secretAccessKey: secret, region } = S3_CREDENTIALS;
const db = connectDatabase({ url, poolMax: 8, applicationName: 'bench' });
const store = createS3Store({
  bucket,
  region,
  endpoint,
  profile: null,
  keys: { id, secret, session: null },
  metadataService: false,
});
const downloader = createDownloader({ origins: createOrigins(images), contactUrl: null });
const { signal } = new AbortController();
const began = performance.now();
const cpuBefore = process.cpuUsage();
const summary =
  what === 'mirror'
    ? await mirror(
        { db, store, downloader, base: null, licences: ['tmdb'], live: ['tmdb'] },
        { filter: ALL_IMAGES, limit: null, force: false, dryRun: false, signal },
      )
    : await fillVariants({ db, store }, signal);
const seconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(cpuBefore);
const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024;
await downloader.close();
await db.close();
store.close();
console.log(JSON.stringify({ seconds, cpu: (user + system) / 1e6, peak, summary }));
