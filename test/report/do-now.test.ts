import { describe, expect, test } from "vitest";
import type { IncidentEvent } from "../../src/incident/event.ts";
import { faultClasses } from "../../src/incident/finding.ts";
import type { ChangeEvent } from "../../src/incident/telemetry.ts";
import { viewOf } from "../../src/incident/view.ts";
import { doNowOf } from "../../src/report/do-now.ts";
import { plain } from "../../src/report/text.ts";
import { createMessages } from "../../src/slack/messages.ts";
import { finding, handedIn, nightWith } from "../support/example-investigation.ts";
import { deploy, exampleTriage, logOf, page } from "../support/example-log.ts";

const PREVIOUS = "7ab0d2e1f0a9b8c7d6e5f40312233445566778899".slice(0, 40);
interface Case {
  readonly command?: string;
  readonly change?: Partial<ChangeEvent>;
  readonly others?: readonly Partial<ChangeEvent>[];
  readonly probability?: number;
  readonly hasBook?: boolean;
}

function triageWith({ command, change = {}, others = [], probability = 0.86, hasBook = true }: Case): IncidentEvent {
  const blamed: ChangeEvent = { ...deploy, ...change };
  const [best = expect.fail()] = exampleTriage.analysis.suspects;
  return {
    ...exampleTriage,
    analysis: { ...exampleTriage.analysis, suspects: [{ ...best, change: blamed, probability }] },
    changes: [blamed, ...others.map((other) => ({ ...deploy, ...other }))],
    ...(hasBook ? {} : { runbooks: [] }),
    ...(command === undefined ? {} : { rollbacks: [{ service: "payments", command }] }),
  };
}
const viewWith = (of: Case) =>
  viewOf(logOf([{ type: "page-received", page } as const, triageWith(of)].map((event) => ["03:12:40", event] as const)));
const order = (of: Case) => plain(doNowOf(viewWith(of)).order ?? []);

describe("the catalog's command for a roll-back", () => {
  test.each([
    ["helm rollback payments", "roll back payments to 7ab0d2e with helm rollback payments."],
    ["set image web={previous_short}", "roll back payments with set image web=7ab0d2e."],
    ["argocd app set payments --revision {previous}", `roll back payments with argocd app set payments --revision ${PREVIOUS}.`],
    ["kubectl get x -o jsonpath={.spec.image}", "roll back payments to 7ab0d2e with kubectl get x -o jsonpath={.spec.image}."],
  ])("%s", (command, expected) => expect(order({ command })).toBe(expected));

  test("that goes one deploy back is not given once another deploy came after the blamed one", () => {
    const others = [{ at: deploy.at + 60_000, sha: "c".repeat(40), previousSha: deploy.sha }];
    expect(order({ command: "helm rollback payments", others })).toBe("roll back payments to 7ab0d2e.");
    expect(order({ command: "deploy {previous_short}", others })).toBe("roll back payments with deploy 7ab0d2e.");
    for (const other of [{ at: deploy.at - 60_000 }, { service: "cart", at: deploy.at + 60_000 }])
      expect(order({ command: "helm rollback payments", others: [other] })).toContain("with helm rollback payments");
  });

  test("takes no text for a commit: people paste it into a shell", () => {
    for (const previousSha of ["7ab0d2e; rm -rf /", "$(id)", "main"])
      expect(order({ command: "deploy {previous}", change: { previousSha } })).not.toContain("deploy ");
  });

  test("is another service's where that one's deploy is blamed, and nobody's where the catalog has none", () => {
    const change = { service: "catalog" };
    expect(order({ command: "helm rollback payments", change })).toBe("roll back catalog to 7ab0d2e.");
    expect(order({})).toBe("roll back payments to 7ab0d2e.");
  });

  test("comes after the question to the author, where the change holds a migration", () => {
    const files = [{ path: "orders/migrations/004.sql", status: "added" as const, additions: 1, deletions: 0, patch: null }];
    expect(order({ command: "helm rollback payments", change: { files } })).toMatch(
      /^ask kim whether .*; if so, roll back payments to 7ab0d2e with helm rollback payments\.$/,
    );
  });

  test("is whole in Slack, as code", () => {
    const command = `argocd app set payments --plaintext-offline-mode --project=shop --revision {previous}${" ".repeat(3)}--now`;
    const { text } = createMessages({ timelineUrl: () => null, withoutModel: "off" }).status(viewWith({ command }));
    expect(text).toMatch(new RegExp(`with \`argocd app set .* --revision ${PREVIOUS} --now\``));
  });

  test("stands beside a model's step that does not name it", () => {
    const steps = (step: string) => {
      const log = nightWith(handedIn({ ...finding, do_now: [{ step, runbook: null }] }));
      const known = log.map((one) =>
        one.event.type === "triage-finished"
          ? { ...one, event: { ...one.event, rollbacks: [{ service: "payments", command: "helm rollback payments" }] } }
          : one,
      );
      return plain(doNowOf(viewOf(known)).before);
    };
    expect(steps("Go back to the release before.")).toBe("7ab0d2e ran before 9f2c1e4; command: helm rollback payments.");
    expect(steps("Roll back payments to 7ab0d2e.")).toBe("Command: helm rollback payments.");
    expect(steps("Run `helm rollback payments` to get to 7ab0d2e.")).toBe("");
  });
});

