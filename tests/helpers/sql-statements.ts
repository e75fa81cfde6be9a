/** Comments, quoted texts and names, dollar-quoted texts, the end of a statement, anything else. */
const TOKEN = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"[^"]*"|(\$[A-Za-z_]*\$)[\s\S]*?\1|;|[^;'"$/-]+|./g;

/** Splits a migration into its statements, as the hosted platform's command line does before it sends them one by one. */
export function splitStatements(text: string): string[] {
  const statements: string[] = [];
  let current = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token.startsWith('--') || token.startsWith('/*')) continue;
    if (token !== ';') current += token;
    else {
      if (current.trim() !== '') statements.push(current.trim());
      current = '';
    }
  }
  return current.trim() === '' ? statements : [...statements, current.trim()];
}
