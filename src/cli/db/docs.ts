import { defineCommand } from 'citty';
import { DOCS_FOLDER } from '../../platform/db/docs/files.ts';
import { docsOfMigrations } from '../../platform/db/docs/generate.ts';
import { compareFolder, differenceLines, writeFolder } from '../../platform/folder-files.ts';
import { EXIT } from '../command.ts';
import { json, print } from './common.ts';

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
  },
  async run({ args }) {
    const files = await docsOfMigrations();
    const differences = await (args.check ? compareFolder : writeFolder)(files, DOCS_FOLDER);
    const lines = differenceLines(differences, 'supabase/schema_docs');
    if (args.check) {
      print(
        args.json,
        { files: files.size, ...differences },
        lines.length === 0
          ? `${files.size} files are up to date`
          : [...lines, 'run trr db docs and commit the result'].join('\n'),
      );
      return lines.length === 0 ? EXIT.ok : EXIT.failed;
    }
    print(
      args.json,
      { files: files.size, ...differences },
      [...lines, `${files.size} files, ${lines.length} changed`].join('\n'),
    );
    return EXIT.ok;
  },
});
