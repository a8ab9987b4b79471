import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LoggedEvent } from "../../src/incident/event.ts";
import { toTimeline } from "../../src/report/timeline.ts";
import { type Incident, openScene, type Scene, toldIn } from "./agent.ts";
import { eventsOf } from "../support/bot.ts";
import { type Attempt, patchOf, SHOP, SOON, writer, type WriterOptions } from "./patch-writer.ts";

// What CI may say of a patch, and what becomes of it then: the repository's own tests run in child processes.

const folder = SHOP("orders-wrong-total");
const good = patchOf(folder);
const [goodTest = {}, goodFix = {}] = good.edits;
/** The good patch with another fix, and without its test where that stands on the branch already. */
const fixedBy = (replace: string, tests: readonly Attempt[] = [goodTest]): Attempt => ({
  ...good,
  edits: [...tests, { ...goodFix, replace }],
});
/** Rounds down what is to be rounded. */
const FLOORED =
  "  return Math.floor((subtotalOf(lines.filter((line) => !isGiftCard(line) && covers(coupon, line))) * coupon.percent) / 100);";

let scene: Scene;
let bare: Scene;
const withoutCi = join(mkdtempSync(join(tmpdir(), "midwatch-test-")), "orders");
beforeAll(async () => {
  cpSync(folder, withoutCi, { recursive: true });
  rmSync(join(withoutCi, "repository", "ci.json"));
  scene = await openScene(folder, { ci: true });
  bare = await openScene(withoutCi, { ci: true });
}, 120_000);
afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
  await bare?.[Symbol.asyncDispose]();
  rmSync(withoutCi, { recursive: true, force: true });
});

const toldOf = (wanted: RegExp) => (logged: LoggedEvent) => logged.event.type === "fix-told" && wanted.test(logged.event.body);

/** A run until the pull request says something, with all that says it: its first words, Slack's two messages. */
async function until(wanted: RegExp, patches: readonly Attempt[], options: WriterOptions & { readonly at?: Scene } = {}) {
  const { at = scene } = options;
  const desk = await at.start({ script: writer(patches, options), instead: { ciWaits: { ...SOON, appear: 1_000, look: 300 } } });
  const incident = await desk.page();
  const log = await incident.until(toldOf(wanted));
  const [pull, ...others] = await incident.pullRequests();
  expect(others).toEqual([]);
  expect(pull).toMatchObject({ draft: true, state: "open" });
  return {
    incident,
    log,
    /** Without the marks by which it is found again. */
    firstLine: pull?.body.split("\n").find((line) => line !== "" && !line.startsWith("<!--")) ?? "",
    body: pull?.body ?? "",
    files: pull?.files ?? [],
    report: await incident.report(),
    status: (await incident.slack())[0]?.text ?? "",
    timeline: toTimeline(log).map(({ text }) => text),
    [Symbol.asyncDispose]: () => desk.close(),
  };
}

const commitsOf = async (incident: Incident) => (await incident.view()).proof?.commits.map(({ role }) => role);

test("a patch that CI refutes: the model is told with the log, and its better one is proven on the same branch", async () => {
  const told: string[] = [];
  await using run = await until(
    /passes with the fix.*The first try was red; this is the second/,
    [fixedBy(FLOORED), fixedBy(String(goodFix["replace"]), [])],
    {
      onTurn: (index, body) => (index === 1 ? told.push(...toldIn(body).notes) : 0),
    },
  );
  const asked = told.find((text) => text.startsWith("CI is red on your patch")) ?? "";
  // What node:test says of 10 % of 34.96, rounded down.
  expect(asked).toMatch(/349 !== 350/);
  expect(asked).toContain('Failed: "test"');
  expect(asked).toContain("attempt 2 of 3");

  expect(await commitsOf(run.incident)).toEqual(["test", "fix", "improvement"]);
  for (const text of [run.firstLine, run.report])
    expect(text).toMatch(/Its test fails on main and passes with the fix.*The first try was red; this is the second/);
  expect(run.status).toMatch(/: its test fails without it, passes with it\./);
  expect(run.files.find(({ path }) => path === goodFix["path"])?.after).toContain(String(goodFix["replace"]));
  expect(run.files.find(({ path }) => path === goodFix["path"])?.after).not.toContain("Math.floor");
  const order = [
    /^the fix pushed as/,
    /^CI is red: check "test" fails; it passes on main \([0-9a-f]{7}\)$/,
    /^CI is red: tries again \(2 of 3\)$/,
    /^2nd try pushed as/,
    /^Its test fails on main and passes with the fix/,
  ];
  const places = order.map((pattern) => run.timeline.findIndex((text) => pattern.test(text)));
  expect(places.every((place) => place >= 0)).toBe(true);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

test("red three times: there is no third better patch, and people read that CI is red", async () => {
  const wrong = ["  return 0;", "  return subtotalOf(lines) + 1;"];
  const last = /^\*\*CI is red: .*\*\*$/m;
  await using run = await until(last, [fixedBy(FLOORED), ...wrong.map((replace) => fixedBy(replace, []))]);
  const incident = run.incident;
  // After the third nothing is left to do but to look at what people do.
  let pushed = 0;
  let isTold = false;
  const log = await incident.until(({ event }) => {
    if (event.type === "fix-committed") pushed += 1;
    isTold ||= pushed === 3 && event.type === "fix-told" && last.test(event.body);
    return isTold && event.type === "fix-looked-at";
  });
  expect(await commitsOf(incident)).toEqual(["test", "fix", "improvement", "improvement"]);
  expect(eventsOf(log, "fix-work-started").map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  expect(await incident.report()).toMatch(/CI is red: check "test" fails; it passes on main/);
  expect((await incident.pullRequests())[0]).toMatchObject({ draft: true, state: "open" });
});

test("a test that passes without the fix proves nothing, and that is what people read first", async () => {
  const idle: Attempt = {
    ...goodTest,
    replace: String(goodTest["replace"]).replace(/discountOf\(\[.*\}\), 350\)/, 'discountOf([], { code: "X", percent: 10 }), 0)'),
  };
  expect(idle["replace"]).not.toContain("350");
  await using run = await until(/proves nothing/, [fixedBy(String(goodFix["replace"]), [idle])]);
  for (const text of [run.firstLine, run.report]) expect(text).toMatch(/Its test passes on main too, so it proves nothing/);
  expect(run.status).toMatch(/: its test proves nothing\./);
  expect(run.body).toMatch(/\| main \+ test \(`[0-9a-f]{7}`\) \| passes \|/);
  expect(await commitsOf(run.incident)).toEqual(["test", "fix"]);
  expect(run.timeline).toContainEqual(expect.stringMatching(/^the test passes without the fix too \([0-9a-f]{7}\)$/));
  for (const text of [run.body, run.report]) expect(text).not.toContain("fails on main and passes");
});

test("a repository without CI: said first, with both commits on the branch all the same", async () => {
  await using run = await until(/No CI ran on it: nothing/, [good], { at: bare });
  expect(run.firstLine).toMatch(/^\*\*No CI ran on it: nothing shows that it works\.\*\*$/);
  expect(run.report).toContain("No CI ran on it: nothing shows that it works");
  expect(run.status).toMatch(/: no CI ran on it\./);
  expect(await commitsOf(run.incident)).toEqual(["test", "fix"]);
  expect(run.timeline).toContainEqual(expect.stringMatching(/^No CI ran on it: nothing shows that it works \([0-9a-f]{7}\)$/));
});
