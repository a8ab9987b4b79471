import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { calls, openScene, readsDiff, says, type Scene, seenIn, toldIn, trueFinding, turnsOf } from "./agent.ts";
import { eventsOf, ORDERS_TIMEOUT } from "../support/bot.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await openScene(ORDERS_TIMEOUT);
});
afterAll(() => scene?.[Symbol.asyncDispose]());

describe("a finding that holds", () => {
  test("is posted with cause, evidence, path, next step, what was ruled out, and its blamed deploy gets a draft revert", async () => {
    await using run = await scene.run({ script: readsDiff });
    const { desk, incident } = run;
    const log = await incident.log();
    const { cause, paged, rate, deployed, innocent } = seenIn(turnsOf(desk.model)[0]!.body);
    expect(desk.model.requests.map(({ problem }) => problem)).toEqual([null, null]);
    expect(eventsOf(log, "finding-submitted")).toMatchObject([{ dropped: [], finding: { service: cause, change: { id: deployed } } }]);
    expect(eventsOf(log, "investigation-closed")).toMatchObject([{ how: "submitted", retry: false }]);

    // The brief has become the finding: it blames what the data do.
    const [status, report, ...others] = await incident.slack();
    expect(others).toEqual([]);
    expect(status?.text).toContain(`${cause} answers without asking its routes`);
    const text = report?.text ?? "";
    expect(status?.text).toMatch(/^\*Cause \(.*likely, 0\.9\d?\):\*/m);
    expect(text).toMatch(/^\*Why\*/);
    expect(text).toContain(rate);
    expect(text).toContain(`*Path:* ${cause} → ${paged}`);
    expect(status?.text).toContain(`*Do now:* Roll ${cause} back`);
    expect(text).toContain(`*Ruled out:* ${innocent.what.split(" ")[0]}`);
    const links = [...text.matchAll(/<(http[^|>]+\/evidence\/\d+)\|E\d+>/g)].map(([, url]) => url ?? "");
    expect(links.length).toBeGreaterThan(2);
    for (const url of new Set(links)) expect((await fetch(url)).status).toBe(200);

    const [pull, ...more] = await incident.pullRequests();
    expect(more).toEqual([]);
    expect(pull).toMatchObject({ draft: true });
    expect(text).toContain(`#${pull?.number}`);
  });

  test("that blames no change leaves no PR, although triage suspects a deploy", async () => {
    await using run = await scene.run({
      script: (request, turn) =>
        turn === 0 ? readsDiff(request, 0) : says(calls("submit_finding", trueFinding(request.body, { change: null }))),
    });
    const log = await run.incident.log();
    expect(eventsOf(log, "finding-submitted")).toMatchObject([{ dropped: [], finding: { verdict: "incident", change: null } }]);
    expect((await run.incident.view()).analysis?.suspects[0]?.change).not.toBeNull();
    expect(eventsOf(log, "fix-proposed")).toEqual([]);
    expect(await run.incident.pullRequests()).toEqual([]);
    expect(await run.incident.report()).not.toContain("revert");
  });

  test("that blames another service than the brief corrects the brief in its place", async () => {
    await using run = await scene.run({
      script: (request, turn) =>
        turn === 0
          ? readsDiff(request, 0)
          : says(calls("submit_finding", trueFinding(request.body, { service: seenIn(request.body).paged, change: null, fix: "none" }))),
    });
    await run.incident.log();
    const [, brief] = await run.incident.slack();
    expect(brief?.versions.at(0)).toContain("*Why*");
    expect(brief?.versions.at(0)).not.toContain("*Corrected:*");
    expect(brief?.text).toMatch(/^\*Corrected:\* see the finding below\. · ~Best suspect \*orders\*/);
  });

  test("that blames a change is sent back while its diff was only named in a path of another", async () => {
    await using run = await scene.run({
      script: (request, turn) => {
        const { deployed } = seenIn(request.body);
        if (turn === 0) return says(calls("github_diff", { commit: "4dd81059588ee4695b3237672c26961bcd148202", path: deployed }));
        return says(calls("submit_finding", trueFinding(request.body)));
      },
    });
    const log = await run.incident.log();
    expect(eventsOf(log, "tools-answered")[0]?.answers).toMatchObject([{ name: "github_diff", failed: false }]);
    expect(eventsOf(log, "finding-submitted")[0]?.finding.change).toBeNull();
  });

  test("that blames a change is sent back while no line of its diff was shown", async () => {
    await using run = await scene.run({
      script: (request, turn) => {
        const { deployed } = seenIn(request.body);
        if (turn === 0) return says(calls("github_diff", { commit: deployed, path: "no/such/folder" }));
        return says(calls("submit_finding", trueFinding(request.body)));
      },
    });
    expect(eventsOf(await run.incident.log(), "finding-submitted")[0]?.finding.change).toBeNull();
  });

  test("that comes with the last turn counts as handed in", async () => {
    await using run = await scene.run({ script: readsDiff, settings: { MIDWATCH_TURNS: "2" } });
    expect(eventsOf(await run.incident.log(), "investigation-closed")).toMatchObject([{ how: "submitted" }]);
    expect(await run.incident.report()).not.toContain("ended early");
  });
});

