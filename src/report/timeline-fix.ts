import type { EventOf } from "../incident/event.ts";
import type { FixCommit } from "../incident/fix.ts";
import { type Proof, shownAlone } from "../incident/proof.ts";
import { checkCounts, proofWords } from "./proof-words.ts";
import { type Context, type Draft, link, oneLine } from "./timeline-entry.ts";
import { shortSha } from "./words.ts";

export function proposedEntry(event: EventOf<"fix-proposed">): Draft {
  const files = event.files.length === 1 ? "1 file" : `${event.files.length} files`;
  return {
    kind: "fix",
    text: `${event.draft ? "draft " : ""}${event.kind} PR #${event.number} in ${event.repository}: ${oneLine(event.title)}`,
    detail: `branch ${event.branch}, ${files}`,
    links: link(`PR #${event.number}`, event.url),
  };
}

const ORDINALS = ["", "1st", "2nd", "3rd"];

/** What was pushed: "the test", "2nd try". @param improvements before this commit */
export const committedWords = (role: FixCommit["role"], improvements: number): string =>
  role === "improvement" ? `${ORDINALS[improvements + 1] ?? `${improvements + 1}th`} try` : `the ${role}`;

/** The newest commit that a verdict is about, and the verdict: shown again only when one of them changes. */
export function verdictKey(proof: Proof | null): string | null {
  if (proof === null || proof.verdict === "running") return null;
  return `${proof.verdict} ${proof.after?.sha ?? ""}`;
}

/** What CI shows of the fix, once each time that it is another. Only what is proven is good news, or green where no test could prove more. */
export function verdictEntry(context: Context): Draft[] {
  const { proof, fix } = context;
  const key = verdictKey(proof);
  if (proof === null || fix === null || key === null || key === context.told) return [];
  const { verdict, commits, after } = proof;
  const tested = commits.some(({ role }) => role === "test");
  const tone = verdict === "proven" || (verdict === "green" && !tested) ? "good" : verdict === "red-after" ? "bad" : null;
  const shown = after?.checks.find(({ state }) => state === "failed") ?? after?.checks[0];
  const commit = after === null ? "" : ` (${shortSha(after.sha)})`;
  return [
    {
      kind: "fix",
      text: `${proofWords(proof, fix.base.branch).replace(/\.$/, "")}${commit}`,
      tone,
      links: shown === undefined ? [] : link("checks", shown.link),
    },
  ];
}

function failedAloneWords(before: EventOf<"checks-read">["read"], { proof, fix }: Context, commit: string): string {
  const branch = fix?.base.branch ?? "the default branch";
  const fails = `CI fails on the test alone ${commit}`;
  switch (shownAlone({ before, base: proof?.base ?? null })) {
    case "its-test":
      return `the test fails without the fix, as it should ${commit}`;
    case "awaited":
      return `${before.namesTest === true ? `the test fails without the fix ${commit}` : fails}; CI of ${branch} is still running`;
    case "other":
      return before.namesTest === false
        ? `${fails}, but its log does not name the test`
        : `${fails}, but the same check fails on ${branch} without the test`;
    default:
      return `${fails}; which test failed could not be read`;
  }
}

/** CI of the default branch where it is red, and of the test alone; the verdict covers the fix. */
export function checksEntry({ read }: EventOf<"checks-read">, context: Context): Draft[] {
  const { role, state, sha } = read;
  if (context.checks.get(sha) === state || state === "running") return [];
  const shown = read.checks.find((one) => one.state === "failed") ?? read.checks[0];
  const links = shown === undefined ? [] : link("checks", shown.link);
  const commit = `(${shortSha(sha)})`;
  if (role === "base") {
    if (state !== "failed") return [];
    return [
      { kind: "fix", text: `CI on ${context.fix?.base.branch ?? "the default branch"} ${commit} fails: ${checkCounts(read)}`, links },
    ];
  }
  if (role !== "test") return [];
  const words = {
    none: `CI ran no check on the test alone ${commit}`,
    skipped: `CI skipped the test alone ${commit}`,
    unfinished: `CI on the test alone ${commit} did not end in time`,
    unreadable: `CI on the test alone ${commit} could not be read. ${read.failure ?? ""}`,
    passed: `the test passes without the fix too ${commit}`,
    failed: failedAloneWords(read, context, commit),
  } as const;
  return [{ kind: "fix", text: words[state], links }];
}
