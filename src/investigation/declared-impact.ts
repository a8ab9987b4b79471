import { IntegrationError } from "../guard/errors.ts";
import type { IncidentEvent, LoggedEvent } from "../incident/event.ts";
import type { DeclaredFigure } from "../incident/impact.ts";
import type { DeclaredImpact, DeclaredKind, ImpactSource, UnconfiguredImpact } from "../incident/impact-source.ts";
import { newestOf } from "../incident/newest-event.ts";
import { stepIds } from "../incident/step-id.ts";
import type { TimeWindow } from "../incident/telemetry.ts";
import type { Trigger } from "../incident/trigger.ts";
import { type IncidentView, viewOf } from "../incident/view.ts";
import { nextEvidence, packAnswer, recordEvidence } from "../store/evidence.ts";
import type { Step, StepContext } from "../store/incident-store.ts";

/** Counts whom the incident hit by what the catalog declares: once it is known since when, then now and then while it is open, and when it is over. */

export interface ImpactDependencies {
  readonly serviceOf: (trigger: Trigger) => string;
  readonly declaredFor: (service: string) => DeclaredImpact;
  /** Those that can count, with redacted answers, and those that are not connected. */
  readonly sourcesFor: (incidentId: string) => readonly (ImpactSource | UnconfiguredImpact)[];
}

const LIMIT_MS = 15_000;
/** A count is work for a production database, so it is made this seldom. */
const EVERY_MS = 10 * 60_000;
const MOST_COUNTS = 24;

const kindsOf = ({ tenants, revenue }: DeclaredImpact): DeclaredKind[] => [
  ...(tenants === undefined ? [] : ["tenants" as const]),
  ...(revenue === undefined ? [] : ["revenue" as const]),
];

/** The time to count; null: it is not known since when, or there is nothing new to count. */
function dueOver(log: readonly LoggedEvent[], { analysis, brief, belief }: IncidentView): TimeWindow | null {
  const onset = analysis?.onset ?? null;
  const read = newestOf(log, "belief-read")?.event;
  const asOf = Math.max(newestOf(log, "triage-started")?.event.asOf ?? 0, read?.asOf ?? 0);
  if (onset === null || brief === null || asOf <= onset) return null;
  const to = belief?.state === "recovered" ? belief.since : asOf;
  const counts = log.flatMap(({ event }) => (event.type === "impact-counted" ? [event] : []));
  const last = counts.at(-1);
  if (last === undefined) return { from: onset, to };
  if (counts.length >= MOST_COUNTS || last.to === to) return null;
  return to - last.to >= EVERY_MS || belief?.state === "recovered" ? { from: onset, to } : null;
}

/** The step that is due; null: none is, or the catalog declares nothing for the service. @param deps undefined: nothing is declared at all */
export const impactStep =
  (deps: ImpactDependencies | undefined) =>
  (log: readonly LoggedEvent[], view: IncidentView): Step | null => {
    if (deps === undefined || view.trigger === null || kindsOf(deps.declaredFor(deps.serviceOf(view.trigger))).length === 0) return null;
    const over = dueOver(log, view);
    const number = log.filter(({ event }) => event.type === "impact-counted").length + 1;
    return over === null
      ? null
      : { id: stepIds.countImpact(number), attempts: 2, timeLimitMs: LIMIT_MS + 5_000, run: (context) => count(deps, over, context) };
  };

async function count(
  deps: ImpactDependencies,
  over: TimeWindow,
  { log, incidentId, signal, sql, atEnd, now }: StepContext,
): Promise<IncidentEvent[]> {
  const { trigger } = viewOf(log);
  if (trigger === null) throw new Error("there is nothing to count");
  const service = deps.serviceOf(trigger);
  const declared = deps.declaredFor(service);
  const sources = deps.sourcesFor(incidentId);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  const counted = await Promise.all(
    kindsOf(declared).map(async (kind) => {
      const source = sources.find((one) => one.kind === kind);
      const about = { kind, unit: declared[kind]?.unit ?? kind };
      if (source === undefined) return { about, because: "nothing that midwatch knows counts it" };
      if ("missing" in source) return { about, because: source.missing };
      try {
        return { about, found: await source.count(declared, over, limit) };
      } catch (error) {
        signal.throwIfAborted();
        if (limit.aborted) return { about, because: `no answer within ${LIMIT_MS / 1000} s` };
        if (error instanceof IntegrationError) return { about, because: error.message };
        throw error;
      }
    }),
  );
  const first = nextEvidence(sql, incidentId);
  const answers = counted.flatMap(({ found }) => found?.answers ?? []);
  const packed = await Promise.all(answers.map(packAnswer));
  let number = first;
  const figures = counted.map(({ about, found, because = "" }): DeclaredFigure => {
    if (found === undefined) return { ...about, because };
    const { value, isLeast, weekBefore } = found;
    return { ...about, value, isLeast, weekBefore, evidence: found.answers.map(() => number++) };
  });
  atEnd((store) => recordEvidence(store, incidentId, first, packed, now()));
  return [{ type: "impact-counted", service, ...over, figures }];
}
