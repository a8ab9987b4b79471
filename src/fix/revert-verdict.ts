import { LARGEST_TEXT_BYTES } from "./limits.ts";
import { whyUntouchable } from "./path-kinds.ts";
import { whyNoRevert } from "./where-to-write.ts";
import type { Difference, Entry } from "./tree-difference.ts";

/** What a revert does to one path. "re-created": the change had deleted it. "deleted": the change had added it. */
export type RevertAction = "restored" | "deleted" | "re-created";

/** One file as deployed, on the default branch now, and before the deploy; null where it is not there. */
export interface Versions {
  readonly deployed: Entry | null;
  readonly ours: Entry | null;
  readonly theirs: Entry | null;
}

/** Whether and how one path can be put back. */
export type Verdict =
  /** `entry`: what is there then, null to remove it. */
  | { readonly kind: "revert"; readonly action: RevertAction; readonly entry: Entry | null }
  /** Changed on both sides: the texts decide. `at`: where our version is, which is named if they clash. */
  | {
      readonly kind: "merge";
      readonly action: Exclude<RevertAction, "deleted">;
      readonly mode: string;
      readonly versions: { readonly [side in keyof Versions]: Entry };
      readonly at: string;
    }
  /** The default branch holds what was live before already. */
  | { readonly kind: "already" }
  /** People renamed it since: it is put back where it is now, or not at all. */
  | { readonly kind: "moved" }
  /**
   * "touched": somebody changed it since; `because` is then completed with who. `versions`: what excludes each other, where that is the
   * reason.
   */
  | { readonly kind: "skip"; readonly because: string; readonly touched: boolean; readonly versions: Versions | null };

/** A path that the revert may change. */
export interface Judged {
  readonly path: string;
  /** What is there on the default branch. */
  readonly now: Entry | null;
  /** Path that it was deployed at, where people renamed it since. */
  readonly deployedAs: string | null;
  verdict: Verdict;
}

/** Where a deployed file is on the default branch, after people renamed it. */
export interface Move {
  readonly path: string;
  readonly entry: Entry;
}

const same = (a: Entry | null, b: Entry | null) => a?.sha === b?.sha && a?.mode === b?.mode;
/** Not to be put back, whatever happened to it since. */
export const skip = (because: string): Verdict => ({ kind: "skip", because, touched: false, versions: null });
/** Not to be put back for what people did since. */
export const skipTouched = (because: string, versions: Versions | null = null): Verdict => ({
  kind: "skip",
  because,
  touched: true,
  versions,
});

const specialModes: Readonly<Record<string, string>> = { "120000": "a symlink", "160000": "a submodule" };
const specialOf = (entry: Entry | null | undefined) => specialModes[entry?.mode ?? ""];

/** Why a path is always left alone, or null. */
function whyNever({ path, before, after }: Pick<Difference, "path" | "before" | "after">): string | null {
  const untouchable = whyUntouchable(path);
  if (untouchable !== null) return untouchable;
  const special = specialOf(before) ?? specialOf(after);
  return special === undefined ? null : `${special}, which midwatch does not change`;
}

function whyTooLarge(entries: readonly (Entry | null)[]): string | null {
  const largest = Math.max(...entries.map((entry) => entry?.size ?? 0));
  return largest > LARGEST_TEXT_BYTES ? `too large to be shown for review (${Math.ceil(largest / 1000)} kB)` : null;
}

function put(action: RevertAction, entry: Entry | null, seen: readonly (Entry | null)[]): Verdict {
  const tooLarge = whyTooLarge([entry, ...seen]);
  return tooLarge === null ? { kind: "revert", action, entry } : skip(tooLarge);
}

/** Which of two changes of one value holds; null when both changed it, each in its own way. */
const settled = (deployed: string, ours: string, theirs: string) =>
  ours === deployed ? theirs : theirs === deployed || theirs === ours ? ours : null;

/** The three-way rule for a file that is there in all three versions: by content and mode, each on its own. */
function resolve(action: "restored" | "re-created", at: string, versions: { readonly [side in keyof Versions]: Entry }): Verdict {
  const { deployed, ours, theirs } = versions;
  const special = specialOf(ours);
  if (special !== undefined) return skipTouched(`${special} now`);
  // There are two modes of a file, so two changes of it can only be the same one.
  const mode = settled(deployed.mode, ours.mode, theirs.mode) ?? ours.mode;
  const sha = settled(deployed.sha, ours.sha, theirs.sha);
  const tooLarge = whyTooLarge([deployed, ours, theirs]);
  if (tooLarge !== null) return skip(tooLarge);
  if (sha === null) return { kind: "merge", action, mode, versions, at };
  return { kind: "revert", action, entry: { mode, sha, size: (sha === theirs.sha ? theirs : ours).size } };
}

