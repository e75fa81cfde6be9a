// Prints the `sh` blocks of a page as one shell script, each command line told before it runs: `node scripts/docs-blocks.ts PAGE | bash`. What
// stands in other blocks (`console`, `text`) is for people.
import { readFileSync } from 'node:fs';

const [page] = process.argv.slice(2);
if (page === undefined) {
  console.error('usage: node scripts/docs-blocks.ts PAGE');
  process.exit(2);
}
const blocks = [...readFileSync(page, 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
console.log(['set -euo pipefail', 'set -m', "PS4='+ '", 'set -x', ...blocks].join('\n'));
