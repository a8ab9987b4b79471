import { expect, test } from "vitest";
import { analyseInTurns } from "../../src/analysis/analyse.ts";
import type { Belief } from "../../src/incident/belief.ts";
import type { Question, Source } from "../../src/incident/source.ts";
import type { Point } from "../../src/incident/telemetry.ts";
import { pageTrigger } from "../../src/incident/trigger.ts";
import { lookAndPack, type LookDependencies } from "../../src/investigation/look.ts";
import type { Again } from "../../src/investigation/read-again.ts";
import { deploy } from "../support/example-log.ts";
import { answerOf, NOW, page, question } from "../support/telling.ts";

const minute = 60_000;
const onset = NOW - 4 * minute;
const over = NOW + 9 * minute;
const back = { ...deploy, kind: "rollback" as const, service: "payments", at: NOW + 6 * minute, sha: deploy.previousSha };

/** Failures of the paged service, until they are over. */
function points({ baseline, window }: Question): Point[] {
  const found: Point[] = [];
  for (let at = baseline.from; at < window.to; at += minute)
    found.push({ at, value: at >= onset && at < over ? 90 : 1 + Math.sin(at / minute) / 2 });
  return found;
}

const asked: { name: string; question: Question }[] = [];
const source = (
  name: string,
  parts: Pick<Source, "again">,
  telemetry: (of: Question, evidence: number) => ReturnType<Parameters<Parameters<Source["ask"]>[1]>[0]["telemetry"]>,
): Source => ({
  ...{ name, ...parts },
  ask: async (of, emit) => {
    asked.push({ name, question: of });
    emit({ answer: answerOf(name, "{}"), telemetry: (evidence) => telemetry(of, evidence) });
  },
});
const sources = [
  source("metrics", { again: true }, (of, evidence) => ({
    series: [
      {
        service: of.service,
        instance: null,
        metric: "trace.http.request.errors",
        kind: "errors",
        unit: "error",
        tags: {},
        points: points(of),
        evidence,
      },
    ],
  })),
  source("logs", {}, () => ({})),
  source("changes", { again: true }, (_of, evidence) => ({ changes: [{ ...back, evidence }] })),
];
const deps: LookDependencies = {
  ...{ calls: [], sources, unconfigured: [], runbooksFor: () => [] },
  question: (_trigger, windows) => ({
    ...question,
    ...windows,
    services: [
      { name: question.service, names: {} },
      { name: "payments", names: {} },
      { name: "mail", names: {} },
    ],
  }),
  analyse: (telemetry) => analyseInTurns(telemetry, () => Promise.resolve()),
};
const belief: Belief = {
  ...{ state: "same", asOf: NOW + minute, onset, suspect: "payments", recoveredAt: null, worseSince: null, isStillBad: false, series: [] },
  change: { service: "payments", sha: deploy.sha, version: deploy.version, at: onset - minute },
};
const again: Again = { belief, services: ["payments"], changes: [{ ...deploy, at: onset - minute }], changesFrom: NOW, resolvedAt: null };

const readAt = (asOf: number, first: number, of: Again = again) =>
  lookAndPack(
    deps,
    pageTrigger({ ...page, createdAt: NOW, title: "it is unhealthy" }),
    { window: { from: NOW - 10 * minute, to: asOf }, baseline: { from: NOW - 250 * minute, to: NOW - 10 * minute } },
    first,
    { incidentId: "pd-1", deadlineMs: 5_000, now: () => asOf, signal: new AbortController().signal, again: of },
  );

test("an open incident is read again from few sources, about the services in it, and says when it was over and after what", async () => {
  const { events, packed } = await readAt(NOW + 16 * minute, 41);
  expect(events).toMatchObject([
    {
      type: "belief-read",
      state: "recovered",
      since: over,
      isOut: false,
      undoneAt: back.at,
      after: { sha: back.sha },
      evidence: [41],
      calls: 2,
    },
  ]);
  expect(events).toMatchObject([{ changes: [{ kind: "rollback", evidence: 42 }] }]);
  expect(packed).toHaveLength(2);
  expect(asked.map(({ name }) => name)).toEqual(["metrics", "changes"]);
  expect(asked[0]?.question.services.map(({ name }) => name)).toEqual([question.service, "payments"]);
  expect(asked[0]?.question.changesFrom).toBe(NOW);
});

test("while it goes on it is the same", async () => {
  const { events } = await readAt(NOW + 5 * minute, 41);
  expect(events).toMatchObject([{ state: "same", isOut: true }]);
});

test("a rollout that triage saw under way is no new change once it has ended", async () => {
  const under = { ...back, at: NOW - minute };
  const known: Again = { ...again, changes: [...again.changes, under] };
  expect((await readAt(NOW + 9 * minute, 41, known)).events).toMatchObject([{ changes: [] }]);
  // What went back and forth in between is.
  const between = { ...deploy, service: "payments", at: NOW + 3 * minute };
  expect((await readAt(NOW + 9 * minute, 41, { ...known, changes: [...known.changes, between] })).events).toMatchObject([
    { changes: [{ at: back.at }] },
  ]);
});
