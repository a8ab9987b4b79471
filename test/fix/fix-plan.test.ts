import { describe, expect, test } from "vitest";
import { fixProposed } from "../support/example-fix.ts";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import { APPROVAL_LIFE_MS, payloadHash } from "../../src/guard/approval.ts";
import { APPROVE, approvalsOf, buttonValue, REFUSE } from "../../src/incident/approval.ts";
import type { CheckQuestion, PatchDraft, ReadCheck, ReadChecks } from "../../src/incident/fix.ts";
import type { Analysis } from "../../src/incident/finding.ts";
import { stepIds } from "../../src/incident/step-id.ts";
import type { Step, StepContext } from "../../src/store/incident-store.ts";
import { newlyFailedIn } from "../../src/incident/proof.ts";
import { viewOf } from "../../src/incident/view.ts";
import type { Fixer, PatchWriter } from "../../src/fix/fix-parts.ts";
import { createFixPlan } from "../../src/fix/fix-plan.ts";
import { fixReport } from "../../src/report/fix-words.ts";
import { toTimeline } from "../../src/report/timeline.ts";
import { at, deploy, exampleTriage, page } from "../support/example-log.ts";
import { closed, finding, started, submitted } from "../support/example-investigation.ts";

const MINUTE = 60_000;
const START = at("03:14:00");

const draft: PatchDraft = {
  repository: "acme/shop",
  base: { branch: "main", sha: "b".repeat(40), tree: "t".repeat(40) },
  service: "payments",
  title: "Key the cache by merchant",
  cause: "",
  change: "",
  notChanged: "",
  risk: "",
  rollBack: "",
  notChecked: "",
  test: { name: "token cache hits", command: "node --test" },
  noTestBecause: null,
  files: [],
  lines: 3,
  evidence: [],
};

/** What the repository's CI says of a commit, by its place on the branch; undefined: no check (yet). */
type Ci = (question: CheckQuestion, now: number) => Readonly<Record<string, ReadCheck["state"]>> | undefined;

/**
 * An incident from its finding on, played on a clock of its own: steps of the fix run one after another, waits pass at once. The writer drafts
 * at once, too.
 */
