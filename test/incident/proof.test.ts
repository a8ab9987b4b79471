import { expect, test } from "vitest";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import type { FixCommit, ReadCheck, ReadChecks } from "../../src/incident/fix.ts";
import { proofOf, type ProofVerdict, takenOver } from "../../src/incident/proof.ts";
import { stepIds } from "../../src/incident/step-id.ts";
import { proofWords } from "../../src/report/proof-words.ts";
import { fixProposed } from "../support/example-fix.ts";

const BASE = "b".repeat(40);
const TEST = "1".repeat(40);
const FIX = "2".repeat(40);
const BETTER = "3".repeat(40);

const logOf = (events: readonly IncidentEvent[]): LoggedEvent[] => events.map((event, index) => ({ seq: index + 1, at: index, event }));

const proposed = (commits: readonly FixCommit[], kind: "revert" | "patch" = "patch") =>
  fixProposed({ kind, base: { branch: "main", sha: BASE }, commits });

const gaveUp = (step: string): IncidentEvent => ({ type: "step-failed", step, error: "down", attempt: 8, final: true });

const committed = (sha: string, role: FixCommit["role"]): IncidentEvent => ({ type: "fix-committed", commit: { sha, role }, files: [] });

const read = (
  sha: string,
  role: ReadChecks["role"],
  state: ReadChecks["state"],
  checks: Readonly<Record<string, ReadCheck["state"]>> = {},
  namesTest: boolean | null = null,
): IncidentEvent => ({
  type: "checks-read",
  read: {
    sha,
    role,
    state,
    checks: Object.entries(checks).map(([name, one]) => ({ name, state: one, link: null })),
    failure: null,
    namesTest,
  },
});

const patched = [proposed([{ sha: TEST, role: "test" }]), committed(FIX, "fix")];
const green = read(BASE, "base", "passed", { unit: "passed", lint: "passed" });
const failsAlone = read(TEST, "test", "failed", { unit: "failed", lint: "passed" }, true);
const failsUnread = read(TEST, "test", "failed", { unit: "failed" });
const runsOnMain = read(BASE, "base", "running", { unit: "running" });
const passes = read(FIX, "fix", "passed", { unit: "passed", lint: "passed" });

test.each<[string, readonly IncidentEvent[], ProofVerdict]>([
  ["nothing was read", patched, "running"],
  ["the fix is not pushed yet", [proposed([{ sha: TEST, role: "test" }]), green, failsAlone], "running"],
  ["CI of the fix runs", [...patched, green, failsAlone, read(FIX, "fix", "running", { unit: "running" })], "running"],
  ["the test fails alone and passes with the fix", [...patched, green, failsAlone, passes], "proven"],
  ["the same where nothing is known of main yet", [...patched, failsAlone, passes], "running"],
  ["the same while CI of main runs", [...patched, runsOnMain, failsAlone, passes], "running"],
  [
    "the same where CI of main did not end",
    [...patched, read(BASE, "base", "unfinished", { unit: "running" }), failsAlone, passes],
    "proven",
  ],
  ["the same where CI of main was given up", [...patched, gaveUp(stepIds.readChecks(BASE)), failsAlone, passes], "proven"],
  [
    "CI of main runs, and failed in the same check already",
    [...patched, read(BASE, "base", "running", { unit: "failed", lint: "running" }), failsAlone, passes],
    "fails-otherwise",
  ],
  ["it can't be told what failed", [...patched, green, failsUnread, passes], "fails-unread"],
  ["the same while CI of main runs: it may fail there too", [...patched, runsOnMain, failsUnread, passes], "running"],
  ["the same where it does", [...patched, read(BASE, "base", "failed", { unit: "failed" }), failsUnread, passes], "fails-otherwise"],
  [
    "what failed alone fails on main too",
    [...patched, read(BASE, "base", "failed", { unit: "failed" }), failsAlone, passes],
    "fails-otherwise",
  ],
  ["something else failed alone", [...patched, green, read(TEST, "test", "failed", { unit: "failed" }, false), passes], "fails-otherwise"],
  ["the test passes alone", [...patched, green, read(TEST, "test", "passed", { unit: "passed" }), passes], "passes-before"],
  ["the fix breaks a check", [...patched, green, failsAlone, read(FIX, "fix", "failed", { unit: "passed", lint: "failed" })], "red-after"],
  [
    "the fix is red and main still runs",
    [...patched, read(BASE, "base", "running", { unit: "running" }), failsAlone, read(FIX, "fix", "failed", { unit: "failed" })],
    "running",
  ],
  [
    "the fix is red and main did not end",
    [...patched, read(BASE, "base", "unfinished", { unit: "running" }), failsAlone, read(FIX, "fix", "failed", { unit: "failed" })],
    "red-after",
  ],
  [
    "main is red in the same check",
    [...patched, read(BASE, "base", "failed", { unit: "failed" }), failsAlone, read(FIX, "fix", "failed", { unit: "failed" })],
    "red-before",
  ],
  ["no check ran", [...patched, read(TEST, "test", "none"), read(FIX, "fix", "none")], "no-ci"],
  ["CI of the test did not end", [...patched, green, read(TEST, "test", "unfinished", { unit: "running" }), passes], "green"],
  ["CI skipped the fix", [...patched, green, failsAlone, read(FIX, "fix", "skipped", { unit: "skipped" })], "skipped"],
  ["CI skipped the test alone", [...patched, green, read(TEST, "test", "skipped", { unit: "skipped" }), passes], "green"],
  ["CI of the fix did not end", [...patched, green, failsAlone, read(FIX, "fix", "unfinished", { unit: "running" })], "unfinished"],
  ["a revert passes", [proposed([{ sha: FIX, role: "fix" }], "revert"), green, passes], "green"],
  [
    "a revert breaks a check",
    [proposed([{ sha: FIX, role: "fix" }], "revert"), green, read(FIX, "fix", "failed", { unit: "failed" })],
    "red-after",
  ],
])("%s", (_name, events, verdict) => {
  expect(proofOf(logOf(events))?.verdict).toBe(verdict);
});

