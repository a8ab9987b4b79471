/**
 * Patterns of paths as CODEOWNERS and .gitattributes write them: the rules of .gitignore. `*` and `?` stay within one folder, `**` crosses
 * folders, a slash at the start or in the middle ties the pattern to the file's own folder. No regular expression is built
 * from them, for a pattern may be made to be slow (docs/decisions/libraries.md).
 */

/** One name against one part of a pattern, in time linear in both times the number of stars. */
function matchesName(pattern: string, name: string): boolean {
  let [p, n, star, resume] = [0, 0, -1, 0];
  while (n < name.length) {
    if (pattern[p] === "*") {
      star = p++;
      resume = n;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === name[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++resume;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

const MOST_PARTS = 40;
const LONGEST_PATTERN = 1_000;

/**
 * Parts of a pattern against the first parts of a path; calls `end` with how many parts of the path were read, until it says true. Each pair of
 * places is tried once, however many "**" lead there.
 */
function walk(pattern: readonly string[], path: readonly string[], end: (read: number) => boolean): boolean {
  const tried = new Set<number>();
  const from = (part: number, at: number): boolean => {
    const place = part * (path.length + 1) + at;
    if (tried.has(place)) return false;
    tried.add(place);
    const name = pattern[part];
    if (name === undefined) return end(at);
    if (name === "**") return from(part + 1, at) || (at < path.length && from(part, at + 1));
    return at < path.length && matchesName(name, path[at] ?? "") && from(part + 1, at + 1);
  };
  return from(0, 0);
}

/**
 * Whether a pattern covers a file.
 * @param path relative to the folder in which the pattern's file lies, without a slash at its start
 * @param folders whether a pattern that matches a folder covers all below it, as in CODEOWNERS; in .gitattributes it does not
 */
export function coversPath(pattern: string, path: string, folders: boolean): boolean {
  if (pattern.length > LONGEST_PATTERN) return false;
  const onlyFolder = pattern.endsWith("/");
  const trimmed = pattern.replace(/^\/|\/$/g, "");
  if (trimmed === "") return false;
  // Two of them in a row say no more than one, and take time.
  const parts = trimmed.split("/").filter((part, index, all) => part !== "**" || all[index - 1] !== "**");
  const anchored = pattern.startsWith("/") || parts.length > 1;
  const names = path.split("/");
  if (parts.length > MOST_PARTS || names.length > MOST_PARTS) return false;
  // "docs/*" is what lies in docs itself, no deeper: GitHub's own rule for CODEOWNERS.
  const below = folders && (onlyFolder || parts.at(-1) !== "*");
  const end = (read: number) => (read === names.length ? !onlyFolder : read < names.length && read > 0 && below);
  return walk(anchored ? parts : ["**", ...parts], names, end);
}
