/** Writes `docs/commands.md` from the definitions of the commands; a test compares the committed file with them. */
import { writeFileSync } from 'node:fs';
import { root } from '../src/cli/main.ts';
import { commandReference } from '../src/cli/reference.ts';

writeFileSync(new URL('../docs/commands.md', import.meta.url), await commandReference(root));
