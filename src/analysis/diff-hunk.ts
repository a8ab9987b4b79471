/** One piece of a diff, as the file was and is. */
export interface Hunk {
  /** First line of it in the file as it was; 1 is the file's first. null: the diff does not say. */
  readonly from: number | null;
  readonly before: readonly string[];
  readonly now: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** @param patch unified diff of one file, without the file's head */
export function hunksOf(patch: string): Hunk[] {
  const hunks: { from: number | null; before: string[]; now: string[]; added: string[]; removed: string[] }[] = [];
  for (const line of patch.split("\n")) {
    if (line.startsWith("@@")) {
      const from = /^@@ -(\d{1,9})/.exec(line)?.[1];
      hunks.push({ from: from === undefined ? null : Number(from), before: [], now: [], added: [], removed: [] });
      continue;
    }
    const hunk = hunks.at(-1);
    if (hunk === undefined || line.startsWith("\\")) continue;
    const text = line.slice(1);
    if (!line.startsWith("+")) hunk.before.push(text);
    if (!line.startsWith("-")) hunk.now.push(text);
    if (line.startsWith("+")) hunk.added.push(text);
    if (line.startsWith("-")) hunk.removed.push(text);
  }
  return hunks;
}