function night(options: {
  readonly finding?: Partial<typeof finding> | null;
  readonly ci?: Ci;
  /** What triage said otherwise than in the example. */
  readonly analysis?: Partial<Analysis>;
  /** Whether the failing log names the test; yes unless told. */
  readonly names?: boolean;
  readonly writes?: boolean | "declines";
  /** Whether the catalog has a repository for the patch; yes unless told. */
  readonly hasPlace?: boolean;
  readonly incidentId?: string;
  /** Files of the patch that is drafted. */
  readonly files?: PatchDraft["files"];
  /** What incidents have claimed. Default: this is the only one. */
  readonly claims?: Map<string, { readonly incidentId: string; note: string | null }>;
  readonly people?: readonly {
    readonly after: (log: readonly LoggedEvent[]) => boolean;
    readonly event: IncidentEvent | ((log: readonly LoggedEvent[]) => IncidentEvent);
  }[];
  /** What the revert would touch by the time that it is planned. */
  readonly revertFiles?: () => readonly string[];
  readonly commit?: Fixer["commit"];
  readonly failing?: readonly string[];
  /** What an earlier run began to open. */
  readonly begun?: "revert" | "patch";
  /** What speaks against the revert itself. */
  readonly revertDoubt?: string;
  /** What comes while something is told, once. */
  readonly whileTelling?: { readonly event: IncidentEvent; readonly at: string };
}) {
  const log: LoggedEvent[] = [];
  let now = START;
  const append = (event: IncidentEvent) => log.push({ seq: log.length + 1, at: now, event });
  append({ type: "page-received", page });
  append({ ...exampleTriage, analysis: { ...exampleTriage.analysis, ...options.analysis } });
  if (options.finding !== null)
    for (const event of [started(), submitted({ ...finding, ...options.finding }), closed("submitted", "handed in")]) append(event);
  append({ type: "finding-posted", ts: "1", text: "" });
  append({ type: "investigation-finished", tookMs: 1 });

  const calls: string[] = [];
  const proposed = (kind: "revert" | "patch") =>
    fixProposed({ kind, commits: [kind === "revert" ? { sha: "c1-fix", role: "fix" } : { sha: "c1-test", role: "test" }] });
  const fixer: Fixer = {
    resume: async () => {
      if (options.begun === undefined) return null;
      calls.push("resume");
      return proposed(options.begun);
    },
    revert: async ({ approved, doubt }) => {
      const payload = { incident: "pd-Q1", kind: "revert", files: options.revertFiles?.() ?? ["a.ts"] };
      const isApproved = approved === (await payloadHash(payload));
      const because = isApproved ? null : (doubt ?? options.revertDoubt ?? null);
      if (because !== null) return { type: "fix-offer", kind: "revert", because, payload, summary: "revert of 9f2c1e4 in acme/shop: a.ts" };
      calls.push(`revert${isApproved ? " approved" : ""}`);
      return proposed("revert");
    },
    patch: async ({ view }) => {
      calls.push("patch");
      const opened = proposed("patch");
      const earlier = view.proof?.commits ?? [];
      return earlier.length === 0 ? opened : { ...opened, commits: [...earlier, { sha: `c${earlier.length + 1}-test`, role: "test" }] };
    },
    commit:
      options.commit ??
      (async ({ role, number }) => {
        calls.push(`commit ${number} ${role}`);
        return { type: "fix-committed", commit: { sha: `c${number}-${role}`, role }, files: [] };
      }),
    readChecks: async (question): Promise<ReadChecks> => {
      const checks = Object.entries(options.ci?.(question, now) ?? {}).map(([name, state]) => ({ name, state, link: null }));
      const has = (wanted: ReadCheck["state"]) => checks.some(({ state }) => state === wanted);
      const state =
        checks.length === 0 ? "none" : has("running") ? "running" : has("failed") ? "failed" : has("passed") ? "passed" : "skipped";
      const namesTest = question.role === "test" && has("failed") ? (options.names ?? true) : null;
      const failed = newlyFailedIn({ checks }, question.base ?? null).join(", ");
      return { sha: question.sha, role: question.role, state, checks, failure: failed === "" ? null : `not ok 1 in ${failed}`, namesTest };
    },
    tell: async ({ view, log: seen }) => {
      calls.push(`tell ${view.proof?.verdict ?? "nothing"}`);
      const { whileTelling } = options;
      if (whileTelling?.at === calls.at(-1) && !log.some(({ event }) => event === whileTelling?.event) && whileTelling !== undefined)
        append(whileTelling.event);
      return { type: "fix-told", title: "t", body: "b", seen: seen.at(-1)?.seq ?? 0 };
    },
    look: async () => ({ headSha: "x", updatedAt: now, changes: [] }),
  };
  const writes = options.writes ?? true;
  const writer: PatchWriter | null =
    writes === false
      ? null
      : {
          place: () => (options.hasPlace === false ? null : { service: "payments", repository: "acme/shop", folder: "" }),
          start: (attempt, text) => ({
            id: `patch ${attempt}`,
            run: async () => {
              calls.push(
                `write ${attempt}${text === undefined ? "" : text.includes("not ok 1") ? ` with its log: ${/not ok 1 in (.*)/.exec(text)?.[1]}` : " without a log"}`,
              );
              const begun: IncidentEvent = { type: "fix-work-started", attempt, text: "" };
              return writes === "declines"
                ? [begun, { type: "fix-work-closed", attempt, how: "declined", because: "the fault is in data" }]
                : [
                    begun,
                    { type: "fix-drafted", attempt, draft: { ...draft, files: options.files ?? [] } },
                    { type: "fix-work-closed", attempt, how: "drafted", because: "" },
                  ];
            },
          }),
          next: () => null,
        };
  const plan = createFixPlan({ fixer, writer });

  const { incidentId = "pd-Q1", claims = new Map<string, { readonly incidentId: string; note: string | null }>() } = options;
  const tells: (readonly [to: string, type: string | undefined])[] = [];
  /** Runs until nothing is left to do within `forMs`. */
  async function play(forMs = 30 * MINUTE): Promise<void> {
    const until = now + forMs;
    const done = new Set<unknown>();
    const after = (one: NonNullable<typeof options.people>[number]) => one.after(log);
    for (let steps = 0; steps < 500; steps++) {
      for (const one of options.people ?? [])
        if (!done.has(one) && after(one)) {
          done.add(one);
          append(typeof one.event === "function" ? one.event(log) : one.event);
        }
      const view = viewOf(log);
      const next: Step | { readonly waitMs: number } | null = plan.open(log, view, now) ?? plan.follow(log, view, now);
      if (next === null) {
        const ends = plan.expiresAt(log, view, now);
        if (ends === null || ends > until) return;
        now = ends;
        continue;
      }
      if ("waitMs" in next) {
        now += Math.max(1, next.waitMs);
        if (now > until) return;
        continue;
      }
      if (options.failing?.includes(next.id) === true) {
        append({ type: "step-failed", step: next.id, error: "down", attempt: 5, final: true });
        continue;
      }
      const others = {
        claim: async (key: string) => {
          if (!claims.has(key)) claims.set(key, { incidentId, note: null });
          return claims.get(key);
        },
        note: async (key: string, note: string | null) => {
          const mine = claims.get(key);
          if (mine?.incidentId !== incidentId) return;
          if (note === null) claims.delete(key);
          else mine.note = note;
        },
        tell: async (to: string, [event]: readonly IncidentEvent[]) => void tells.push([to, event?.type]),
      };
      const signal = AbortSignal.timeout(1_000);
      const context = { incidentId, log: [...log], now: () => now, signal, others } as unknown as StepContext;
      for (const event of await next.run(context)) append(event);
    }
    throw new Error(
      `no end: ${log
        .slice(-5)
        .map(({ event }) => event.type)
        .join(", ")}`,
    );
  }
  return { play, calls, tells, log, view: () => viewOf(log), now: () => now };
}

const always =
  (checks: Readonly<Record<string, ReadCheck["state"]>>): Ci =>
  () =>
    checks;
