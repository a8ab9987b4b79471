import { servicesIn } from "../incident/belief-log.ts";
import { IntegrationError } from "../guard/errors.ts";
import type { Question } from "../incident/source.ts";
import { stepIds } from "../incident/step-id.ts";
import { viewOf } from "../incident/view.ts";
import type { Step } from "../store/incident-store.ts";
import type { LookDependencies } from "./look.ts";
import { REPORTED_LATE_MS } from "./triage.ts";
import { newestOf } from "../incident/newest-event.ts";
import { knownChanges } from "../incident/reading-schedule.ts";

/** Whether anybody changed something in an open incident: one call to each source that knows of changes. What it was the next reading shows. */

const DEADLINE_MS = 15_000;

type Sources = Pick<LookDependencies, "question" | "sources" | "sourcesFor">;

/** Whether any source knows of changes. */
export const tellsOfChanges = ({ sources }: Pick<LookDependencies, "sources">): boolean =>
  sources.some(({ changedAt }) => changedAt !== undefined);

/** @param number of the look, 1 for the first */
export const lookForChangesStep = (deps: Sources, number: number): Step => ({
  id: stepIds.lookForChanges(number),
  attempts: 1,
  timeLimitMs: DEADLINE_MS + 15_000,
  async run({ log, incidentId, now, signal }) {
    const view = viewOf(log);
    const started = newestOf(log, "triage-started")?.event;
    if (view.trigger === null || started === undefined) throw new Error("there is nothing to look for");
    const asOf = now();
    const known = knownChanges(log);
    const changesFrom = Math.max(started.asOf, (known.lookedAt ?? started.asOf) - REPORTED_LATE_MS);
    const whole = deps.question(view.trigger, { window: { from: started.window.from, to: asOf }, baseline: started.baseline, changesFrom });
    const order = servicesIn(log, view);
    const place = (name: string) => order.indexOf(name);
    const question: Question = {
      ...whole,
      again: true,
      services: whole.services.filter(({ name }) => order.includes(name)).toSorted((a, b) => place(a.name) - place(b.name)),
    };
    const within = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
    const sources = deps.sourcesFor?.(incidentId) ?? deps.sources;
    const asked = sources.flatMap(({ changedAt }) => changedAt ?? []);
    const settled = await Promise.allSettled(asked.map(async (changedAt) => changedAt(question, within)));
    signal.throwIfAborted();
    const failed = settled.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
    // Nobody need hear of a source that did not answer: it is asked again in a minute.
    const broken = failed.find((error) => !(error instanceof IntegrationError) && !within.aborted);
    if (broken !== undefined) throw broken;
    const found = settled.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
    const changed = [...new Set(found)].filter((at) => at >= changesFrom && at <= asOf && !known.at.has(at)).toSorted((a, b) => a - b);
    return [{ type: "changes-looked-for", asOf, changed, lost: failed.length }];
  },
});