describe("a finding that invents", () => {
  const invented = {
    cause: "the cache cluster fell over at shard-77",
    claims: [
      { text: "The cluster lost 4,711 keys", evidence: [2], quotes: [{ text: "cluster shard-77 is gone for good", evidence: 2 }] },
      { text: "4,712 clients were told to wait", evidence: [999], quotes: [] },
    ],
    ruled_out: [{ what: "the moon over Oslo", why: "it shone at 4,713 lux", evidence: [998] }],
    impact: { text: "4,714 orders were lost", evidence: [1] },
    change: { id: "deadbeef1234567", repository: null },
  };
  const lies = ["shard-77", "4,711", "4,712", "4,713", "4,714", "Oslo", "deadbeef"];

  test("is sent back twice with its reasons, then loses what was never so; nothing invented is said without a mark", async () => {
    await using run = await scene.run({
      script: (request, turn) => (turn === 0 ? readsDiff(request, 0) : says(calls("submit_finding", trueFinding(request.body, invented)))),
    });
    const { desk, incident } = run;
    const log = await incident.log();
    const turns = turnsOf(desk.model);
    expect(turns).toHaveLength(4);
    const [back] = toldIn(turns[2]!.body, -1).results;
    expect(back?.failed).toBe(true);
    for (const lie of ["cluster shard-77 is gone", "4,711", "E999", "E998", "deadbeef"]) expect(back?.text).toContain(lie);
    const [submitted] = eventsOf(log, "finding-submitted");
    expect(submitted?.finding).toMatchObject({ claims: [], ruled_out: [], change: null, impact: { unverified: ["4,714"] } });
    expect(submitted?.finding.confidence).toBeLessThanOrEqual(0.4);
    const said = await incident.said();
    // The sentences of the cause and of orders stay, with a mark; all else that was made up is gone.
    expect(said).toMatch(/shard-77 \(unverified\)/);
    expect(said).toContain("4,714 orders were lost (unverified: 4,714)");
    const report = await incident.report();
    expect(lies.filter((lie) => !["shard-77", "4,714"].includes(lie) && report.includes(lie))).toEqual([]);
    // Words that were never said are not repeated, not even as what was cut; a figure is.
    expect(said).not.toMatch(/gone for good|Oslo/);
    expect(said).toContain("“4,711”");
    expect(report).toContain("No cause found yet");
    expect(await incident.pullRequests()).toEqual([]);
  });

  test("is mended where the model can", async () => {
    await using run = await scene.run({
      script: (request, turn) =>
        turn === 0
          ? readsDiff(request, 0)
          : says(calls("submit_finding", trueFinding(request.body, turn === 1 ? { impact: invented.impact } : {}))),
    });
    expect(eventsOf(await run.incident.log(), "finding-submitted")).toMatchObject([{ dropped: [] }]);
    expect(await run.incident.report()).toContain("*Impact:*");
  });

  test("after an input that did not fit still has its one chance to be mended", async () => {
    await using run = await scene.run({
      script: (request, turn) => {
        if (turn === 0) return readsDiff(request, 0);
        if (turn === 1) return says(calls("submit_finding", { verdict: "incident" }));
        return says(calls("submit_finding", trueFinding(request.body, turn === 2 ? { impact: invented.impact } : {})));
      },
    });
    expect(eventsOf(await run.incident.log(), "finding-submitted")).toMatchObject([{ dropped: [] }]);
  });
});

describe("without a key", () => {
  test("the report is the triage's, and says so", async () => {
    await using run = await scene.run({ script: readsDiff, withoutKey: true });
    const report = await run.incident.report();
    expect(report).toContain("From the data alone");
    expect(run.desk.model.requests).toHaveLength(0);
    expect(await run.incident.pullRequests()).toHaveLength(1);
  });
});