test("where what was live before is not known, the way back is to what ran before the blamed version", () => {
  expect(order({ change: { previousSha: null } })).toBe("roll back payments to what ran before 9f2c1e4.");
  expect(order({ change: { previousSha: null, sha: null, version: "v2.9.1" } })).toBe("roll back payments to what ran before v2.9.1.");
  expect(order({ change: { previousSha: null, sha: null, version: null } })).toBe("");
});

test("a deploy that only may be the cause is read first, where no runbook says more; nobody is told to roll it back", () => {
  const told = order({ probability: 0.6, hasBook: false });
  expect(told).toBe("read what 9f2c1e4 (#2210) changed before anyone rolls it back: it may not be the cause.");
  expect(order({ probability: 0.6 })).toBe("");
  expect(order({ probability: 0.6, hasBook: false, change: { kind: "config" } })).toBe("");
});

describe("a suspect without a change and without a runbook has one step that changes nothing", () => {
  const [best = expect.fail()] = exampleTriage.analysis.suspects;
  const reasons = [{ text: "p95 210 ms → 4.8 s", evidence: [3], quote: null }];
  const step = (suspect: Partial<typeof best>, runbooks: typeof exampleTriage.runbooks = []) => {
    const suspects = [{ ...best, change: null, instance: null, reasons, onset: page.createdAt, ...suspect }];
    const triage = { ...exampleTriage, runbooks, analysis: { ...exampleTriage.analysis, suspects } };
    return plain(
      doNowOf(viewOf(logOf([{ type: "page-received", page } as const, triage].map((event) => ["03:12:40", event] as const)))).order ?? [],
    );
  };

  test.each([
    ["latency", /^open a slow request of payments since \d\d:\d\d, and see which call in it takes the time\.$/],
    ["error", /^open a failing request of payments since/],
    ["cpu", /^see what has used the CPU of payments since/],
    ["memory", /^look at the memory of payments since \d\d:\d\d: does it still grow/],
    ["overload", /^compare the requests to payments since/],
  ] as const)("%s", (fault, expected) => expect(step({ fault })).toMatch(expected));

  test("of one instance, which is compared with the others", () => {
    expect(step({ fault: null, instance: "payments-7c" })).toMatch(/^compare payments-7c with the other instances of payments since/);
  });

  test("and none where a runbook fits, nothing is blamed or nothing is known of it", () => {
    expect(step({ fault: "latency" }, exampleTriage.runbooks)).toBe("");
    expect(step({ fault: "latency", reasons: [] })).toBe("");
    expect(step({ fault: "latency", onset: null })).toBe("open a slow request of payments, and see which call in it takes the time.");
  });

  test("it orders nobody to change anything", () => {
    for (const fault of faultClasses) expect(step({ fault })).not.toMatch(/restart|roll back|scale|delete|raise|kill|drain/i);
  });
});
