import { defineCommand } from 'citty';
import { mergingCommands } from './merging.ts';

/** `trr shows ...`: what a person decides about shows. */
export const showsCommand = defineCommand({
  meta: { name: 'shows', description: 'Merge and split shows, set their fields by hand' },
  subCommands: mergingCommands('show'),
});
