import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import type { CoverageLine } from "../../src/incident/finding.ts";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import { viewOf } from "../../src/incident/view.ts";
import { loadRecording } from "../../src/replay/recording.ts";
import { recordedTelemetry } from "../../src/replay/recorded-telemetry.ts";
import { createMessages } from "../../src/slack/messages.ts";
import { fitted, fitting, inForms, may, must, visibleLength } from "../../src/slack/visible.ts";
import { finding, handedIn, nightWith } from "../support/example-investigation.ts";
import { exampleTriage } from "../support/example-log.ts";
import { page } from "../support/telling.ts";

const messages = createMessages({ timelineUrl: (id) => `https://midwatch.example/incidents/${id}`, withoutModel: null });
const length = ({ text }: { readonly text: string }) => visibleLength(text);

test("a reader sees a link's words and a sign for an entity", () => {
  expect(visibleLength("see <https://midwatch.example/incidents/pd-1/evidence/9?q=abc|E9> &amp; <@U1>")).toBe("see E9 & @U1".length);
  expect(visibleLength("E9\u200B 4 → 5 😀")).toBe("E9 4 → 5 X".length);
});

test("what is most spare is left out first, of several alike the last; what must be said stays, however long", () => {
  const lines = [must("x".repeat(30)), may(1, "first"), may(2, "second"), may(2, "third"), may(1, "")];
  const said = (room: number) => fitting(lines, room).map(({ text }) => text.slice(0, 6));
  expect(said(100)).toEqual(["xxxxxx", "first", "second", "third"]);
  expect(said(44)).toEqual(["xxxxxx", "first", "second"]);
  expect(said(43)).toEqual(["xxxxxx", "first"]);
  expect(said(1)).toEqual(["xxxxxx"]);
});

test("a long form comes back where another line that gave way left room for it, and what was left out does not", () => {
  const lines = [
    inForms([{ ...must("a clause and its reason"), spare: 3 }, must("a clause")]),
    inForms([{ ...must("b".repeat(60)), spare: 2 }, must("b")]),
    may(4, "gone"),
  ];
  expect(fitted(lines, 84).map((line) => line?.text.slice(0, 8) ?? null)).toEqual(["a clause", "bbbbbbbb", null]);
  // The first form of the second line does not fit even alone: with its short one there is room for all of the first line.
  expect(fitted(lines, 40).map((line) => line?.text ?? null)).toEqual(["a clause and its reason", "b", null]);
});

