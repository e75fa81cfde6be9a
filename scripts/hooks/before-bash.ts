/**
 * Judges a shell command before it runs (`scripts/hooks/rules.ts` says what and why).
 *
 * As an agent's hook it reads {"tool_name", "tool_input": {"command"}, "cwd"} from standard input and answers in the form
 * hooks answer in; it says nothing about commands that no rule speaks of. By hand: `npm run guard -- 'git push -f'` prints the
 * decision; exit 0 nothing against it, 1 denied or to be confirmed, 2 misuse.
 */
import { readFileSync } from 'node:fs';
import { decide, type Judgement } from './decide.ts';
import { surroundingsAt } from './surroundings.ts';

/** What is shown with a refusal or a question: what, why, the safer way, and what saying yes means. */
function message({ decision, rule, call }: Judgement): string {
  if (rule === null) return '';
  const lines = [
    `${rule.id}: ${rule.reason}.`,
    `Command: ${call}`,
    ...(rule.instead === '' ? [] : [`Instead: ${rule.instead}.`]),
  ];
  if (decision === 'deny')
    lines.push('Refused always. A person who still needs it runs it in a terminal of their own.');
  if (decision === 'ask') lines.push(`Confirm only if you accept that ${rule.reason}.`);
  if (decision === 'warn')
    lines.push(`Dry run first. Confirm only if you have read its result and accept that ${rule.reason}.`);
  return lines.join('\n');
}

/** In the hook's answer a warning is a question: the dry run is what an informed yes needs. */
const ANSWER = { deny: 'deny', ask: 'ask', warn: 'ask', allow: 'allow' } as const;

function asHook(text: string): void {
  let command: unknown;
  let cwd: unknown;
  try {
    const input = JSON.parse(text) as { tool_name?: unknown; tool_input?: { command?: unknown }; cwd?: unknown };
    if (input.tool_name !== undefined && input.tool_name !== 'Bash') return;
    ({ command } = input.tool_input ?? {});
    ({ cwd } = input);
  } catch {
    // Not a hook's input: there is no command to judge, so nothing is refused.
    return;
  }
  if (typeof command !== 'string') return;
  const judgement = decide(command, surroundingsAt(typeof cwd === 'string' ? cwd : process.cwd()));
  if (judgement.decision === 'none') return;
  const hookSpecificOutput = {
    hookEventName: 'PreToolUse',
    permissionDecision: ANSWER[judgement.decision],
    permissionDecisionReason: message(judgement),
  };
  process.stdout.write(`${JSON.stringify({ hookSpecificOutput })}\n`);
}

function byHand(command: string): number {
  const judgement = decide(command, surroundingsAt(process.cwd()));
  process.stdout.write(`${judgement.decision}\n${judgement.rule === null ? '' : `${message(judgement)}\n`}`);
  return judgement.decision === 'none' || judgement.decision === 'allow' ? 0 : 1;
}

const given = process.argv.slice(2);
if (given.length > 1) {
  process.stderr.write("guard: give the command as one quoted word: npm run guard -- 'git push -f'\n");
  process.exitCode = 2;
} else if (given[0] !== undefined) process.exitCode = byHand(given[0]);
else asHook(readFileSync(0, 'utf8'));
