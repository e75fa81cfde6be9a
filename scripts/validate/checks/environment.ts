import type { Finding, Project } from '../project.ts';

const NAME = /'([A-Z][A-Z0-9_]{3,}|HOST|PORT)'/g;
const DOCUMENTED = /^#? ?([A-Z][A-Z0-9_]*)=/gm;

/** Variables that `.env.example` and the configuration module do not agree about, and readers of the environment outside it. */
export function environmentFindings({ files, read }: Project): Finding[] {
  const readers = files.filter((file) => /^src\/platform\/config\/.*\.ts$/.test(file) && !file.endsWith('.test.ts'));
  const known = new Map(
    readers.flatMap((file) => [...read(file).matchAll(NAME)].map(([, name = '']) => [name, file] as const)),
  );
  const example = '.env.example';
  const documented = [...read(example).matchAll(DOCUMENTED)].map(([, name = '']) => name);
  return [
    ...documented
      .filter((name) => !known.has(name))
      .map((name) => ({ file: example, message: `${name} is unknown: the configuration does not read it` })),
    ...documented
      .filter((name, at) => documented.indexOf(name) !== at)
      .map((name) => ({ file: example, message: `${name} is described twice` })),
    ...[...known]
      .filter(([name]) => !documented.includes(name))
      .map(([name, file]) => ({ file, message: `${name} is read and not described in ${example}` })),
  ];
}