const isOffered = (log: readonly LoggedEvent[]) => log.some(({ event }) => event.type === "fix-offered");
/** A press of the button that the nth request had; the newest unless told. */
const pressing =
  (action: string, { nth = -1, user = "ana" }: { readonly nth?: number; readonly user?: string } = {}) =>
  (log: readonly LoggedEvent[]): IncidentEvent => {
    const request = approvalsOf(log).approvals.at(nth)?.request;
    if (request === undefined) throw new Error("nothing was asked");
    return { type: "slack-action-received", action, value: buttonValue(request), user, channel: "C1" };
  };
/** The test fails alone, all else passes. */
const provesIt: Ci = ({ role }) => ({ unit: role === "test" ? "failed" : "passed", lint: "passed" });

test("a patch is opened with its test alone; the fix follows once CI has failed on it, and the proof is told", async () => {
  const one = night({ finding: { fix: "patch" }, ci: provesIt });
  await one.play();
  expect(one.calls).toEqual(["write 1", "patch", "tell running", "commit 2 fix", "tell proven"]);
  expect(one.view().proof?.verdict).toBe("proven");
});

test("a test that passes without the fix is told to prove nothing", async () => {
  const one = night({ finding: { fix: "patch" }, ci: always({ unit: "passed" }) });
  await one.play();
  expect(one.calls.at(-1)).toBe("tell passes-before");
  expect(one.calls.filter((call) => call.startsWith("write"))).toHaveLength(1);
});

test("after red CI the model is given the log and may push two better commits, no more", async () => {
  const one = night({ finding: { fix: "patch" }, ci: ({ role }) => (role === "base" ? { unit: "passed" } : { unit: "failed" }) });
  await one.play(3 * 60 * MINUTE);
  expect(one.calls.filter((call) => !call.startsWith("tell"))).toEqual([
    "write 1",
    "patch",
    "commit 2 fix",
    "write 2 with its log: unit",
    "commit 3 improvement",
    "write 3 with its log: unit",
    "commit 4 improvement",
  ]);
  expect(one.calls.at(-1)).toBe("tell red-after");
});

test("a log that was read before main had ended is read again, so that the model gets none of what fails there too", async () => {
  const asked: CheckQuestion[] = [];
  const one = night({
    finding: { fix: "patch" },
    ci: (question, now) => {
      asked.push(question);
      if (question.role === "base")
        return now - START > 20 * MINUTE ? { lint: "failed", unit: "passed" } : { lint: "running", unit: "running" };
      return question.role === "test"
        ? { lint: "failed", unit: "failed" }
        : { lint: "failed", unit: question.role === "fix" ? "failed" : "passed" };
    },
  });
  await one.play(2 * 60 * MINUTE);
  expect(one.calls.filter((call) => call.startsWith("write"))).toEqual(["write 1", "write 2 with its log: unit"]);
  expect(one.calls.at(-1)).toBe("tell red-before");
  const withMain = (role: string) => asked.filter((question) => question.role === role && question.base?.state === "failed");
  // Once each, anew: what was told of failures before is not taken for known.
  for (const role of ["test", "fix"]) expect(withMain(role)).toMatchObject([{ known: null }]);
});

test("what main fails at as well is no reason to improve the fix", async () => {
  const one = night({ finding: { fix: "patch" }, ci: always({ unit: "failed" }) });
  await one.play(3 * 60 * MINUTE);
  expect(one.calls.filter((call) => call.startsWith("write"))).toEqual(["write 1"]);
  expect(one.view().proof?.verdict).toBe("red-before");
});

test("without any check the fix follows after a minute and a half, and it is said that no CI ran", async () => {
  const one = night({ finding: { fix: "patch" } });
  await one.play();
  expect(one.calls.slice(1)).toEqual(["patch", "tell running", "tell running", "commit 2 fix", "tell no-ci"]);
  const committed = one.log.find(({ event }) => event.type === "fix-committed");
  expect((committed?.at ?? 0) - START).toBeGreaterThanOrEqual(90_000);
  expect((committed?.at ?? 0) - START).toBeLessThan(150_000);
});

test("CI of the test that never ends is waited for ten minutes, that of the fix for three quarters of an hour", async () => {
  const one = night({ finding: { fix: "patch" }, ci: ({ role }) => (role === "base" ? { unit: "passed" } : { unit: "running" }) });
  await one.play(3 * 60 * MINUTE);
  expect(one.view().proof?.verdict).toBe("unfinished");
  const committed = one.log.find(({ event }) => event.type === "fix-committed")?.at ?? 0;
  const last = one.log.findLast(({ event }) => event.type === "checks-read")?.at ?? 0;
  expect((committed - START) / MINUTE).toBeCloseTo(10, 0);
  expect((last - committed) / MINUTE).toBeCloseTo(45, 0);
});

test("a look at CI that shows nothing new leaves a short note in the log, and the looks get rarer all the same", async () => {
  const one = night({ finding: { fix: "revert" }, ci: ({ role }) => (role === "base" ? { unit: "passed" } : { unit: "running" }) });
  await one.play(3 * 60 * MINUTE);
  const readings = one.log.filter(({ event }) => event.type === "checks-read" && event.read.role === "fix");
  expect(readings.map(({ event }) => (event.type === "checks-read" ? event.read.state : ""))).toEqual(["running", "unfinished"]);
  const looks = one.log.filter(({ event }) => event.type === "checks-looked-at");
  expect(looks.length).toBeGreaterThan(80);
  expect(looks.length).toBeLessThan(110);
});

