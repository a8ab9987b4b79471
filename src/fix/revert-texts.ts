import type { GithubClient } from "../integrations/github/client.ts";
import { inTurn } from "./in-turn.ts";
import { LARGEST_TEXT_BYTES, MOST_KEPT_TEXT_BYTES } from "./limits.ts";
import { type ConflictHunks, type ConflictedFile, MOST_CONFLICTS_SHOWN, hunksOfClashes, hunksOfFiles } from "./revert-conflict.ts";
import { mergeTexts } from "./revert-merge.ts";
import { type Judged, type Verdict, type Versions, skipTouched } from "./revert-verdict.ts";
import type { Entry } from "./tree-difference.ts";

/** What a path holds on the default branch and after the revert. */
export interface Contents {
  /** null of a binary file. */
  readonly texts: { readonly before: string | null; readonly after: string | null } | null;
  readonly binary: { readonly before: number | null; readonly after: number | null } | null;
  /** Blob after the revert; null where there is none: the path is removed, or its text merged. */
  readonly sha: string | null;
  readonly mode: "100644" | "100755";
  readonly merged: boolean;
}

const CALLS_AT_ONCE = 8;
const encoder = new TextEncoder();
/** Bytes of both texts of a path. */
export const bytesOf = (texts: Contents["texts"]): number =>
  [texts?.before, texts?.after].reduce((sum, text) => sum + encoder.encode(text ?? "").length, 0);
const fileMode = (mode: string | undefined) => (mode === "100755" ? ("100755" as const) : ("100644" as const));

/** Texts by blob, each read once. null: binary. */
function blobReader(github: GithubClient, repository: string, signal: AbortSignal): (sha: string) => Promise<string | null> {
  const known = new Map<string, Promise<string | null>>();
  return (sha) => {
    const asked = known.get(sha) ?? github.git.readBlob({ repository, sha }, signal);
    known.set(sha, asked);
    return asked;
  };
}

interface About {
  readonly github: GithubClient;
  readonly repository: string;
}

/**
 * Reads the contents of all paths that the revert changes and merges those that people changed too. What then turns out not to be possible
 * is judged again in `judged`, as skipped.
 * @returns contents by path, and the sides of each path whose merge clashed
 */
export async function readContents(
  { github, repository }: About,
  judged: ReadonlyMap<string, Judged>,
  signal: AbortSignal,
): Promise<{ readonly contents: ReadonlyMap<string, Contents>; readonly clashes: ReadonlyMap<string, ConflictHunks> }> {
  const contents = new Map<string, Contents>();
  const clashes = new Map<string, ConflictHunks>();
  const read = blobReader(github, repository, signal);

  const put = async ({ path, now }: Judged, entry: Entry | null): Promise<void> => {
    const [before, after] = await Promise.all([now, entry].map((one) => (one === null ? "" : read(one.sha))));
    const file = { sha: entry?.sha ?? null, mode: fileMode((entry ?? now)?.mode), merged: false };
    const binary = before === null || after === null;
    const texts = { before: now === null ? null : (before ?? ""), after: entry === null ? null : (after ?? "") };
    const sizes = { before: now?.size ?? null, after: entry?.size ?? null };
    contents.set(path, { ...file, texts: binary ? null : texts, binary: binary ? sizes : null });
  };

  const merge = async (one: Judged, { versions, mode, at }: Extract<Verdict, { kind: "merge" }>): Promise<void> => {
    const instead = judged.get(at) ?? one;
    const { deployed, ours, theirs } = versions;
    const [base, mine, old] = await Promise.all([read(deployed.sha), read(ours.sha), read(theirs.sha)]);
    if (typeof base !== "string" || typeof mine !== "string" || typeof old !== "string") {
      instead.verdict = skipTouched("binary, and changed since", versions);
      return;
    }
    const result = mergeTexts({ deployed: base, ours: mine, theirs: old });
    if (result.status === "conflict") {
      clashes.set(instead.path, hunksOfClashes(result.clashes));
      instead.verdict = skipTouched("changed since");
    } else if (result.status === "too-large") {
      instead.verdict = skipTouched(`too much to be merged (${result.because}), and changed since`);
    } else if (result.text === mine && one.now?.sha === ours.sha && one.now.mode === mode) {
      one.verdict = { kind: "already" };
    } else if (result.text === mine || result.text === old) {
      const { sha, size } = result.text === old ? theirs : ours;
      await put(one, { mode, sha, size });
    } else {
      const texts = { before: one.now === null ? null : mine, after: result.text };
      contents.set(one.path, { texts, binary: null, sha: null, mode: fileMode(mode), merged: true });
    }
  };

  const changed = [...judged.values()];
  await inTurn(changed, CALLS_AT_ONCE, async (one) => {
    if (one.verdict.kind === "revert") await put(one, one.verdict.entry);
    else if (one.verdict.kind === "merge") await merge(one, one.verdict);
  });

  // A merged text is nowhere in the repository, so it has to be kept with the plan until the pull request is opened.
  let left = MOST_KEPT_TEXT_BYTES;
  const merged = [...contents].flatMap(([path, { merged: isMerged, texts }]) => (isMerged ? [{ path, bytes: bytesOf(texts) }] : []));
  for (const { path, bytes } of merged.toSorted((a, b) => a.bytes - b.bytes)) {
    left -= bytes;
    const one = judged.get(path);
    if (left < 0 && one !== undefined) one.verdict = skipTouched("too long to be merged beside the others, and changed since");
  }
  return { contents, clashes };
}

/** The sides of all files that people changed in ways which exclude the revert. */
export async function readConflicts(
  { github, repository }: About,
  judged: ReadonlyMap<string, Judged>,
  clashes: ReadonlyMap<string, ConflictHunks>,
  because: (path: string) => string,
  signal: AbortSignal,
): Promise<ConflictedFile[]> {
  const read = blobReader(github, repository, signal);
  const found = [...judged.values()].flatMap(({ path, verdict }) => {
    if (verdict.kind !== "skip") return [];
    const known = clashes.get(path);
    return known === undefined && verdict.versions === null ? [] : [{ path, known, versions: verdict.versions }];
  });
  const shown = new Set(found.slice(0, MOST_CONFLICTS_SHOWN));
  return inTurn(found, CALLS_AT_ONCE, async (one) => {
    const { path, known, versions } = one;
    const hunks = known ?? (shown.has(one) && versions !== null ? await wholeFiles(versions, read) : nothingShown);
    const kept = shown.has(one) ? hunks : { conflict: [], moreHunks: hunks.conflict.length + hunks.moreHunks };
    return { path, because: because(path), ...kept };
  });
}

const nothingShown: ConflictHunks = { conflict: [], moreHunks: 0 };

async function wholeFiles(versions: Versions, read: (sha: string) => Promise<string | null>): Promise<ConflictHunks> {
  const entries = [versions.deployed, versions.ours, versions.theirs];
  if (entries.some((entry) => (entry?.size ?? 0) > LARGEST_TEXT_BYTES || (entry !== null && !entry.mode.startsWith("100"))))
    return nothingShown;
  const [deployed = null, ours = null, theirs = null] = await Promise.all(
    entries.map((entry) => (entry === null ? null : read(entry.sha))),
  );
  const binary = [deployed, ours, theirs].some((text, index) => text === null && entries[index] !== null);
  return binary ? nothingShown : hunksOfFiles({ deployed, ours, theirs });
}