/** "already" where a verdict would change nothing. */
const unlessThere = (verdict: Verdict, now: Entry | null): Verdict =>
  verdict.kind === "revert" && same(verdict.entry, now) ? { kind: "already" } : verdict;

const judged = (path: string, now: Difference["now"], verdict: Verdict, deployedAs: string | null = null): Judged => ({
  path,
  now: typeof now === "string" ? null : now,
  deployedAs,
  verdict,
});

/** Where and among what a change is judged. */
export interface Surroundings {
  readonly folder: string;
  /** Whether the change touched a path. */
  readonly differs: (path: string) => boolean;
}

/** Judges a path that is no end of a rename, by the trees alone. `move`: where people renamed it to since. */
export function judgePath(difference: Difference, move: Move | null, surroundings: Surroundings): Judged[] {
  const { path, before, after, now } = difference;
  const one = (verdict: Verdict) => [judged(path, now, verdict)];
  const never = whyNever(difference);
  if (never !== null) return one(skip(never));
  if (now === "new-folder" && before !== null) return one(put("re-created", before, []));
  if (now === "folder" || now === "new-folder") return one(skipTouched("a folder now"));
  // That the file in its place goes is seen to when all verdicts are there.
  if (now === "blocked") {
    return one(before !== null && after === null ? put("re-created", before, []) : skipTouched("the folder it was in is a file now"));
  }
  if (after !== null && now === null && move !== null) return judgeMoved({ path, before, after }, move, surroundings);
  if (same(now, before)) return one({ kind: "already" });
  if (same(now, after)) return one(put(before === null ? "deleted" : after === null ? "re-created" : "restored", before, [after]));
  const versions = { deployed: after, ours: now, theirs: before };
  if (now === null) return one(skipTouched("deleted since", versions));
  if (after === null) return one(skipTouched("created again since", versions));
  if (before === null) return one(skipTouched("changed since", versions));
  return one(unlessThere(resolve("restored", path, { deployed: after, ours: now, theirs: before }), now));
}

/** People renamed a deployed file: what the deploy changed in it is undone where it is now. */
function judgeMoved(
  { path, before, after }: { readonly path: string; readonly before: Entry | null; readonly after: Entry },
  move: Move,
  { folder, differs }: Surroundings,
): Judged[] {
  const one = (verdict: Verdict) => [judged(path, null, verdict)];
  const versions = { deployed: after, ours: move.entry, theirs: before };
  const to = `renamed to ${move.path} since`;
  if (before === null) return one({ kind: "skip", because: `${to}, and added by the deploy`, touched: false, versions });
  const never = whyNoRevert(move.path, folder);
  if (never !== null) return one(skip(`${to}: ${never}`));
  if (differs(move.path)) return one(skip(`${to}, where the deploy changed a file too`));
  const verdict = unlessThere(resolve("restored", move.path, { deployed: after, ours: move.entry, theirs: before }), move.entry);
  return [judged(path, null, { kind: "moved" }), judged(move.path, move.entry, verdict, path)];
}

/**
 * Judges both ends of a rename that the deploy made, by the trees alone. What people changed at the new path since goes back with it.
 * @param from its old path, there before and not deployed; @param to its new one, deployed and not there before
 */
export function judgeRename(from: Difference, to: Difference, move: Move | null, surroundings: Surroundings): Judged[] {
  const { before: theirs, now: old } = from;
  const { after: deployed, now: current } = to;
  const apart = () => [...judgePath(from, null, surroundings), ...judgePath(to, null, surroundings)];
  if (theirs === null || deployed === null || typeof old === "string" || typeof current === "string") return apart();
  if (whyNever(from) !== null || whyNever(to) !== null) return apart();
  const pair = (atOld: Verdict, atNew: Verdict) => [judged(from.path, old, atOld), judged(to.path, current, atNew)];
  const withOther = (path: string) => skip(`renamed with ${path}, which is skipped`);
  if (current !== null && old !== null) {
    return pair(skipTouched("created again since", { deployed: null, ours: old, theirs }), withOther(from.path));
  }
  if (current !== null) {
    const verdict = resolve("re-created", to.path, { deployed, ours: current, theirs });
    return verdict.kind === "skip" ? pair(withOther(to.path), verdict) : pair(verdict, put("deleted", null, [current]));
  }
  if (old !== null) {
    // People took the rename back; what else the deploy changed in the file may still be there.
    if (move?.path !== from.path && !same(old, theirs)) return apart();
    return pair(unlessThere(resolve("restored", from.path, { deployed, ours: old, theirs }), old), { kind: "already" });
  }
  const versions = { deployed, ours: move?.entry ?? null, theirs };
  return pair(withOther(to.path), skipTouched(move === null ? "deleted since" : `renamed to ${move.path} since`, versions));
}