test("checks that come one after another are waited for", async () => {
  const one = night({
    finding: { fix: "revert" },
    ci: ({ role }, now) =>
      role === "base" ? { unit: "passed", slow: "passed" } : { unit: "passed", ...(now - START > MINUTE ? { slow: "failed" } : {}) },
  });
  await one.play();
  expect(one.calls).toEqual(["revert", "tell running", "tell red-after"]);
});

test("a check that says nothing of the test decides nothing while others run; one that names it does", async () => {
  const slow: Ci = ({ role }, now) =>
    role !== "test" ? { unit: "passed", lint: "passed" } : { lint: "failed", unit: now - START > 5 * MINUTE ? "failed" : "running" };
  const committedAfter = async (options: Parameters<typeof night>[0]) => {
    const one = night({ finding: { fix: "patch" }, ...options });
    await one.play();
    return ((one.log.find(({ event }) => event.type === "fix-committed")?.at ?? 0) - START) / MINUTE;
  };
  expect(await committedAfter({ ci: slow, names: false })).toBeGreaterThan(5);
  expect(await committedAfter({ ci: slow })).toBeLessThan(1);
  const never: Ci = ({ role }) => (role === "test" ? { lint: "failed", unit: "running" } : { unit: "passed", lint: "passed" });
  expect(await committedAfter({ ci: never, names: false })).toBeCloseTo(10, 0);
});

test("main is read until its CI has ended, and what is red there too is no fault of the fix", async () => {
  const one = night({
    finding: { fix: "revert" },
    ci: ({ role }, now) => ({ unit: role !== "base" ? "failed" : now - START > 20 * MINUTE ? "failed" : "running" }),
  });
  await one.play(60 * MINUTE);
  expect(one.view().proof).toMatchObject({ verdict: "red-before", base: { state: "failed" } });
  const stuck = night({ finding: { fix: "revert" }, ci: ({ role }) => ({ unit: role === "base" ? "running" : "passed" }) });
  await stuck.play(3 * 60 * MINUTE);
  expect(stuck.view().proof).toMatchObject({ verdict: "green", base: { state: "unfinished" } });
});

test("a proof is told once CI of main has ended, for the test may fail there too; it is waited for as long as the fix", async () => {
  const told = async (main: (now: number) => ReadCheck["state"]) => {
    const one = night({
      finding: { fix: "patch" },
      ci: (asked, now) => (asked.role === "base" ? { unit: main(now) } : provesIt(asked, now)),
    });
    await one.play(60 * MINUTE);
    return one.calls.filter((call) => call.startsWith("tell")).filter((call) => call !== "tell running");
  };
  expect(await told((now) => (now - START > 20 * MINUTE ? "failed" : "running"))).toEqual(["tell fails-otherwise"]);
  expect(await told((now) => (now - START > 20 * MINUTE ? "passed" : "running"))).toEqual(["tell proven"]);
  expect(await told(() => "running")).toEqual(["tell proven"]);
});

test("CI of the test that ended too late is read once more when that of the fix has ended", async () => {
  const one = night({
    finding: { fix: "patch" },
    ci: ({ role }, now) => {
      const ended = now - START > 11 * MINUTE;
      return { unit: role === "base" ? "passed" : !ended ? "running" : role === "test" ? "failed" : "passed" };
    },
  });
  await one.play(60 * MINUTE);
  expect(one.view().proof?.verdict).toBe("proven");
});

test("the fix follows where CI of its test can't be read", async () => {
  const one = night({ finding: { fix: "patch" }, ci: provesIt, failing: [stepIds.readChecks("c1-test")] });
  await one.play();
  expect(one.calls).toContain("commit 2 fix");
  expect(one.view().proof?.verdict).toBe("green");
});

test("a fix that could not be pushed is told as such", async () => {
  const one = night({ finding: { fix: "patch" }, ci: provesIt, failing: [stepIds.fixCommit(2)] });
  await one.play();
  expect(one.calls.at(-1)).toBe("tell stopped");
});

test("a check that is skipped where main runs it is waited for like one that is missing", async () => {
  const one = night({
    finding: { fix: "revert" },
    ci: ({ role }) => (role === "base" ? { unit: "passed", lint: "passed" } : { unit: "skipped", lint: "passed" }),
  });
  await one.play();
  const last = one.log.findLast(({ event }) => event.type === "checks-read")?.at ?? 0;
  expect(last - START).toBeGreaterThanOrEqual(90_000);
  expect(one.view().proof?.verdict).toBe("green");
});

test("a revert that CI passes is told as such, and nobody writes a patch for it", async () => {
  const one = night({ finding: { fix: "revert" }, ci: always({ unit: "passed" }) });
  await one.play();
  expect(one.calls).toEqual(["revert", "tell green"]);
});

