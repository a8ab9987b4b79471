import { patchAllowance } from "../guard/allowances.ts";
import { withoutSensitive } from "../guard/sensitive.ts";
import { shortSha } from "../report/words.ts";
import { outside, outsideCode } from "./outside-text.ts";

/** What CI says of one commit. */
export interface ProofRow {
  /** What the commit holds: "main", "main + test", "main + test + fix". */
  readonly label: string;
  readonly sha: string;
  /** Address of the commit. */
  readonly link?: string | null;
  /** Whether the test that shows the fault fails there, as far as CI shows. */
  readonly test: "fails" | "passes" | "running" | "unknown";
  /** CI of it is waited for no more, so that what still runs had not ended when this was written. */
  readonly over?: boolean;
  /** Checks counted: check runs and commit statuses. `failedNames`: of those that failed, text from outside. */
  readonly checks: {
    readonly passed: number;
    readonly failed: number;
    readonly running: number;
    readonly skipped?: number;
    readonly failedNames: readonly string[];
    /** Where the failed ones tell why, in the order of their names; only `https:` addresses are shown. */
    readonly failedLinks?: readonly (string | null)[];
  };
}

/** The proof of a pull request, as its reader sees it first. */
export interface ProofPart {
  /** The verdict in one sentence: "Its test fails on main and passes with the fix." */
  readonly headline: string;
  readonly rows: readonly ProofRow[];
  /** What else there is to know: the incident is resolved, CI was waited for long enough, …; null for nothing. */
  readonly note: string | null;
  /** The lines around the test's failure, for private repositories: a log may tell what nobody else should read. */
  readonly failure?: string | null;
  /** Name of the test, null where the fix has none: then its column is left out. Not given: "the test". */
  readonly test?: string | null;
}

const BEGIN = "<!-- midwatch:proof -->";
const END = "<!-- /midwatch:proof -->";
const MOST_NAMED = 3;
const LONGEST_LINE = 200;

const said = (text: string, longest: number) => outside(withoutSensitive(text, { allowed: patchAllowance }), longest);
/** A code span in a table: there a bar ends the cell even in code. */
const cellCode = (text: string, longest: number) =>
  outsideCode(withoutSensitive(text, { allowed: patchAllowance }), longest).replaceAll("|", "\\|");

/** Addresses of checks come from outside: one that could end the link or the cell is left out. */
const linked = (text: string, link: string | null) =>
  link !== null && /^https:\/\/[\w.-]+(?::\d+)?\/[\w./?=&%#~+-]*$/u.test(link) && link.length <= 300 ? `[${text}](${link})` : text;

const testWords = { fails: "fails", passes: "passes", running: "running", unknown: "unknown" } as const satisfies Record<
  ProofRow["test"],
  string
>;

function checksCell({ passed, failed, running, skipped = 0, failedNames, failedLinks = [] }: ProofRow["checks"], over: boolean): string {
  const named = failedNames.slice(0, MOST_NAMED).map((name, index) => linked(cellCode(name, 60), failedLinks[index] ?? null));
  const more = failedNames.length > named.length ? ", …" : "";
  const parts = [
    ...(passed > 0 ? [`${passed} passed`] : []),
    ...(failed > 0 ? [`${failed} failed${named.length > 0 ? ` (${named.join(", ")}${more})` : ""}`] : []),
    ...(running > 0 ? [`${running} ${over ? "unfinished when this was written" : "running"}`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ];
  return parts.length === 0 ? "none yet" : parts.join(", ");
}

function table({ rows, test }: ProofPart): string[] {
  if (rows.length === 0) return [];
  const columns = test === null ? ["", "checks"] : ["", typeof test === "string" ? `test ${cellCode(test, 120)}` : "the test", "checks"];
  const line = (cells: readonly string[]) => `|${cells.map((cell) => (cell === "" ? " " : ` ${cell} `)).join("|")}|`;
  return [
    line(columns),
    `|${columns.map(() => "---").join("|")}|`,
    ...rows.map((row) => {
      const commit = `${said(row.label, 80)} (${linked(cellCode(shortSha(row.sha), 12), row.link ?? null)})`;
      return line([commit, ...(test === null ? [] : [testWords[row.test]]), checksCell(row.checks, row.over ?? false)]);
    }),
  ];
}

/** Indented as code, which no line can end, and folded. */
function failurePart(failure: string): readonly string[] {
  const lines = withoutSensitive(failure, { allowed: patchAllowance })
    .replaceAll("midwatch:proof", "midwatch: proof")
    .split(/\r?\n/u)
    .map(
      (line) =>
        `    ${line
          .replace(/[^\P{C}\t]/gu, "")
          .slice(0, LONGEST_LINE)
          .toWellFormed()}`,
    );
  return [
    "",
    "<details><summary>The test's failure without the fix</summary>",
    "",
    "<!-- the log of CI -->",
    "",
    ...lines,
    "",
    "</details>",
  ];
}

/** The part of the body that says what CI proved, between the comments by which {@link replaceProof} finds it again. */
export function proofPart(proof: ProofPart): readonly string[] {
  const rows = table(proof);
  return [
    BEGIN,
    `**${said(proof.headline, 400)}**`,
    ...(rows.length > 0 ? ["", ...rows] : []),
    ...((proof.failure ?? null) === null ? [] : failurePart(proof.failure ?? "")),
    ...(proof.note === null ? [] : ["", said(proof.note, 1_000)]),
    // Without an empty line GitHub might take the comment for one more row of the table.
    "",
    END,
  ];
}

/**
 * The body with another proof in the place of the one that it holds; everything else stays byte for byte.
 * @returns null where the comments around the proof are gone, doubled or turned round: then people have made the text their own
 */
export function replaceProof(body: string, proof: ProofPart): string | null {
  const begin = body.indexOf(BEGIN);
  const end = body.indexOf(END);
  if (begin < 0 || end < begin || body.includes(BEGIN, begin + 1) || body.includes(END, end + 1)) return null;
  // GitHub's editor writes "\r\n".
  const lineBreak = body.includes("\r\n") ? "\r\n" : "\n";
  return body.slice(0, begin) + proofPart(proof).join(lineBreak) + body.slice(end + END.length);
}
