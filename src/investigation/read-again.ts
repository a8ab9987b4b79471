import { courseOf } from "../analysis/course.ts";
import { type Belief, judgeCourse, undoneAt } from "../incident/belief.ts";
import { lastBelief, resolvedAt, servicesIn } from "../incident/belief-log.ts";
import type { EventOf } from "../incident/event.ts";
import { newestOf } from "../incident/newest-event.ts";
import type { Question } from "../incident/source.ts";
import type { ChangeEvent, ChangeKind, Telemetry } from "../incident/telemetry.ts";
import { stepIds } from "../incident/step-id.ts";
import type { Trigger } from "../incident/trigger.ts";
import { viewOf } from "../incident/view.ts";
import { withoutPatches } from "../incident/without-patches.ts";
import { nextEvidence, recordEvidence } from "../store/evidence.ts";
import { recordHidden } from "../store/hidden-values.ts";
import type { Step } from "../store/incident-store.ts";
import { measureImpact } from "./measure-impact.ts";
import { packedOf } from "./coverage-line.ts";
import type { Look, LookDependencies, LookedAt, LookOptions } from "./look.ts";
import { gather, isOneChange, REPORTED_LATE_MS, toTelemetry } from "./triage.ts";

/** How an open incident goes on: few questions to the sources that tell it, held against what was said of it. */

/** Nobody waits for a re-reading. */
const DEADLINE_MS = 30_000;
const TRIES = 2;
/** What went live longer before signals were back did not bring them back. */
const HELPS_WITHIN_MS = 15 * 60_000;
const LIVE: ReadonlySet<ChangeKind> = new Set(["deploy", "rollback", "flag", "config", "migration"]);

/** What a re-reading starts from. Plain data. */
export interface Again {
  readonly belief: Belief;
  /** Services whose changes count, by the catalog's names. */
  readonly services: readonly string[];
  /** Read before, and from when on more are looked for. */
  readonly changes: readonly ChangeEvent[];
  readonly changesFrom: number;
  readonly resolvedAt: number | null;
}

/** A triage reports a rollout while it goes on, and GitHub once more when it has ended. */
const ROLLOUT_MS = 30 * 60_000;
const isSameRollout = (known: ChangeEvent, change: ChangeEvent) =>
  known.kind === change.kind &&
  known.service === change.service &&
  known.sha !== null &&
  known.sha === change.sha &&
  known.previousSha === change.previousSha &&
  change.at >= known.at &&
  change.at - known.at <= ROLLOUT_MS;

/** Of what a reading found, what was not known yet. What went back and forth in between is new each time. */
const newIn = (known: readonly ChangeEvent[], found: readonly ChangeEvent[]): ChangeEvent[] =>
  found.filter((change) => {
    const last = known.findLast(({ service, at }) => service === change.service && at <= change.at);
    return !known.some((one) => isOneChange(one, change)) && !(last !== undefined && isSameRollout(last, change));
  });

/** Asks what decides how the incident is, and says that. @param first number of the first answer in the evidence ledger */
export async function readAgain(
  deps: LookDependencies,
  trigger: Trigger,
  { window, baseline }: Pick<Question, "window" | "baseline">,
  first: number,
  options: LookOptions,
  { belief, services, changes, changesFrom, resolvedAt: resolved }: Again,
): Promise<LookedAt> {
  const whole = deps.question(trigger, { window, baseline, changesFrom });
  const question: Question = {
    ...whole,
    again: true,
    services: whole.services.filter(({ name }) => name === whole.service || services.includes(name)),
  };
  const sources = (deps.sourcesFor?.(options.incidentId) ?? deps.sources).filter(({ again }) => again === true);
  const { yieldNow = () => Promise.resolve() } = deps;
  const gathered = await gather(sources, [], question, first, { ...options, yieldNow });
  const found = toTelemetry(question, gathered, deps.calls);
  const news = newIn(
    changes.toSorted((a, b) => a.at - b.at),
    found.changes,
  );
  const telemetry: Telemetry = { ...found, changes: [...changes, ...news].toSorted((a, b) => a.at - b.at) };
  const steps = courseOf(telemetry, belief);
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) await yieldNow();
  const course = step.value;
  const judged = judgeCourse(belief, course, resolved);
  const isBack = judged.state === "recovered";
  const event: EventOf<"belief-read"> = {
    type: "belief-read",
    ...judged,
    ...{ asOf: course.asOf, isOut: course.isOut, evidence: course.evidence, calls: gathered.facts.length },
    level: judged.state === "worse" ? course.worse : null,
    undoneAt: belief.change === null ? null : undoneAt(belief.change, telemetry.changes),
    after: isBack ? (telemetry.changes.findLast((change) => mayHaveHelped(change, judged.since, belief, services)) ?? null) : null,
    changes: withoutPatches(news),
    impact: measureImpact(telemetry, belief.onset, judged.state === "recovered" ? judged.since : belief.recoveredAt),
  };
  return { events: [event], packed: packedOf(gathered.facts), kept: [] };
}

const mayHaveHelped = ({ kind, at, service }: ChangeEvent, backAt: number, { onset }: Belief, services: readonly string[]): boolean =>
  LIVE.has(kind) &&
  at <= backAt &&
  backAt - at <= HELPS_WITHIN_MS &&
  at > (onset ?? Infinity) &&
  service !== null &&
  services.includes(service);

/** Reads an open incident again. A run that was cut off keeps nothing. @param number of the reading, 1 for the first */
export const readAgainStep = (look: Look, number: number): Step => ({
  id: stepIds.readAgain(number),
  heavy: true,
  attempts: TRIES,
  timeLimitMs: DEADLINE_MS + 30_000,
  async run({ log, incidentId, now, signal, sql, atEnd }) {
    const view = viewOf(log);
    const { trigger, triage } = view;
    const belief = lastBelief(log, view);
    const started = newestOf(log, "triage-started")?.event;
    if (trigger === null || triage === null || belief === null || started === undefined) throw new Error("there is nothing to read again");
    const read = log.flatMap(({ event }) => (event.type === "belief-read" ? [event] : []));
    const again: Again = {
      belief,
      services: servicesIn(log, view),
      changes: [...triage.changes, ...read.flatMap(({ changes }) => changes)],
      changesFrom: (read.at(-1)?.asOf ?? started.asOf) - REPORTED_LATE_MS,
      resolvedAt: resolvedAt(log, view),
    };
    const first = nextEvidence(sql, incidentId);
    const windows = { window: { from: started.window.from, to: now() }, baseline: started.baseline };
    const { events, packed, hidden } = await look(trigger, windows, first, { incidentId, deadlineMs: DEADLINE_MS, now, signal, again });
    atEnd((store) => {
      recordEvidence(store, incidentId, first, packed, now());
      recordHidden(store, incidentId, hidden);
    });
    return events;
  },
});
