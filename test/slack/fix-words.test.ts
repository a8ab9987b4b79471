import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { withoutOrders } from "../../src/guard/untrusted.ts";
import type { IncidentEvent } from "../../src/incident/event.ts";
import { APPROVE, REFUSE } from "../../src/incident/approval.ts";
import type { ReadChecks } from "../../src/incident/fix.ts";
import { viewOf } from "../../src/incident/view.ts";
import { LONGEST_SENTENCE, numbered } from "../../src/slack/markup.ts";
import { createMessages } from "../../src/slack/messages.ts";
import { fixButtons } from "../../src/slack/message-lines.ts";
import { plainText } from "../../src/integrations/slack/mrkdwn.ts";
import { answerView } from "../../src/web/answer-view.ts";
import { at, deploy, exampleLog, exampleTriage, logOf, page } from "../support/example-log.ts";

/** What becomes of a fix, in Slack and on the page: both have their words from `src/report/fix-words.ts`. */
const [revert = expect.fail()] = exampleLog().flatMap(({ event }) => (event.type === "fix-proposed" ? [event] : []));
const sha = (letter: string) => letter.repeat(40);
const patch: IncidentEvent = {
  ...revert,
  kind: "patch",
  base: { branch: "main", sha: sha("0") },
  title: "Key the cache (PagerDuty no. 4821)",
  commits: [{ sha: sha("a"), role: "test" }],
};
const started = (attempt: number): IncidentEvent => ({ type: "fix-work-started", attempt, text: "" });
const closed = (attempt: number, how: "drafted" | "limit" = "drafted"): IncidentEvent => ({
  type: "fix-work-closed",
  attempt,
  how,
  because: "code refused it",
});
const pushed = (letter: string, role: "fix" | "improvement"): IncidentEvent => ({
  type: "fix-committed",
  commit: { sha: sha(letter), role },
  files: [],
});
const read = (letter: string, role: ReadChecks["role"], state: "passed" | "failed" | "running"): IncidentEvent => ({
  type: "checks-read",
  read: { sha: sha(letter), role, state, checks: [{ name: "unit", state, link: null }], failure: null, namesTest: true },
});
const byPeople = (what: "merged" | "closed" | "pushed" | "ready-for-review"): IncidentEvent => ({
  type: "fix-changed-by-people",
  what,
  by: "Ana",
  when: 1,
});
const red = [
  started(1),
  closed(1),
  patch,
  read("0", "base", "passed"),
  read("a", "test", "failed"),
  pushed("b", "fix"),
  read("b", "fix", "failed"),
];
const green = [...red.slice(0, -1), read("b", "fix", "passed")];

const log = (...events: IncidentEvent[]) =>
  logOf([{ type: "page-received", page } as const, exampleTriage, ...events].map((event) => ["03:12:40", event] as const));
const view = (...events: IncidentEvent[]) => viewOf(log(...events));
const messages = createMessages({ timelineUrl: () => null, withoutModel: "off" });
/** The line of the finding that begins so, or "". */
const line = (begin: RegExp, ...events: IncidentEvent[]) =>
  [messages.finding(view(...events), "Q1"), messages.status(view(...events))]
    .map(({ text }) => plainText(text))
    .join("\n")
    .split("\n")
    .find((one) => begin.test(one)) ?? "";
const slack = (...events: IncidentEvent[]) => line(/^\*(?:Draft|Open|Patch|Revert|No PR|No fix|A patch)/, ...events);
const web = (...events: IncidentEvent[]) => {
  const all = log(...events);
  const markup = answerView({ id: "Q1", log: all, now: 0, withoutModel: "off" }, viewOf(all)).toString();
  return markup
    .replace(/<[^>]+>/g, " ")
    .replaceAll("&quot;", '"')
    .replace(/\s+/g, " ");
};

test("a patch is being written only while it is", () => {
  const words = "midwatch is writing a patch with a test; it will arrive as a draft PR. Reply “stop” in the Slack thread to end it.";
  expect(slack(started(1))).toBe(`*A patch is being written:* ${words}`);
  expect(web(started(1))).toContain(words);
  for (const events of [[], [started(1), closed(1, "limit")]]) {
    expect(slack(...events)).toBe("");
    expect(web(...events)).not.toContain("writing a patch");
  }
});

