/** One word of a command as the shell would hand it on. */
export interface Word {
  /** The text without quotes; a part that is only known at run time stands as it was written (`$HOME`, `$(...)`). */
  readonly text: string;
  /** True when a variable, substitution or pattern leaves open what the program will see. */
  readonly open: boolean;
}

export interface Redirection {
  /** `>`, `>>`, `>|`, `&>`, `<`, ... without the descriptor's number. */
  readonly operator: string;
  readonly target: Word;
}

/** A simple command: assignments in front, words, redirections. */
export interface Command {
  readonly assignments: readonly { readonly name: string; readonly value: Word }[];
  readonly words: readonly Word[];
  readonly redirections: readonly Redirection[];
  /** True when it reads what another program writes (`a | this`). */
  readonly piped: boolean;
}

export interface Script {
  /** All simple commands, also those inside substitutions, groups and functions, in the order they were written. */
  readonly commands: readonly Command[];
  /** False when quotes or brackets do not close: what was read is still judged, and nothing is allowed unasked. */
  readonly complete: boolean;
}

const SPACE = /[ \t\r]/;
const OPERATOR = /^(?:&&|\|\||;;|\|&|[;|&\n(){}])/;
const REDIRECTION = /^(?:\d*|&)(?:>>|>\||<<<|<<-?|<>|>&|<&|>|<)/;
/** Words of the grammar that stand before a command. */
const KEYWORDS = new Set([
  '!',
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'do',
  'done',
  'while',
  'until',
  'time',
  'coproc',
  'function',
]);
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)\+?=/;

/**
 * Splits a shell text into simple commands and words: quotes, escapes, `$'...'`, comments, chains, pipes, groups, redirections, here
 * documents, `$(...)`, backquotes and `<(...)`. It does not run or expand anything.
 */
export function parseShell(text: string): Script {
  return new Parser(text).script();
}

class Parser {
  readonly #text: string;
  #at = 0;
  #complete = true;
  readonly #commands: Command[] = [];
  /** Ends of here documents whose bodies begin on the next line. */
  #hereEnds: string[] = [];

  constructor(text: string) {
    this.#text = text.replace(/\\\r?\n/g, '');
  }

