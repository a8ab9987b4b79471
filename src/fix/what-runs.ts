import { isTestPath } from "./path-kinds.ts";

/** Which files of a service nothing runs, by their paths: a revert of these alone restores nothing. */

/** Names that repositories give to words for people, with or without an ending. */
const forPeople =
  /^(?:readme|changelog|changes|history|news|license|licence|copying|notice|authors|contributors|contributing|maintainers|security|support|governance|code[_-]of[_-]conduct|upgrading|upgrade|releasing|todo)(?:[._-].+)?$/;
const proseFile = /\.(?:md|markdown|rst|adoc|asciidoc|textile|org|rdoc|pod)$/;
/** `.txt` alone may be read by the program, and pictures may be shown by it: not among documents. */
const inDocuments = /\.(?:txt|png|jpe?g|gif|svg|drawio|puml|plantuml|mmd|pdf)$/;
const documentFolders = new Set("doc docs documentation adr adrs rfc rfcs".split(" "));
/** What lies in these is read or shown by a program whatever its ending: prompts, pages, mail texts. */
const readByPrograms = new Set(
  "prompt prompts content contents template templates page pages post posts _posts blog mail mails email emails locale locales i18n lang data resources public static assets skill skills".split(
    " ",
  ),
);
/** What is code by its ending, though its name may be a document's: "history.ts", "support.py". */
const isProse = (name: string): boolean => !name.includes(".") || proseFile.test(name) || name.endsWith(".txt");

/** @param path within the service's folder */
function isForPeople(path: string): boolean {
  const parts = path.toLowerCase().split("/");
  const name = parts.at(-1) ?? "";
  const folders = parts.slice(0, -1);
  if (folders.some((part) => readByPrograms.has(part))) return false;
  if (forPeople.test(name) && isProse(name)) return true;
  return proseFile.test(name) || (folders.some((part) => documentFolders.has(part)) && inDocuments.test(name));
}

/**
 * Why nothing runs a file: "documentation" or "test"; null where something may.
 * @param folder of the service, "" for the whole repository: its own name says nothing of the file
 */
export function whyNothingRuns(path: string, folder: string): "documentation" | "test" | null {
  const own = folder !== "" && path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
  if (isForPeople(own)) return "documentation";
  return isTestPath(own) ? "test" : null;
}

/** "documentation", "tests", "documentation and tests": what these files are if nothing runs any of them; null where something may run one. */
export function nothingRunsWords(paths: readonly string[], folder: string): string | null {
  const kinds = new Set(paths.map((path) => whyNothingRuns(path, folder)));
  if (kinds.has(null) || kinds.size === 0) return null;
  return [...(kinds.has("documentation") ? ["documentation"] : []), ...(kinds.has("test") ? ["tests"] : [])].join(" and ");
}
