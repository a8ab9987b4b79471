import type { Comparison } from "../integrations/github/history.ts";
import { isInside } from "../integrations/github/production-changes.ts";
import { type Judged, skip, skipTouched } from "./revert-verdict.ts";
import type { Difference } from "./tree-difference.ts";

/** Old path → new path: what GitHub calls a rename, and equal contents that left one path for another. */
export function renamesIn(differences: readonly Difference[], comparison: Comparison | null): Map<string, string> {
  const gone = new Map(differences.filter(({ after }) => after === null).map((difference) => [difference.path, difference]));
  const come = new Map(differences.filter(({ before }) => before === null).map((difference) => [difference.path, difference]));
  const renames = new Map<string, string>();
  // All empty files are equal, so that says nothing.
  const wasEmpty = (path: string) => gone.get(path)?.before?.size === 0;
  for (const file of comparison?.files ?? []) {
    if (file.status !== "renamed" || file.previousPath === null || wasEmpty(file.previousPath)) continue;
    renames.set(file.previousPath, file.path);
    come.delete(file.path);
  }
  for (const [path, { before }] of gone) {
    if (renames.has(path) || wasEmpty(path)) continue;
    const to = [...come.values()].find(({ after }) => after?.sha === before?.sha);
    if (to === undefined) continue;
    renames.set(path, to.path);
    come.delete(to.path);
  }
  return renames;
}

/** Two paths that are put back together or not at all. */
export interface Link {
  readonly path: string;
  readonly other: string;
  /** How `path` hangs together with `other`, words for people. */
  readonly words: string;
}

/** Both ends of each rename: half of it undone would leave the file twice or nowhere. */
export const linksOfRenames = (renames: ReadonlyMap<string, string>): Link[] =>
  [...renames].flatMap(([from, to]) => [
    { path: from, other: to, words: `renamed with ${to}` },
    { path: to, other: from, words: `renamed with ${from}` },
  ]);

/** A file and the folder that took its place, or a folder and the file that did: the one can only come back when the other goes. */
export function linksOfPlaces(differences: readonly Difference[]): Link[] {
  const known = new Set(differences.map(({ path }) => path));
  return differences.flatMap(({ path }) =>
    foldersAbove(path).flatMap((above) =>
      known.has(above)
        ? [
            { path, other: above, words: `in the place of ${above}` },
            { path: above, other: path, words: `in the place of ${path}` },
          ]
        : [],
    ),
  );
}

const foldersAbove = (path: string): string[] =>
  path.split("/").flatMap((_, index, parts) => (index === 0 ? [] : [parts.slice(0, index).join("/")]));

const changes = (judged: Judged | undefined) => judged?.verdict.kind === "revert" || judged?.verdict.kind === "merge";

/** Skips what a skipped path takes with it, and through a chain of links the next one: until nothing changes any more. */
export function joinLinked(judged: ReadonlyMap<string, Judged>, links: readonly Link[], folder: string): void {
  for (let changed = true; changed;) {
    changed = false;
    for (const { path, other, words } of links) {
      const one = judged.get(path);
      if (one === undefined || !changes(one)) continue;
      const because = !isInside(other, folder)
        ? `${words}, which is outside ${folder}`
        : judged.get(other)?.verdict.kind === "skip"
          ? `${words}, which is skipped`
          : null;
      if (because === null) continue;
      one.verdict = skip(because);
      changed = true;
    }
  }
}

/** What is below a file of the default branch can come back only where the revert removes that file. */
export function skipBlocked(judged: ReadonlyMap<string, Judged>, differences: readonly Difference[]): void {
  for (const { path, now } of differences) {
    const one = judged.get(path);
    if (now !== "blocked" || one === undefined || !changes(one)) continue;
    const goes = foldersAbove(path).some((above) => {
      const verdict = judged.get(above)?.verdict;
      return verdict?.kind === "revert" && verdict.action === "deleted";
    });
    if (!goes) one.verdict = skipTouched("the folder it was in is a file now");
  }
}
