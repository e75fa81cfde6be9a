import { defineCommand } from 'citty';
import { usage } from '../../media/upkeep/usage.ts';
import { loadConfig } from '../../platform/config/load.ts';
import { openDatabase } from '../../platform/db/open.ts';
import { EXIT } from '../command.ts';

/** `trr media usage`: what is stored, what is not and why. */
export const usageCommand = defineCommand({
  meta: { name: 'usage', description: 'Images, copies, files and bytes by table and source; how tries ended and why' },
  args: { json: { type: 'boolean', description: 'Print JSON' } },
  async run({ args }) {
    const database = await openDatabase(loadConfig(), { applicationName: 'trr media usage' });
    try {
      const { images, totals, states } = await usage(database.db);
      if (args.json === true) {
        console.log(JSON.stringify({ images, totals, states }));
        return EXIT.ok;
      }
      for (const row of images) {
        console.log(
          `${row.table_name.padEnd(21)} ${row.source.padEnd(7)} ${row.hosted}/${row.images} images in ${row.files} files, ${row.bytes} bytes`,
        );
      }
      console.log(
        `store: ${totals.files} files (${totals.file_bytes} bytes), ${totals.variants} smaller versions (${totals.variant_bytes} bytes); ` +
          `${totals.condemned} marked for removal, ${totals.removals} being removed, ${totals.strays} unknown (${totals.stray_bytes} bytes), ${totals.takedowns} takedowns`,
      );
      for (const row of states) {
        const differs = row.size_differs > 0 ? `, ${row.size_differs} of another size than claimed` : '';
        console.log(
          `  ${row.table_name.padEnd(21)} ${row.state}${row.reason === null ? '' : ` (${row.reason})`}: ${row.images}${differs}`,
        );
      }
      return EXIT.ok;
    } finally {
      await database.close();
    }
  },
});
