/** Lines of a file, counted from 1, both ends in it. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Where lines of a file were before a change, or "changed" when the change added one of them or took lines out from between them.
 * @param patch unified diff of the file, without its header
 * @param after numbers of the lines in the file as the change left it
 */
export function throughPatch(patch: string, after: LineRange): LineRange | "changed" {
  // Lines that the change put before the range, less those it took out there.
  let shift = 0;
  let at = 0;
  for (const line of patch.split("\n")) {
    const [, start, count] = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
    if (start !== undefined) {
      // A hunk that leaves nothing names the line before it.
      at = Number(start) + (count === "0" ? 1 : 0);
      continue;
    }
    if (line.startsWith("+")) {
      if (at >= after.first && at <= after.last) return "changed";
      if (at < after.first) shift++;
      at++;
    } else if (line.startsWith("-")) {
      if (at > after.first && at <= after.last) return "changed";
      if (at <= after.first) shift--;
    } else if (!line.startsWith("\\")) at++;
  }
  return { first: after.first - shift, last: after.last - shift };
}
