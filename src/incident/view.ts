import { trustedTexts } from "./trusted-texts.ts";
import { newsOf } from "./belief-log.ts";
import { type Approval, newestApproval } from "./approval.ts";
import { incidentDesk, type Kept } from "./desk.ts";
import type { EventOf, IncidentEvent, LoggedEvent } from "./event.ts";
import { type Feedback, feedbackOf } from "./feedback.ts";
import { newestOf } from "./newest-event.ts";
import type { Analysis, CoverageLine } from "./finding.ts";
import { type FlapState, flapStateOf } from "./flap.ts";
import { type FixWork, fixWorkOf } from "./fix-work.ts";
import { type Investigation, investigationOf } from "./investigation.ts";
import { type JoiningState, joiningOf } from "./joining-state.ts";
import { askedBy, refusalOf } from "./model-refusal.ts";
import { ownChannels } from "./own-channel.ts";
import type { Page } from "./page.ts";
import { isPassed } from "./passed.ts";
import { type Proof, proofOf } from "./proof.ts";
import { stepIds } from "./step-id.ts";
import { pageTrigger, type Trigger } from "./trigger.ts";

/** What is known of an incident at one moment, computed from its log. Messages and pages are made from this. */
export interface IncidentView {
  /** What started it: the page as it is known by now, or else the clock or a person; null: nothing yet that can be looked into. */
  readonly trigger: Trigger | null;
  /** The page as the pager last reported it, with its alerts' bodies once read; null while only events without one came. */
  readonly page: Page | null;
  readonly status: "triggered" | "acknowledged" | "resolved";
  /** Who acknowledged or resolved it last. */
  readonly by: string | null;
  /** When it was resolved, by the pager's clock; null: it is open. */
  readonly resolvedAt: number | null;
  readonly statusMessage: EventOf<"status-posted"> | null;
  readonly triage: EventOf<"triage-finished"> | null;
  /** What was known before late sources answered, where they have by now; else null. */
  readonly earlier: EventOf<"triage-finished"> | null;
  /** When {@link triage} ended. */
  readonly triageAt: number | null;
  readonly analysis: Analysis | null;
  readonly coverage: readonly CoverageLine[];
  /** The model's work, or null while no model was asked. */
  readonly investigation: Investigation | null;
  /** Why no model was asked, where that still holds; else null. */
  readonly refusal: EventOf<"model-refused"> | null;
  /** Who asked for the model's work, which has not begun; null: nobody. */
  readonly investigateAskedBy: string | null;
  /** Whether its alert flaps. */
  readonly flaps: FlapState;
  /** It was over before its triage was, and nobody asked for an investigation. */
  readonly passed: boolean;
  readonly brief: EventOf<"brief-posted"> | null;
  readonly finding: EventOf<"finding-posted"> | null;
  readonly fix: EventOf<"fix-proposed"> | EventOf<"fix-declined"> | null;
  /** A pull request that waits for a person's button, until it is there or was declined. */
  readonly offered: EventOf<"fix-offered"> | null;
  /** What the newest offer of a pull request came to, or null. */
  readonly approval: Approval | null;
  /** The model's work on a patch, or null while it has not begun. */
  readonly fixWork: FixWork | null;
  /** What CI shows of the fix, or null while there is no pull request. */
  readonly proof: Proof | null;
  /** The last update of the pull request, or null. */
  readonly fixTold: EventOf<"fix-told"> | null;
  /** What people did with the pull request last, or null. */
  readonly fixChange: EventOf<"fix-changed-by-people"> | null;
  /** Words by which orders from outside are known again, wherever somebody repeats them. */
  readonly orderSigns: readonly string[];
  /** The team's own texts that were shown or read: see {@link trustedTexts}. */
  readonly trusted: readonly string[];
  /** Which incident it belongs to, and which pages belong to it. */
  readonly joining: JoiningState;
  /** Slack's id of the incident's own channel, the newest that midwatch reads; null: there is none. */
  readonly channel: string | null;
  /** How it is by a later reading, where that is not as it was said; else null. */
  readonly belief: EventOf<"belief-read"> | null;
  /** The reading that took back the blamed change: it was rolled back, and nothing changed; null: it is believed, or none was blamed. */
  readonly withdrawn: EventOf<"belief-read"> | null;
  /** What people decided last; null: nothing is known of. */
  readonly decided: Kept<string> | null;
  /** What people say of the answer. */
  readonly feedback: readonly Feedback[];
  /** Steps that failed for good. */
  readonly failures: readonly EventOf<"step-failed">[];
  readonly finished: boolean;
  /** When the first event came; instants in epoch milliseconds. */
  readonly openedAt: number;
  readonly statusPostedAt: number | null;
  readonly briefAt: number | null;
  readonly findingAt: number | null;
}

