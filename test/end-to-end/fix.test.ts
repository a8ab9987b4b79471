import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { LoggedEvent } from "../../src/incident/event.ts";
import { toTimeline } from "../../src/report/timeline.ts";
import { openScene, type Scene } from "./agent.ts";
import { eventsOf } from "../support/bot.ts";
import { patchOf, patchWriter, SHOP, SOON } from "./patch-writer.ts";

/** The whole of a proven fix: a recorded incident, its repository's real test suite in a child process for each pushed commit. */
const PROVEN = "Its test fails on main and passes with the fix";

const proofTold = (wanted: RegExp) => (logged: LoggedEvent) => logged.event.type === "fix-told" && wanted.test(logged.event.body);

const testOf = (folder: string) => z.object({ test: z.object({ name: z.string() }) }).parse(patchOf(folder)).test.name;

// Of the other recorded repositories, orders-bad-timeout is proven in fix-people.test.ts and orders-wrong-total in fix-outcomes.test.ts.
describe("orders-missing-index", () => {
  const folder = SHOP("orders-missing-index");
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene(folder, { ci: true });
  }, 120_000);
  afterAll(async () => scene[Symbol.asyncDispose]());

  test("the draft shows a test that fails without the fix and passes with it, in GitHub, Slack and on the timeline", async () => {
    await using desk = await scene.start({ script: patchWriter(patchOf(folder)), instead: { ciWaits: SOON } });
    const incident = await desk.page();
    const log = await incident.until(proofTold(new RegExp(PROVEN)));

    const [pull, ...others] = await incident.pullRequests();
    expect(others).toEqual([]);
    expect(pull).toMatchObject({ draft: true, state: "open", base: "main" });
    expect(pull?.files.map(({ path }) => path).toSorted()).toEqual([...new Set(patchOf(folder).edits.map(({ path }) => path))].toSorted());
    expect(pull?.body).toContain(PROVEN);
    expect(pull?.body).toContain("```mermaid\nxychart-beta\n");
    expect(pull?.body).toMatch(/\*Introduced by\* deploy orders `[0-9a-f]{7}` → `[0-9a-f]{7}` from #\d+ \(.+\), live since /);
    // The repository is private, so the log of its CI may be shown.
    const failure = /<summary>The test's failure without the fix<\/summary>\n([\s\S]*?)<\/details>/.exec(pull?.body ?? "")?.[1];
    expect(failure).toContain(testOf(folder));
    expect(pull?.body).toMatch(/\| main \+ test \(`[0-9a-f]{7}`\) \| fails \| 1 failed \(`test`\) \|/);
    expect(pull?.body).toMatch(/\| main \+ test \+ fix \(`[0-9a-f]{7}`\) \| passes \| 1 passed \|/);

    const report = await incident.report();
    expect(report).toContain(PROVEN);
    expect(report).toContain(`#${pull?.number}`);
    // The finding stands where the brief stood.
    const [, finding] = await incident.slack();
    expect(finding?.versions.some((text) => text.includes("midwatch is writing a patch with a test"))).toBe(true);

    const told = toTimeline(log).map(({ text }) => text);
    const place = (pattern: RegExp) => told.findIndex((text) => pattern.test(text));
    const order = [
      place(/^writes a patch with a test$/),
      place(/^draft patch PR #/),
      place(/^the test fails without the fix(?:, as it should \([0-9a-f]{7}\)| \([0-9a-f]{7}\); CI of main is still running)$/),
      place(/^the fix pushed as [0-9a-f]{7}$/),
      place(/^Its test fails on main and passes with the fix/),
    ];
    expect(order.every((at) => at >= 0)).toBe(true);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(eventsOf(log, "fix-refused")).toEqual([]);
  }, 90_000);
});