test("a further commit starts the proof of the fix anew, and what the test alone showed stays", () => {
  const red = [...patched, green, failsAlone, read(FIX, "fix", "failed", { unit: "failed", lint: "passed" })];
  expect(proofOf(logOf(red))).toMatchObject({ verdict: "red-after", newlyFailed: ["unit"], improvements: 0 });
  const better = [...red, committed(BETTER, "improvement")];
  expect(proofOf(logOf(better))).toMatchObject({ verdict: "running", improvements: 1 });
  const proof = proofOf(logOf([...better, read(BETTER, "improvement", "passed", { unit: "passed", lint: "passed" })]));
  expect(proof?.verdict).toBe("proven");
  expect(proof === null ? "" : proofWords(proof, "main")).toBe(
    "Its test fails on main and passes with the fix (CI: 2 checks passed). The first try was red; this is the second.",
  );
});

test("a patch on the branch of a revert is proven by its own test and fix", () => {
  const reverted = "4".repeat(40);
  const patchedRevert = [
    proposed([{ sha: reverted, role: "fix" }], "revert"),
    green,
    read(reverted, "fix", "passed", { unit: "passed" }),
    proposed([
      { sha: reverted, role: "fix" },
      { sha: TEST, role: "test" },
    ]),
  ];
  expect(proofOf(logOf(patchedRevert))).toMatchObject({ verdict: "running", after: null });
  expect(proofOf(logOf([...patchedRevert, failsAlone, committed(FIX, "fix"), passes]))?.verdict).toBe("proven");
});

/** What is said after these events. */
const wordsOf = (...events: readonly IncidentEvent[]) => {
  const proof = proofOf(logOf(events));
  return proof === null ? null : proofWords(proof, "main");
};

test("a test that a better patch changed was not seen to fail, whatever CI said of the first one", () => {
  const drafted = (attempt: number, text: string | null): IncidentEvent => ({
    ...{ type: "fix-drafted", attempt },
    draft: {
      ...{ repository: "acme/shop", service: "payments", title: "", cause: "", change: "", notChanged: "", risk: "", rollBack: "" },
      ...{ notChecked: "", test: null, noTestBecause: null, lines: 2, evidence: [], base: { branch: "main", sha: BASE, tree: BASE } },
      files: [
        { path: "cache.ts", role: "fix", mode: "100644", before: "a", after: `fix ${attempt}` },
        ...(text === null ? [] : [{ path: "cache.test.ts", role: "test" as const, mode: "100644" as const, before: null, after: text }]),
      ],
    },
  });
  const red = read(FIX, "fix", "failed", { unit: "failed" });
  const again = (text: string | null, alone: boolean | null) => [
    drafted(1, "looks"),
    ...patched,
    ...[green, read(TEST, "test", "failed", { unit: "failed" }, alone), red, drafted(2, text), committed(BETTER, "improvement")],
    read(BETTER, "fix", "passed", { unit: "passed" }),
  ];
  for (const text of ["looks away", null])
    for (const alone of [null, false]) {
      expect(proofOf(logOf(again(text, alone)))?.verdict).toBe("green");
      expect(wordsOf(...again(text, alone))).toBe(
        "CI passes: 1 check passed. Its test has changed since CI ran on it alone, so nobody saw it fail. The first try was red; this is the second.",
      );
    }
  expect(proofOf(logOf(again("looks", null)))?.verdict).toBe("fails-unread");
  expect(proofOf(logOf(again("looks", true)))?.verdict).toBe("proven");
});

