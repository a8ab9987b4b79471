import type { LoggedEvent } from "../incident/event.ts";
import { pageRank } from "../incident/page.ts";
import { viewOf } from "../incident/view.ts";
import { toStatus } from "../report/status.ts";

/** How an incident went, in figures and codes alone: nothing that a page or a vendor wrote. Times are in ms from the page's arrival, or null. */
export function incidentFacts(log: readonly LoggedEvent[]): Readonly<Record<string, string | number | boolean | null>> {
  const [status, view] = [toStatus(log), viewOf(log)];
  const after = (at: number | null) => (at === null ? null : Math.max(0, at - status.openedAt));
  return {
    rank: view.page === null ? null : pageRank(view.page),
    firstWordsMs: after(status.firstWordsAt),
    briefMs: after(status.briefAt),
    findingMs: after(status.findingAt),
    pullRequestMs: after(status.fixAt),
    verdict: status.verdict,
    likelihood: status.topSuspect?.likelihood ?? null,
    turns: status.investigation?.turns ?? 0,
    dollars: Number(log.reduce((sum, { event }) => sum + (event.type === "model-turn" ? event.cost : 0), 0).toFixed(4)),
    stepsGivenUp: view.failures.length,
    joined: status.joinedTo !== null,
  };
}
