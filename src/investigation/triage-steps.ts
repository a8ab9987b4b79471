import type { Step, StepContext } from "../store/incident-store.ts";
import { recordEvidence } from "../store/evidence.ts";
import { recordHidden } from "../store/hidden-values.ts";
import { stepIds } from "../incident/step-id.ts";
import { viewOf } from "../incident/view.ts";
import type { Look } from "./look.ts";
import { triageWindows } from "./triage.ts";

/** Time that sources have together; the brief is due some seconds after the page. */
const TRIAGE_DEADLINE_MS = 9_000;
/** Triage is what the ledger begins with. */
const FIRST_EVIDENCE = 1;

export interface TriageDependencies {
  readonly look: Look;
  /** Time that all sources have together, ms. */
  readonly deadlineMs?: number | undefined;
  /** Shows how many sources have answered. */
  readonly progress: (context: StepContext) => { onProgress(answered: number, of: number): void; done(): Promise<void> };
}

/** Fixes the windows, so that a triage that runs again asks the same. */
export const startTriage: Step = {
  id: "start-triage",
  run: async (context) => {
    const startedAt = viewOf(context.log).trigger?.at ?? context.now();
    return [{ type: "triage-started", asOf: context.now(), ...triageWindows(startedAt, context.now()) }];
  },
};

export const triageStep = ({ look, deadlineMs = TRIAGE_DEADLINE_MS, progress }: TriageDependencies): Step => ({
  id: stepIds.triage,
  heavy: true,
  attempts: 3,
  timeLimitMs: deadlineMs + 30_000,
  async run(context) {
    const { trigger } = viewOf(context.log);
    const started = context.log.findLast(({ event }) => event.type === "triage-started")?.event;
    if (trigger === null || started?.type !== "triage-started") throw new Error("triage needs a trigger and its windows");
    const { onProgress, done } = progress(context);
    const { window, baseline } = started;
    const { incidentId, now, signal } = context;
    const { events, packed, hidden } = await look(trigger, { window, baseline }, FIRST_EVIDENCE, {
      ...{ incidentId, deadlineMs, now, signal, onProgress },
    });
    await done();
    // With the events that cite it, or not at all: a run that was cut off must not leave numbers behind.
    context.atEnd((sql) => {
      recordEvidence(sql, incidentId, FIRST_EVIDENCE, packed, now());
      recordHidden(sql, incidentId, hidden);
    });
    return events;
  },
});
