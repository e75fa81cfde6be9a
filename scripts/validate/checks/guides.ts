import { type Finding, lineOf, type Project } from '../project.ts';

/** Where script names are promised: pages, prompt files, workflows, configuration of tools, shell scripts. */
const PROMISES =
  /\.(md|ya?ml|toml|sh)$|^\.ci\/|^\.claude\/(?!worktrees\/)|^scripts\/(validate|worktree|hooks)\/.*(?<!\.test)\.ts$/;
const SCRIPT = /\bnpm (?:run|run-script)(?: --silent| -s)* ([a-z][\w:-]*)/g;

/** Names of npm scripts that a guide, prompt, workflow or script uses and package.json does not have. */
export function guideFindings({ files, read }: Project): Finding[] {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };
  const within = Object.entries(scripts).flatMap(([name, command]) =>
    [...command.matchAll(SCRIPT)].flatMap(([, used = '']) =>
      scripts[used] === undefined
        ? [{ file: 'package.json', message: `the script ${name} runs ${used}, which does not exist` }]
        : [],
    ),
  );
  const promised = files
    .filter((file) => PROMISES.test(file))
    .flatMap((file) => {
      const text = read(file);
      return [...text.matchAll(SCRIPT)].flatMap((match) =>
        scripts[match[1] ?? ''] === undefined
          ? [{ file, line: lineOf(text, match.index), message: `package.json has no script "${match[1]}"` }]
          : [],
      );
    });
  return [...within, ...promised];
}
