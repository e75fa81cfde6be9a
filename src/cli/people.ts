import { defineCommand } from 'citty';
import { mergingCommands } from './merging.ts';

/** `trr people ...`: what a person decides about people. */
export const peopleCommand = defineCommand({
  meta: { name: 'people', description: 'Merge and split people, set their fields by hand' },
  subCommands: mergingCommands('person'),
});