  script(): Script {
    let current = emptyCommand(false);
    const finish = (piped: boolean) => {
      this.#add(current);
      current = emptyCommand(piped);
    };
    while (this.#at < this.#text.length) {
      const rest = this.#text.slice(this.#at);
      const [redirection] = REDIRECTION.exec(rest) ?? [];
      const [operator] = OPERATOR.exec(rest) ?? [];
      if (SPACE.test(rest.charAt(0))) this.#at++;
      else if (rest.startsWith('#')) this.#skipTo('\n');
      else if (/^[<>]\(/.test(rest)) current.words.push(this.#word());
      else if (redirection !== undefined) this.#redirect(current, redirection);
      else if (operator !== undefined && !this.#isBrace(operator, current)) {
        this.#at += operator.length;
        finish(operator === '|' || operator === '|&');
        if (operator === '\n') this.#skipHereDocuments();
      } else this.#take(current, this.#word());
    }
    finish(false);
    return { commands: this.#commands, complete: this.#complete && this.#hereEnds.length === 0 };
  }

  /** `{` and `}` are words unless they stand where a command may begin. */
  #isBrace(operator: string, current: MutableCommand): boolean {
    return /[{}]/.test(operator) && (current.words.length > 0 || /^[{}][^\s;]/.test(this.#text.slice(this.#at)));
  }

  #take(current: MutableCommand, word: Word): void {
    const [prefix, name] = ASSIGNMENT.exec(word.text) ?? [];
    if (current.words.length > 0) current.words.push(word);
    else if (prefix !== undefined && name !== undefined) {
      current.assignments.push({ name, value: { ...word, text: word.text.slice(prefix.length) } });
    } else if (!KEYWORDS.has(word.text)) current.words.push(word);
  }

  #add(command: MutableCommand): void {
    if (command.words.length + command.assignments.length + command.redirections.length > 0)
      this.#commands.push(command);
  }

  #redirect(current: MutableCommand, matched: string): void {
    this.#at += matched.length;
    while (SPACE.test(this.#text.charAt(this.#at))) this.#at++;
    const operator = matched.replace(/^\d+/, '');
    const target = this.#word();
    if (operator.startsWith('<<') && operator !== '<<<') this.#hereEnds.push(target.text);
    current.redirections.push({ operator, target });
  }

  /** Bodies of here documents are input of a program, not commands; `bash <<EOF` is caught by the rule about piped scripts. */
  #skipHereDocuments(): void {
    for (const end of this.#hereEnds) {
      const found = new RegExp(`^\\t*${end.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`, 'm').exec(
        this.#text.slice(this.#at),
      );
      if (found === null) this.#complete = false;
      this.#at = found === null ? this.#text.length : this.#at + found.index + found[0].length;
    }
    this.#hereEnds = [];
  }

  #word(): Word {
    let text = '';
    let open = false;
    while (this.#at < this.#text.length) {
      const character = this.#text.charAt(this.#at);
      const rest = this.#text.slice(this.#at);
      if (/^[<>]\(/.test(rest) || rest.startsWith('$(') || character === '`') {
        text += this.#substitution();
        open = true;
      } else if (SPACE.test(character) || /[;|&\n()<>]/.test(character)) break;
      else if (character === "'") text += this.#quotedTo("'");
      else if (rest.startsWith("$'")) {
        this.#at++;
        text += unescaped(this.#quotedTo("'", true));
      } else if (character === '"') {
        const quoted = this.#doubleQuoted();
        text += quoted.text;
        open ||= quoted.open;
      } else if (character === '\\') {
        text += this.#text.charAt(this.#at + 1);
        this.#at += 2;
      } else {
        const [variable] = /^\$(?:\{[^}]*\}|\w+|[@*#?$!-])/.exec(rest) ?? [];
        text += variable ?? character;
        open ||= variable !== undefined || /[*?[]/.test(character);
        this.#at += (variable ?? character).length;
      }
    }
    return { text, open };
  }

  #quotedTo(quote: string, escapes = false): string {
    const begin = ++this.#at;
    while (this.#at < this.#text.length && this.#text.charAt(this.#at) !== quote) {
      this.#at += escapes && this.#text.charAt(this.#at) === '\\' ? 2 : 1;
    }
    if (this.#at >= this.#text.length) this.#complete = false;
    return this.#text.slice(begin, this.#at++);
  }

  #doubleQuoted(): Word {
    let text = '';
    let open = false;
    this.#at++;
    while (this.#at < this.#text.length) {
      const character = this.#text.charAt(this.#at);
      if (character === '"') {
        this.#at++;
        return { text, open };
      }
      if (this.#text.startsWith('$(', this.#at) || character === '`') {
        text += this.#substitution();
        open = true;
      } else if (character === '\\' && /["\\$`]/.test(this.#text.charAt(this.#at + 1))) {
        text += this.#text.charAt(this.#at + 1);
        this.#at += 2;
      } else {
        open ||= character === '$' && /[\w{@*#?$!]/.test(this.#text.charAt(this.#at + 1));
        text += character;
        this.#at++;
      }
    }
    this.#complete = false;
    return { text, open };
  }

  /** `$(...)`, `<(...)` or backquotes: the commands in it are added, the text stands as it was written. */
  #substitution(): string {
    const begin = this.#at;
    const backquote = this.#text.charAt(begin) === '`';
    this.#at += backquote ? 1 : 2;
    const inside = this.#at;
    for (let depth = 1; this.#at < this.#text.length; this.#at++) {
      const character = this.#text.charAt(this.#at);
      if (character === '\\') this.#at++;
      else if (!backquote && (character === "'" || character === '"')) this.#skipQuoted(character);
      else if (backquote ? character === '`' : character === ')') depth--;
      else if (!backquote && character === '(') depth++;
      if (depth === 0) break;
    }
    if (this.#at >= this.#text.length) this.#complete = false;
    const inner = parseShell(this.#text.slice(inside, this.#at));
    this.#commands.push(...inner.commands);
    this.#complete &&= inner.complete;
    this.#at++;
    return this.#text.slice(begin, this.#at);
  }

  #skipQuoted(quote: string): void {
    for (this.#at++; this.#at < this.#text.length && this.#text.charAt(this.#at) !== quote; this.#at++) {
      if (quote === '"' && this.#text.charAt(this.#at) === '\\') this.#at++;
    }
  }

  #skipTo(end: string): void {
    const found = this.#text.indexOf(end, this.#at);
    this.#at = found < 0 ? this.#text.length : found;
  }
}

interface MutableCommand {
  assignments: { name: string; value: Word }[];
  words: Word[];
  redirections: Redirection[];
  piped: boolean;
}

function emptyCommand(piped: boolean): MutableCommand {
  return { assignments: [], words: [], redirections: [], piped };
}

/** The escapes of `$'...'` that matter here: quotes, backslashes, line ends and characters by number. */
function unescaped(text: string): string {
  return text.replace(/\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|[0-7]{1,3}|.)/g, (whole, code: string) => {
    if (/^[xu]./.test(code)) return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCodePoint(Number.parseInt(code, 8));
    return { n: '\n', t: '\t', r: '\r' }[code] ?? (whole.length === 2 ? code : whole);
  });
}