test("what was skipped is counted as such, and is no proof", () => {
  expect(wordsOf(...patched, green, failsAlone, read(FIX, "fix", "skipped", { unit: "skipped" }))).toBe(
    "CI skipped it, as some do for drafts: nothing was tested.",
  );
  expect(wordsOf(...patched, green, failsAlone, read(FIX, "fix", "passed", { unit: "passed", deploy: "skipped" }))).toBe(
    "Its test fails on main and passes with the fix (CI: 1 check passed, 1 skipped).",
  );
});

test("red CI is told with what is known of main", () => {
  const red = read(FIX, "fix", "failed", { unit: "failed" });
  expect(wordsOf(...patched, green, failsAlone, red)).toBe('CI is red: check "unit" fails; it passes on main.');
  expect(wordsOf(...patched, green, failsAlone, read(FIX, "fix", "failed", { unit: "failed", lint: "failed" }))).toBe(
    'CI is red: checks "unit", "lint" fail; they pass on main.',
  );
  for (const base of [read(BASE, "base", "unfinished", { unit: "running" }), gaveUp(stepIds.readChecks(BASE))])
    expect(wordsOf(...patched, base, failsAlone, red)).toBe('CI is red: check "unit" fails; the result on main is unknown.');
  expect(wordsOf(...patched, read(BASE, "base", "running", { unit: "running" }), failsAlone, red)).toBe(
    'CI is red: check "unit" fails; CI of main is still running.',
  );
  expect(wordsOf(...patched, read(BASE, "base", "failed", { unit: "failed" }), failsAlone, red)).toBe(
    'CI is red, as on main: check "unit". It says nothing about this change.',
  );
});

test("that its test fails is said of main once CI of main has told; where it never does, that is said too", () => {
  const opened = [proposed([{ sha: TEST, role: "test" }])];
  expect(wordsOf(...opened, runsOnMain, failsAlone)).toBe("CI fails on its test; the fix follows.");
  expect(wordsOf(...patched, runsOnMain, failsAlone)).toBe("CI has not started.");
  expect(wordsOf(...patched, runsOnMain, failsAlone, passes)).toBe(
    "CI fails on its test alone and passes with the fix; CI of main is still running.",
  );
  for (const base of [read(BASE, "base", "unfinished", { unit: "running" }), gaveUp(stepIds.readChecks(BASE))]) {
    expect(wordsOf(...patched, base, failsAlone, passes)).toBe(
      "Its test fails on main and passes with the fix (CI: 2 checks passed). The result on main without the test is unknown.",
    );
    expect(wordsOf(...patched, base, failsUnread, passes)).toMatch(
      /could not be read \(CI: 2 checks passed\)\. The result on main without/,
    );
  }
  expect(wordsOf(...patched, read(BASE, "base", "failed", { unit: "failed" }), failsUnread, passes)).toBe(
    "CI fails on the test alone and passes with the fix, but the same check fails on main without the test (CI: 2 checks passed).",
  );
});