/** Incidents beside each other, one after the other, that claim what only one of them may do. */
function nightsOf(all: readonly (Parameters<typeof night>[0] & { readonly incidentId: string })[]) {
  const claims = new Map<string, { readonly incidentId: string; note: string | null }>();
  return all.map((one) => night({ ...one, claims }));
}

describe("one blamed change has one draft PR", () => {
  const link = "https://github.example/acme/shop/pull/45";
  for (const [first, second] of [
    ["revert", "revert"],
    ["patch", "patch"],
    ["revert", "patch"],
    ["patch", "revert"],
  ] as const)
    test(`a ${first} serves an incident that would have a ${second}, and no model writes another`, async () => {
      const [one, other] = nightsOf([
        { incidentId: "pd-Q1", finding: { fix: first }, ci: always({ unit: "passed" }) },
        { incidentId: "pd-Q2", finding: { fix: second }, ci: always({ unit: "passed" }) },
      ]);
      await one?.play();
      await other?.play();
      const fix = one?.view().fix;
      if (fix?.type !== "fix-proposed") throw new Error("the first has no pull request");
      expect(other?.calls).toEqual([]);
      expect(other?.view().fix).toMatchObject({
        type: "fix-declined",
        because: expect.stringMatching(/^PagerDuty #\d+ blames [0-9a-f]{7} too\.$/),
        shared: { kind: first, number: fix.number, url: fix.url },
      });
      expect(other?.tells).toEqual([["pd-Q1", "fix-shared"]]);
    });

  test("where a person must ask for it first, nobody else waits for that", async () => {
    const [one, other] = nightsOf([
      { incidentId: "pd-Q1", finding: { fix: "revert", confidence: 0.5 } },
      { incidentId: "pd-Q2", finding: { fix: "revert" }, ci: always({ unit: "passed" }) },
    ]);
    await one?.play();
    await other?.play();
    expect(one?.view().offered).not.toBeNull();
    expect(other?.calls[0]).toBe("revert");
  });

  test("what the first incident could not write is free for the second", async () => {
    const nothing = { fix: "patch", change: null } as const;
    const [one, other] = nightsOf([
      { incidentId: "pd-Q1", finding: nothing, writes: "declines" },
      { incidentId: "pd-Q2", finding: { fix: "patch" }, ci: provesIt },
    ]);
    await one?.play();
    await other?.play();
    expect(one?.view().fix?.type).toBe("fix-declined");
    expect(other?.calls).toContain("patch");
  });

  test("of patches that blame no commit, those of the same files are one", async () => {
    const files = [{ path: "payments/src/cache.ts", before: "a", after: "b", mode: "100644" }] as unknown as PatchDraft["files"];
    const [one, other, third] = nightsOf([
      { incidentId: "pd-Q1", finding: { fix: "patch", change: null }, files, ci: provesIt },
      { incidentId: "pd-Q2", finding: { fix: "patch", change: null }, files },
      { incidentId: "pd-Q3", finding: { fix: "patch", change: null }, ci: provesIt },
    ]);
    for (const each of [one, other, third]) await each?.play();
    expect(other?.calls).toEqual(["write 1"]);
    expect(other?.view().fix).toMatchObject({ type: "fix-declined", shared: { kind: "patch" } });
    expect(third?.calls).toContain("patch");
  });

  test("each is told of the other with a link", () => {
    const shared: IncidentEvent = {
      type: "fix-declined",
      ...{ because: "PagerDuty #4821 blames 9f2c1e4 too.", shared: { kind: "revert", number: 45, url: link, of: "PagerDuty #4821" } },
    };
    const logOf = (event: IncidentEvent): LoggedEvent[] => [{ seq: 1, at: START, event }];
    expect(fixReport(viewOf(logOf(shared)))).toMatchObject({ heading: "Draft revert PR, shared" });
    expect(toTimeline(logOf(shared))[0]).toMatchObject({ links: [{ title: "#45", url: link }] });
    const first = toTimeline(
      logOf({ type: "fix-shared", incident: "pd-Q2", name: "PagerDuty #4822", link: "https://acme.pagerduty.example/Q2" }),
    );
    expect(first[0]).toMatchObject({ text: "the draft PR serves PagerDuty #4822 too", links: [{ title: "PagerDuty #4822" }] });
  });
});

test("people who push to the branch have it for themselves", async () => {
  const one = night({
    finding: { fix: "patch" },
    ci: provesIt,
    commit: async () => ({ type: "fix-changed-by-people", what: "pushed", by: "ana", when: START }),
  });
  await one.play();
  expect(one.view().proof?.commits).toHaveLength(1);
  expect(one.log.filter(({ event }) => event.type === "fix-changed-by-people")).toHaveLength(1);
});

test("a pull request that people merge meanwhile gets no further commit", async () => {
  const merged: IncidentEvent = { type: "fix-changed-by-people", what: "merged", by: "ana", when: START };
  const one = night({
    finding: { fix: "patch" },
    ci: provesIt,
    people: [{ after: (log) => log.some(({ event }) => event.type === "fix-proposed"), event: merged }],
  });
  await one.play();
  expect(one.calls.filter((call) => call.startsWith("commit"))).toEqual([]);
});

test("a doubtful cause waits for the button, and is opened once a person presses it", async () => {
  const waiting = night({ finding: { fix: "revert", confidence: 0.55 } });
  await waiting.play();
  expect(waiting.calls).toEqual([]);
  const [approval] = approvalsOf(waiting.log).approvals;
  expect(waiting.view().offered).toEqual({ type: "fix-offered", kind: "revert", because: expect.stringContaining("0.55"), request: "a1" });
  expect(approval).toMatchObject({ state: "waiting", request: { id: "a1", requester: "midwatch", expiresAt: START + APPROVAL_LIFE_MS } });
  expect(approval?.request.hash).toBe(await payloadHash(approval?.request.payload ?? {}));

  const one = night({ finding: { fix: "revert", confidence: 0.55 }, people: [{ after: isOffered, event: pressing(APPROVE) }] });
  await one.play();
  expect(one.calls[0]).toBe("revert approved");
});

test("a button that was pressed before anything was offered opens nothing", async () => {
  const offered = night({ finding: { fix: "revert", confidence: 0.55 } });
  await offered.play();
  const one = night({
    finding: { fix: "revert", confidence: 0.55 },
    people: [{ after: () => true, event: pressing(APPROVE)(offered.log) }],
  });
  await one.play();
  expect(one.calls).toEqual([]);
});

test("who says no ends the matter, and it is told; a yes after that opens nothing", async () => {
  const one = night({
    finding: { fix: "revert", confidence: 0.55 },
    people: [
      { after: isOffered, event: pressing(REFUSE) },
      { after: (log) => log.some(({ event }) => event.type === "fix-declined"), event: pressing(APPROVE, { user: "ben" }) },
    ],
  });
  await one.play();
  expect(one.calls).toEqual([]);
  expect(one.view().fix).toEqual({
    type: "fix-declined",
    because: "ana refused it in Slack (revert of 9f2c1e4 in acme/shop: a.ts).",
  });
  expect([...approvalsOf(one.log).outcomes.values()]).toEqual(["refused", "refused-before"]);
});

test("an offer that nobody answers is over after a day, and it is told; a press after that opens nothing", async () => {
  const one = night({
    finding: { fix: "revert", confidence: 0.55 },
    people: [{ after: (log) => log.some(({ event }) => event.type === "approval-expired"), event: pressing(APPROVE) }],
  });
  await one.play(APPROVAL_LIFE_MS - 1);
  expect(one.view().fix).toBeNull();
  await one.play(APPROVAL_LIFE_MS);
  expect(one.view().fix).toMatchObject({ type: "fix-declined", because: expect.stringMatching(/^Nobody asked for it in time/) });
  expect(one.calls).toEqual([]);
  expect([...approvalsOf(one.log).outcomes.values()]).toEqual(["too-late"]);
});

test("what came to other files since the yes is not opened but offered anew, and the old button releases nothing", async () => {
  let files = ["a.ts"];
  const one = night({
    finding: { fix: "revert", confidence: 0.55 },
    revertFiles: () => files,
    people: [
      {
        after: isOffered,
        event: (log) => {
          files = ["a.ts", "b.ts"];
          return pressing(APPROVE)(log);
        },
      },
      { after: (log) => approvalsOf(log).approvals.length === 2, event: pressing(APPROVE, { nth: 0, user: "ben" }) },
    ],
  });
  await one.play();
  expect(one.calls).toEqual([]);
  expect(approvalsOf(one.log).approvals.map(({ state }) => state)).toEqual(["replaced", "waiting"]);
  expect([...approvalsOf(one.log).outcomes.values()]).toEqual(["released", "replaced"]);
});

test("a guess is not even offered", async () => {
  const one = night({ finding: { fix: "revert", confidence: 0.3 } });
  await one.play();
  expect([one.view().fix, one.view().offered, one.calls]).toEqual([null, null, []]);
});

test("of a guess nothing is said, whatever would keep a patch from being written; what was announced is told to its end", async () => {
  for (const why of [{ writes: false }, { hasPlace: false }, {}] as const) {
    const one = night({ finding: { fix: "patch", change: null, confidence: 0.3 }, ...why });
    await one.play();
    expect([one.view().fix, one.view().offered, one.calls]).toEqual([null, null, []]);
  }
  const lessSure: IncidentEvent = submitted({ ...finding, fix: "patch", change: null, confidence: 0.3 });
  const begun = night({
    finding: { fix: "patch", change: null },
    writes: "declines",
    people: [{ after: (log) => log.some(({ event }) => event.type === "fix-work-closed"), event: lessSure }],
  });
  await begun.play();
  expect(begun.view().fix).toEqual({ type: "fix-declined", because: "the fault is in data." });
  const written = night({
    finding: { fix: "patch", change: null },
    people: [{ after: (log) => log.some(({ event }) => event.type === "fix-drafted"), event: lessSure }],
  });
  await written.play();
  expect(written.calls).toEqual(["write 1"]);
  expect(written.view().offered).toMatchObject({ kind: "patch", because: expect.stringContaining("0.30") });
});

test("a patch that can't be written falls back on the revert of the change that is blamed", async () => {
  for (const writes of [false, "declines"] as const) {
    const one = night({ finding: { fix: "patch" }, writes });
    await one.play();
    expect(one.calls.filter((call) => !/tell|write/.test(call))).toEqual(["revert"]);
  }
});

test("where there is nothing to revert, it is said why there is no patch", async () => {
  const one = night({ finding: { fix: "patch", change: null }, writes: "declines" });
  await one.play();
  expect(one.view().fix).toEqual({ type: "fix-declined", because: "the fault is in data." });
});

test("where the catalog has no repository for a patch, no button promises one: it is said at once", async () => {
  const one = night({ finding: { fix: "patch", change: null, confidence: 0.55 }, hasPlace: false });
  await one.play();
  expect([one.calls, isOffered(one.log)]).toEqual([[], false]);
  expect(one.view().fix).toMatchObject({ type: "fix-declined", because: expect.stringContaining("no repository in the catalog") });
});

test("a finding that names no change of a repository opens nothing and says nothing of it", async () => {
  const one = night({ finding: { fix: "none" } });
  await one.play();
  expect([one.view().fix, one.calls]).toEqual([null, []]);
});

test("from the data alone nothing is opened for a suspect that is not likely, nor offered where services fail alike", async () => {
  const unsure = exampleTriage.analysis.suspects.map((one) => ({ ...one, probability: 0.6 }));
  const one = night({ finding: null, analysis: { suspects: unsure } });
  await one.play();
  expect([one.calls, one.view().offered?.because]).toEqual([[], expect.stringContaining("0.60")]);
  for (const analysis of [
    { suspects: unsure, together: ["a", "b", "c"] },
    { suspects: unsure, verdict: "inconclusive" },
  ] as const) {
    const open = night({ finding: null, analysis });
    await open.play();
    expect([open.view().fix, open.view().offered, open.calls]).toEqual([null, null, []]);
  }
});

test("what nothing links to the page is never reverted by the data alone, and by a finding only once a person asks", async () => {
  const elsewhere = [{ service: "payments", since: START, why: "errors 0 % → 40 %", evidence: [5] }];
  const data = night({ finding: null, analysis: { suspects: [], elsewhere } });
  await data.play();
  expect([data.view().fix, data.view().offered, data.calls]).toEqual([null, null, []]);
  const one = night({ finding: { fix: "revert", confidence: 0.95 }, analysis: { suspects: [], elsewhere } });
  await one.play();
  expect([one.calls, one.view().offered?.because]).toEqual([[], "nothing that was read links payments to the page"]);
});

test("from the data alone the first suspect's deploy is reverted", async () => {
  const one = night({ finding: null, ci: always({ unit: "passed" }) });
  await one.play();
  expect(one.calls[0]).toBe("revert");
  expect(deploy.sha).not.toBeNull();
});

test("what can't be done is given up, and the rest goes on", async () => {
  const one = night({ finding: { fix: "revert" }, ci: always({ unit: "passed" }), failing: ["checks base"] });
  await one.play();
  expect(one.view().proof?.verdict).toBe("green");
  const silent = night({ finding: { fix: "revert" }, ci: always({ unit: "passed" }), failing: ["tell of the fix"] });
  await silent.play();
  expect(silent.view().proof?.verdict).toBe("green");
});

test("an open pull request is looked at ever more rarely, for a week", async () => {
  const one = night({ finding: { fix: "revert" }, ci: always({ unit: "passed" }) });
  await one.play(30 * 24 * 60 * MINUTE);
  const looks = one.log.filter(({ event }) => event.type === "fix-looked-at").map(({ at: when }) => when - START);
  expect(looks.length).toBeLessThan(80);
  expect((looks[0] ?? 0) / MINUTE).toBeLessThan(5);
  expect((looks.at(-1) ?? 0) / (24 * 60 * MINUTE)).toBeGreaterThan(6);
  expect((looks.at(-1) ?? 0) / (24 * 60 * MINUTE)).toBeLessThan(7.3);
});

test("a pull request that people closed is still looked at, for they may open it again; a merged one is not", async () => {
  const looksAfter = async (what: "closed" | "merged") => {
    const event: IncidentEvent = { type: "fix-changed-by-people", what, by: "ana", when: START };
    const opened = (log: readonly LoggedEvent[]) => log.some(({ event: one }) => one.type === "fix-proposed");
    const one = night({ finding: { fix: "revert" }, ci: always({ unit: "passed" }), people: [{ after: opened, event }] });
    await one.play(30 * 24 * 60 * MINUTE);
    return one.log.filter(({ event: found }) => found.type === "fix-looked-at").length;
  };
  expect(await looksAfter("closed")).toBeGreaterThan(10);
  expect(await looksAfter("merged")).toBe(0);
});

test("a revert that was opened from the data alone is replaced on its own branch by the patch that the model finds later", async () => {
  const found: readonly IncidentEvent[] = [started(), submitted({ ...finding, fix: "patch" }), closed("submitted", "handed in")];
  const opened = (log: readonly LoggedEvent[]) => log.some(({ event }) => event.type === "fix-proposed");
  const one = night({ finding: null, ci: provesIt, people: found.map((event) => ({ after: opened, event })) });
  await one.play();
  expect(one.calls.filter((call) => !call.startsWith("tell"))).toEqual(["revert", "write 1", "patch", "commit 3 fix"]);
  expect(one.view().proof?.verdict).toBe("proven");
});

test("an incident that is over before its fix is chosen gets a pull request only when a person asks for one", async () => {
  const resolved: IncidentEvent = {
    type: "pager-event-received",
    eventType: "incident.resolved",
    occurredAt: START,
    by: "Ana",
    text: "Ana resolved it",
    page: { ...page, status: "resolved" },
  };
  const one = night({ finding: { fix: "revert" }, people: [{ after: () => true, event: resolved }] });
  await one.play();
  expect([one.calls, one.view().offered?.because]).toEqual([[], "the incident is resolved"]);
});

test("what people do while it is being told is told after it", async () => {
  const merged: IncidentEvent = { type: "fix-changed-by-people", what: "merged", by: "ana", when: START };
  const one = night({
    finding: { fix: "revert" },
    ci: always({ unit: "passed" }),
    whileTelling: { event: merged, at: "tell green" },
  });
  await one.play();
  expect(one.calls).toEqual(["revert", "tell green", "tell green"]);
});

test("a press asks for what was offered and for nothing else", async () => {
  const other = night({ finding: { fix: "revert", confidence: 0.55 } });
  await other.play();
  const right = buttonValue(approvalsOf(other.log).approvals[0]?.request ?? { id: "", hash: "" });
  // Another's hash, none, that of another request, and what an older version's buttons carried.
  for (const value of [`a1:${"0".repeat(64)}`, "a1:", "a1", right.replace("a1", "a2"), right.toUpperCase(), `${right} `, "revert", ""]) {
    const event: IncidentEvent = { type: "slack-action-received", action: APPROVE, value, user: "eve", channel: "C1" };
    const one = night({ finding: { fix: "revert", confidence: 0.55 }, people: [{ after: isOffered, event }] });
    await one.play();
    expect([value, one.calls, [...approvalsOf(one.log).outcomes.values()]]).toEqual([value, [], ["unknown"]]);
  }
  // Who asked for a patch is asked again before its place is taken by a revert that something speaks against.
  const patch = night({
    finding: { fix: "patch", confidence: 0.55 },
    writes: "declines",
    people: [{ after: isOffered, event: pressing(APPROVE) }],
  });
  await patch.play();
  expect(patch.calls).toEqual(["write 1"]);
  expect(patch.view().offered).toMatchObject({ kind: "revert", request: "a2" });
});

test("a yes to a patch holds for the finding that it was given for", async () => {
  const one = night({
    finding: { fix: "patch", confidence: 0.55 },
    people: [
      { after: isOffered, event: submitted({ ...finding, fix: "patch", confidence: 0.55, cause: "Another cause." }) },
      { after: (log) => approvalsOf(log).approvals.length === 2, event: pressing(APPROVE, { nth: 0 }) },
    ],
  });
  await one.play();
  expect(one.calls).toEqual([]);
  expect(approvalsOf(one.log).approvals.map(({ state }) => state)).toEqual(["replaced", "waiting"]);
  const same = night({
    finding: { fix: "patch", confidence: 0.55 },
    people: [{ after: isOffered, event: pressing(APPROVE) }],
    ci: provesIt,
  });
  await same.play();
  expect(same.calls.slice(0, 2)).toEqual(["write 1", "patch"]);
});

test("what an earlier run began to open is finished, whatever would be chosen by now", async () => {
  const one = night({ finding: { fix: "revert", confidence: 0.55 }, begun: "revert", ci: always({ unit: "passed" }) });
  await one.play();
  expect(one.calls[0]).toBe("resume");
  expect(one.view().fix?.type).toBe("fix-proposed");
});

test("a surer finding after an offer opens it unasked, and one that needs no fix takes the offer back", async () => {
  const later = (changed: Partial<typeof finding>) => ({
    after: (log: readonly LoggedEvent[]) => log.some(({ event }) => event.type === "fix-offered"),
    event: submitted({ ...finding, ...changed }),
  });
  const surer = night({ finding: { fix: "revert", confidence: 0.55 }, people: [later({ fix: "revert", confidence: 0.9 })] });
  await surer.play();
  expect(surer.calls[0]).toBe("revert");
  const none = night({ finding: { fix: "revert", confidence: 0.55 }, people: [later({ fix: "none", confidence: 0.9 })] });
  await none.play();
  expect([none.calls, none.view().fix?.type]).toEqual([[], "fix-declined"]);
});

test("a button that is pressed again gives what was given up another chance, of the same", async () => {
  const gaveUp = (log: readonly LoggedEvent[]) => log.some(({ event }) => event.type === "step-failed");
  const one = night({
    finding: { fix: "revert", confidence: 0.55 },
    failing: ["fix (asked 1 times)"],
    people: [
      { after: isOffered, event: pressing(APPROVE) },
      { after: gaveUp, event: pressing(APPROVE, { user: "ben" }) },
    ],
  });
  await one.play();
  expect(one.calls[0]).toBe("revert approved");
});
