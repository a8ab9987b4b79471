/** A path from its repository's root, as it is compared and written: people and models put `./`, `/` or blanks before it, and a slash behind. */
export const plainPath = (path: string): string =>
  path
    .trim()
    .replace(/^(?:\.?\/)+/, "")
    .replace(/\/+$/, "");