test("checks of one name are told apart by app and workflow, and where nothing tells them apart, they are counted", () => {
  const of = (sha: string, role: ReadChecks["role"], checks: readonly Omit<ReadCheck, "name" | "link">[]): IncidentEvent => ({
    type: "checks-read",
    read: {
      sha,
      role,
      state: "failed",
      checks: checks.map((one) => ({ name: "test", link: null, ...one })),
      failure: null,
      namesTest: null,
    },
  });
  const verdict = (base: readonly Omit<ReadCheck, "name" | "link">[], after: readonly Omit<ReadCheck, "name" | "link">[]) =>
    proofOf(logOf([proposed([{ sha: FIX, role: "fix" }], "revert"), of(BASE, "base", base), of(FIX, "fix", after)]))?.verdict;
  const [api, web] = ["github-actions / api / test", "github-actions / web / test"];
  const red = (key: string) => ({ state: "failed", key }) as const;
  const ok = (key: string) => ({ state: "passed", key }) as const;
  expect(verdict([red(api), ok(web)], [ok(api), red(web)])).toBe("red-after");
  expect(verdict([red(api), ok(web)], [red(api), ok(web)])).toBe("red-before");
  expect(verdict([red("a / test"), ok("a / test")], [red("a / test"), red("a / test")])).toBe("red-after");
  expect(verdict([red("a / test"), ok("a / test")], [ok("a / test"), red("a / test")])).toBe("red-before");
});

test("in between it is told what is awaited, and what the test alone has shown", () => {
  const opened = [proposed([{ sha: TEST, role: "test" }]), green];
  expect(wordsOf(proposed([{ sha: TEST, role: "test" }]))).toBe(
    "Only its test is pushed so far, so that it can be seen to fail; the fix follows as the second commit.",
  );
  const said = (state: ReadChecks["state"], checks: Readonly<Record<string, ReadCheck["state"]>> = {}, namesTest: boolean | null = null) =>
    wordsOf(...opened, read(TEST, "test", state, checks, namesTest));
  expect(said("running")).toBe("CI has not started. The fix follows as the second commit.");
  expect(said("running", { unit: "running" })).toBe("CI is running on its test alone; the fix follows as the second commit.");
  expect(said("failed", { unit: "failed" }, true)).toBe("Its test fails on main; the fix follows.");
  expect(said("failed", { unit: "failed" })).toBe("CI fails on its test; the fix follows.");
  expect(said("passed", { unit: "passed" })).toBe("Its test passes on main already, so it will prove nothing; the fix follows.");
  expect(said("none")).toBe("No CI ran on its test; the fix follows.");
  expect(wordsOf(...patched, green, failsAlone)).toBe("Its test fails on main; CI is running on the fix.");
  expect(wordsOf(...patched, green, failsAlone, committed(BETTER, "improvement"))).toBe(
    "Its test fails on main; CI is running on the fix. The first try was red; this is the second.",
  );
  expect(wordsOf(...patched, green, failsAlone, read(FIX, "fix", "unfinished"))).toBe("CI did not run on it, though it runs on main.");
});

test("a fix that will not come is not promised any more", () => {
  const opened = [proposed([{ sha: TEST, role: "test" }]), green, failsAlone];
  const pushed: IncidentEvent = { type: "fix-changed-by-people", what: "pushed", by: "ana", when: 0 };
  expect(proofOf(logOf([...opened, pushed]))?.verdict).toBe("stopped");
  expect(wordsOf(...opened, pushed)).toBe("The fix is not on its branch: someone pushed to it first, so midwatch pushes nothing more.");
  expect(wordsOf(...opened, gaveUp(stepIds.fixCommit(2)))).toBe("midwatch could not push the fix.");
  expect(wordsOf(...patched, green, failsAlone, pushed, passes)).toMatch(/^Its test fails on main and passes with the fix/);
});

test("CI that midwatch gave up reading is told as such, and keeps the fix no longer waiting", () => {
  const opened = [proposed([{ sha: TEST, role: "test" }]), green];
  const proof = proofOf(logOf([...opened, gaveUp(stepIds.readChecks(TEST))]));
  expect(proof?.before?.state).toBe("unreadable");
  expect(wordsOf(...patched, green, failsAlone, gaveUp(stepIds.readChecks(FIX)))).toBe("Its CI could not be read.");
});

test("there is no proof of what was not opened", () => {
  expect(proofOf(logOf([{ type: "fix-declined", because: "nothing to revert" }]))).toBeNull();
});

test("a branch on which people work, or a pull request that they ended, is theirs; their words about it leave it ours", () => {
  const by = (what: Extract<IncidentEvent, { type: "fix-changed-by-people" }>["what"]): IncidentEvent => ({
    type: "fix-changed-by-people",
    what,
    by: "ana",
    when: 0,
  });
  for (const what of ["edited", "ready-for-review", "reopened"] as const) expect(takenOver(logOf([by(what)]))).toBeNull();
  for (const what of ["pushed", "merged", "closed", "branch-deleted"] as const) expect(takenOver(logOf([by(what)]))?.what).toBe(what);
});