test("a pull request is named without the pager's number: whoever reads it is in that incident", () => {
  expect(slack(...green)).toMatch(/^\*Draft patch PR\* #\d+.*: Key the cache\. /);
  expect(web(...green)).toMatch(/#\d+ Key the cache +(?!\()/);
  expect(web(...green)).not.toContain("Key the cache (");
});

describe("what people do with it", () => {
  test.each([
    ["merged", /Patch PR, merged/, "Ana merged it. Merged is not deployed: production has it after your next deploy."],
    ["closed", /Patch PR, closed/, "Ana closed it; midwatch pushes nothing more."],
    ["ready-for-review", /Patch PR, ready for review/, "Ana marked it ready for review. Nothing changes until someone merges it."],
    ["pushed", /Draft patch PR/, "Ana pushed to its branch, so the branch is theirs: midwatch pushes nothing more."],
  ] as const)("%s", (what, heading, words) => {
    for (const told of [slack(...green, byPeople(what)), web(...green, byPeople(what))]) {
      expect(told).toMatch(heading);
      expect(told).toContain(words);
    }
    expect(web(...green, byPeople(what)).includes("until someone merges it")).toBe(what === "ready-for-review" || what === "pushed");
  });
});

test("while CI is red it is said whether another try comes, and at the end that none does", () => {
  const second = [...red, started(2)];
  const third = [...second, closed(2), pushed("c", "improvement"), read("c", "improvement", "failed"), started(3)];
  const last = [...third, closed(3), pushed("d", "improvement"), read("d", "improvement", "failed")];
  for (const tell of [slack, web]) {
    expect(tell(...second)).toContain("midwatch tries again (2 of 3).");
    expect(tell(...third)).toContain("midwatch tries again (3 of 3).");
    for (const end of [last, [...second, closed(2, "limit")]])
      expect(tell(...end)).toContain('CI is red: check "unit" fails; it passes on main. midwatch stops here. Do not merge it.');
    for (const open of [red, [...second, closed(2)], green]) expect(tell(...open)).not.toMatch(/stops here|tries again/);
  }
});

test("why there is no pull request has one label", () => {
  const declined: IncidentEvent = { type: "fix-declined", because: "code refused it 3 times." };
  expect(slack(declined)).toBe("*No fix PR:* code refused it 3 times.");
  expect(web(declined)).toContain("No fix PR code refused it 3 times.");
});

describe("a pull request that waits for a button", () => {
  const offered = (
    kind: "revert" | "patch",
    because = "the cause is only possible (0.55; a PR opens unasked from 0.70)",
  ): IncidentEvent => ({
    type: "fix-offered",
    kind,
    because,
    request: "a1",
  });
  const requested: IncidentEvent = {
    type: "approval-requested",
    request: {
      id: "a1",
      action: "open-fix",
      payload: {},
      hash: "0".repeat(64),
      summary: "revert of 9f2c1e4 in acme/payments: src/<cache>.ts",
      requester: "midwatch",
      because: "",
      expiresAt: at("15:00:00"),
    },
  };
  const press = (action: string): IncidentEvent => ({
    type: "slack-action-received",
    action,
    value: `a1:${"0".repeat(64)}`,
    user: "ana",
    channel: "C1",
  });

  test("says why, what the button does, and where it is", () => {
    expect(slack(offered("patch"))).toBe(
      "*No PR yet:* the cause is only possible (0.55; a PR opens unasked from 0.70). The button in Slack starts a draft patch with a test, which takes a few minutes.",
    );
    expect(slack(offered("revert"))).toContain("The button in Slack opens the draft revert anyway.");
    expect(web(offered("revert"))).toMatch(/No PR yet .*The button in Slack opens the draft revert anyway\./);
    expect(messages.status(view(offered("patch"))).text).toContain("*Draft patch:* button in the thread.");
    const { blocks } = messages.finding(view(requested, offered("patch")), "Q1");
    const row = blocks.findIndex(({ type }) => type === "actions");
    expect(JSON.stringify(blocks[row - 1])).toContain("No PR yet");
    expect(JSON.stringify(blocks[row])).toContain(`"action_id":"${APPROVE}"`);
    expect(JSON.stringify(blocks[row])).toContain(`"action_id":"${REFUSE}"`);
    expect(row).toBeLessThan(blocks.length - 1);
  });

  test("names exactly what a yes releases, and until when", () => {
    expect(slack(requested, offered("revert"))).toContain(
      "Slack button: revert of 9f2c1e4 in acme/payments: src/<cache>.ts (until 2026-11-23 15:00 UTC).",
    );
    expect(web(requested, offered("revert"))).toContain("revert of 9f2c1e4 in acme/payments");
  });

  test("has none any more once the patch is being written, it was refused, or another request took its place; one for another try once it was asked for", () => {
    const buttons = (...events: IncidentEvent[]) => fixButtons(view(requested, offered("patch"), ...events));
    expect(buttons()).toHaveLength(2);
    expect(buttons(started(1))).toEqual([]);
    expect(buttons(press(APPROVE)).map((one) => one.action_id)).toEqual([APPROVE]);
    expect(buttons(press(REFUSE))).toEqual([]);
    expect(fixButtons(view(offered("patch")))).toEqual([]);
    expect(slack(offered("patch"), started(1))).toContain("midwatch is writing a patch");
  });
});

describe("the way back from a deploy", () => {
  const steps = (...events: IncidentEvent[]) =>
    plainText(messages.status(view(...events)).text)
      .split("\n")
      .find((one) => one.startsWith("*Do now")) ?? "";

  test("offers the merge as far as CI allows", () => {
    const link = "#2216 (https://github.com/acme/shop/pull/2216)";
    expect(steps(...green)).toContain(`, or merge ${link} (its CI passes) and deploy.`);
    expect(steps(patch)).toContain(`, or merge ${link} once its checks pass, and deploy.`);
    expect(steps(...red)).toMatch(/to `7ab0d2e`\. \*Draft patch PR\* #2216[^#]*$/);
    expect(steps(...green, byPeople("merged"))).toContain(`, or deploy ${link}, which is merged.`);
    expect(steps(...green, byPeople("closed"))).toMatch(/to `7ab0d2e`\. \*Patch PR, closed\* #2216[^#]*$/);
    expect(web(...green)).toContain("(its CI passes) and deploy");
    expect(web(...red)).toMatch(/Roll back payments to 7ab0d2e ?\./);
  });

  test("asks first where the change holds a migration", () => {
    const file = (path: string) => ({ path, status: "added" as const, additions: 1, deletions: 0, patch: null });
    const [best = expect.fail()] = exampleTriage.analysis.suspects;
    const change = { ...deploy, files: [file("orders/src/a.ts"), file("orders/migrations/004_refunds.sql")] };
    const triage = { ...exampleTriage, analysis: { ...exampleTriage.analysis, suspects: [{ ...best, change }] } };
    expect(steps(triage)).toMatch(
      /^\*Do now:\* ask kim whether the code before `9f2c1e4` runs on the schema of `004_refunds.sql`; if so, roll back \*payments\* to `7ab0d2e`\.$/,
    );
    expect(web(triage)).toContain("Ask kim whether the code before 9f2c1e4 runs on the schema of 004_refunds.sql ; if so");
  });
});

test("the runbook of a rollback asks for a migration first, and shows whole in Slack", () => {
  const steps = readFileSync("runbooks/roll-back-a-deploy.md", "utf8").match(/^\d\. .*$/gm) ?? [];
  expect(steps[0]).toContain("Did it run a database migration?");
  expect(steps.at(-1)).toContain("Is there a draft PR of midwatch?");
  expect(numbered(steps)).not.toContain("more on the incident's page");
  expect(Math.max(...steps.map((step) => step.length))).toBeLessThanOrEqual(LONGEST_SENTENCE);
});

test("no step of a runbook that ships reads like an order to software, which Slack would leave out", () => {
  const steps = readdirSync("runbooks").flatMap((file) =>
    [...readFileSync(`runbooks/${file}`, "utf8").matchAll(/^\d+\. (.*)$/gm)].map(([, step = ""]) => step),
  );
  expect(steps.length).toBeGreaterThan(20);
  expect(steps.filter((step) => withoutOrders(step, []) !== step)).toEqual([]);
});
