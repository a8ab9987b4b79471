import { expect, test } from "vitest";
import { ForbiddenError } from "../../src/guard/errors.ts";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import type { Question, Source } from "../../src/incident/source.ts";
import { lookForChangesStep } from "../../src/investigation/look-for-changes.ts";
import type { StepContext } from "../../src/store/incident-store.ts";
import { at, logOf, logUntil } from "../support/example-log.ts";
import { exampleQuestion } from "../support/example-question.ts";

const now = at("03:15:00");
const asked: Question[] = [];
const source = (name: string, changedAt: Source["changedAt"]): Source => ({
  ...{ name, ask: async () => undefined },
  ...(changedAt === undefined ? {} : { changedAt }),
});
const deps = (...sources: readonly Source[]) => ({
  sources,
  question: (_trigger: unknown, windows: object): Question => ({
    ...exampleQuestion,
    ...windows,
    services: ["checkout", "mail", "provider-gateway", "payments"].map((name) => ({ name, names: {} })),
  }),
});
const run = async (sources: readonly Source[], log: readonly LoggedEvent[], instant = now) =>
  lookForChangesStep(deps(...sources), 1).run({
    ...{ log, incidentId: "pd-1", now: () => instant },
    signal: new AbortController().signal,
  } as unknown as StepContext);

test("each source that tells of changes is asked once, about the incident's services, whom it blames first", async () => {
  const tells = source("deploys", async (question) => {
    asked.push(question);
    return [now - 20_000, now - 40_000, now - 20_000];
  });
  const found = await run([tells, source("logs", undefined)], logUntil("investigation-finished"));
  expect(found).toEqual([{ type: "changes-looked-for", asOf: now, changed: [now - 40_000, now - 20_000], lost: 0 }]);
  expect(asked.map(({ services }) => services.map(({ name }) => name))).toEqual([["payments", "checkout", "provider-gateway"]]);
  // What was there at the triage is known.
  expect(asked[0]?.changesFrom).toBe(at("03:12:21"));
});

test("a change is news once, also where it is told late, and a source that does not answer costs nobody a word", async () => {
  const before: IncidentEvent = { type: "changes-looked-for", asOf: now, changed: [now - 20_000], lost: 0 };
  const log = [...logUntil("investigation-finished"), ...logOf([["03:15:00", before]])];
  const late = source("deploys", async () => [now - 50_000, now - 20_000]);
  const refuses = source("flags", async () => {
    throw new ForbiddenError("datadog", 403, "events", "no scope");
  });
  expect(await run([late, refuses], log, now + 60_000)).toEqual([
    { type: "changes-looked-for", asOf: now + 60_000, changed: [now - 50_000], lost: 1 },
  ]);
});
