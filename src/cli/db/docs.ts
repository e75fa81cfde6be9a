import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { defineCommand } from 'citty';
import { loadConfig } from '../../platform/config/load.ts';
import { DOCS_FOLDER } from '../../platform/db/docs/files.ts';
import { docsOfMigrations, docsWithRows } from '../../platform/db/docs/generate.ts';
import { openOwner } from '../../platform/db/open.ts';
import {
  compareFolder,
  differenceLines,
  type FolderFiles,
  whenMissing,
  writeFolder,
} from '../../platform/folder-files.ts';
import { EXIT, UsageError } from '../command.ts';
import { json, print } from './common.ts';

/** The committed docs as people write the path. */
const DOCS = 'supabase/schema_docs';

export const docsCommand = defineCommand({
  meta: {
    name: 'docs',
    description: 'Write supabase/schema_docs/ from the migrations (in a throw-away database, not the configured one)',
  },
  args: {
    json,
    check: {
      type: 'boolean',
      description: 'Write nothing; exit 1 and name the files when the docs are not up to date',
    },
    out: { type: 'string', description: 'Write to this folder instead; what else is in it goes' },
    rows: {
      type: 'boolean',
      description:
        'Describe the configured database, with one of its rows per table instead of a made-up one, secrets left out; needs --out',
    },
  },
  async run({ args }) {
    if (args.rows === true && args.check === true) throw new UsageError('--rows and --check do not go together');
    if (args.rows === true && args.out === undefined) {
      throw new UsageError(`--rows needs --out FOLDER: rows of a database do not belong into ${DOCS}`);
    }
    const folder = args.out === undefined ? DOCS_FOLDER : await ownFolder(args.out, args.rows === true);
    const files = args.rows === true ? await withRows() : await docsOfMigrations();
    const differences = await (args.check ? compareFolder : writeFolder)(files, folder);
    const lines = differenceLines(differences, args.out ?? DOCS);
    const said = { files: files.size, ...differences };
    if (args.check) {
      const stale = [...lines, 'run npm run schema:docs and commit the result'].join('\n');
      print(args.json, said, lines.length === 0 ? `${files.size} files are up to date` : stale);
      return lines.length === 0 ? EXIT.ok : EXIT.failed;
    }
    print(args.json, said, [...lines, `${files.size} files, ${lines.length} changed`].join('\n'));
    return EXIT.ok;
  },
});

async function withRows(): Promise<FolderFiles> {
  const owner = await openOwner(loadConfig(), 'trr db docs');
  try {
    return await docsWithRows(owner.ownerUrl);
  } finally {
    await owner.close();
  }
}

/** The folder is made to hold the docs and nothing else: it must hold docs already, or nothing. */
async function ownFolder(out: string, rows: boolean): Promise<string> {
  const folder = path.resolve(out);
  if (rows && folder === DOCS_FOLDER) throw new UsageError(`--out: rows of a database do not belong into ${DOCS}`);
  const names = await readdir(folder).catch(whenMissing<string[]>([]));
  const index = await readFile(path.join(folder, 'INDEX.md'), 'utf8').catch(whenMissing(''));
  if (names.length > 0 && !index.startsWith('# Schema docs\n')) {
    throw new UsageError(`--out ${out}: the folder holds something else; give an empty one`);
  }
  return folder;
}
