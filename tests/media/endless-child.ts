/** Downloads sixteen files at once from the upstream named, and prints by how much the process grew and how each ended. */
import { createDownloader } from '../../src/media/download/download.ts';
import { boundHeap } from '../../src/platform/memory.ts';

const [base = ''] = process.argv.slice(2);
boundHeap();
const downloader = createDownloader({
  origins: { tmdb: { hosts: [], gate: 'tmdb', rewrite: { from: 'https://image.tmdb.org/t/p/original', to: base } } },
  contactUrl: null,
});
const ask = (path: string) =>
  downloader.fetch({ source: 'tmdb', url: `https://image.tmdb.org/t/p/original/${path}`, page: null });
await ask('announced.jpg'); // what the first request loads
const before = process.memoryUsage.rss();
let most = before;
const watch = setInterval(() => {
  most = Math.max(most, process.memoryUsage.rss());
}, 2);
const answers = await Promise.all(Array.from({ length: 16 }, () => ask('endless.jpg')));
clearInterval(watch);
await downloader.close();
const reasons = answers.map((answer) => (answer.kind === 'not_stored' ? answer.reason : answer.kind));
console.log(JSON.stringify({ grownMegabytes: (most - before) / 1e6, reasons }));
