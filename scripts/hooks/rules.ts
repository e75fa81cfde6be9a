import type { Kind } from './kinds.ts';

export type Decision = 'deny' | 'ask' | 'warn' | 'allow';

/** What a call must look like. Everything that is given must hold. */
export interface Pattern {
  /** Names of the program, without path. `*` is any. */
  readonly programs: readonly string[];
  /** Its first plain words, one of these sequences; `*` within a word is any text. */
  readonly commands?: readonly string[];
  /** Of each group one flag must be there; short ones also inside a cluster (`-rf`), long ones also with `=value` or cut short. */
  readonly flags?: readonly (readonly string[])[];
  /** None of these flags may be there. */
  readonly without?: readonly string[];
  /** One plain word behind the command is of this kind. */
  readonly word?: Kind;
  /** It writes to a file of this kind by redirection with one of these operators. */
  readonly writes?: { readonly operators: readonly string[]; readonly kind: Kind };
  /** It reads a script from a pipe, a substitution or a here document. */
  readonly fed?: true;
}

export interface Rule {
  readonly id: string;
  readonly decision: Decision;
  readonly match: readonly Pattern[];
  /** Why; shown to whoever typed the command. */
  readonly reason: string;
  /** The safer way. */
  readonly instead: string;
}

const CLOUD = ['aws', 'gcloud', 'gsutil', 'az', 'doctl', 'flyctl', 'fly', 'heroku', 'supabase', 'terraform', 'kubectl'];
const FORCE = ['-f', '--force'];

