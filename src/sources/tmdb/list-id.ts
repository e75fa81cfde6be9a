export const LIST_ID_HELP = 'is not a TMDb list: give its number, or a link that contains /list/<number>';

/** The list's number: digits, or any text with `/list/<digits>` in it (`spec/sources-tmdb.md` 2); null otherwise. */
export function parseListId(text: string): number | null {
  const [, digits] = /^\s*(\d+)\s*$/.exec(text) ?? /\/list\/(\d+)/.exec(text) ?? [];
  const id = Number(digits);
  return digits !== undefined && Number.isSafeInteger(id) ? id : null;
}
