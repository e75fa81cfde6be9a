/** Makes the worktree it is called in ready: `npm run worktree:setup`. For worktrees made by git or a tool of your own. */
import { git } from '../workflow/git.ts';
import { EXIT, Misuse, run, say } from './command.ts';
import { prepare } from './prepare.ts';

run('npm run worktree:setup -- [--no-install]', { 'no-install': { type: 'boolean' } }, ({ word, flags }) => {
  if (word !== undefined) throw new Misuse(`it takes no word, and works where it is called: "${word}"`);
  const { ok, lines } = prepare(git(process.cwd(), 'rev-parse', '--show-toplevel'), {
    install: flags['no-install'] !== true,
  });
  say(lines);
  return ok ? EXIT.ok : EXIT.failed;
});
