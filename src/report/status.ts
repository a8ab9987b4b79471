import { isSuspectPast } from "../incident/belief.ts";
import { confidenceWords } from "../incident/confidence.ts";
import type { LoggedEvent } from "../incident/event.ts";
import { culpritOf, type Verdict } from "../incident/finding.ts";
import { retryAt } from "../incident/investigation.ts";
import { type Trigger, triggerName } from "../incident/trigger.ts";
import { beliefHead } from "./belief-words.ts";
import { blamedWords, suspectName } from "./suspect-words.ts";
import { plain } from "./text.ts";
import type { IncidentView } from "../incident/view.ts";
import { viewOf } from "../incident/view.ts";
import { isSteady, levelWords, minuteTime, spanWords } from "./words.ts";

export type IncidentState = "reading" | "brief" | "finding" | "fix" | "resolved";

/** An incident in a few lines: what a list shows, and the head of its page. Plain data; text may come from outside. */
export interface IncidentStatus {
  readonly state: IncidentState;
  /** What is wrong, since when and how bad, in one line. */
  readonly headline: string;
  /** The page's own title. */
  readonly title: string;
  readonly service: string | null;
  /** How urgent the pager says it is: "P1, high urgency". */
  readonly severity: string | null;
  readonly pager: {
    /** "PagerDuty #4821". */
    readonly name: string;
    readonly number: number | null;
    readonly status: "triggered" | "acknowledged" | "resolved";
    readonly link: string | null;
  };
  /** Who the page went to. */
  readonly assignees: readonly string[];
  /** Who acknowledged or resolved it last. */
  readonly by: string | null;
  /** When it began by the data, or null while that is not known. Epoch milliseconds, like all instants here. */
  readonly onset: number | null;
  /** The onset, or the page's time. */
  readonly since: number;
  readonly verdict: Verdict | null;
  readonly topSuspect: {
    readonly name: string;
    readonly service: string;
    readonly probability: number;
    readonly likelihood: string;
  } | null;
  /** The model's part, or null while no model was asked. */
  readonly investigation: {
    readonly working: boolean;
    readonly turns: number;
    /** Whether {@link topSuspect} is what its checked finding says, not the data alone. */
    readonly found: boolean;
    /** When a model that failed is asked again. */
    readonly retryAt: number | null;
  } | null;
  readonly pullRequest: { readonly number: number; readonly url: string; readonly title: string; readonly draft: boolean } | null;
  readonly finished: boolean;
  /** The incident that it belongs to; null: it leads. */
  readonly joinedTo: { readonly incident: string; readonly name: string } | null;
  /** Pages that joined it. */
  readonly joined: number;
  /** When midwatch first heard of it. */
  readonly openedAt: number;
  readonly pagedAt: number | null;
  readonly firstWordsAt: number | null;
  readonly briefAt: number | null;
  readonly findingAt: number | null;
  readonly fixAt: number | null;
  /** Of the newest event. */
  readonly updatedAt: number;
}

function stateOf(view: IncidentView): IncidentState {
  if (view.status === "resolved") return "resolved";
  if (view.fix?.type === "fix-proposed") return "fix";
  if (view.finding !== null || view.finished) return "finding";
  return view.brief !== null || view.triage !== null ? "brief" : "reading";
}

/** The page's title on one line. */
export const pageTitle = (page: Pick<Trigger, "title"> | null): string =>
  page === null || page.title.trim() === "" ? "a page without a title" : page.title.replace(/\s+/g, " ").trim();

/** The page in one line, with its service where the title does not name it: "edge-web: CornerHighLatency". */
function pageName(page: Pick<Trigger, "title" | "service"> | null): string {
  const title = pageTitle(page);
  const service = page?.service?.name.trim() ?? "";
  return service === "" || title.toLowerCase().includes(service.toLowerCase()) ? title : `${service}: ${title}`;
}

/**
 * What is wrong, since when and how bad; the page's own title while nothing is measured.
 * @returns `whole`: with the verdict, for places that do not say it otherwise
 */