function statusOf(log: readonly LoggedEvent[]): Pick<IncidentView, "page" | "status" | "by" | "resolvedAt"> {
  // Events may arrive out of order: the pager's own time says which is newer. A page read again adds its body to whatever is newest.
  let page: Page | null = null;
  let body = "";
  let status: IncidentView["status"] = "triggered";
  let by: string | null = null;
  let resolvedAt: number | null = null;
  let newest = Number.NEGATIVE_INFINITY;
  for (const { event } of log) {
    if (event.type === "page-read") {
      body = event.page.details;
      page ??= event.page;
      continue;
    }
    const told = event.type === "page-received" ? event.page : event.type === "pager-event-received" ? event.page : null;
    if (told === null) continue;
    const occurredAt = event.type === "pager-event-received" ? event.occurredAt : told.createdAt;
    if (occurredAt < newest) {
      page ??= told;
      continue;
    }
    newest = occurredAt;
    page = told;
    if (told.status !== status) by = event.type === "pager-event-received" ? event.by : null;
    if (told.status !== status) resolvedAt = told.status === "resolved" ? occurredAt : null;
    status = told.status;
  }
  return { resolvedAt, page: page === null || body === "" ? page : { ...page, details: body }, status, by };
}

/** What is read on no more is not pending. */
const settled = (lines: readonly CoverageLine[], failures: IncidentView["failures"]): readonly CoverageLine[] =>
  failures.some(({ step }) => step === stepIds.readOn) ? lines.map(({ pending: _pending, ...line }) => line) : lines;

/** Coverage as triage found it, and for what only the model can ask, how its questions went. */
function coverageOf(lines: readonly CoverageLine[], log: readonly LoggedEvent[]): readonly CoverageLine[] {
  if (lines.every(({ tools }) => tools === undefined)) return lines;
  const calls = log.flatMap(({ event }) => (event.type === "tools-answered" ? event.answers : []));
  return lines.map((line): CoverageLine => {
    const own = calls.filter(({ name }) => line.tools?.includes(name) === true);
    const last = own.at(-1);
    if (last === undefined) return line;
    const evidence = own.flatMap((call) => call.evidence);
    const lost = own.filter(({ failed }) => failed).length;
    if (lost === own.length) return { ...line, status: "failed", detail: line.status === "failed" ? line.detail : last.fact };
    const parts = [line.status === "failed" ? line.detail : null, lost > 0 ? `${lost} of ${own.length} calls failed` : null];
    const detail = parts.filter((part) => part !== null).join("; ");
    return { ...line, evidence, ...(detail === "" ? { status: "read", detail: null } : { status: "sampled", detail }) };
  });
}

/** Computes the view of a log. */
export function viewOf(log: readonly LoggedEvent[]): IncidentView {
  const last = <T extends IncidentEvent["type"]>(type: T) => newestOf(log, type);
  const triages = log.flatMap(({ at, event }) => (event.type === "triage-finished" ? [{ at, event }] : []));
  const triage = triages.at(-1)?.event ?? null;
  const failures = log.flatMap(({ event }) => (event.type === "step-failed" && event.final ? [event] : []));
  const fix = last("fix-proposed")?.event ?? last("fix-declined")?.event ?? null;
  const status = statusOf(log);
  const started = last("trigger-received")?.event.trigger;
  return {
    trigger: status.page !== null ? pageTrigger(status.page) : started === undefined ? null : { ...started, page: null },
    ...status,
    statusMessage: last("status-posted")?.event ?? null,
    triage,
    earlier: triage?.late === undefined ? null : (triages[0]?.event ?? null),
    triageAt: triages.at(-1)?.at ?? null,
    analysis: triage?.analysis ?? null,
    coverage: coverageOf(settled(triage?.coverage ?? [], failures), log),
    investigation: investigationOf(log),
    refusal: refusalOf(log),
    investigateAskedBy: askedBy(log),
    flaps: flapStateOf(log),
    passed: isPassed(log, status.status),
    brief: last("brief-posted")?.event ?? null,
    finding: last("finding-posted")?.event ?? null,
    fix,
    offered: fix === null ? (last("fix-offered")?.event ?? null) : null,
    approval: newestApproval(log, "open-fix"),
    fixWork: fixWorkOf(log),
    proof: proofOf(log),
    fixTold: last("fix-told")?.event ?? null,
    fixChange: last("fix-changed-by-people")?.event ?? null,
    orderSigns: [...new Set(log.flatMap(({ event }) => (event.type === "orders-seen" ? event.signs : [])))],
    trusted: [...new Set(trustedTexts(log))],
    joining: joiningOf(log),
    channel: ownChannels(log).findLast(({ heard }) => heard === true)?.channel ?? null,
    belief: newsOf(log).at(-1)?.event ?? null,
    withdrawn: newsOf(log).findLast(({ event }) => event.state === "withdrawn")?.event ?? null,
    decided: incidentDesk(log).decisions.at(-1) ?? null,
    feedback: feedbackOf(log),
    failures,
    finished: last("investigation-finished") !== null,
    openedAt: log[0]?.at ?? 0,
    statusPostedAt: last("status-posted")?.at ?? null,
    briefAt: last("brief-posted")?.at ?? null,
    findingAt: last("finding-posted")?.at ?? null,
  };
}
