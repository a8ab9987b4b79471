/** The beginning of a text of at most so many characters, with "…" where something is missing; never half a character. */
export const cut = (text: string, longest: number): string =>
  text.length <= longest ? text : `${text.slice(0, longest - 1).toWellFormed()}…`;