export function headlineOf(view: IncidentView): { readonly headline: string; readonly whole: string } {
  const { analysis, investigation } = view;
  const title = pageName(view.trigger);
  const verdict = (investigation?.finding ?? analysis)?.verdict;
  if (verdict === "nothing-wrong") return { headline: title, whole: `Nothing looks wrong: ${title}` };
  const worst = analysis?.symptoms[0];
  const since = worst !== undefined && Number.isFinite(worst.since) ? ` ${spanWords(worst, minuteTime)}` : "";
  const headline = worst === undefined ? title : `${worst.service}: ${worst.what} ${levelWords(worst)}${since}`;
  if (verdict === "recovered")
    return {
      headline,
      whole: `Over${analysis?.recoveredAt === undefined ? "" : ` since ${minuteTime(analysis.recoveredAt)}`}: ${headline}`,
    };
  const now = plain(beliefHead(view));
  if (now !== "") return { headline, whole: `${now}: ${headline}` };
  return { headline, whole: verdict === "inconclusive" ? `${headline}, no cause found yet` : headline };
}

/** When it began: the suspect's onset, or the headline's own where that is earlier; null where no onset is known. */
export function beganAt({ analysis }: IncidentView): number | null {
  if (analysis == null || analysis.onset === null) return null;
  const [worst] = analysis.symptoms;
  const isDated = worst !== undefined && Number.isFinite(worst.since) && !isSteady(worst);
  return isDated ? Math.min(analysis.onset, worst.since) : analysis.onset;
}

const suspectOf = (name: string, service: string, probability: number) => ({
  name,
  service,
  probability,
  likelihood: confidenceWords(probability),
});

/** Computes the short form of a log. */
export function toStatus(log: readonly LoggedEvent[]): IncidentStatus {
  const view = viewOf(log);
  const firstAt = (type: LoggedEvent["event"]["type"]) => log.find(({ event }) => event.type === type)?.at ?? null;
  const { page, trigger, analysis, fix, investigation } = view;
  const finding = investigation?.finding ?? null;
  const isPast = view.belief !== null && isSuspectPast(view.belief.state);
  const best = isPast ? null : culpritOf(analysis);
  const severity = [page?.priority, page?.urgency == null ? null : `${page.urgency} urgency`].filter((word) => word != null);
  const onset = beganAt(view);
  return {
    state: stateOf(view),
    headline: headlineOf(view).whole,
    title: pageTitle(trigger),
    service: trigger?.service?.name ?? null,
    severity: severity.length === 0 ? null : severity.join(", "),
    pager: { name: triggerName(trigger), number: page?.number ?? null, status: view.status, link: page?.link ?? null },
    assignees: page?.assignees.map((person) => person.name) ?? [],
    by: view.by,
    onset,
    since: onset ?? trigger?.at ?? view.openedAt,
    verdict: (finding ?? analysis)?.verdict ?? null,
    topSuspect:
      finding === null
        ? best === null
          ? null
          : suspectOf(suspectName(best), best.service, best.probability)
        : finding.verdict === "incident" && !isPast
          ? suspectOf(plain(blamedWords(finding, view.triage?.changes)), finding.service, finding.confidence)
          : null,
    investigation:
      investigation === null
        ? null
        : {
            working: investigation.closed === null,
            turns: investigation.turns,
            found: finding !== null,
            retryAt: retryAt(investigation, view.status),
          },
    pullRequest: fix?.type === "fix-proposed" ? { number: fix.number, url: fix.url, title: fix.title, draft: fix.draft } : null,
    finished: view.finished,
    joinedTo: view.joining.lead === null ? null : { incident: view.joining.lead.incident, name: view.joining.lead.page.name },
    joined: view.joining.pages.length,
    openedAt: view.openedAt,
    pagedAt: page?.createdAt ?? null,
    firstWordsAt: firstAt("status-posted"),
    briefAt: firstAt("brief-posted"),
    findingAt: firstAt("finding-posted"),
    fixAt: firstAt("fix-proposed"),
    updatedAt: log.at(-1)?.at ?? view.openedAt,
  };
}