describe("an incident in ten seconds", () => {
  const folders = readdirSync("test/scenarios", { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const lost: CoverageLine = {
    ...{ source: "Datadog logs", status: "failed", detail: "403 for logs_read_data. Add this scope to the application key." },
    ...{ tookMs: 80, evidence: [] },
  };

  const doNot = "restart the database first: it drops the cache and all connections, and the statement comes back.";

  test.each(folders.map(({ name }) => name))(
    "%s: at most 900 visible characters without a model, and 400 in the first message",
    async (name) => {
      const analysis = analyse(recordedTelemetry(await loadRecording(`test/scenarios/${name}`)));
      const triage: IncidentEvent = {
        ...{ type: "triage-finished", analysis, digest: "", changes: [], tookMs: 4_100, calls: 9, links: [], charts: [] },
        coverage: [lost],
        runbooks: [
          { name: "slow-dependency", title: "A dependency is slow", steps: ["Open the slowest trace.", "Drain the node."], doNot },
        ],
      };
      const view = viewOf(
        [{ type: "page-received", page } as const, triage].map((event, index): LoggedEvent => ({
          seq: index + 1,
          at: page.createdAt,
          event,
        })),
      );
      const status = messages.status(view);
      expect(length(status) + length(messages.brief(view, "pd-1"))).toBeLessThanOrEqual(900);
      expect(length(status)).toBeLessThanOrEqual(400);
      expect(status.text.split("\n").map((line) => /^\*(?:Cause|Do now:|Do not)/.exec(line)?.[0] ?? "")).toEqual([
        "",
        "*Cause",
        "*Do now:",
        "*Do not",
      ]);
      // What not to do is said; why, where there is room.
      expect(status.text).toMatch(
        /\*Do not\* restart the database first(?:: it drops the cache and all connections, and the statement comes back)?\.$/,
      );
    },
  );

  test("a long cause ends at a clause, a step at a sentence, and neither within code", () => {
    const long =
      "85 % of the time of the 2 slowest requests (7.48 s on average) is spent in `postgres.query`: `SELECT * FROM blocked WHERE id=$1`; no record shows since when, and nothing else is known of it, for the traces before 02:40 were not kept and no metric counts the statement";
    const runbook = {
      name: "x",
      title: "x",
      steps: [
        "Open the list of running statements and sort by age. If one waits for a lock, follow it to the session that waits for nobody.",
      ],
    };
    const triage: IncidentEvent = {
      ...exampleTriage,
      analysis: {
        ...exampleTriage.analysis,
        suspects: exampleTriage.analysis.suspects.map((one) => ({ ...one, change: null, cause: long })),
      },
      runbooks: [runbook],
    };
    const log = [{ type: "page-received", page } as const, triage].map((event, index): LoggedEvent => ({ seq: index + 1, at: 0, event }));
    const { text } = messages.status(viewOf(log));
    expect(text).toContain(
      "spent in `postgres.query`: `SELECT * FROM blocked WHERE id=$1`; no record shows since when, and nothing else is known of it …\n",
    );
    // The thread has all of it.
    expect(messages.brief(viewOf(log), "pd-1").text).toContain("no record shows since when, and nothing else is known of it, for");
    expect(text).toMatch(/\*Do now:\* Open the list of running statements and sort by age\.(?:\n|$)/);
  });

  test("at most 1,500 with a model, however much it says", () => {
    const wordy = <T>(one: T, count: number): T[] => Array.from({ length: count }, () => one);
    const long = "payments answers late, and checkout gives up before it does, as it did on every request since then. ".repeat(6);
    const much = {
      ...finding,
      cause: long,
      claims: wordy({ text: long.slice(50), evidence: [3, 5, 7], quotes: [{ text: long.slice(20, 300), evidence: 3 }] }, 9),
      ruled_out: wordy({ what: long, why: long, evidence: [3] }, 8),
      do_now: wordy({ step: long, runbook: null }, 6),
      missing: wordy({ what: long, who: null }, 6),
      impact: { text: long, evidence: [2] },
    };
    for (const handed of [finding, much, { ...much, verdict: "inconclusive" as const }, { ...much, service: "orders-db2" }]) {
      const view = viewOf(nightWith(handedIn(handed)));
      const all = [messages.status(view), messages.brief(view, "pd-1"), messages.finding(view, "pd-1")];
      expect(all.map(length).reduce((sum, one) => sum + one)).toBeLessThanOrEqual(1_500);
    }
  });

  test("a command in a step is whole or not there", () => {
    const command = "`kubectl -n shop rollout undo deployment/payments --to-revision=41`";
    for (const lead of [
      "Take it back: ",
      "Look first at which of the pods of payments are new, and whether only those fail; if so take it back with ",
    ]) {
      const view = viewOf(nightWith(handedIn({ ...finding, do_now: [{ step: `${lead}${command} and wait.`, runbook: null }] })));
      for (const { text } of [messages.status(view), messages.finding(view, "pd-1")])
        expect(text.includes(command) || !text.includes("kubectl")).toBe(true);
    }
  });

  test("what was live before the blamed deploy is printed where no step names it", () => {
    const told = (step: string) => messages.status(viewOf(nightWith(handedIn({ ...finding, do_now: [{ step, runbook: null }] })))).text;
    expect(told("Roll back payments to the version before.")).toContain("to the version before. `7ab0d2e` ran before `9f2c1e4`.");
    expect(told("Roll back payments to 7ab0d2e.")).not.toContain("before `9f2c1e4`");
  });
});
