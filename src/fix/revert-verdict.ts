import { LARGEST_TEXT_BYTES, whyUntouchable } from "./limits.ts";
import type { Difference, Entry } from "./tree-difference.ts";

/** What a revert does to one path. "re-created": the change had deleted it. "deleted": the change had added it. */
export type RevertAction = "restored" | "deleted" | "re-created";

/** Whether and how one path can be put back. */
export type Verdict =
  | { readonly kind: "revert"; readonly action: RevertAction; readonly entry: Entry | null }
  /** The default branch holds what was live before already. */
  | { readonly kind: "already" }
  /** "touched": somebody changed it since; `because` is then completed with who. */
  | { readonly kind: "skip"; readonly because: string; readonly touched: boolean };

const same = (a: Entry | null, b: Entry | null) => a?.sha === b?.sha && a?.mode === b?.mode;
const skip = (because: string, touched = false): Verdict => ({ kind: "skip", because, touched });

const specialModes: Readonly<Record<string, string>> = {
  "120000": "a symlink, which midwatch does not change",
  "160000": "a submodule, which midwatch does not change",
};

/** Judges one path by the three trees alone. Its text is looked at later, by whoever reads it. */
export function verdictOf({ path, before, after, now }: Difference): Verdict {
  const untouchable = whyUntouchable(path);
  if (untouchable !== null) return skip(untouchable);
  for (const mode of [before?.mode, after?.mode]) {
    const special = mode === undefined ? undefined : specialModes[mode];
    if (special !== undefined) return skip(special);
  }
  if (now === "folder") return skip("a folder now", true);
  if (now === "blocked") return skip("the folder it was in is a file now", true);
  if (same(now, before)) return { kind: "already" };
  if (!same(now, after)) {
    if (now === null) return skip("deleted since", true);
    return skip(after === null ? "created again since" : "changed since", true);
  }
  const largest = Math.max(before?.size ?? 0, after?.size ?? 0);
  if (largest > LARGEST_TEXT_BYTES) return skip(`too large to be shown for review (${Math.ceil(largest / 1000)} kB)`);
  if (before === null) return { kind: "revert", action: "deleted", entry: null };
  return { kind: "revert", action: after === null ? "re-created" : "restored", entry: before };
}
