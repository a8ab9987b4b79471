import { readFileSync } from "node:fs";
import { isTestPath } from "../../src/fix/path-kinds.ts";
import type { PatchedFile } from "../../src/incident/fix.ts";

/** A change of one file: of `corpora/hostile-patches.txt` or `good-patches.txt`, both written before the rules were read. */
export interface PatchCase {
  readonly file: PatchedFile;
  /** Every other one is for measurements alone. */
  readonly half: "developed" | "unseen";
}

export function patchCases(name: "hostile" | "good"): readonly PatchCase[] {
  const text = readFileSync(new URL(`corpora/${name}-patches.txt`, import.meta.url), "utf8");
  return text
    .split(/^@ /m)
    .slice(1)
    .map((part, index) => {
      const [path = "", ...lines] = part.trimEnd().split("\n");
      const kept = (sign: string) =>
        lines
          .filter((line) => line.startsWith(sign) || line.startsWith(" "))
          .map((line) => `${line.slice(1)}\n`)
          .join("");
      const role = isTestPath(path) ? "test" : "fix";
      return {
        file: { path, role, mode: "100644", before: kept("-"), after: kept("+") },
        half: index % 2 === 0 ? "developed" : "unseen",
      };
    });
}
