import type { Step, StepContext } from "../store/incident-store.ts";
import { nextEvidence, recordEvidence } from "../store/evidence.ts";
import { recordHidden } from "../store/hidden-values.ts";
import { keepReading, readKept } from "../store/kept-reading.ts";
import { stepIds } from "../incident/step-id.ts";
import { viewOf } from "../incident/view.ts";
import type { Look } from "./look.ts";
import type { LooksAhead } from "./looks-ahead.ts";
import { triageWindows } from "./triage.ts";
import { newestOf } from "../incident/newest-event.ts";

/** Time that sources have together; the brief is due some seconds after the page. */
export const TRIAGE_DEADLINE_MS = 9_000;
/** Triage is what the ledger begins with. */
export const FIRST_EVIDENCE = 1;

/**
 * Time that late sources have from the brief on: a call that hangs is given up after three tries of 10 s (`guard/outgoing.ts`), and six calls of 5 s
 * one after the other take as long.
 */
export const READ_ON_MS = 60_000;
const READ_ON_TRIES = 3;

export interface TriageDependencies {
  readonly look: Look;
  /** Time that all sources have together, ms. */
  readonly deadlineMs?: number | undefined;
  /** Time that sources have after the brief which did not answer before it, ms. 0: they are not read on. */
  readonly readOnMs?: number | undefined;
  /** Looks that began with the first words. */
  readonly ahead?: LooksAhead | undefined;
  /** Shows how many sources have answered. */
  readonly progress: (context: StepContext) => (answered: number, of: number) => void;
}

/** Fixes the windows, so that a triage that runs again asks the same. */
export const startTriage = (ahead?: LooksAhead): Step => ({
  id: "start-triage",
  run: async (context) => {
    const asOf = ahead?.asOf(context.incidentId) ?? context.now();
    return [{ type: "triage-started", asOf, ...triageWindows(viewOf(context.log).trigger?.at ?? asOf, asOf) }];
  },
});

export const triageStep = ({
  look,
  deadlineMs = TRIAGE_DEADLINE_MS,
  readOnMs = READ_ON_MS,
  ahead,
  progress,
}: TriageDependencies): Step => ({
  id: stepIds.triage,
  heavy: true,
  attempts: 3,
  timeLimitMs: deadlineMs + 30_000,
  async run(context) {
    const { trigger } = viewOf(context.log);
    const started = newestOf(context.log, "triage-started")?.event;
    if (trigger === null || started === undefined) throw new Error("triage needs a trigger and its windows");
    const onProgress = progress(context);
    const { window, baseline, asOf } = started;
    const { incidentId, now, signal } = context;
    const begun = ahead?.take(incidentId, asOf, signal, onProgress) ?? null;
    const { events, packed, hidden, kept } = await (begun ??
      look(trigger, { window, baseline }, FIRST_EVIDENCE, {
        ...{ incidentId, deadlineMs, now, signal, onProgress },
        ...(readOnMs === 0 ? {} : { readOnMs }),
      }));
    // With the events that cite it, or not at all: a run that was cut off must not leave numbers behind.
    context.atEnd((sql) => {
      recordEvidence(sql, incidentId, FIRST_EVIDENCE, packed, now());
      recordHidden(sql, incidentId, hidden);
      keepReading(sql, incidentId, kept);
    });
    return events;
  },
});

/**
 * Reads what had not answered when the brief was due, and analyses all that is known by then: the deadline bounds the words, not the reading.
 * What answered before is not asked again. A run that was cut off keeps nothing, so the next one numbers alike.
 */
export const readOnStep = ({ look, readOnMs = READ_ON_MS }: Pick<TriageDependencies, "look" | "readOnMs">): Step => ({
  id: stepIds.readOn,
  heavy: true,
  attempts: READ_ON_TRIES,
  timeLimitMs: readOnMs + 30_000,
  async run(context) {
    const { trigger, triage } = viewOf(context.log);
    const started = newestOf(context.log, "triage-started")?.event;
    if (trigger === null || triage === null || started === undefined) throw new Error("there is no triage to go on from");
    const { incidentId, now, signal } = context;
    const kept = readKept(context.sql, incidentId);
    if (kept.length === 0) throw new Error("nothing was kept of the first reading");
    const first = nextEvidence(context.sql, incidentId);
    const { window, baseline, asOf } = started;
    const { events, packed, hidden } = await look(trigger, { window, baseline }, first, {
      ...{ incidentId, deadlineMs: readOnMs, now, signal },
      earlier: { kept, coverage: triage.coverage, startedAt: asOf },
    });
    context.atEnd((sql) => {
      recordEvidence(sql, incidentId, first, packed, now());
      recordHidden(sql, incidentId, hidden);
      keepReading(sql, incidentId, []);
    });
    return events;
  },
});

/** The same step, after which nothing is kept of the first reading: a reading on that was given up, or cut off too often, has left it. */
export const forgetReading = <S extends Step>(step: S): S => ({
  ...step,
  run(context) {
    context.atEnd((sql) => keepReading(sql, context.incidentId, []));
    return step.run(context);
  },
});