/** The guard's rules (workflow A3). Order does not matter: the strictest decision that matches holds. */
export const RULES: readonly Rule[] = [
  {
    id: 'delete-root-or-home',
    decision: 'deny',
    match: [
      { programs: ['rm'], flags: [['-r', '-R', '--recursive']], word: 'root or home' },
      { programs: ['find'], flags: [['-delete']], word: 'root or home' },
      { programs: ['rm'], flags: [['--no-preserve-root']] },
    ],
    reason: 'it would delete the file system or a home folder',
    instead: 'name the folder below the project that should go: rm -r ./folder',
  },
  {
    id: 'force-push-default',
    decision: 'deny',
    match: [
      {
        programs: ['git'],
        commands: ['push'],
        flags: [[...FORCE, '--force-with-lease']],
        word: 'pushes default branch',
      },
      { programs: ['git'], commands: ['push'], flags: [['-d', '--delete']], word: 'pushes default branch' },
      { programs: ['git'], commands: ['push'], flags: [['--mirror', '--prune']] },
      {
        programs: ['git'],
        commands: ['push'],
        flags: [
          [...FORCE, '--force-with-lease'],
          ['--all', '--branches'],
        ],
      },
      { programs: ['git'], commands: ['push'], word: 'overwrites default branch' },
    ],
    reason: 'it would rewrite or delete the default branch that everybody builds on',
    instead: 'undo with a new commit: git revert <commit>, then a pull request',
  },
  {
    id: 'overwrite-environment',
    decision: 'deny',
    match: [
      { programs: ['*'], writes: { operators: ['>', '>|', '&>', '>&'], kind: 'environment file' } },
      { programs: ['tee'], without: ['-a', '--append'], word: 'environment file' },
      { programs: ['cp', 'mv', 'install', 'ln'], without: ['-n', '--no-clobber'], word: 'ends at environment file' },
      { programs: ['truncate', 'shred'], word: 'environment file' },
      { programs: ['dd'], word: 'writes environment file' },
    ],
    reason: 'the environment file holds secrets that exist nowhere else; worktrees share it',
    instead: 'edit the one line in an editor, or begin with: cp -n .env.example .env',
  },
  {
    id: 'stage-secrets',
    decision: 'deny',
    match: [
      { programs: ['git'], commands: ['add', 'stage', 'update-index'], word: 'secret file' },
      { programs: ['git'], commands: ['add', 'stage'], flags: [FORCE], word: 'everything' },
      { programs: ['git'], commands: ['add', 'stage'], flags: [FORCE, ['-A', '--all', '-u', '--update']] },
      {
        programs: ['git'],
        commands: ['add', 'stage'],
        flags: [['-A', '--all']],
        word: 'while secrets are not ignored',
      },
      { programs: ['git'], commands: ['add', 'stage'], word: 'everything, while secrets are not ignored' },
    ],
    reason: 'secrets would be committed, and a pushed secret has to be rotated',
    instead: 'keep .env and credentials/ in .gitignore and name the files to add',
  },
  {
    id: 'install-outside-project',
    decision: 'deny',
    match: [
      {
        programs: ['npm', 'pnpm'],
        commands: ['install', 'i', 'in', 'add', 'update', 'up', 'link', 'ci'],
        flags: [['-g', '--global']],
      },
      { programs: ['npm', 'pnpm'], commands: ['install', 'i', 'add', 'update'], flags: [['--location']] },
      { programs: ['yarn'], commands: ['global add', 'global upgrade'] },
      { programs: ['bun', 'deno'], commands: ['install', 'add'], flags: [['-g', '--global']] },
      { programs: ['pip', 'pip3', 'pipx', 'gem', 'cargo', 'go', 'brew', 'port', 'snap'], commands: ['install'] },
      { programs: ['python', 'python3'], flags: [['-m']], word: 'pip' },
      { programs: ['apt', 'apt-get', 'dnf', 'yum', 'apk', 'pacman'], commands: ['install', 'add', '-S'] },
    ],
    reason: 'packages belong into this project and its lock file, not onto the machine',
    instead: 'npm install --save-exact NAME@VERSION here, with its line in docs/dependencies.md',
  },
  {
    id: 'delete-stored-objects',
    decision: 'ask',
    match: [
      { programs: ['aws'], commands: ['s3 rm', 's3 rb', 's3api delete-*'] },
      { programs: ['aws'], commands: ['s3 sync', 's3 mv'], flags: [['--delete']] },
      { programs: ['gsutil'], commands: ['rm', 'rb'] },
      { programs: ['gcloud'], commands: ['storage rm', 'storage buckets delete'] },
      { programs: ['az'], commands: ['storage blob delete*', 'storage container delete'] },
      { programs: ['trr'], commands: ['media prune', 'media takedown'], without: ['--dry-run', '--help'] },
    ],
    reason: 'deleted objects do not come back',
    instead: 'list them first (aws s3 ls, --dryrun); trr media prune --dry-run knows what rows still refer to',
  },
  {
    id: 'delete-database-instance',
    decision: 'ask',
    match: [
      { programs: ['aws'], commands: ['rds delete-*', 'dynamodb delete-table', 'elasticache delete-*'] },
      { programs: ['gcloud'], commands: ['sql instances delete', 'sql databases delete'] },
      { programs: ['az'], commands: ['postgres * delete', 'sql * delete', 'redis delete'] },
      { programs: ['dropdb', 'pg_dropcluster'] },
      { programs: ['trr'], commands: ['db reset'], without: ['--dry-run', '--help'] },
    ],
    reason: 'it removes a database with what people wrote into it',
    instead: 'take a backup and restore it somewhere first; trr db reset --dry-run tells what would go',
  },
  {
    id: 'terminate-machine',
    decision: 'ask',
    match: [
      { programs: ['aws'], commands: ['ec2 terminate-instances', 'ecs delete-*', 'lightsail delete-instance'] },
      { programs: ['gcloud'], commands: ['compute instances delete', 'run services delete'] },
      { programs: ['az'], commands: ['vm delete', 'group delete'] },
      { programs: ['kubectl'], commands: ['delete'] },
      { programs: ['terraform'], commands: ['destroy'] },
      { programs: ['fly', 'flyctl'], commands: ['apps destroy', 'machine destroy'] },
    ],
    reason: 'a terminated machine takes its disks and addresses along',
    instead: 'stop it (aws ec2 stop-instances), look a day, terminate then',
  },
  {
    id: 'cloud-force',
    decision: 'ask',
    match: [
      { programs: CLOUD.filter((name) => name !== 'kubectl'), flags: [[...FORCE, '--auto-approve']] },
      { programs: ['kubectl'], flags: [['--force']] },
    ],
    reason: 'a force flag switches the provider’s own question off',
    instead: 'the same command without the flag',
  },
  {
    id: 'run-unread-script',
    decision: 'ask',
    match: [{ programs: ['sh', 'bash', 'zsh', 'dash', 'ksh', 'ash'], fed: true }],
    reason: 'nobody has read what it would run',
    instead: 'save it to a file, read it, run the file',
  },
  {
    id: 'delete-unknown',
    decision: 'ask',
    match: [{ programs: ['rm'], flags: [['-r', '-R', '--recursive']], word: 'root if a variable is empty' }],
    reason: 'if the variable is empty, the path is the root of the file system',
    instead: 'use "${NAME:?}/..." so that an empty name stops the command',
  },
  {
    id: 'discard-work',
    decision: 'ask',
    match: [
      { programs: ['git'], commands: ['reset'], flags: [['--hard']] },
      { programs: ['git'], commands: ['clean'], flags: [FORCE], without: ['-n', '--dry-run'] },
      { programs: ['git'], commands: ['checkout', 'restore'], word: 'everything' },
      { programs: ['git'], commands: ['branch'], flags: [['-D']] },
      { programs: ['git'], commands: ['worktree remove'], flags: [FORCE] },
      { programs: ['git'], commands: ['stash drop', 'stash clear'] },
      { programs: ['rm'], word: 'environment file' },
    ],
    reason: 'uncommitted or unmerged work would be gone',
    instead: 'git status first; git stash keeps it, npm run worktree:check says what is not merged',
  },
  {
    id: 'push-default',
    decision: 'ask',
    match: [{ programs: ['git'], commands: ['push'], without: ['-n', '--dry-run'], word: 'pushes default branch' }],
    reason: 'nobody works on the default branch',
    instead: 'push the feature branch and open a pull request',
  },
  {
    id: 'push-schema',
    decision: 'warn',
    match: [
      {
        programs: ['supabase'],
        commands: ['db push', 'db reset', 'migration up'],
        without: ['--dry-run', '--help', '--local'],
      },
      { programs: ['trr'], commands: ['db migrate', 'db adopt'], without: ['--dry-run', '--help'] },
    ],
    reason: 'it changes the schema of a database; migrations only go forward',
    instead: 'run it with --dry-run first and read what it would do',
  },
  {
    id: 'delete-hosted-project',
    decision: 'warn',
    match: [{ programs: ['supabase'], commands: ['projects delete', 'branches delete', 'db remote *'] }],
    reason: 'a hosted project goes with its database, its users and its files',
    instead: 'trr export a backup and restore it first; supabase projects list shows which one it is',
  },
  {
    id: 'force-push-branch',
    decision: 'warn',
    match: [{ programs: ['git'], commands: ['push'], flags: [FORCE], without: ['-n', '--dry-run'] }],
    reason: 'it overwrites what others may have pushed to the branch since',
    instead: 'git push --force-with-lease, which stops when the branch has moved; see git push --force --dry-run first',
  },
  {
    id: 'read-git',
    decision: 'allow',
    match: [
      {
        programs: ['git'],
        commands: [
          'status',
          'log',
          'diff',
          'show',
          'blame',
          'rev-parse',
          'ls-files',
          'merge-base',
          'describe',
          'shortlog',
          'worktree list',
          'stash list',
        ],
        without: ['-c', '--exec-path', '--output', '--ext-diff', '--textconv', '--git-dir'],
      },
      {
        programs: ['git'],
        commands: ['branch'],
        flags: [['-a', '-r', '-v', '--list', '--show-current']],
        without: ['-c', '-d', '-D', '-m', '-M', '-f', '--delete', '--force'],
      },
    ],
    reason: 'it only reads',
    instead: '',
  },
  {
    id: 'run-checks',
    decision: 'allow',
    match: [
      {
        programs: ['npm'],
        commands: [
          'test',
          't',
          'run test*',
          'run lint',
          'run format',
          'run typecheck',
          'run validate*',
          'run check:*',
          'run *:check',
        ],
      },
      {
        programs: ['vitest', 'biome', 'tsc'],
        without: ['--outDir', '--outFile', '--declarationDir', '--outputFile'],
      },
    ],
    reason: 'tests, lint, format and freshness checks change nothing outside the project',
    instead: '',
  },
  {
    id: 'read-cloud',
    decision: 'allow',
    match: [
      {
        programs: ['aws'],
        commands: [
          's3 ls',
          'ec2 describe-*',
          'rds describe-*',
          's3api list-*',
          's3api head-*',
          'sts get-caller-identity',
        ],
      },
      { programs: ['gcloud'], commands: ['* list', '* * list', '* describe', '* * describe'] },
      { programs: ['supabase'], commands: ['projects list', 'migration list', 'status'] },
    ],
    reason: 'it only reads',
    instead: '',
  },
  {
    id: 'worktree-tool',
    decision: 'allow',
    match: [
      {
        programs: ['wt'],
        commands: ['list', 'switch*', 'merge*', 'remove*'],
        without: ['-x', '--execute', '-D', '--force'],
      },
      { programs: ['npm'], commands: ['run worktree:*'], without: ['--force'] },
    ],
    reason: 'worktree commands have guards of their own',
    instead: '',
  },
];
