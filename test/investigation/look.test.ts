import { expect, test } from "vitest";
import { analyseInTurns } from "../../src/analysis/analyse.ts";
import { pageTrigger } from "../../src/incident/trigger.ts";
import type { Source } from "../../src/incident/source.ts";
import type { ChangeEvent } from "../../src/incident/telemetry.ts";
import { lookOnce } from "../../src/investigation/look.ts";
import { deploy } from "../support/example-log.ts";
import { answerOf, NOW, page, question } from "../support/telling.ts";

const reporting = (changes: readonly ChangeEvent[]): Source => ({
  name: "GitHub",
  ask: async (_question, emit) =>
    emit({
      answer: answerOf("GitHub", "[]"),
      telemetry: (evidence) => ({ changes: changes.map((change) => ({ ...change, at: NOW - 60_000, evidence })) }),
    }),
});

test("a triage keeps the catalog's roll-back command of each service that was deployed, and of no other", async () => {
  const commands: Record<string, string> = { payments: "helm rollback payments", cart: "helm rollback cart" };
  const changes: ChangeEvent[] = [deploy, { ...deploy, service: "mail" }, { ...deploy, service: "cart", kind: "config" }];
  const { events } = await lookOnce(
    {
      ...{ question: () => question, calls: [], sources: [reporting(changes)], unconfigured: [], runbooksFor: () => [] },
      analyse: (telemetry) => analyseInTurns(telemetry, () => Promise.resolve()),
      rollbackOf: (service) => commands[service] ?? null,
    },
    pageTrigger(page),
    question,
    1,
    { incidentId: "pd-1", deadlineMs: 5_000, now: () => NOW, signal: new AbortController().signal },
  );
  expect(events.find(({ type }) => type === "triage-finished")).toMatchObject({
    rollbacks: [{ service: "payments", command: "helm rollback payments" }],
  });
});
